//! Flat text forms: query strings, form parts, and the parameters of APIv2.

use super::write::{ciphertext, json_text};
use super::{Encrypt, Object, View, WriteError, names};

/// One parameter that is sent or was received.
pub(crate) type FlatField = (String, String);

/// The fields of `object` that `keep` names, as text, in page order.
///
/// A list repeats its name; a family of numbered names (`coupon_id_$n`) gives one name per element;
/// an object that has no other form goes as JSON text.
pub(crate) fn flatten(
    object: &dyn Object,
    keep: &dyn Fn(&str) -> bool,
    encrypt: Option<&dyn Encrypt>,
) -> Result<Vec<FlatField>, WriteError> {
    let (mut out, mut written) = (Vec::new(), Ok(()));
    object.list(&mut |list, values| {
        written = names(list)
            .iter()
            .zip(values)
            .filter(|(name, _)| keep(name))
            .try_for_each(|(name, value)| flatten_one(name, value.view(), encrypt, &mut out));
    });
    written.map(|()| out)
}

fn flatten_one(
    name: &str,
    view: View<'_>,
    encrypt: Option<&dyn Encrypt>,
    out: &mut Vec<FlatField>,
) -> Result<(), WriteError> {
    if let View::List(list) = view {
        for (index, item) in list.items().enumerate() {
            flatten_one(&numbered(name, index), item.view(), encrypt, out)?;
        }
        return Ok(());
    }
    if let Some(text) = to_text(view, encrypt)? {
        out.push((name.to_owned(), text));
    }
    Ok(())
}

/// Puts `index` in the place of the first variable of a numbered name.
fn numbered(name: &str, index: usize) -> String {
    let variable = if name.contains("$n") { "$n" } else { "$m" };
    name.replacen(variable, &index.to_string(), 1)
}

/// A single value as text; `None` when it is absent.
pub(super) fn to_text(view: View<'_>, encrypt: Option<&dyn Encrypt>) -> Result<Option<String>, WriteError> {
    Ok(Some(match view {
        View::Absent | View::File(_) => return Ok(None),
        View::Text(text) => text.to_owned(),
        View::Sealed(seal) => seal.ciphertext().to_owned(),
        View::Integer(number) => number.to_string(),
        View::Decimal(number) => number.to_string(),
        View::Boolean(flag) => flag.to_string(),
        View::UrlEncoded(object) => form(&flatten(object, &|_| true, encrypt)?),
        View::Encrypted(text) => ciphertext(text, encrypt)?.into_owned(),
        View::JsonText(value) => json_text(value.view(), encrypt)?,
        view => json_text(view, encrypt)?,
    }))
}

/// `a=1&b=2`, percent-encoded.
pub(crate) fn form(pairs: &[FlatField]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
