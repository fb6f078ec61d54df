//! Extra fields: what a caller adds to a request that the documentation lacks.
//!
//! In: the body of a request, paths with their values. Out: the body with the values at their paths.
//! What is not on a path is kept byte for byte.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::error::Error;
use crate::wire::{FlatField, Json};

/// A field to be added, with its path as the caller wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Extra {
    pub path: String,
    pub value: Json,
}

type Members = BTreeMap<String, Box<RawValue>>;

/// One step of a path like `goods_detail[0].tag`.
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

/// Adds `extras` to the JSON object `body`, which is read and written once; an empty body is an empty object.
pub(crate) fn add_to_json(body: Vec<u8>, extras: &[Extra]) -> Result<Vec<u8>, Error> {
    if extras.is_empty() {
        return Ok(body);
    }
    let text = if body.is_empty() { &b"{}"[..] } else { &body[..] };
    let mut members: Members = serde_json::from_slice(text)
        .map_err(|_| Error::request("extra fields: the body is not an object"))?;
    for extra in extras {
        let wrong = |problem: String| Error::request(format!("the extra field `{}`: {problem}", extra.path));
        match steps(&extra.path).as_deref() {
            Some([Step::Member(name), rest @ ..]) => {
                insert(&mut members, name, rest, &extra.value).map_err(wrong)?;
            }
            _ => return Err(wrong(MALFORMED.to_owned())),
        }
    }
    serde_json::to_vec(&members).map_err(|error| Error::request(error.to_string()))
}

/// `extras` as parameters of a query string or an XML document: text as it is, other values as JSON.
pub(crate) fn to_flat(extras: &[Extra]) -> Result<Vec<FlatField>, Error> {
    let flat = |extra: &Extra| {
        if !matches!(steps(&extra.path).as_deref(), Some([Step::Member(_)])) {
            return Err(Error::request(format!(
                "the extra field `{}`: this request has no nested fields, so expected a plain name",
                extra.path
            )));
        }
        let text = match &extra.value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        Ok((extra.path.clone(), text))
    };
    extras.iter().map(flat).collect()
}

/// The name at the top of an extra field's path.
pub(crate) fn top_name(extra: &Extra) -> &str {
    extra.path.split(['.', '[']).next().unwrap_or_default()
}

/// The error for an extra field that the request has without it.
pub(crate) fn already_there(name: &str) -> Error {
    Error::request(format!("the extra field `{name}`: {TAKEN}"))
}

const MALFORMED: &str = "expected a path like `name`, `amount.name` or `goods_detail[0].name`";
const TAKEN: &str = "the request has a field of this name; set it there";

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, mut indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() || name.contains(']') {
            return None;
        }
        steps.push(Step::Member(name));
        while !indices.is_empty() {
            let (index, rest) = indices.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Element(index.parse().ok()?));
            indices = rest;
        }
    }
    Some(steps)
}

/// Puts `value` at `rest` in the member `name`. Objects on the way are made where they are missing.
fn insert(members: &mut Members, name: &str, rest: &[Step<'_>], value: &Json) -> Result<(), String> {
    let inner = match members.get(name) {
        Some(_) if rest.is_empty() => return Err(TAKEN.to_owned()),
        Some(inner) => inserted(inner.get(), rest, value)?,
        None => inserted("{}", rest, value)?,
    };
    let inner = RawValue::from_string(inner).map_err(|error| error.to_string())?;
    members.insert(name.to_owned(), inner);
    Ok(())
}

/// `json` with `value` at `steps`.
fn inserted(json: &str, steps: &[Step<'_>], value: &Json) -> Result<String, String> {
    let failed = |error: serde_json::Error| error.to_string();
    match steps {
        [] => Ok(value.to_string()),
        [Step::Member(name), rest @ ..] => {
            let mut members: Members = serde_json::from_str(json)
                .map_err(|_| format!("`{name}` would be in what is not an object"))?;
            insert(&mut members, name, rest, value)?;
            serde_json::to_string(&members).map_err(failed)
        }
        [Step::Element(index), rest @ ..] => {
            let mut elements: Vec<Box<RawValue>> = serde_json::from_str(json)
                .map_err(|_| format!("`[{index}]` would be in what is not a list"))?;
            let element = elements
                .get_mut(*index)
                .ok_or_else(|| format!("there is no element [{index}]"))?;
            if rest.is_empty() {
                return Err(TAKEN.to_owned());
            }
            *element = RawValue::from_string(inserted(element.get(), rest, value)?).map_err(failed)?;
            serde_json::to_string(&elements).map_err(failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(body: &str, path: &str, value: Json) -> Result<String, String> {
        let extra = Extra {
            path: path.to_owned(),
            value,
        };
        add_to_json(body.into(), &[extra])
            .map(|body| String::from_utf8(body).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn fields_go_where_their_path_says() {
        let body = r#"{"a":{"b":1.10},"l":[{"x":1},{"x":2}]}"#;
        let cases = [
            ("n", r#"{"a":{"b":1.10},"l":[{"x":1},{"x":2}],"n":7}"#),
            ("a.n", r#"{"a":{"b":1.10,"n":7},"l":[{"x":1},{"x":2}]}"#),
            ("l[1].n", r#"{"a":{"b":1.10},"l":[{"x":1},{"n":7,"x":2}]}"#),
            (
                "p.q.n",
                r#"{"a":{"b":1.10},"l":[{"x":1},{"x":2}],"p":{"q":{"n":7}}}"#,
            ),
        ];
        for (path, expected) in cases {
            assert_eq!(add(body, path, 7.into()).unwrap(), expected, "{path}");
        }
        assert_eq!(add("", "n", "x".into()).unwrap(), r#"{"n":"x"}"#);
    }

    #[test]
    fn what_is_there_stays() {
        let body = r#"{"a":{"b":1},"l":[1],"t":"x"}"#;
        for path in ["a", "a.b", "l", "l[0]", "t"] {
            assert!(
                add(body, path, 7.into())
                    .unwrap_err()
                    .contains("has a field of this name"),
                "{path}"
            );
        }
        for path in ["", ".", "a.", ".a", "a[", "a[x]", "a[0", "a]", "[0]", "a[0]b"] {
            let error = add(body, path, 7.into()).unwrap_err();
            assert!(
                error.contains("expected a path") || error.contains("not a"),
                "{path}: {error}"
            );
        }
        assert!(
            add(body, "l[1].n", 7.into())
                .unwrap_err()
                .contains("no element [1]")
        );
        assert!(add(body, "t.n", 7.into()).unwrap_err().contains("not an object"));
        assert!(add(body, "a[0].n", 7.into()).unwrap_err().contains("not a list"));
    }
}
