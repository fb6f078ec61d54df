//! What is about the platform itself and needs no business: certificates, the echo, files.
//!
//! In: requests. Out: answers that are real: certificates open with the APIv3 key, the echo is
//! encrypted to the merchant.

use serde_json::{Value, json};

use super::{Context, Outcome};
use crate::{crypto, notify, text};

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    match (operation.method.as_str(), operation.bare_path.as_str()) {
        ("GET", "/v3/certificates" | "/v3/global/certificates") => Some(Ok(certificates(context))),
        ("POST", "/v3/security/echo") => Some(Ok(echo(context))),
        _ => None,
    }
}

fn certificates(context: &Context<'_>) -> crate::response::Reply {
    let identity = &context.inner.identity;
    let (year, month, day) = text::civil(text::now() / 86_400);
    let day = day.min(28);
    let data: Vec<Value> = identity
        .certificates()
        .iter()
        .filter_map(|certificate| {
            let nonce = crypto::random(12);
            let pem = certificate.certificate_pem.as_deref()?;
            Some(json!({
                "serial_no": certificate.id,
                "effective_time": format!("{:04}-{month:02}-{day:02}T08:00:00+08:00", year - 1),
                "expire_time": format!("{:04}-{month:02}-{day:02}T08:00:00+08:00", year + 4),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": crypto::seal(&identity.api_v3_key, &nonce, "certificate", pem.as_bytes())?,
                },
            }))
        })
        .collect();
    context.writer.body(&json!({ "data": data }), context.checked)
}

fn echo(context: &Context<'_>) -> crate::response::Reply {
    let body = &context.checked.body;
    if let Some(url) = body["notify_url"].as_str() {
        let mut facts = json!({ "echo_message": body["echo_message"] });
        if let Some(clear) = body["encrypted_echo_message"].as_str() {
            facts["encrypt_echo_message"] = context
                .inner
                .identity
                .key
                .encrypt(clear)
                .unwrap_or_default()
                .into();
        }
        notify::later(context.inner, url, "SECURITY_ECHO.SUCCESS", facts);
    }
    context.facts(body)
}
