//! Responses: written in the page's shape, then signed.
//!
//! In: the operation and the checked request, or a refusal. Out: a [`Reply`], ready to be sent.

pub mod shape;
pub mod values;

use serde_json::Value;

use crate::check::{Checked, Incoming, signing_key};
use crate::crypto;
use crate::identity::{Identity, PlatformKey};
use crate::model::{Operation, ResponseFormat};
use crate::refusal::Refusal;
use crate::settings::Answers;
use crate::{text, xml};

/// What is sent back.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut reply = Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        };
        if !content_type.is_empty() {
            reply.headers.push(("Content-Type".into(), content_type.into()));
        }
        reply
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With an APIv3 signature over `signed`.
    pub fn signed_over(self, key: &PlatformKey, signed: &[u8]) -> Self {
        self.signed_at(key, signed, text::now())
    }

    /// With an APIv3 signature of another time.
    pub fn signed_at(mut self, key: &PlatformKey, signed: &[u8], timestamp: u64) -> Self {
        for (name, value) in signature(key, signed, timestamp) {
            self.headers.retain(|(other, _)| other != name);
            self.headers.push((name.to_owned(), value));
        }
        self
    }
}

/// The headers of an APIv3 signature over bytes.
pub fn signature(key: &PlatformKey, signed: &[u8], timestamp: u64) -> [(&'static str, String); 5] {
    let nonce = crypto::random(32);
    let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), signed, b"\n"].concat();
    [
        ("Wechatpay-Timestamp", timestamp.to_string()),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", key.key.sign(&message)),
        ("Wechatpay-Serial", key.id.clone()),
        (
            "Wechatpay-Signature-Type",
            key.key.algorithm().signature_type().into(),
        ),
    ]
}

/// The response of an operation, with a body that is already there, or from its page.
pub struct Writer<'a> {
    pub identity: &'a Identity,
    pub operation: &'a Operation,
    pub incoming: &'a Incoming,
    /// `http://127.0.0.1:1234`.
    pub base: &'a str,
    pub answers: Answers,
}

impl Writer<'_> {
    /// The response from the page's table alone.
    pub fn generic(&self, checked: &Checked) -> Reply {
        match self.operation.response {
            ResponseFormat::Json | ResponseFormat::Xml => {
                let maker =
                    shape::Maker::new(self.identity, self.operation, checked, self.base, self.answers);
                self.body(&maker.whole(), checked)
            }
            ResponseFormat::Empty => self.sign(Reply::new(204, "", "")),
            ResponseFormat::File => self.file(b"SANDBOX,not the real WeChat Pay\n".to_vec()),
            ResponseFormat::Redirect => {
                let url = format!("{}/?redirected={}", self.base, self.operation.bare_path);
                Reply::new(302, "text/html", "").header("Location", url)
            }
        }
    }

    /// The response that tells these facts, each in its row.
    pub fn facts(&self, facts: &Value, checked: &Checked) -> Reply {
        let known = Checked {
            body: facts.clone(),
            ..checked.clone()
        };
        let maker =
            shape::Maker::new(self.identity, self.operation, &known, self.base, self.answers).facts_only();
        self.body(&maker.whole(), checked)
    }

    /// A response with this body: APIv3's JSON, or APIv2's fields.
    pub fn body(&self, body: &Value, checked: &Checked) -> Reply {
        if self.operation.response == ResponseFormat::Empty {
            return self.sign(Reply::new(204, "", ""));
        }
        if self.operation.v3 {
            return self.sign(Reply::new(200, "application/json", body.to_string()));
        }
        let mut fields = flat(body);
        // The page's row may be there although WeChat Pay sends no signature.
        fields.retain(|(name, _)| name != "sign");
        if self.operation.signed_response {
            self.sign_fields(&mut fields, checked.hmac);
        }
        Reply::new(200, "text/xml", xml::write("xml", &fields))
    }

    /// A response that is a file.
    pub fn file(&self, content: Vec<u8>) -> Reply {
        self.download("application/octet-stream", content)
    }

    /// A response that is a file of this type.
    pub fn download(&self, content_type: &str, content: Vec<u8>) -> Reply {
        let reply = Reply::new(200, content_type, content);
        if !self.operation.signed_response {
            return reply;
        }
        // Statements are not signed themselves: the digest in the header is.
        let sha1 = crypto::sha1(&reply.body);
        let signed = format!("{{\"sha1\":\"{sha1}\"}}");
        let reply = reply.header("Wechatpay-Statement-Sha1", sha1);
        reply.signed_over(&signing_key(self.identity, self.incoming), signed.as_bytes())
    }

    /// APIv2 fields without a signature, as errors of files are.
    pub fn unsigned(&self, fields: &[(&str, &str)]) -> Reply {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields: Vec<_> = fields.iter().map(pair).collect();
        Reply::new(200, "text/xml", xml::write("xml", &fields))
    }

    fn sign_fields(&self, fields: &mut Vec<(String, String)>, hmac: bool) {
        fields.retain(|(name, _)| name != "sign" && name != "nonce_str");
        fields.push(("nonce_str".into(), crypto::random(32)));
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let sign = crypto::sign_v2(&self.identity.api_v2_key, hmac, pairs);
        fields.push(("sign".into(), sign));
    }

    fn sign(&self, reply: Reply) -> Reply {
        let body = reply.body.clone();
        reply.signed_over(&signing_key(self.identity, self.incoming), &body)
    }

    /// A response to a request that is wrong.
    pub fn refusal(&self, refusal: &Refusal, checked: Option<&Checked>) -> Reply {
        let reply = if self.operation.v3 {
            self.sign(Reply::new(
                refusal.status,
                "application/json",
                refusal.json().to_string(),
            ))
        } else {
            let mut fields = refusal.xml();
            let business = fields.iter().any(|(name, _)| name == "result_code");
            if business && self.operation.signed_response {
                if self
                    .operation
                    .response_fields
                    .iter()
                    .any(|field| field.name == "mch_id")
                {
                    fields.push(("mch_id".into(), self.identity.mchid.clone()));
                }
                self.sign_fields(&mut fields, checked.is_some_and(|checked| checked.hmac));
            }
            Reply::new(200, "text/xml", xml::write("xml", &fields))
        };
        match &refusal.row {
            Some(row) => reply.header(
                "Sandbox-Row",
                percent_encoding::utf8_percent_encode(row, percent_encoding::CONTROLS).to_string(),
            ),
            None => reply,
        }
    }
}

/// A response's fields as APIv2 writes them: objects and lists as JSON text, empty values left out.
pub fn flat(body: &Value) -> Vec<(String, String)> {
    let fields = body.as_object().into_iter().flatten();
    fields
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name.clone(), text.clone())),
            value => Some((name.clone(), value.to_string())),
        })
        .filter(|(_, value)| !value.is_empty())
        .collect()
}
