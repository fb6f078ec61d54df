//! An order and the parameters for the payer's device in one call.
//!
//! In: the call of an operation whose response has a `prepay_id`. Out: what [`crate::pay`] makes of it.

use std::future::IntoFuture;

use bytes::Bytes;

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;
use crate::operation::Operation;
use crate::pay::{AppParameters, JsapiParameters};
use crate::transport::BoxFuture;
use crate::wire::{Mismatch, Object, View};

/// An order about to be placed, and its parameters about to be signed: `.await` or `.wait()`.
#[must_use = "no order is placed until it is awaited"]
pub struct Order<'a, P> {
    #[cfg_attr(not(feature = "blocking"), allow(dead_code))]
    client: &'a Client,
    placing: BoxFuture<'a, Result<P, Error>>,
}

impl<'a, P> IntoFuture for Order<'a, P> {
    type Output = Result<P, Error>;
    type IntoFuture = BoxFuture<'a, Result<P, Error>>;

    fn into_future(self) -> Self::IntoFuture {
        self.placing
    }
}

#[cfg(feature = "blocking")]
impl<P> Order<'_, P> {
    /// Places the order and signs the parameters.
    ///
    /// # Errors
    /// As `.await`; and a configuration error inside an async runtime.
    pub fn wait(self) -> Result<P, Error> {
        self.client.wait(self.placing)
    }
}

/// The app that pays: a sub-merchant's where the order names it.
fn appid(request: &dyn Object) -> Option<String> {
    let names = ["sub_appid", "appid", "sp_appid", "combine_appid"];
    names.iter().find_map(|name| text(request, name))
}

fn text(object: &dyn Object, name: &str) -> Option<String> {
    let fields = object.fields();
    let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
    match value.view() {
        View::Text(text) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    }
}

/// The order is placed, and what the response lacks can't be made up.
fn no_prepay_id(operation: &'static Operation) -> Error {
    let mismatch = Mismatch {
        path: "prepay_id".to_owned(),
        problem: "missing or empty".to_owned(),
    };
    Error::decode(mismatch, Bytes::new())
        .with_operation(operation)
        .sent()
}

macro_rules! orders {
    ($sign:ident -> $parameters:ident: $($feature:literal $($module:ident)::+),* $(,)?) => {$(
        #[cfg(feature = $feature)]
        impl<'a> Call<'a, crate::$($module)::+::Response> {
            /// Places the order and signs the parameters that open the cashier on the payer's device.
            ///
            /// To give the call options, set them before.
            pub fn pay(self) -> Order<'a, $parameters> {
                let client = self.client;
                let placing = async move {
                    let missing = |name| Error::request(format!("the order has no `{name}`"));
                    let appid = appid(self.request).ok_or_else(|| missing("appid"))?;
                    crate::pay::check_signer(client)?;
                    let operation = self.operation;
                    let response = self.await?;
                    let prepay_id = text(&response, "prepay_id").ok_or_else(|| no_prepay_id(operation))?;
                    client.$sign(&appid, &prepay_id).await
                };
                Order { client, placing: Box::pin(placing) }
            }
        }
    )*};
}

orders! {
    jsapi_payment -> JsapiParameters:
    "pay" v3::pay::transactions::jsapi::post,
    "pay" v3::pay::transactions::jsapi_with_contract::post,
    "pay" v3::pay::partner::transactions::jsapi::post,
    "pay" v3::pay::partner::transactions::jsapi_with_contract::post,
    "pay" v3::pay::partner::transactions::miniprogram::post,
    "combine-transactions" v3::combine_transactions::jsapi::post,
    "combine-transactions" v3::combine_transactions::miniprogram::post,
}

orders! {
    app_payment -> AppParameters:
    "pay" v3::pay::transactions::app::post,
    "pay" v3::pay::transactions::app_with_contract::post,
    "combine-transactions" v3::combine_transactions::app::post,
}
