//! A merchant for the examples: a sandbox that emulates WeChat Pay on loopback, and a client of it.
//!
//! With a real account the values come from the merchant platform and there is no `base_url`; nothing
//! else in the examples changes. What the payer does in WeChat is played by `shop.sandbox.control()`.

use wechatpay_client::Client;
use wechatpay_sandbox::Sandbox;

pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

pub struct Shop {
    pub sandbox: Sandbox,
    pub client: Client,
    pub appid: String,
}

impl Shop {
    pub async fn open() -> Result<Self> {
        let sandbox = Sandbox::start().await?;
        let merchant = sandbox.identity();
        let client = Client::builder()
            .mchid(&merchant.mchid)
            .certificate_serial(&merchant.serial)
            .private_key_pem(&merchant.key_pem)
            .api_v3_key(&merchant.api_v3_key)
            .public_key_pem(&merchant.public_key.id, &merchant.public_key.public_pem)
            .base_url(sandbox.url())
            // For tests only: what deviates from the documentation is an error.
            .strict(true);
        // With a real account, `certificate_p12_file("apiclient_cert.p12", None)` gives key and certificate at once.
        #[cfg(feature = "apiv2")]
        let client = client
            .api_v2_key(&merchant.api_v2_key)
            .certificate_pem(&merchant.certificate_pem);
        let client = client.build()?;
        let appid = merchant.appid.clone();
        Ok(Self {
            sandbox,
            client,
            appid,
        })
    }
}

/// What the command line asks for: one of `topics`, or all of them.
pub fn topics<'a>(all: &[&'a str]) -> Result<Vec<&'a str>> {
    let Some(name) = std::env::args().nth(1) else {
        return Ok(all.to_vec());
    };
    match all.iter().find(|topic| **topic == name) {
        Some(topic) => Ok(vec![topic]),
        None => Err(format!("unknown topic `{name}`; one of: {}", all.join(", ")).into()),
    }
}
