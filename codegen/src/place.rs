//! What a page documents, judging by its file name.
//!
//! In: a page's path below the specs folder. Out: the protocol, and the URL path or the event.

use std::borrow::Cow;

use crate::ir::Protocol;

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
    /// The file name says nothing.
    Elsewhere,
}

/// `openapi/v3/a/{b}.md` is `/v3/a/{b}`, `openapi/v2/a/b.md` is `/a/b`, and `openapi/brand/a.md` is
/// `/brand/a`, an operation of APIv3 that a brand signs. A folder's `index.md` is the folder itself,
/// with a slash at the end: `openapi/v3/a/index.md` is `/v3/a/`.
pub fn of(page: &str) -> Place {
    let page = page.strip_suffix(".md").unwrap_or(page);
    let mut parts = page.splitn(3, '/');
    let (kind, version, rest) = (parts.next(), parts.next(), parts.next());
    let (protocol, prefix) = match version {
        Some("v2") => (Protocol::V2, "/"),
        Some("v3") => (Protocol::V3, "/v3/"),
        Some("brand") => (Protocol::V3, "/brand/"),
        _ => return Place::Elsewhere,
    };
    match (kind, rest) {
        (Some("openapi"), Some(rest)) => {
            let rest = match rest.strip_suffix("index") {
                Some(folder) if folder.ends_with('/') => folder,
                _ => rest,
            };
            Place::Api {
                protocol,
                path: format!("{prefix}{rest}"),
            }
        }
        (Some("webhook"), Some(rest)) if version != Some("brand") => Place::Webhook {
            protocol,
            name: rest.to_owned(),
        },
        _ => Place::Elsewhere,
    }
}

/// Control characters, and marks that turn the direction of text.
pub fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The `{name}` parts of a path, in order; an error says what is wrong.
pub fn placeholders(path: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    if !path.contains('{') && !path.contains('}') && !path.contains("//") && !path.ends_with('/') {
        return Ok(names);
    }
    let parts = path.strip_suffix('/').unwrap_or(path);
    for part in parts.split('/').skip(1) {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match name {
            Some("") => return Err("a placeholder has no name".to_owned()),
            Some(name) if name.contains(['{', '}']) => return Err(format!("`{part}` is not a placeholder")),
            Some(name) if names.contains(&name) => return Err(format!("`{{{name}}}` comes twice")),
            Some(name) => names.push(name),
            None if part.contains(['{', '}']) => return Err(format!("`{part}` is not a whole placeholder")),
            None if part.is_empty() => return Err("a part between two slashes is empty".to_owned()),
            None => {}
        }
    }
    Ok(names)
}

/// Decodes `%7B` and the like; text that is not UTF-8 afterwards is returned unchanged.
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(text))
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
