//! The response to a request that is wrong, as WeChat Pay words it.
//!
//! In: what is wrong, and the row of the page that says so. Out: APIv3's status and JSON, or APIv2's
//! XML fields.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// A request is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: String,
    pub detail: Box<Map<String, Value>>,
    /// Page and line of the rule that was broken.
    pub row: Option<String>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            message: message.into(),
            detail: Box::default(),
            row: None,
        }
    }

    /// With a code that is not one of the sandbox's own.
    pub fn named(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Owned(code.to_owned()),
            ..Self::new(status, "", message)
        }
    }

    /// 400 `PARAM_ERROR`.
    pub fn parameter(location: &str, field: &str, value: &Value, issue: impl Into<String>) -> Self {
        let issue = issue.into();
        let name = if field.is_empty() { location } else { field };
        let mut refusal = Self::new(400, "PARAM_ERROR", format!("Parameter error: {name}: {issue}"));
        let value = match value {
            Value::Null => Value::from(""),
            value => Value::from(short(value)),
        };
        refusal.detail.insert("field".into(), field.into());
        refusal.detail.insert("value".into(), value);
        refusal.detail.insert("issue".into(), issue.into());
        refusal.detail.insert("location".into(), location.into());
        refusal
    }

    /// 401 `SIGN_ERROR` before there is anything to verify.
    pub fn authorization(issue: impl Into<String>) -> Self {
        let issue = issue.into();
        let mut refusal = Self::new(401, "SIGN_ERROR", format!("Http header Authorization: {issue}"));
        refusal.detail.insert("field".into(), "Authorization".into());
        refusal.detail.insert("issue".into(), issue.into());
        refusal.detail.insert("location".into(), "header".into());
        refusal
    }

    /// 401 `SIGN_ERROR`, with what the platform took for the signed text.
    pub fn signature(method: &str, url: &str, message: &[u8]) -> Self {
        let text = String::from_utf8_lossy(message).replace('\n', "\\n");
        let truncated: String = text.chars().take(128).collect();
        let mut refusal = Self::new(
            401,
            "SIGN_ERROR",
            "The signature is wrong: the text below, the key, or both differ",
        );
        refusal.detail = match json!({
            "detail": { "issue": "sign not match" },
            "field": "signature",
            "location": "authorization",
            "sign_information": {
                "method": method,
                "url": url,
                "truncated_sign_message": truncated,
                "sign_message_length": message.len(),
            },
        }) {
            Value::Object(detail) => detail.into(),
            _ => Box::default(),
        };
        refusal
    }

    pub fn at(mut self, row: impl Into<String>) -> Self {
        self.row.get_or_insert(row.into());
        self
    }

    /// APIv3's body.
    pub fn json(&self) -> Value {
        let mut detail = self.detail.clone();
        if let Some(row) = &self.row {
            detail.insert("row".into(), row.clone().into());
        }
        let mut body = json!({ "code": self.code, "message": self.message });
        if !detail.is_empty() {
            body["detail"] = Value::Object(*detail);
        }
        body
    }

    /// APIv2's fields. What is wrong with the message itself fails `return_code`, is not signed
    /// and is status 200; what is wrong with the business fails `result_code`.
    pub fn xml(&self) -> Vec<(String, String)> {
        let row = self
            .row
            .as_deref()
            .map(|row| format!(" ({row})"))
            .unwrap_or_default();
        let message = format!("{}{row}", self.message);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match &*self.code {
            "SIGN_ERROR" | "PARAM_ERROR" | "MCH_NOT_EXISTS" | "NO_AUTH" => vec![
                pair("return_code", "FAIL"),
                pair("return_msg", &message),
                pair("err_code", &self.code.replace("SIGN_ERROR", "SIGNERROR")),
                pair("err_code_des", &message),
            ],
            code => vec![
                pair("return_code", "SUCCESS"),
                pair("return_msg", "OK"),
                pair("result_code", "FAIL"),
                pair("err_code", v2_code(code)),
                pair("err_code_des", &message),
            ],
        }
    }
}

/// APIv2 spells some codes without underscores.
fn v2_code(code: &str) -> &str {
    match code {
        "ORDER_NOT_EXIST" => "ORDERNOTEXIST",
        "ORDER_CLOSED" => "ORDERCLOSED",
        "ORDER_PAID" => "ORDERPAID",
        "ORDER_REVERSED" => "ORDERREVERSED",
        "SYSTEM_ERROR" => "SYSTEMERROR",
        "NOT_ENOUGH" => "NOTENOUGH",
        "RESOURCE_NOT_EXISTS" => "REFUNDNOTEXIST",
        "FREQUENCY_LIMITED" | "RATE_LIMITED" => "FREQUENCY_LIMITED",
        code => code,
    }
}

/// A value as it is repeated in an error, cut.
fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    text.chars().take(256).collect()
}
