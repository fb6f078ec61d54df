//! APIv2 requests: XML, forms and signed links.
//!
//! In: the request, the operation, the identity. Out: its fields, or what is wrong. The symmetric
//! signature covers every field there is, known or not.

use serde_json::{Map, Value};

use super::fields::Rules;
use super::{Checked, Incoming, multipart, pairs};
use crate::crypto;
use crate::identity::Identity;
use crate::model::{Body, Operation};
use crate::refusal::Refusal;
use crate::xml;

const MERCHANT: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

type Fields = Vec<(String, String)>;

/// An APIv2 request.
pub fn check(identity: &Identity, operation: &Operation, incoming: &Incoming) -> Result<Checked, Refusal> {
    let row = |refusal: Refusal| refusal.at(operation.row(operation.line));
    if operation.mutual_tls && incoming.certificate == Some(false) {
        return Err(row(Refusal::new(
            403,
            "NO_AUTH",
            "this operation needs the merchant's API certificate on the connection",
        )));
    }
    let (fields, file) = read(operation, incoming).map_err(row)?;
    if let Some((name, _)) = fields.iter().enumerate().find_map(|(at, pair)| {
        let list = operation
            .fields
            .iter()
            .chain(&operation.query)
            .any(|field| field.name == pair.0 && field.array);
        (!list && fields[..at].iter().any(|(other, _)| *other == pair.0)).then_some(pair)
    }) {
        return Err(row(Refusal::parameter(
            "body",
            &format!("/{name}"),
            &Value::Null,
            "there is more than one",
        )));
    }
    merchant(identity, operation, &fields)?;
    let hmac = signature(identity, operation, &fields).map_err(row)?;
    let path = Value::Object(Map::new());
    let body = content(identity, operation, &fields)?;
    if operation.body == Body::None {
        return Ok(Checked {
            query: body,
            body: path.clone(),
            path,
            file,
            hmac,
        });
    }
    // Beside a body the query string is not signed.
    let rules = Rules {
        operation,
        location: "query",
        text: true,
        decrypts: Err(""),
    };
    let found = pairs(form_urlencoded::parse(incoming.query().as_bytes()).into_owned());
    let query = rules.object(&operation.query, &found, "", operation.line)?;
    Ok(Checked {
        path,
        query,
        body,
        file,
        hmac,
    })
}

fn read(operation: &Operation, incoming: &Incoming) -> Result<(Fields, Option<bytes::Bytes>), Refusal> {
    let query = || form_urlencoded::parse(incoming.query().as_bytes()).into_owned();
    match operation.body {
        Body::Multipart => {
            let form = multipart::parse(incoming)?;
            Ok((form.texts, Some(form.file)))
        }
        Body::None => Ok((query().collect(), None)),
        _ => {
            let wrong = |issue: String| Refusal::parameter("body", "", &Value::Null, issue);
            Ok((xml::parse(&incoming.body).map_err(wrong)?, None))
        }
    }
}

fn merchant(identity: &Identity, operation: &Operation, fields: &Fields) -> Result<(), Refusal> {
    for (name, value) in fields
        .iter()
        .filter(|(name, _)| MERCHANT.contains(&name.as_str()))
    {
        if *value != identity.mchid {
            let rows = operation.fields.iter().chain(&operation.query);
            let line = rows
                .clone()
                .find(|field| field.name == *name)
                .map_or(operation.line, |field| field.line);
            let message = format!("{name} {value} is not this merchant, {}", identity.mchid);
            return Err(Refusal::new(200, "MCH_NOT_EXISTS", message).at(operation.row(line)));
        }
    }
    Ok(())
}

/// Whether the right signature is HMAC-SHA256's.
fn signature(identity: &Identity, operation: &Operation, fields: &Fields) -> Result<bool, Refusal> {
    let demanded = operation.body != Body::None || operation.query.iter().any(|field| field.name == "sign");
    let text = |name: &str| {
        fields
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    };
    let wrong = |message: &str| Refusal::new(401, "SIGN_ERROR", message);
    let Some(sign) = text("sign") else {
        return if demanded {
            Err(wrong("the signature is missing"))
        } else {
            Ok(false)
        };
    };
    let hmac = match (text("sign_type"), sign.len()) {
        (Some("HMAC-SHA256"), 64) | (None | Some(""), 64) => true,
        (Some("MD5") | None | Some(""), 32) => false,
        _ => {
            return Err(wrong(
                "sign_type and the length of sign do not agree: MD5 has 32 characters, HMAC-SHA256 64",
            ));
        }
    };
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    match crypto::sign_v2(&identity.api_v2_key, hmac, pairs) == sign {
        true => Ok(hmac),
        false => Err(wrong(
            "the signature is wrong: another APIv2 key, or other fields than those signed",
        )),
    }
}

fn content(identity: &Identity, operation: &Operation, fields: &Fields) -> Result<Value, Refusal> {
    let rows = match operation.body {
        Body::None => &operation.query,
        _ => &operation.fields,
    };
    // WeChat Pay ignores what it does not know; the signature covers it nevertheless.
    let documented = |name: &str| rows.iter().any(|field| super::fields::matches(&field.name, name));
    let left: Fields = fields
        .iter()
        .filter(|(name, value)| !value.is_empty() && documented(name))
        .cloned()
        .collect();
    let rules = Rules {
        operation,
        location: "body",
        text: true,
        decrypts: Ok(&identity.public_key.key),
    };
    let form_rows: Vec<_>;
    let rows = match operation.body {
        // The file is not text.
        Body::Multipart => {
            form_rows = rows
                .iter()
                .filter(|field| field.ty != crate::model::Type::Object)
                .cloned()
                .collect();
            &form_rows
        }
        _ => rows,
    };
    rules.object(rows, &pairs(left), "", operation.line)
}
