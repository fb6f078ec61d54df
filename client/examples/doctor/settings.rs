//! What is not in files: ids and keys from the environment.

use crate::folder::Found;
use crate::report::Report;

pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub fn check(found: &Found, report: &mut Report) {
    mchid(found, report);
    api_key("WECHATPAY_API_V3_KEY", report);
    api_key("WECHATPAY_API_V2_KEY", report);
    match (setting("WECHATPAY_PUBLIC_KEY_ID"), &found.public_key_pem) {
        (Some(id), _) if !id.starts_with("PUB_KEY_ID_") => report.fail(
            "WECHATPAY_PUBLIC_KEY_ID",
            "it does not begin with PUB_KEY_ID_",
            "copy it from the merchant platform, next to the public key; a serial is something else",
        ),
        (Some(_), None) => report.warn(
            "WECHATPAY_PUBLIC_KEY_ID",
            "set, but the key itself is not in the folder",
        ),
        (Some(_), Some(_)) => report.ok("WECHATPAY_PUBLIC_KEY_ID", "has the form of a public key's id"),
        (None, _) => {}
    }
}

fn mchid(found: &Found, report: &mut Report) {
    let name = "WECHATPAY_MCHID";
    match (setting(name), &found.mchid) {
        (Some(given), Some(own)) if given != *own => report.fail(
            name,
            format!("{given}, but the certificate is issued to {own}"),
            "use the merchant id of the certificate, or the certificate of this merchant",
        ),
        (Some(given), None) if !given.bytes().all(|byte| byte.is_ascii_digit()) => {
            report.fail(name, "it is not a number", "a merchant id is 8 to 10 digits");
        }
        (Some(_), _) => report.ok(name, "fits"),
        (None, Some(own)) => report.ok("merchant id", own),
        (None, None) => {}
    }
}

/// The value is a secret: only its length is named.
fn api_key(name: &str, report: &mut Report) {
    let Some(key) = setting(name) else { return };
    match key.len() {
        32 if key.is_ascii() => report.ok(name, "32 bytes"),
        length if key.trim().len() == 32 => report.fail(
            name,
            format!("{length} bytes, some of which are white space around the key"),
            "remove them",
        ),
        32 => report.fail(name, "it has characters that are not ASCII", "copy it again"),
        length => report.fail(
            name,
            format!("{length} bytes instead of 32"),
            "set a new one on the merchant platform: API security",
        ),
    }
}
