//! The generated operations that the tests call.

pub use wechatpay_client::sample as jsapi;

/// A JSAPI order.
pub fn order() -> jsapi::post::Request {
    jsapi::post::RequestInit {
        appid: "wx0000000000000001".into(),
        mchid: crate::gateway::MCHID.into(),
        amount: jsapi::post::Amount::new(100),
    }
    .into()
}
