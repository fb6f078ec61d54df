//! Attribute lists: `{data-required data-indent=1 data-tooltip="最长32字符" #request .type}`.
//!
//! In: the text of a cell or line and its place. Out: what stands before the list, and the
//! attributes with their places, or where the list breaks off.

use crate::span::Span;
use crate::syntax::Attribute;

/// A cell's text taken apart.
#[derive(Debug, Default, PartialEq)]
pub struct Split<'a> {
    pub before: &'a str,
    pub attributes: Vec<Attribute>,
    /// Where and why the list is not one.
    pub error: Option<(Span, &'static str)>,
}

/// Splits `text`, which starts at byte `start` of the page, at its first `{`.
pub fn split(text: &str, start: usize) -> Split<'_> {
    let Some(open) = text.find('{') else {
        return Split {
            before: text.trim_ascii(),
            ..Split::default()
        };
    };
    let before = text[..open].trim_ascii();
    match list(&text[open..], start + open) {
        Ok((attributes, length)) => {
            let rest = &text[open + length..];
            let error = (!rest.trim_ascii().is_empty()).then(|| {
                let from = start + open + length;
                (
                    from..from + rest.trim_ascii_end().len(),
                    "text after the attribute list",
                )
            });
            Split {
                before,
                attributes,
                error,
            }
        }
        Err(message) => Split {
            before,
            attributes: Vec::new(),
            error: Some((start + open..start + text.trim_ascii_end().len(), message)),
        },
    }
}

/// Reads a list from its `{` on: the attributes, and how many bytes it takes.
pub fn list(text: &str, start: usize) -> Result<(Vec<Attribute>, usize), &'static str> {
    let mut attributes = Vec::new();
    let mut at = 1;
    loop {
        at += text[at..].len() - text[at..].trim_ascii_start().len();
        let rest = &text[at..];
        if rest.starts_with('}') {
            return Ok((attributes, at + 1));
        }
        if rest.is_empty() {
            return Err("the attribute list is not closed");
        }
        let name_end = end_of(rest, |byte| {
            byte.is_ascii_whitespace() || matches!(byte, b'=' | b'}' | b'"')
        });
        let (value, length) = match rest[name_end..].strip_prefix('=') {
            Some(after) => value(after).map(|(value, length)| (value, name_end + 1 + length))?,
            None => ("", name_end),
        };
        if name_end == 0 {
            return Err("an attribute has no name");
        }
        attributes.push(Attribute {
            name: rest[..name_end].to_owned(),
            value: value.to_owned(),
            span: start + at..start + at + length,
        });
        at += length;
    }
}

/// A quoted value, or one up to white space or `}`; and its length with quotes.
fn value(text: &str) -> Result<(&str, usize), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').ok_or("a quoted value is not closed")?;
        return Ok((&quoted[..end], end + 2));
    }
    let end = end_of(text, |byte| byte.is_ascii_whitespace() || byte == b'}');
    Ok((&text[..end], end))
}

/// Where the first byte stands that ends a word: a plain loop, because build scripts are not optimised.
fn end_of(text: &str, ends: fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && !ends(bytes[at]) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let split = split(text, 0);
        assert_eq!(split.error, None, "{text}");
        split.attributes.into_iter().map(|a| (a.name, a.value)).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    #[test]
    fn all_forms_are_read() {
        assert_eq!(
            pairs("name {data-required data-indent=1 data-tooltip=\"最长32字符 }\" #request .type}"),
            [
                pair("data-required", ""),
                pair("data-indent", "1"),
                pair("data-tooltip", "最长32字符 }"),
                pair("#request", ""),
                pair(".type", ""),
            ]
        );
        assert_eq!(pairs("name{a=b}"), [pair("a", "b")]);
        assert_eq!(pairs("name { }"), []);
    }

    #[test]
    fn the_text_before_is_trimmed_and_spans_are_those_of_the_page() {
        let split = split(" 名 {data-indent=2} ", 100);
        assert_eq!(split.before, "名");
        assert_eq!(split.attributes[0].span, 106..119);
    }

    #[test]
    fn broken_lists_are_told_apart() {
        let message = |text| split(text, 0).error.map(|(_, message)| message);
        assert_eq!(message("a {b"), Some("the attribute list is not closed"));
        assert_eq!(message("a {b=\"c}"), Some("a quoted value is not closed"));
        assert_eq!(message("a {=c}"), Some("an attribute has no name"));
        assert_eq!(message("a {\"c\"}"), Some("an attribute has no name"));
        assert_eq!(message("a {b} c"), Some("text after the attribute list"));
        assert_eq!(message("a {b} "), None);
    }
}
