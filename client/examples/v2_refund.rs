//! A refund over APIv2, with the merchant's certificate on the connection.
//!
//! ```text
//! WECHATPAY_MCHID=1900000109 WECHATPAY_API_V2_KEY=… WECHATPAY_P12=apiclient_cert.p12 \
//!     cargo run --example v2_refund --features p12,v2-secapi -- wx2421b1c4370ec43b 1415757673 1415701182 100
//! ```
//!
//! The arguments: appid, the order's number, the refund's number, the amount in fen (the whole order
//! is refunded). `WECHATPAY_BASE_URL` sends to a gateway of your own.

use wechatpay_client::v2::secapi::pay::refund;
use wechatpay_client::{Client, ErrorCode};

fn env(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name}"))
}

fn client() -> Result<Client, Box<dyn std::error::Error>> {
    let mut builder = Client::builder()
        .mchid(env("WECHATPAY_MCHID")?)
        .api_v2_key(env("WECHATPAY_API_V2_KEY")?)
        // The password of the p12 file is the merchant id. With PEM files instead:
        // `.certificate_file("apiclient_cert.pem").private_key_file("apiclient_key.pem")`
        .certificate_p12_file(env("WECHATPAY_P12")?, None);
    if let Ok(url) = env("WECHATPAY_BASE_URL") {
        builder = builder.base_url(url);
    }
    Ok(builder.build()?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [appid, out_trade_no, out_refund_no, amount] = arguments.as_slice() else {
        return Err("arguments: APPID OUT_TRADE_NO OUT_REFUND_NO AMOUNT_IN_FEN".into());
    };
    let client = client()?;
    let amount = amount.parse()?;
    let request = refund::post::Request::from(refund::post::RequestInit {
        appid: appid.clone(),
        out_refund_no: out_refund_no.clone(),
        total_fee: amount,
        refund_fee: amount,
    })
    // One of the two numbers of the order is enough.
    .out_trade_no(out_trade_no.clone());
    match refund::post(&client, &request).await {
        Ok(refund) => println!(
            "refund {} of {} fen is on its way",
            refund.refund_id, refund.refund_fee
        ),
        // The same number with the same parameters is the same refund: asking again is harmless.
        Err(error) if error.is_outcome_unknown() => println!("not decided yet, query or repeat it: {error}"),
        Err(error) if error.api().is_some_and(|api| api.code == ErrorCode::NotEnough) => {
            println!("the merchant's balance is too low: {error}");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
