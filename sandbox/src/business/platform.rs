//! What is about the platform itself and needs no business: certificates, the echo, files.
//!
//! In: requests. Out: responses that are real: certificates open with the APIv3 key, the echo is
//! encrypted to the merchant.

use serde_json::{Value, json};

use super::{Context, Outcome, v2_fields};
use crate::identity::Platform;
use crate::key::Algorithm;
use crate::refusal::Refusal;
use crate::{crypto, notify, text};

pub(crate) fn carry_out(context: &Context<'_>) -> Option<Outcome> {
    let operation = context.operation();
    match (operation.method.as_str(), operation.bare_path.as_str()) {
        ("GET", "/v3/certificates" | "/v3/global/certificates") => Some(certificates(context)),
        ("POST", "/risk/getpublickey") => Some(public_key(context)),
        ("POST", "/xdc/apiv2getsignkey/sign/getsignkey") => Some(sign_key(context)),
        ("POST", "/v3/security/echo") => Some(Ok(echo(context))),
        _ => None,
    }
}

/// The key of APIv2's own sandbox.
fn sign_key(context: &Context<'_>) -> Outcome {
    let mut facts = v2_fields::closed();
    facts["mch_id"] = context.mchid().into();
    facts["sandbox_signkey"] = context.inner.identity.api_v2_key.as_str().into();
    Ok(context.facts(&facts))
}

/// The public key that APIv2's payments to bank cards are encrypted for.
fn public_key(context: &Context<'_>) -> Outcome {
    let mut facts = v2_fields::closed();
    facts["mch_id"] = context.mchid().into();
    facts["pub_key"] = context.inner.identity.public_key.pkcs1_pem().into();
    Ok(context.facts(&facts))
}

/// A merchant with the public key has none:
/// <https://pay.weixin.qq.com/doc/v3/merchant/4012153196>. What is downloaded signs from then on.
fn certificates(context: &Context<'_>) -> Outcome {
    let identity = &context.inner.identity;
    if identity.platform.kind == Platform::PublicKey {
        let problem = "this merchant verifies with the platform's public key and has no certificates";
        return Err(Refusal::new(404, "RESOURCE_NOT_EXISTS", problem));
    }
    let algorithm = identity.key.algorithm();
    let wanted = context.checked.query["algorithm_type"].as_str().unwrap_or("RSA");
    let (year, month, day) = text::civil(text::now());
    let day = day.min(28);
    let data: Vec<Value> = identity
        .certificates()
        .iter()
        .filter(|_| wanted == "ALL" || wanted == names_of(algorithm))
        .filter_map(|certificate| {
            let nonce = crypto::random(12);
            let pem = certificate.certificate_pem.as_deref()?;
            Some(json!({
                "serial_no": certificate.id,
                "effective_time": format!("{:04}-{month:02}-{day:02}T08:00:00+08:00", year - 1),
                "expire_time": format!("{:04}-{month:02}-{day:02}T08:00:00+08:00", year + 4),
                "encrypt_certificate": {
                    "algorithm": algorithm.aead(),
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": algorithm.seal(&identity.api_v3_key, &nonce, "certificate", pem.as_bytes())?,
                },
            }))
        })
        .collect();
    let reply = context.writer.body(&json!({ "data": data }), context.checked);
    if identity.platform.activate() {
        context.inner.keep_identity();
    }
    if context.writer.incoming.header("wechatpay-serial").is_none() {
        identity.platform.prefer(true);
    }
    Ok(reply)
}

/// The `algorithm_type` of certificates.
fn names_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rsa => "RSA",
        Algorithm::Sm => "SM2",
    }
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
