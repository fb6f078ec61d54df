//! Signed calls against the sandbox on loopback, and a forged response that is refused.
//!
//! `cargo run --example quickstart`

use wechatpay_client::Client;
use wechatpay_client::v3::pay::transactions::jsapi;
use wechatpay_client::v3::payscore::permissions;
use wechatpay_client::v3::payscore::permissions::authorization_code::by_authorization_code;
use wechatpay_sandbox::Sandbox;
use wechatpay_sandbox::faults::Fault;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Emulates WeChat Pay from the same pages, with a merchant whose keys it has just made up.
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
        .strict(true)
        .build()?;

    println!("商户预授权");
    let code = "1234323JKHDFE1243252";
    let request = permissions::post::Request::from(permissions::post::RequestInit {
        service_id: "500001".into(),
        appid: "wxd678efh567hg6787".into(),
        authorization_code: code.into(),
    });
    let response = permissions::post(&client, &request).await?;
    over_the_wire(&sandbox);
    println!("{response:#?}\n");
    // What the user would do in WeChat.
    sandbox.control().grant(code, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")?;

    println!("查询与用户授权记录（授权协议号）");
    let request = by_authorization_code::get::Request::from(by_authorization_code::get::RequestInit {
        authorization_code: code.into(),
        service_id: "500001".into(),
    });
    let response = by_authorization_code::get(&client, &request).await?;
    over_the_wire(&sandbox);
    println!("{response:#?}\n");

    println!("JSAPI下单");
    let order = jsapi::post::Request::from(jsapi::post::RequestInit {
        appid: sandbox.identity().appid.clone(),
        description: "Image形象店-深圳腾大-QQ公仔".into(),
        out_trade_no: "1217752501201407033233368018".into(),
        notify_url: "https://merchant.example/notify".into(),
        amount: jsapi::post::Amount::new(100), // fen
        payer: jsapi::post::Payer::new("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
    });
    let response = jsapi::post(&client, &order).await?;
    over_the_wire(&sandbox);
    println!("{response:#?}\n");

    println!("A response that WeChat Pay did not sign");
    sandbox.control().fault(None, Fault::WrongSignature, 1);
    match jsapi::post(&client, &order).await {
        Ok(response) => Err(format!("a forged response was accepted: {response:?}").into()),
        Err(error) if error.is_verification() => {
            over_the_wire(&sandbox);
            println!("refused: {error}");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// The last call, as the sandbox saw it and judged it.
fn over_the_wire(sandbox: &Sandbox) {
    let calls = sandbox.control().calls();
    let Some(call) = calls.last() else { return };
    let shown = |mark: char, headers: &[(String, String)], name: &str| {
        for (_, value) in headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        {
            println!("  {mark} {name}: {}", value.chars().take(90).collect::<String>());
        }
    };
    println!("  > {}", call.what);
    shown('>', &call.headers, "Authorization");
    if !call.body.is_empty() {
        println!("  > {}", call.body);
    }
    println!("  the request's signature: {}", call.verdict);
    println!("  < {} {}", call.status, call.response);
    shown('<', &call.response_headers, "Wechatpay-Serial");
    shown('<', &call.response_headers, "Wechatpay-Signature");
}
