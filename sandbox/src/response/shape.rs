//! A body in the shape of the page's response table.
//!
//! In: the operation, what the caller sent. Out: JSON. What the caller sent comes back under the same
//! name at the same place, lists with as many items; the rest are values that make sense for their
//! names. Where a list would continue, it ends.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::values;
use crate::check::Checked;
use crate::identity::Identity;
use crate::model::{Field, Operation, ResponseFormat, Type, Wrapped};
use crate::settings::Answers;

/// Makes a body.
pub struct Maker<'a> {
    identity: &'a Identity,
    operation: &'a Operation,
    checked: &'a Checked,
    base: &'a str,
    /// The page that is asked for is behind the end of the list.
    behind: bool,
    /// Optional fields are left out unless something is known of them.
    facts_only: bool,
    answers: Answers,
}

impl<'a> Maker<'a> {
    pub fn new(
        identity: &'a Identity,
        operation: &'a Operation,
        checked: &'a Checked,
        base: &'a str,
        answers: Answers,
    ) -> Self {
        let number = |name: &str| {
            let value = checked.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        let behind = number("offset").is_some_and(|offset| offset > 0)
            || number("page_index").is_some_and(|page| page > 1)
            || ["page_token", "cursor"]
                .iter()
                .any(|name| !checked.text(name).is_empty());
        Self {
            identity,
            operation,
            checked,
            base,
            behind,
            facts_only: false,
            answers,
        }
    }

    /// Leaves optional fields out unless something is known of them. A fact that is `null` is left out
    /// even where the page requires it: it does not exist in this state.
    pub fn facts_only(self) -> Self {
        Self {
            facts_only: true,
            ..self
        }
    }

    /// The whole response.
    pub fn whole(&self) -> Value {
        self.object(&self.operation.response_fields, Some(&self.checked.body), true)
    }

    /// Rows as an object; `sent` is what the caller had at this place.
    pub fn object(&self, fields: &[Field], sent: Option<&Value>, top: bool) -> Value {
        let mut object = Map::new();
        for field in fields {
            if object.contains_key(&field.name) || self.is_left_out(field) {
                continue;
            }
            if field.name.contains('$') && self.family(field, sent, &mut object) {
                continue;
            }
            let name = field.name.replace("$n", "0").replace("$m", "0");
            let here = sent.and_then(|sent| sent.get(&field.name));
            let here = here.or_else(|| if top { self.checked.get(&field.name) } else { None });
            let unknown = here.is_none() && !field.required;
            if self.facts_only && (unknown || here.is_some_and(Value::is_null)) {
                continue;
            }
            if let Some(value) = self.field(field, here, top) {
                object.insert(name, value);
            }
        }
        Value::Object(object)
    }

    fn is_left_out(&self, field: &Field) -> bool {
        if field.required {
            return false;
        }
        match (self.facts_only, self.answers) {
            (false, Answers::Documented) => is_for_failures(&field.name),
            (false, Answers::Sparse) => true,
            (true, Answers::Documented) => false,
            (true, Answers::Sparse) => !values::is_result(&field.name),
        }
    }

    /// The numbered fields of a row that are known; whether there are any.
    fn family(&self, field: &Field, sent: Option<&Value>, object: &mut Map<String, Value>) -> bool {
        let known = sent.and_then(Value::as_object).into_iter().flatten();
        let mut any = false;
        for (name, value) in known.filter(|(name, _)| crate::check::fields::matches(&field.name, name)) {
            object.insert(name.clone(), self.single(field, Some(value)));
            any = true;
        }
        any
    }

    fn field(&self, field: &Field, sent: Option<&Value>, top: bool) -> Option<Value> {
        if !field.required && values::continues(&field.name) {
            return None;
        }
        if !field.array {
            return Some(self.single(field, sent));
        }
        // A list that is known is the page that was asked for.
        if top && self.behind && !(self.facts_only && sent.is_some()) {
            return Some(Value::Array(Vec::new()));
        }
        Some(match sent {
            Some(Value::Array(items)) if self.facts_only || !items.is_empty() => {
                items.iter().map(|item| self.single(field, Some(item))).collect()
            }
            sent => Value::Array(vec![self.single(field, sent)]),
        })
    }

    fn single(&self, field: &Field, sent: Option<&Value>) -> Value {
        match (field.ty, field.wrapped) {
            (Type::Object, _) => self.object(&field.fields, sent.filter(|sent| sent.is_object()), false),
            (_, Some(Wrapped::Json)) if !field.fields.is_empty() => {
                let sent = sent.and_then(Value::as_str);
                let sent: Option<Value> = sent.and_then(|text| serde_json::from_str(text).ok());
                let content = match field.element() {
                    Some(element) => self.field(element, sent.as_ref(), false).unwrap_or_default(),
                    None => self.object(&field.fields, sent.as_ref(), false),
                };
                content.to_string().into()
            }
            // Any JSON: what the merchant sent, if anything.
            (_, Some(Wrapped::Json)) => {
                let sent = sent.and_then(Value::as_str);
                let is_json = |text: &&str| serde_json::from_str::<IgnoredAny>(text).is_ok();
                sent.filter(is_json).unwrap_or("{}").into()
            }
            (_, Some(Wrapped::Rsa)) => {
                let clear = match sent.and_then(Value::as_str) {
                    Some(text) if text.len() <= 214 => text.to_owned(),
                    _ => values::personal(&field.name),
                };
                self.identity.key.encrypt(&clear).unwrap_or_default().into()
            }
            _ => self.scalar(field, sent),
        }
    }

    fn scalar(&self, field: &Field, sent: Option<&Value>) -> Value {
        if let Some(constant) = &field.constant {
            return typed(field, constant);
        }
        // A fact may be an empty text; what the caller sent so is made up.
        if self.facts_only && field.ty == Type::String && sent.is_some_and(|value| value == "") {
            return "".into();
        }
        let sent = sent
            .or_else(|| self.elsewhere(field))
            .and_then(|value| coerce(field, value));
        // Enumerations are open: a fact need not be in the page's list.
        let known = |value: &Value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.facts_only || field.values.is_empty() || field.values.contains(&text)
        };
        if let Some(value) = sent.filter(known) {
            return value;
        }
        if let Some(first) = field.values.first() {
            return typed(field, first);
        }
        match field.ty {
            Type::Boolean => true.into(),
            Type::Integer | Type::Number => self.number(field),
            _ => self.text(field),
        }
    }

    /// A value that the caller sent at another place under a name that can't mean anything else.
    fn elsewhere(&self, field: &Field) -> Option<&Value> {
        let distinctive = field.name.contains('_') || field.name.ends_with("id");
        let vague = ["goods_name", "store_id", "goods_id", "bank_type"];
        if !distinctive || vague.contains(&field.name.as_str()) {
            return None;
        }
        self.checked.get(&field.name)
    }

    fn number(&self, field: &Field) -> Value {
        let total = ["total", "total_fee", "total_amount", "amount"]
            .iter()
            .find_map(|name| {
                let value = self
                    .checked
                    .get("amount")
                    .and_then(|amount| amount.get(name))
                    .or_else(|| self.checked.get(name))?;
                value.as_i64().or_else(|| value.as_str()?.parse().ok())
            });
        values::number(&field.name, total.unwrap_or(100)).into()
    }

    fn text(&self, field: &Field) -> Value {
        let v3 = self.operation.v3 && self.operation.response != ResponseFormat::Xml;
        let known = values::Known {
            identity: self.identity,
            base: self.base,
            v3,
        };
        let mut text = known.text(&field.name, &field.label);
        if let Some(max) = field.max {
            text = text.chars().take(max as usize).collect();
        }
        text.into()
    }
}

/// Fields that a success leaves out.
fn is_for_failures(name: &str) -> bool {
    [
        "err_code",
        "err_code_des",
        "error_code",
        "error_msg",
        "err_msg",
        "fail_reason",
        "reject_reason",
    ]
    .contains(&name)
        || name.starts_with("fail_")
        || name.starts_with("error_")
}

/// A documented value as its field's type.
fn typed(field: &Field, text: &str) -> Value {
    match field.ty {
        Type::Integer | Type::Number => {
            serde_json::from_str::<serde_json::Number>(text).map_or(0.into(), Value::Number)
        }
        Type::Boolean => (text == "true").into(),
        _ => text.into(),
    }
}

/// The caller's value as the response's type, if it can be one.
fn coerce(field: &Field, value: &Value) -> Option<Value> {
    match (field.ty, value) {
        (Type::String, Value::String(text)) => {
            (field.max.is_none_or(|max| text.chars().count() <= max as usize) && !text.is_empty())
                .then(|| value.clone())
        }
        (Type::String, Value::Number(number)) => Some(number.to_string().into()),
        (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Some(value.clone()),
        (Type::Number, Value::Number(_)) | (Type::Boolean, Value::Bool(_)) => Some(value.clone()),
        (Type::Integer, Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
        (Type::Number, Value::String(text)) => serde_json::from_str::<serde_json::Number>(text)
            .ok()
            .map(Value::Number),
        (Type::Boolean, Value::String(text)) => {
            text.to_ascii_lowercase().parse::<bool>().ok().map(Value::from)
        }
        _ => None,
    }
}
