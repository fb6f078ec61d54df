//! Notification bodies in the shape of their pages: sealed, and signed in APIv2.
//!
//! In: an event and what is known of it. Out: bytes.

use serde_json::{Value, json};

use crate::check::Checked;
use crate::model::{Field, Operation, Wrapped};
use crate::response::{flat, shape::Maker};
use crate::{Inner, crypto, text, xml};

fn resource_rows(operation: &Operation) -> &[Field] {
    let resource = operation.fields.iter().find(|field| field.name == "resource");
    let ciphertext = resource.and_then(|field| field.fields.iter().find(|field| field.name == "ciphertext"));
    ciphertext.map_or(&[], |field| &field.fields)
}

pub(super) fn v3(inner: &Inner, operation: &Operation, event: &str, facts: &Value) -> (Vec<u8>, Value) {
    // Rows that are marked as required for another business of the same page stay out.
    let rows = resource_rows(operation);
    let known = facts.as_object();
    let mut resource = serde_json::Map::new();
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let maker = Maker::new(
        &inner.identity,
        operation,
        &checked,
        &inner.base,
        inner.settings.answers,
    )
    .facts_only();
    if let Value::Object(made) = maker.object(rows, Some(facts), true) {
        resource.extend(
            made.into_iter()
                .filter(|(name, _)| known.is_some_and(|known| known.contains_key(name))),
        );
    }
    for (name, value) in known
        .into_iter()
        .flatten()
        .filter(|(name, _)| ["mchid", "trade_type", "refund_status"].contains(&name.as_str()))
    {
        resource.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let resource = Value::Object(resource);
    (envelope(inner, operation, event, &resource), resource)
}

pub(super) fn by_hand(inner: &Inner, operation: &Operation, event: &str, facts: &Value) -> (Vec<u8>, Value) {
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let resource = Maker::new(
        &inner.identity,
        operation,
        &checked,
        &inner.base,
        inner.settings.answers,
    )
    .object(resource_rows(operation), Some(facts), true);
    (envelope(inner, operation, event, &resource), resource)
}

fn envelope(inner: &Inner, operation: &Operation, event: &str, resource: &Value) -> Vec<u8> {
    let row = |name: &str| {
        let resource = operation.fields.iter().find(|field| field.name == "resource");
        resource
            .into_iter()
            .flat_map(|field| &field.fields)
            .find(|field| field.name == name)
    };
    let original =
        row("original_type").map(|field| field.constant.clone().or_else(|| field.values.first().cloned()));
    let original = original.flatten().unwrap_or_else(|| "sandbox".into());
    let nonce = crypto::random(12);
    let algorithm = inner.identity.key.algorithm();
    let ciphertext = algorithm.seal(
        &inner.identity.api_v3_key,
        &nonce,
        &original,
        resource.to_string().as_bytes(),
    );
    let kind = operation
        .fields
        .iter()
        .find(|field| field.name == "resource_type");
    let kind = kind.and_then(|field| field.constant.clone().or_else(|| field.values.first().cloned()));
    let body = json!({
        "id": format!("SANDBOX-{}", crypto::random(24)),
        "create_time": text::rfc3339(inner.clock.now()),
        "resource_type": kind.unwrap_or_else(|| "encrypt-resource".into()),
        "event_type": event,
        "summary": format!("SANDBOX {}", operation.title),
        "resource": {
            "original_type": original,
            "algorithm": algorithm.aead(),
            "ciphertext": ciphertext.unwrap_or_default(),
            "associated_data": original,
            "nonce": nonce,
        },
    });
    body.to_string().into_bytes()
}

pub(super) fn v2(inner: &Inner, operation: &Operation, facts: &Value, facts_only: bool) -> Vec<u8> {
    let identity = &inner.identity;
    let checked = Checked {
        body: facts.clone(),
        ..Checked::default()
    };
    let maker = Maker::new(identity, operation, &checked, &inner.base, inner.settings.answers);
    let maker = if facts_only { maker.facts_only() } else { maker };
    let mut fields = Vec::new();
    let mut signed = false;
    for field in &operation.fields {
        match field.wrapped {
            Some(Wrapped::AesEcb) => {
                let inside = flat(&maker.object(&field.fields, Some(facts), true));
                let sealed = crypto::seal_v2(&identity.api_v2_key, xml::write("root", &inside).as_bytes());
                fields.push((field.name.clone(), sealed.unwrap_or_default()));
            }
            _ if field.name == "sign" => signed = true,
            _ => fields.extend(flat(&maker.object(
                std::slice::from_ref(field),
                Some(facts),
                true,
            ))),
        }
    }
    if signed {
        let hmac = fields
            .iter()
            .any(|(name, value)| name == "sign_type" && value == "HMAC-SHA256");
        let sign = crypto::sign_v2(
            &identity.api_v2_key,
            hmac,
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        fields.push(("sign".into(), sign));
    }
    xml::write("xml", &fields).into_bytes()
}
