//! Calls in the code samples of a page.
//!
//! In: code blocks. Out: protocol, URL path and method of the first call.

use crate::ir::{Method, Protocol};
use crate::span::Span;
use crate::syntax::Code;

/// A call in a sample: `chain('v3/a/{b}')->getAsync(`, `$instance['v3/a/{b}']->get(`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub protocol: Protocol,
    pub path: String,
    pub span: Span,
    pub method: Option<Method>,
}

/// The first call of the samples.
pub fn first(blocks: &[&Code]) -> Option<Sample> {
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
    Method::from_name(name.strip_suffix("Async").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sample = first(&[&block]).unwrap();
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
        let sample = first(&[&block]).unwrap();
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
            assert_eq!(first(&[&block(text)]), None, "{text}");
        }
    }
}
