//! PEM text. In: text that may hold several blocks and prose between them. Out: the blocks.

use zeroize::Zeroizing;

use super::from_base64;

/// The first block of `text` as its label and its bytes; the problem if there is none.
pub(super) fn first(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), &'static str> {
    let (label, der, _) = next(text)?;
    Ok((label, der))
}

/// A block: its label and its bytes.
type Block = (String, Zeroizing<Vec<u8>>);

/// Every block of `text`, at least one.
pub(crate) fn all(text: &str) -> Result<Vec<Block>, &'static str> {
    let mut blocks = Vec::new();
    let mut rest = text;
    loop {
        let (label, der, after) = next(rest)?;
        blocks.push((label.to_owned(), der));
        rest = after;
        if !rest.contains("-----BEGIN ") {
            return Ok(blocks);
        }
    }
}

/// The next block, and the text after it.
fn next(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>, &str), &'static str> {
    const NONE: &str = "there is no `-----BEGIN …-----` line in it";
    let (_, rest) = text.split_once("-----BEGIN ").ok_or(NONE)?;
    let (label, rest) = rest.split_once("-----").ok_or(NONE)?;
    let (body, rest) = rest
        .split_once("-----END ")
        .ok_or("its `-----END …-----` line is missing")?;
    if !rest
        .strip_prefix(label)
        .is_some_and(|rest| rest.starts_with("-----"))
    {
        return Err("its `BEGIN` and `END` lines differ");
    }
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    let der = from_base64(&base64).ok_or("what stands between its `BEGIN` and `END` lines is not base64")?;
    Ok((label, Zeroizing::new(der), rest))
}

/// `der` as a PEM block.
pub(crate) fn write(label: &str, der: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(super::to_base64(der));
    let mut out = Zeroizing::new(String::with_capacity(base64.len() * 66 / 64 + 80));
    out.push_str(&format!("-----BEGIN {label}-----\n"));
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
