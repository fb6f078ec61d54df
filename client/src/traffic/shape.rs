//! The shape of a message: its names and kinds, without any of its values.

use serde_json::{Map, json};

use crate::operation::Operation;
use crate::wire::Json;

/// The shape of a response, as a line for `replay` and for `wechatpay-codegen learn`; `None` where the
/// body is neither JSON nor XML.
///
/// Every value is replaced by one of its kind: text by `"x"`, digits in text by `"1"`, a time by a fixed
/// one, numbers by `1` or `1.5`, and `false` by `true`. The path is the documented one, so that no
/// number of an order is in it. A name that does not look like one of WeChat Pay's own (small letters,
/// underscores, at most two digits in a row, at most 40 characters) is replaced by `x`: it may be data.
///
/// ```no_run
/// use std::io::Write;
/// use wechatpay_client::{Call, FromResponse, Result, traffic};
///
/// /// Makes a call, and records the shape of its response.
/// async fn recorded<T: FromResponse>(call: Call<'_, T>, log: &mut impl Write) -> Result<T> {
///     let operation = call.operation();
///     let response = call.received().await?;
///     if let Some(line) = traffic::response_shape(operation, &response.body) {
///         writeln!(log, "{line}").expect("the log can be written");
///     }
///     Ok(response.value)
/// }
/// ```
pub fn response_shape(operation: &Operation, body: &[u8]) -> Option<String> {
    let mut line = json!({ "method": operation.method.as_str(), "path": operation.path, "part": "response" });
    if let Ok(json) = serde_json::from_slice::<Json>(body) {
        line["value"] = shape(&json);
        return Some(line.to_string());
    }
    #[cfg(feature = "apiv2")]
    if let Ok(xml) = std::str::from_utf8(body)
        && let Ok(elements) = super::elements(xml)
    {
        let elements: Vec<_> = elements
            .into_iter()
            .map(|(name, text)| (self::name(&name).to_owned(), shape_of_text(&text).to_owned()))
            .collect();
        line["xml"] = super::to_xml(&elements).into();
        return Some(line.to_string());
    }
    None
}

/// The shape of a notification's clear resource, for [`resource_bytes`]; see [`response_shape`].
///
/// [`resource_bytes`]: crate::webhook::Notification::resource_bytes
pub fn event_shape(event_type: &str, resource: &[u8]) -> Option<String> {
    let resource: Json = serde_json::from_slice(resource).ok()?;
    let line = json!({ "event_type": event_type, "part": "resource", "value": shape(&resource) });
    Some(line.to_string())
}

/// Elements of one shape are one element.
fn shape(json: &Json) -> Json {
    match json {
        Json::Null => Json::Null,
        Json::Bool(_) => true.into(),
        Json::Number(number) if number.is_f64() => 1.5.into(),
        Json::Number(_) => 1.into(),
        Json::String(text) => shape_of_text(text).into(),
        Json::Array(items) => {
            let mut shapes: Vec<Json> = Vec::new();
            for shape in items.iter().map(shape) {
                if !shapes.contains(&shape) {
                    shapes.push(shape);
                }
            }
            shapes.into()
        }
        Json::Object(fields) => fields
            .iter()
            .map(|(key, value)| (name(key).to_owned(), shape(value)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn shape_of_text(text: &str) -> &'static str {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = text.len() >= 19
        && text
            .bytes()
            .zip(b"0000-00-00T00:00:00".iter())
            .all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                like => byte == *like,
            });
    match text {
        "" => "",
        _ if digits => "1",
        _ if is_time => "2020-01-02T03:04:05+08:00",
        _ => "x",
    }
}

/// A field's name, or `x` for a key that may be data.
fn name(key: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = key.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    let digits = key
        .as_bytes()
        .windows(3)
        .any(|three| three.iter().all(u8::is_ascii_digit));
    if begins && !digits && key.len() <= 40 && key.bytes().all(plain) {
        key
    } else {
        "x"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [&str; 6] = ["wx88", "4200001", "oUpF8uN95", "张三", "7.25", "2031"];

    #[test]
    fn no_value_is_left() {
        let resource = r#"{"appid":"wx88","transaction_id":"4200001","amount":{"total":4200001,"rate":7.25},
            "payer":{"oUpF8uN95":{"name":"张三"},"13800138000":true},"attach":"{\"a\":\"wx88\"}","gone":null,
            "success_time":"2031-01-01T00:00:00+08:00","list":[{"id":"1"},{"id":"2"},{}],"none":""}"#;
        let line = event_shape("TRANSACTION.SUCCESS", resource.as_bytes()).unwrap();
        assert!(SECRETS.iter().all(|secret| !line.contains(secret)), "{line}");
        let line: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            line["value"],
            json!({
                "appid": "x", "transaction_id": "1", "amount": {"total": 1, "rate": 1.5},
                "payer": {"x": true}, "attach": "x", "gone": null,
                "success_time": "2020-01-02T03:04:05+08:00", "list": [{"id": "1"}, {}], "none": ""
            })
        );
    }

    #[test]
    fn responses_have_the_documented_path() {
        let operation = Operation {
            path: "/v3/x/{id}",
            ..Operation::V3
        };
        let line = response_shape(&operation, br#"{"id":"wx88"}"#).unwrap();
        let line: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&line["path"], &line["value"]),
            (&json!("/v3/x/{id}"), &json!({"id": "x"}))
        );
        assert_eq!(response_shape(&operation, b"<html>"), None);
        assert_eq!(response_shape(&operation, b""), None);
    }

    #[cfg(feature = "apiv2")]
    #[test]
    fn xml_stays_xml() {
        let xml = b"<xml><mch_id>1900000109</mch_id><coupon_id_0><![CDATA[wx88]]></coupon_id_0><a>\n<b>wx88</b></a></xml>";
        let line = response_shape(&Operation::V2, xml).unwrap();
        let line: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            line["xml"],
            "<xml><mch_id>1</mch_id><coupon_id_0>x</coupon_id_0><a>x</a></xml>"
        );
    }
}
