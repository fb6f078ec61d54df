//! The `Authorization` header, to the letter.
//!
//! In: the request and the bytes that its signature covers. Out: nothing, or 401 `SIGN_ERROR`.

use crate::identity::Identity;
use crate::refusal::Refusal;

use super::Incoming;

/// How a brand signs: the scheme, and the parameter with the signer's id.
const BRAND: (&str, &str) = ("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id");
/// Clocks may be apart by less than this many seconds.
const WINDOW: u64 = 300;

struct Parts<'a> {
    id: &'a str,
    nonce: &'a str,
    signature: &'a str,
    timestamp: &'a str,
    serial: &'a str,
}

/// Checks header, ids, time and signature, in this order.
pub fn check(identity: &Identity, incoming: &Incoming, signed: &[u8], now: u64) -> Result<(), Refusal> {
    let by_brand = incoming.target.starts_with("/brand/");
    let (form, id, serial, key) = match by_brand {
        true => {
            let brand = &identity.brand;
            (BRAND, &brand.id, &brand.serial, &brand.key)
        }
        false => {
            let form = (identity.key.algorithm().signature_type(), "mchid");
            (form, &identity.mchid, &identity.serial, &identity.key)
        }
    };
    let parts = parse(incoming, form)?;
    let wrong = |issue: String| Err(Refusal::authorization(issue));
    if parts.id != id {
        return wrong(format!("{} {} is not the sandbox's, {id}", form.1, parts.id));
    }
    if !parts.serial.eq_ignore_ascii_case(serial) {
        return wrong(format!(
            "serial_no {} is not the certificate's, {serial}",
            parts.serial
        ));
    }
    if parts.nonce.is_empty()
        || parts.nonce.len() > 32
        || !parts.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return wrong("nonce_str must be 1 to 32 letters and digits".into());
    }
    let timestamp = match parts.timestamp.parse::<u64>() {
        Ok(timestamp) if parts.timestamp.bytes().all(|byte| byte.is_ascii_digit()) => timestamp,
        _ => return wrong("timestamp must be seconds since 1970".into()),
    };
    if now.abs_diff(timestamp) >= WINDOW {
        return wrong(format!(
            "timestamp {timestamp} is expired: the time is {now}, at most {WINDOW} seconds may lie between"
        ));
    }
    let head = format!(
        "{}\n{}\n{}\n{}\n",
        incoming.method, incoming.target, parts.timestamp, parts.nonce
    );
    let message = [head.as_bytes(), signed, b"\n"].concat();
    match key.verifies(&message, parts.signature) {
        true => Ok(()),
        false => Err(Refusal::signature(&incoming.method, &incoming.target, &message)),
    }
}

fn parse<'a>(incoming: &'a Incoming, form: (&str, &str)) -> Result<Parts<'a>, Refusal> {
    let wrong = |issue: &str| Refusal::authorization(issue.to_owned());
    let mut values = incoming.headers.get_all("authorization").iter();
    let value = values.next().ok_or_else(|| wrong("missing"))?;
    if values.next().is_some() {
        return Err(wrong("there is more than one"));
    }
    let value = value.to_str().map_err(|_| wrong("not plain text"))?;
    let (scheme, rest) = value
        .split_once(' ')
        .ok_or_else(|| wrong("expected a scheme, a space and parameters"))?;
    if scheme != form.0 {
        return Err(wrong(&format!("the scheme must be {}", form.0)));
    }
    let mut found = [None; 5];
    let names = [form.1, "nonce_str", "signature", "timestamp", "serial_no"];
    for pair in rest.split(',') {
        let (name, value) = pair
            .trim()
            .split_once('=')
            .ok_or_else(|| wrong("a parameter has no value"))?;
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = value.ok_or_else(|| wrong("a parameter's value is not in quotes"))?;
        let at = names
            .iter()
            .position(|known| *known == name)
            .ok_or_else(|| wrong("there is an unknown parameter"))?;
        if found[at].replace(value).is_some() {
            return Err(wrong("a parameter is there twice"));
        }
    }
    match found {
        [
            Some(id),
            Some(nonce),
            Some(signature),
            Some(timestamp),
            Some(serial),
        ] => Ok(Parts {
            id,
            nonce,
            signature,
            timestamp,
            serial,
        }),
        _ => Err(wrong(&format!(
            "{}, nonce_str, signature, timestamp and serial_no must all be there",
            form.1
        ))),
    }
}
