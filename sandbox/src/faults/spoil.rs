//! Puts a fault into a response.

use std::sync::Arc;

use serde_json::Value;

use super::Fault;
use crate::check::{Incoming, signing_key};
use crate::identity::Identity;
use crate::model::{Field, Operation};
use crate::response::{Reply, flat};
use crate::{crypto, text, xml};

/// What a fault does to a response.
pub struct Spoiler<'a> {
    pub identity: &'a Identity,
    pub operation: &'a Operation,
    pub incoming: &'a Incoming,
    pub hmac: bool,
}

impl Spoiler<'_> {
    /// The response, spoilt. Delays and cuts are the server's business.
    pub fn spoil(&self, fault: Fault, reply: Reply) -> Reply {
        match fault {
            Fault::Slow | Fault::CutOff | Fault::Delay(_) | Fault::Reset | Fault::Hang => reply,
            Fault::Status(status) => {
                let code = match status {
                    400 => "PARAM_ERROR",
                    401 => "SIGN_ERROR",
                    403 => "NO_AUTH",
                    404 => "RESOURCE_NOT_EXISTS",
                    429 => "FREQUENCY_LIMITED",
                    _ => "SYSTEM_ERROR",
                };
                self.error(status, code, "SANDBOX fault")
            }
            Fault::TooMany => self.error(429, "FREQUENCY_LIMITED", "Too many requests (SANDBOX fault)"),
            Fault::ServerError => self.error(500, "SYSTEM_ERROR", "System busy (SANDBOX fault)"),
            Fault::BadGateway => {
                let html = "<html><head><title>502 Bad Gateway</title></head><body><center>SANDBOX fault</center></body></html>";
                Reply::new(502, "text/html", html)
            }
            Fault::NewValue => self.edit(reply, |body, fields| {
                new_value(body, fields);
            }),
            Fault::ExtraField => self.edit(reply, |body, _| {
                body["sandbox_extra_field"] = "new".into();
            }),
            Fault::MissingField => self.edit(reply, |body, fields| {
                let codes = ["return_code", "result_code", "return_msg", "sign", "nonce_str"];
                let required = fields
                    .iter()
                    .find(|field| field.required && !codes.contains(&field.name.as_str()));
                if let (Some(object), Some(field)) = (body.as_object_mut(), required) {
                    object.shift_remove(&field.name);
                }
            }),
            Fault::RotatedCertificate => match self.identity.platform.announce() {
                Ok(key) if has_signature(&reply) => {
                    self.identity.platform.activate();
                    let body = reply.body.clone();
                    reply.signed_over(&key, &body)
                }
                _ => reply,
            },
            fault => self.headers(fault, reply),
        }
    }

    fn headers(&self, fault: Fault, mut reply: Reply) -> Reply {
        if !has_signature(&reply) {
            if fault == Fault::WrongSignature {
                return self.edit_unsigned(reply);
            }
            return reply;
        }
        let mut set = |name: &str, value: String| {
            for header in reply.headers.iter_mut().filter(|(other, _)| other == name) {
                header.1.clone_from(&value);
            }
        };
        match fault {
            Fault::WrongSignature => set("Wechatpay-Signature", crypto::to_base64(&[7; 256])),
            Fault::UnknownSerial => set("Wechatpay-Serial", "5A".repeat(20)),
            Fault::ProbeSignature => set(
                "Wechatpay-Signature",
                format!("WECHATPAY/SIGNTEST/{}", crypto::to_base64(&[7; 256])),
            ),
            Fault::MissingHeader => reply.headers.retain(|(name, _)| name != "Wechatpay-Nonce"),
            Fault::OldTimestamp => {
                let (key, body) = (signing_key(self.identity, self.incoming), reply.body.clone());
                return reply.signed_at(&key, &body, text::now().saturating_sub(600));
            }
            _ => {}
        }
        reply
    }

    /// APIv2: another signature in the body.
    fn edit_unsigned(&self, reply: Reply) -> Reply {
        let Ok(mut fields) = xml::parse(&reply.body) else {
            return reply;
        };
        for (_, value) in fields.iter_mut().filter(|(name, _)| name == "sign") {
            *value = "0".repeat(value.len());
        }
        Reply {
            body: xml::write("xml", &fields).into_bytes(),
            ..reply
        }
    }

    fn error(&self, status: u16, code: &'static str, message: &str) -> Reply {
        let refusal = crate::refusal::Refusal::new(status, code, message);
        let writer = crate::response::Writer {
            identity: self.identity,
            operation: self.operation,
            incoming: self.incoming,
            base: "",
            answers: Default::default(),
        };
        writer.refusal(&refusal, None)
    }

    /// Changes the body and signs it again.
    fn edit(&self, reply: Reply, change: impl FnOnce(&mut Value, &[Field])) -> Reply {
        let fields = &self.operation.response_fields;
        if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice::<Value>(&reply.body) {
            change(&mut body, fields);
            let body = body.to_string().into_bytes();
            let key: Arc<_> = signing_key(self.identity, self.incoming);
            return Reply {
                body: body.clone(),
                ..reply
            }
            .signed_over(&key, &body);
        }
        let Ok(found) = xml::parse(&reply.body) else {
            return reply;
        };
        let signed = found.iter().any(|(name, _)| name == "sign");
        let mut body = crate::check::pairs(found);
        change(&mut body, fields);
        let mut found: Vec<_> = flat(&body)
            .into_iter()
            .filter(|(name, _)| name != "sign")
            .collect();
        if signed {
            let pairs = found.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let sign = crypto::sign_v2(&self.identity.api_v2_key, self.hmac, pairs);
            found.push(("sign".into(), sign));
        }
        Reply {
            body: xml::write("xml", &found).into_bytes(),
            ..reply
        }
    }
}

fn has_signature(reply: &Reply) -> bool {
    reply
        .headers
        .iter()
        .any(|(name, _)| name == "Wechatpay-Signature")
}

/// Gives the first enumeration in a body a value that nobody knows.
fn new_value(body: &mut Value, fields: &[Field]) -> bool {
    let codes = ["return_code", "result_code"];
    fields.iter().any(|field| {
        let Some(value) = body
            .get_mut(&field.name)
            .filter(|_| !codes.contains(&field.name.as_str()))
        else {
            return false;
        };
        match value {
            Value::String(text) if !field.values.is_empty() => {
                *text = "SANDBOX_NEW_VALUE".into();
                true
            }
            Value::Array(items) => items.iter_mut().any(|item| new_value(item, &field.fields)),
            Value::Object(_) => new_value(value, &field.fields),
            _ => false,
        }
    })
}
