//! What a page documents, after its place and its samples.
//!
//! In: a page's path below the specs folder, and its code blocks. Out: protocol, URL path and, in
//! samples, the method.

use crate::ir::{Method, Protocol, Span};
use crate::syntax::Code;

#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Api {
        protocol: Protocol,
        path: String,
    },
    Webhook {
        protocol: Protocol,
        name: String,
    },
    /// The place says nothing.
    Elsewhere,
}

/// `openapi/v3/a/{b}.md` is `/v3/a/{b}`, `openapi/v2/a/b.md` is `/a/b`.
pub fn of(page: &str) -> Place {
    let page = page.strip_suffix(".md").unwrap_or(page);
    let mut parts = page.splitn(3, '/');
    let protocol = |version| match version {
        Some("v2") => Some(Protocol::V2),
        Some("v3") => Some(Protocol::V3),
        _ => None,
    };
    let (kind, version, rest) = (parts.next(), parts.next(), parts.next());
    match (kind, protocol(version), rest) {
        (Some("openapi"), Some(protocol), Some(rest)) => {
            let prefix = if protocol == Protocol::V3 { "/v3/" } else { "/" };
            Place::Api {
                protocol,
                path: format!("{prefix}{rest}"),
            }
        }
        (Some("webhook"), Some(protocol), Some(rest)) => Place::Webhook {
            protocol,
            name: rest.to_owned(),
        },
        _ => Place::Elsewhere,
    }
}

/// A call in a sample: `chain('v3/a/{b}')->getAsync(`, `$instance['v3/a/{b}']->get(`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub protocol: Protocol,
    pub path: String,
    pub span: Span,
    pub method: Option<Method>,
}

/// The first call of the samples.
pub fn sample(blocks: &[&Code]) -> Option<Sample> {
    blocks
        .iter()
        .filter(|block| block.language != "json")
        .find_map(|block| first_call(block))
}

fn first_call(block: &Code) -> Option<Sample> {
    ["chain(", "$instance["]
        .iter()
        .flat_map(|opening| {
            block
                .text
                .match_indices(opening)
                .map(|(at, text)| at + text.len())
        })
        .filter_map(|at| call(block, at))
        .min_by_key(|sample| sample.span.start)
}

/// The call whose quoted path starts at byte `at`.
fn call(block: &Code, at: usize) -> Option<Sample> {
    let quote = block.text[at..]
        .chars()
        .next()
        .filter(|c| matches!(c, '\'' | '"'))?;
    let rest = &block.text[at + 1..];
    let (path, after) = rest.split_once(quote)?;
    let (protocol, path) = if path.starts_with("v3/") {
        (Protocol::V3, format!("/{path}"))
    } else {
        (Protocol::V2, format!("/{}", path.strip_prefix("v2/")?))
    };
    let start = block.span.start + at + 1;
    let span = start..start + rest.len() - after.len() - 1;
    Some(Sample {
        protocol,
        path,
        span,
        method: method_called(after),
    })
}

/// `)->getAsync(` → GET
fn method_called(after: &str) -> Option<Method> {
    let call = after.trim_start_matches([')', ']']).strip_prefix("->")?;
    let name = call.split('(').next()?;
    method(name.strip_suffix("Async").unwrap_or(name))
}

/// The method of an anchor or call.
pub fn method(name: &str) -> Option<Method> {
    [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ]
    .into_iter()
    .find(|method| method.as_str().eq_ignore_ascii_case(name))
}

/// The `{name}` parts of a path, in order; an error says what is wrong.
pub fn placeholders(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    if !path.contains('{') && !path.contains('}') && !path.contains("//") && !path.ends_with('/') {
        return Ok(names);
    }
    for part in path.split('/').skip(1) {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some("") => return Err("a placeholder has no name".to_owned()),
            Some(name) if name.contains(['{', '}']) => return Err(format!("`{part}` is no placeholder")),
            Some(name) if names.contains(&name) => return Err(format!("`{{{name}}}` comes twice")),
            Some(name) => names.push(name),
            None if part.contains(['{', '}']) => return Err(format!("`{part}` is not a whole placeholder")),
            None if part.is_empty() => return Err("a part between two slashes is empty".to_owned()),
            None => {}
        }
    }
    Ok(names)
}

/// Undoes `%7B` and the like; what is not UTF-8 afterwards stays as it was.
pub fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = match rest {
            [b'%', high, low, ..] => (*high as char).to_digit(16).zip((*low as char).to_digit(16)),
            _ => None,
        };
        match hex {
            Some((high, low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &rest[3..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path() {
        let api = |protocol, path: &str| Place::Api {
            protocol,
            path: path.into(),
        };
        assert_eq!(of("openapi/v3/a/{b}.md"), api(Protocol::V3, "/v3/a/{b}"));
        assert_eq!(of("openapi/v2/a/b.md"), api(Protocol::V2, "/a/b"));
        assert_eq!(
            of("webhook/v3/A.B.md"),
            Place::Webhook {
                protocol: Protocol::V3,
                name: "A.B".into()
            }
        );
        for page in ["a.md", "openapi/index.md", "openapi/v4/a.md", "guide/v3/a.md"] {
            assert_eq!(of(page), Place::Elsewhere, "{page}");
        }
    }

    fn block(text: &str) -> Code {
        Code {
            language: "php".into(),
            text: text.into(),
            span: 10..10 + text.len(),
        }
    }

    #[test]
    fn samples_tell_path_and_method() {
        let block = block("$instance->chain('v3/a/{b}')->getAsync([])");
        let sample = sample(&[&block]).unwrap();
        assert_eq!(
            (sample.protocol, sample.path.as_str()),
            (Protocol::V3, "/v3/a/{b}")
        );
        assert_eq!(
            (
                sample.method,
                &block.text[sample.span.start - 10..sample.span.end - 10]
            ),
            (Some(Method::Get), "v3/a/{b}")
        );
    }

    #[test]
    fn version_two_is_no_part_of_the_path() {
        let block = block("$response = $instance[\"v2/pay/x\"]->post([])");
        let sample = sample(&[&block]).unwrap();
        assert_eq!(
            (sample.protocol, sample.path.as_str(), sample.method),
            (Protocol::V2, "/pay/x", Some(Method::Post))
        );
    }

    #[test]
    fn other_code_is_no_sample() {
        for text in [
            "",
            "chain(",
            "chain('",
            "chain('v3/a",
            "$instance[$x]",
            "chain('guide/x')",
        ] {
            assert_eq!(sample(&[&block(text)]), None, "{text}");
        }
    }

    #[test]
    fn placeholders_are_whole_parts() {
        assert_eq!(placeholders("/v3/{a}/b/{c}").unwrap(), ["a", "c"]);
        for path in [
            "/v3/{a}/{a}",
            "/v3/a{b}",
            "/v3/{}",
            "/v3/{a",
            "/v3//b",
            "/v3/{a{b}}",
        ] {
            assert!(placeholders(path).is_err(), "{path}");
        }
    }

    #[test]
    fn percent_signs_are_decoded_where_they_encode() {
        assert_eq!(percent_decode("/a/%7Bb%7d/100%"), "/a/{b}/100%");
        assert_eq!(percent_decode("%ff%"), "%ff%");
    }
}
