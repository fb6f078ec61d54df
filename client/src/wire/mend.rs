//! JSON with text that JSON does not allow: control characters, halves of surrogate pairs, bytes that are
//! not UTF-8. They come from names and messages that were cut off by their length.

/// The document with such text replaced; `None` if there is none in it.
///
/// A control character is escaped, everything else becomes U+FFFD.
pub(super) fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(json);
    let mut mended = String::with_capacity(text.len());
    let mut rest = &*text;
    let mut inside = false;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || inside && c < ' ') {
        let (before, from) = rest.split_at(at);
        mended.push_str(before);
        let length = match from.as_bytes()[0] {
            b'"' => {
                inside = !inside;
                mended.push('"');
                1
            }
            b'\\' => escape(from, &mut mended),
            control => {
                mended.push_str(&format!("\\u{control:04x}"));
                1
            }
        };
        rest = &from[length..];
    }
    mended.push_str(rest);
    (mended.as_bytes() != json).then(|| mended.into_bytes())
}

/// Copies the escape at the beginning of `text`, and gives its length.
fn escape(text: &str, mended: &mut String) -> usize {
    let unit = |text: &str| match text.as_bytes() {
        [b'\\', b'u', ..] => u16::from_str_radix(text.get(2..6)?, 16).ok(),
        _ => None,
    };
    let length = match (unit(text), text.get(6..).and_then(unit)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
        (Some(0xd800..=0xdfff), _) => {
            mended.push('\u{fffd}');
            return 6;
        }
        (Some(_), _) => 6,
        // The character after the backslash, whatever its length.
        (None, _) => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
    };
    mended.push_str(&text[..length]);
    length
}
