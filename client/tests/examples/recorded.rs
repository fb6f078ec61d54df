//! Recorded shapes hold no value, go through `replay`, and become a reading.

use serde_json::{Map, Value, json};
use wechatpay_client::traffic::{event_shape, response_shape};
use wechatpay_codegen::learn;
use wechatpay_codegen::load::load;

use crate::deviations::Random;
use crate::documents::{each_subject, xml};
use crate::line;
use crate::registry::OPERATIONS;

/// Replaces every value by a random one of its kind, adds fields whose names are data, and keeps all that
/// must not be recorded in `secrets`.
fn with_secrets(value: &mut Value, random: &mut Random, secrets: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) => {
            let number = 100_000_000 + random.next() % 900_000_000;
            secrets.push(number.to_string());
            *value = match random.next() % 3 {
                0 => json!(number as f64 + 0.25),
                _ => number.into(),
            };
        }
        Value::String(text) => *text = secret_text(random, secrets),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| with_secrets(item, random, secrets)),
        Value::Object(fields) => {
            for (_, value) in fields.iter_mut() {
                with_secrets(value, random, secrets);
            }
            for name in [
                format!("oUpF8u{:08X}", random.next() as u32),
                (13_000_000_000 + random.next() % 99_999).to_string(),
            ] {
                secrets.push(name.clone());
                fields.insert(name, 1.into());
            }
        }
    }
}

/// Text of any kind that is received: words, digits, times, base64, JSON.
fn secret_text(random: &mut Random, secrets: &mut Vec<String>) -> String {
    let secret = format!("{:016x}", random.next() | 1 << 63);
    let digits = format!("4200{:012}", random.next() % 1_000_000_000_000);
    let second = random.next() % 60;
    let (text, secret) = match random.next() % 6 {
        0 => (format!("张{secret}"), secret),
        1 => (digits.clone(), digits),
        2 => (
            format!("2031-07-19T08:47:{second:02}+08:00"),
            "2031-07-19".to_owned(),
        ),
        3 => (format!("{{\"{secret}\":[\"{digits}\"]}}"), secret),
        4 => (format!("[{{\"a\":\"{secret}\"}}]"), secret),
        _ => (format!("<a>{secret}</a>&\"'"), secret),
    };
    secrets.push(secret);
    text
}

#[test]
fn shapes_hold_no_value_and_can_be_replayed_and_learned() {
    let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let api = load(&specs).expect("the pages can be read").api;
    let mut random = Random(20_261_125);
    let mut lines = Vec::new();
    each_subject(|subject| {
        let operation = subject.operation;
        let mut document = Value::Object(subject.document().0);
        let mut secrets = Vec::new();
        with_secrets(&mut document, &mut random, &mut secrets);
        let document: Map<String, Value> = serde_json::from_value(document).expect("an object");
        let line = match (&operation.event_type, &operation.path) {
            (Some(event_type), _) => event_shape(event_type, Value::Object(document).to_string().as_bytes()),
            (None, Some(path)) if subject.part == "response" => {
                let entry = OPERATIONS
                    .iter()
                    .find(|entry| entry.path == path && entry.method == operation.method.as_str());
                let body = match subject.xml {
                    true => {
                        let is_name = |name: &str| !name.starts_with(|first: char| first.is_ascii_digit());
                        xml(&document.into_iter().filter(|(name, _)| is_name(name)).collect())
                    }
                    false => Value::Object(document).to_string(),
                };
                response_shape(entry.expect("is registered").operation, body.as_bytes())
            }
            _ => return,
        };
        let line = line.expect("a document");
        let leaked: Vec<_> = secrets.iter().filter(|secret| line.contains(*secret)).collect();
        assert!(leaked.is_empty(), "{}: {leaked:?} in {line}", operation.page);
        line::replay(&line).unwrap_or_else(|problem| panic!("{}: {problem}", operation.page));
        lines.push(line);
    });
    assert!(lines.len() > 1000, "{} lines", lines.len());
    let mut reading = learn::file("shop", "2026-11-25");
    learn::learn(&mut reading, &lines.join("\n"), &api).expect("every line is learned");
    let learned = format!("{:?}", reading.entries);
    assert!(learned.contains("out_trade_no") && !learned.contains("oUpF8u"));
    let before = reading.entries.clone();
    learn::learn(&mut reading, &lines.join("\n"), &api).expect("every line is learned");
    assert!(reading.entries == before, "learned twice");
}
