//! JSON text, written straight into its buffer.
//!
//! In: what values show of themselves. Out: compact JSON with decimals digit for digit. serde's own
//! `Serialize` is in `serialize.rs`.

use std::borrow::Cow;

use super::flat::{flatten, form};
use super::{Encrypt, Encrypted, NOT_A_CIPHERTEXT, Object, View, WriteError, names};

/// What most requests fit in.
const USUAL_LENGTH: usize = 512;

/// The fields of `object` that `keep` names, as JSON text.
///
/// # Errors
/// When a field can't be encrypted, or holds text that is not a ciphertext. Without `encrypt`, when it holds
/// clear text.
pub(crate) fn to_json(
    object: &dyn Object,
    keep: &dyn Fn(&str) -> bool,
    encrypt: Option<&dyn Encrypt>,
) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::with_capacity(USUAL_LENGTH);
    write_object(object, Some(keep), encrypt, &mut out)?;
    Ok(out)
}

/// One value as JSON text; without `encrypt`, clear text is refused.
pub(super) fn json_text(view: View<'_>, encrypt: Option<&dyn Encrypt>) -> Result<String, WriteError> {
    let mut out = Vec::new();
    write(view, encrypt, &mut out)?;
    String::from_utf8(out).map_err(|error| WriteError::Invalid(error.to_string()))
}

/// An encrypted field as it is sent. Clear text is encrypted; without `encrypt`, it is refused.
pub(super) fn ciphertext<'a>(
    text: &'a Encrypted,
    encrypt: Option<&dyn Encrypt>,
) -> Result<Cow<'a, str>, WriteError> {
    if let Some(ciphertext) = text.ciphertext() {
        if encrypt.is_some() && !text.can_be_sent() {
            return Err(WriteError::Invalid(NOT_A_CIPHERTEXT.to_owned()));
        }
        return Ok(ciphertext.into());
    }
    match (text.clear().unwrap_or_default(), encrypt) {
        // WeChat Pay expects an empty field unencrypted.
        ("", _) => Ok("".into()),
        (clear, Some(key)) => Ok(key.encrypt(clear).map_err(WriteError::Encrypt)?.into()),
        (_, None) => Err(WriteError::Invalid(
            "the clear text of an encrypted field is only sent, never stored".to_owned(),
        )),
    }
}

fn write(view: View<'_>, encrypt: Option<&dyn Encrypt>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    match view {
        // A file is a part of its own, never text.
        View::Absent | View::File(_) => out.extend_from_slice(b"null"),
        View::Text(text) => write_text(text, out),
        View::Sealed(seal) => write_text(seal.ciphertext(), out),
        View::Integer(number) => write_other(&number, out)?,
        View::Boolean(flag) => out.extend_from_slice(if flag { b"true" } else { b"false" }),
        View::Json(json) => write_other(json, out)?,
        View::Decimal(number) => out.extend_from_slice(number.as_str().as_bytes()),
        View::Encrypted(text) => write_text(&ciphertext(text, encrypt)?, out),
        View::Object(object) => write_object(object, None, encrypt, out)?,
        View::List(list) => {
            out.push(b'[');
            for (index, item) in list.items().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item.view(), encrypt, out)?;
            }
            out.push(b']');
        }
        View::JsonText(value) => write_text(&json_text(value.view(), encrypt)?, out),
        View::UrlEncoded(object) => write_text(&form(&flatten(object, &|_| true, encrypt)?), out),
    }
    Ok(())
}

fn write_object(
    object: &dyn Object,
    keep: Option<&dyn Fn(&str) -> bool>,
    encrypt: Option<&dyn Encrypt>,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    let mut written = Ok(());
    out.push(b'{');
    object.list(&mut |list, values| {
        let first = out.len();
        written = names(list).iter().zip(values).try_for_each(|(name, value)| {
            let view = value.view();
            if matches!(view, View::Absent | View::File(_)) || keep.is_some_and(|keep| !keep(name)) {
                return Ok(());
            }
            if out.len() > first {
                out.push(b',');
            }
            write_name(name, out);
            write(view, encrypt, out)
        });
    });
    out.push(b'}');
    written
}

/// Numbers and undocumented JSON are serde_json's.
fn write_other(value: &impl serde::Serialize, out: &mut Vec<u8>) -> Result<(), WriteError> {
    serde_json::to_writer(out, value).map_err(|error| WriteError::Invalid(error.to_string()))
}

/// A field's name, which is an identifier.
fn write_name(name: &str, out: &mut Vec<u8>) {
    out.reserve(name.len() + 3);
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    match is_plain(text.as_bytes()) {
        true => out.extend_from_slice(text.as_bytes()),
        false => text.bytes().for_each(|byte| write_byte(byte, out)),
    }
    out.push(b'"');
}

/// Whether no byte has to be escaped.
fn is_plain(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk() else {
        return !text.iter().any(|byte| is_special(*byte));
    };
    let (chunks, _) = text.as_chunks();
    let mut special = has_special(last);
    for chunk in chunks {
        special |= has_special(chunk);
    }
    special == 0
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Not zero if a byte is special: the highest bit of one that is, or of one above it.
fn has_special(chunk: &[u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let chunk = u64::from_ne_bytes(*chunk);
    let below = |value: u64, limit: u64| value.wrapping_sub(ONES * limit) & !value;
    let equal = |byte: u8| below(chunk ^ (ONES * u64::from(byte)), 1);
    (below(chunk, u64::from(b' ')) | equal(b'"') | equal(b'\\')) & HIGH
}

fn write_byte(byte: u8, out: &mut Vec<u8>) {
    if !is_special(byte) {
        return out.push(byte);
    }
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => return out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::write_text;

    #[test]
    fn text_is_escaped_as_serde_json_does() {
        let mut texts: Vec<String> = (0..=0x200).filter_map(char::from_u32).map(String::from).collect();
        // A character to be escaped at each place of a long text, and several of them.
        for at in 0..70 {
            for special in ["\"", "\\", "\n", "\u{1}", "\u{7f}", "中"] {
                texts.push(format!("{}{special}{}", "a".repeat(at), "文b".repeat(70 - at)));
                texts.push(format!("{}{special}{special}", "a".repeat(at)));
            }
        }
        for text in texts {
            let mut out = Vec::new();
            write_text(&text, &mut out);
            assert_eq!(
                String::from_utf8(out).unwrap(),
                serde_json::to_string(&text).unwrap()
            );
        }
    }
}
