//! Values against the rows of a table.
//!
//! In: rows, a value, and how it travels: as JSON, where types are types, or as text (path, query,
//! headers, XML), where they are digits. Out: the same with encrypted fields in clear, or the first
//! thing that is wrong, with its row.

use serde_json::{Map, Value};

use crate::crypto::from_base64;
use crate::key::Key;
use crate::model::{Field, Operation, Type, Wrapped};
use crate::refusal::Refusal;

/// How values are checked.
pub struct Rules<'a> {
    pub operation: &'a Operation,
    /// `body`, `query`, `path`, `header`.
    pub location: &'static str,
    /// Numbers and flags come as text.
    pub text: bool,
    /// The key that encrypted fields are for, or why there is none.
    pub decrypts: Result<&'a Key, &'static str>,
}

impl Rules<'_> {
    fn refuse(&self, path: &str, value: &Value, line: usize, issue: impl Into<String>) -> Refusal {
        Refusal::parameter(self.location, path, value, issue).at(self.operation.row(line))
    }

    /// An object against rows.
    pub fn object(&self, fields: &[Field], value: &Value, path: &str, line: usize) -> Result<Value, Refusal> {
        let Value::Object(object) = value else {
            return Err(self.refuse(path, value, line, "not an object"));
        };
        let mut clear = Map::new();
        for (name, value) in object {
            let at = format!("{path}/{name}");
            let mut rows = fields
                .iter()
                .filter(|field| matches(&field.name, name))
                .peekable();
            let Some(first) = rows.peek() else {
                // APIv2 ignores what it does not know, in JSON text too.
                if !self.operation.v3 {
                    clear.insert(name.clone(), value.clone());
                    continue;
                }
                let issue = format!("unknown: no row of the page has the name {name}");
                return Err(self.refuse(&at, value, line, issue));
            };
            if value.is_null() && !first.required {
                continue;
            }
            // The same name twice at one level is an alternative.
            let mut outcome = self.value(first, value, &at);
            for row in rows.skip(1) {
                outcome = outcome.or_else(|refusal| self.value(row, value, &at).map_err(|_| refusal));
            }
            clear.insert(name.clone(), outcome?);
        }
        for field in fields
            .iter()
            .filter(|field| field.required && !field.name.contains('$'))
        {
            if object.get(&field.name).is_none_or(Value::is_null) && !self.is_alternative(field, object) {
                let at = format!("{path}/{}", field.name);
                return Err(self.refuse(&at, &Value::Null, field.line, "required, but missing"));
            }
        }
        Ok(Value::Object(clear))
    }

    /// APIv2's pages mark all of several numbers as required where any one of them will do.
    fn is_alternative(&self, field: &Field, object: &Map<String, Value>) -> bool {
        let names = ["transaction_id", "out_trade_no", "out_refund_no", "refund_id"];
        let group = if self.operation.bare_path.contains("refundquery") {
            &names[..]
        } else {
            &names[..2]
        };
        !self.operation.v3
            && group.contains(&field.name.as_str())
            && group.iter().any(|name| object.contains_key(*name))
    }

    fn value(&self, field: &Field, value: &Value, path: &str) -> Result<Value, Refusal> {
        if !field.array {
            return self.single(field, value, path);
        }
        let items = match value {
            Value::Array(items) => items.clone(),
            Value::String(text) if self.text => match serde_json::from_str(text) {
                Ok(Value::Array(items)) => items,
                _ => vec![value.clone()],
            },
            value => return Err(self.refuse(path, value, field.line, "not a list")),
        };
        let items = items
            .iter()
            .enumerate()
            .map(|(at, item)| self.single(field, item, &format!("{path}/{at}")));
        Ok(Value::Array(items.collect::<Result<_, _>>()?))
    }

    fn single(&self, field: &Field, value: &Value, path: &str) -> Result<Value, Refusal> {
        let wrong = |issue: String| self.refuse(path, value, field.line, issue);
        match field.ty {
            Type::Object => return self.nested(field, value, path),
            Type::String if !value.is_string() => return Err(wrong("not a string".into())),
            Type::Integer if !self.is_integer(value) => return Err(wrong("not an integer".into())),
            Type::Number if !self.is_number(value) => return Err(wrong("not a number".into())),
            Type::Boolean if !self.is_boolean(value) => return Err(wrong("neither true nor false".into())),
            _ => {}
        }
        let clear = match (field.wrapped, value) {
            (Some(wrapped), Value::String(text)) => self.unwrap(field, wrapped, text, path)?,
            _ => value.clone(),
        };
        self.limits(field, &clear, path)?;
        Ok(clear)
    }

    fn nested(&self, field: &Field, value: &Value, path: &str) -> Result<Value, Refusal> {
        if field.fields.is_empty() {
            return Ok(value.clone());
        }
        match value {
            Value::String(text) if self.text => {
                let inner: Value = match serde_json::from_str(text) {
                    Ok(inner) => inner,
                    Err(_) => elements(text).ok_or_else(|| {
                        self.refuse(path, value, field.line, "neither JSON text nor elements")
                    })?,
                };
                self.inside(&inner)
                    .object(&field.fields, &inner, path, field.line)
            }
            value => self.object(&field.fields, value, path, field.line),
        }
    }

    /// The rules for the content of a text: JSON has types, elements have not.
    fn inside(&self, inner: &Value) -> Rules<'_> {
        let text = inner
            .as_object()
            .is_some_and(|object| object.values().all(Value::is_string))
            && self.text;
        Rules {
            operation: self.operation,
            location: self.location,
            text,
            decrypts: self.decrypts,
        }
    }

    fn unwrap(&self, field: &Field, wrapped: Wrapped, text: &str, path: &str) -> Result<Value, Refusal> {
        let value = Value::from(text);
        let wrong = |issue: String| self.refuse(path, &value, field.line, issue);
        match wrapped {
            // An empty text is left as it is.
            Wrapped::Rsa if text.is_empty() => Ok(value),
            Wrapped::Rsa => {
                let key = self.decrypts.map_err(|issue| wrong(issue.into()))?;
                if from_base64(text).is_none() {
                    return Err(wrong("encrypted, but not base64".into()));
                }
                let clear = key.decrypt(text).ok_or_else(|| {
                    wrong("not encrypted (RSA-OAEP with SHA-1, or SM2 for an SM2 key) for the key that Wechatpay-Serial names".into())
                })?;
                Ok(clear.into())
            }
            Wrapped::Json => {
                if text.is_empty() {
                    return Ok(value);
                }
                let inner: Value = serde_json::from_str(text).map_err(|_| wrong("not JSON text".into()))?;
                let rules = Rules {
                    operation: self.operation,
                    text: false,
                    ..*self
                };
                if let Some(element) = field.element() {
                    rules.value(element, &inner, path)?;
                    return Ok(value);
                }
                let items = inner
                    .as_array()
                    .map_or(std::slice::from_ref(&inner), Vec::as_slice);
                for item in items.iter().filter(|_| !field.fields.is_empty()) {
                    if item.is_object() || !inner.is_array() {
                        rules.object(&field.fields, item, path, field.line)?;
                    }
                }
                Ok(value)
            }
            Wrapped::UrlEncode => {
                let inner = super::pairs(form_urlencoded::parse(text.as_bytes()).into_owned());
                Rules {
                    operation: self.operation,
                    text: true,
                    ..*self
                }
                .object(&field.fields, &inner, path, field.line)?;
                Ok(value)
            }
            Wrapped::AesGcm | Wrapped::AesEcb => Ok(value),
        }
    }

    fn limits(&self, field: &Field, value: &Value, path: &str) -> Result<(), Refusal> {
        let text = match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        if let (Some(max), Value::String(text)) = (field.max, value) {
            let length = text.chars().count();
            if length > max as usize {
                let issue = format!("too long: {length} characters, at most {max}");
                return Err(self.refuse(path, value, field.line, issue));
            }
        }
        let closed = !field.values.is_empty() && !field.values.contains(&text);
        let constant = field.constant.as_ref().is_some_and(|constant| *constant != text);
        if (closed || constant) && !text.is_empty() && !self.in_example(&field.name, value) {
            let known = field.constant.clone().unwrap_or_else(|| field.values.join(", "));
            return Err(self.refuse(
                path,
                value,
                field.line,
                format!("not a documented value: {known}"),
            ));
        }
        Ok(())
    }

    /// Whether the page's own example has this value under this name: then the list is not closed.
    fn in_example(&self, name: &str, value: &Value) -> bool {
        fn search(json: &Value, name: &str, text: &str) -> bool {
            let same = |json: &Value| match json {
                Value::String(other) => other == text,
                other => other.to_string().as_str() == text,
            };
            match json {
                Value::Object(object) => object.iter().any(|(key, inner)| {
                    let here = key == name
                        && (same(inner) || inner.as_array().is_some_and(|all| all.iter().any(same)));
                    here || search(inner, name, text)
                }),
                Value::Array(items) => items.iter().any(|item| search(item, name, text)),
                _ => false,
            }
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.operation
            .example
            .as_ref()
            .is_some_and(|example| search(example, name, &text))
    }

    fn is_integer(&self, value: &Value) -> bool {
        match value {
            Value::String(text) if self.text => text.parse::<i64>().is_ok(),
            value => value.is_i64() || value.is_u64(),
        }
    }

    fn is_number(&self, value: &Value) -> bool {
        match value {
            Value::String(text) if self.text => serde_json::from_str::<serde_json::Number>(text).is_ok(),
            value => value.is_number(),
        }
    }

    fn is_boolean(&self, value: &Value) -> bool {
        match value {
            Value::String(text) if self.text => {
                text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
            }
            value => value.is_boolean(),
        }
    }
}

/// Whether a name is a row's: `coupon_id_3` is one of `coupon_id_$n`.
pub fn matches(row: &str, name: &str) -> bool {
    let Some((before, after)) = row.split_once('$') else {
        return row == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let rest_digits = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    rest.len() > rest_digits.len() && matches(after.get(1..).unwrap_or_default(), rest_digits)
}

/// Elements as an object.
fn elements(text: &str) -> Option<Value> {
    let fields = crate::xml::parse(format!("<xml>{text}</xml>").as_bytes()).ok()?;
    (!fields.is_empty()).then(|| super::pairs(fields))
}
