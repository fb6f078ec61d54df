//! One signed call: WeChat Pay accepts the merchant's signature, and its own is accepted here.

use wechatpay_client::v3::security::echo;
use wechatpay_client::{Client, Error};

use crate::folder::Found;
use crate::report::Report;
use crate::settings::setting;

const NAME: &str = "POST /v3/security/echo";

pub async fn check(found: &Found, report: &mut Report) {
    let result = match client(found) {
        Ok(client) => call(&client).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(false) => report.warn(NAME, "the encrypted field did not come back"),
        Ok(true) => report.ok(
            NAME,
            "signature accepted, response verified, encryption works both ways",
        ),
        Err(error) if error.is_verification() => report.fail(
            NAME,
            error.to_string(),
            "the response is not signed by this key: is pub_key.pem with its id the current one?",
        ),
        Err(error) => report.fail(NAME, error.to_string(), "see the message; nothing was changed"),
    }
}

fn client(found: &Found) -> Result<Client, Error> {
    let mchid = setting("WECHATPAY_MCHID").or_else(|| found.mchid.clone());
    let mut builder = Client::builder()
        .mchid(mchid.unwrap_or_default())
        .private_key_pem(found.key_pem.clone().unwrap_or_default());
    if let Some(certificate) = &found.certificate {
        builder = builder.certificate_serial(certificate.serial());
    }
    if let Some(key) = setting("WECHATPAY_API_V3_KEY") {
        builder = builder.api_v3_key(key);
    }
    if let (Some(id), Some(pem)) = (setting("WECHATPAY_PUBLIC_KEY_ID"), &found.public_key_pem) {
        builder = builder.public_key_pem(id, pem);
    }
    if let Some(url) = setting("WECHATPAY_BASE_URL") {
        builder = builder.base_url(url);
    }
    builder.build()
}

/// Whether the encrypted field came back as it was sent.
async fn call(client: &Client) -> Result<bool, Error> {
    let request = echo::post::Request::new("doctor").encrypted_echo_message("doctor");
    let response = echo::post(client, &request).await?;
    let Some(field) = &response.encrypted_echo_message else {
        return Ok(false);
    };
    Ok(*client.decrypt(field)? == "doctor")
}
