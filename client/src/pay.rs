//! What the payer's device needs to open the cashier, signed with the merchant's key.
//!
//! In: the appid and `prepay_id` of an order, with the subsidy chosen by the payer if any. Out: the
//! parameters as the device's SDK takes them. Partner and combined orders use the same strings: give
//! the sub-appid if the order had one. Native orders (`code_url`) need nothing, H5 orders
//! ([`h5_url`]) no signature.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::client::Client;
use crate::crypto::{Algorithm, nonce};
use crate::error::Error;
use crate::operation::Identity;

/// An instalment plan that the merchant subsidises.
#[derive(Debug, Clone)]
struct Subsidy {
    period_type: String,
    installments: u32,
}

impl Subsidy {
    /// What is appended to `package`.
    fn suffix(subsidy: Option<&Self>) -> String {
        subsidy.map_or_else(String::new, |subsidy| {
            format!(
                "&subsidy_period_type={}&selected_installment_number={}",
                utf8_percent_encode(&subsidy.period_type, UNRESERVED),
                subsidy.installments
            )
        })
    }
}

const UNRESERVED: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Client {
    /// Parameters for `WeixinJSBridge`, `wx.chooseWXPay` or a mini program's `wx.requestPayment`.
    pub fn jsapi_payment<'a>(&'a self, appid: &'a str, prepay_id: &'a str) -> JsapiPayment<'a> {
        JsapiPayment {
            client: self,
            appid,
            prepay_id,
            subsidy: None,
        }
    }

    /// Parameters for the SDK in an app on Android, iOS or HarmonyOS.
    pub fn app_payment<'a>(&'a self, appid: &'a str, prepay_id: &'a str) -> AppPayment<'a> {
        AppPayment {
            client: self,
            appid,
            prepay_id,
            partnerid: self.mchid(),
            subsidy: None,
        }
    }
}

/// Parameters about to be signed: `.await` or `.wait()`.
#[must_use = "nothing is signed until it is awaited"]
pub struct JsapiPayment<'a> {
    client: &'a Client,
    appid: &'a str,
    prepay_id: &'a str,
    subsidy: Option<Subsidy>,
}

/// Parameters about to be signed: `.await` or `.wait()`.
#[must_use = "nothing is signed until it is awaited"]
pub struct AppPayment<'a> {
    client: &'a Client,
    appid: &'a str,
    prepay_id: &'a str,
    partnerid: &'a str,
    subsidy: Option<Subsidy>,
}

impl<'a> JsapiPayment<'a> {
    /// The instalment plan chosen: it becomes part of `package`, and is signed with it.
    pub fn subsidy(mut self, period_type: impl Into<String>, installments: u32) -> Self {
        self.subsidy = Some(Subsidy {
            period_type: period_type.into(),
            installments,
        });
        self
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    pub(crate) async fn run(self) -> Result<JsapiParameters, Error> {
        let (time_stamp, nonce_str) = stamp(self.client)?;
        line(self.appid, "appid")?;
        line(self.prepay_id, "prepay_id")?;
        let suffix = Subsidy::suffix(self.subsidy.as_ref());
        let package = format!("prepay_id={}{suffix}", self.prepay_id);
        let text = format!("{}\n{time_stamp}\n{nonce_str}\n{package}\n", self.appid);
        Ok(JsapiParameters {
            app_id: self.appid.to_owned(),
            pay_sign: sign(self.client, &text).await?,
            time_stamp,
            nonce_str,
            package,
        })
    }
}

impl<'a> AppPayment<'a> {
    /// The merchant id that the app shows, where it is not the client's own: that of the order.
    pub fn partnerid(mut self, mchid: &'a str) -> Self {
        self.partnerid = mchid;
        self
    }

    /// The instalment plan chosen: it becomes part of `package`, which an app's signature does not
    /// cover.
    pub fn subsidy(mut self, period_type: impl Into<String>, installments: u32) -> Self {
        self.subsidy = Some(Subsidy {
            period_type: period_type.into(),
            installments,
        });
        self
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    pub(crate) async fn run(self) -> Result<AppParameters, Error> {
        let (timestamp, noncestr) = stamp(self.client)?;
        line(self.appid, "appid")?;
        line(self.prepay_id, "prepay_id")?;
        let text = format!("{}\n{timestamp}\n{noncestr}\n{}\n", self.appid, self.prepay_id);
        Ok(AppParameters {
            appid: self.appid.to_owned(),
            partnerid: self.partnerid.to_owned(),
            prepayid: self.prepay_id.to_owned(),
            package: format!("Sign=WXPay{}", Subsidy::suffix(self.subsidy.as_ref())),
            sign: sign(self.client, &text).await?,
            timestamp,
            noncestr,
        })
    }
}

async fn sign(client: &Client, text: &str) -> Result<String, Error> {
    check_signer(client)?;
    client
        .credentials(Identity::Merchant)?
        .sign(text.as_bytes())
        .await
}

/// Whether the client can sign parameters, known before an order is placed.
pub(crate) fn check_signer(client: &Client) -> Result<(), Error> {
    match client.credentials(Identity::Merchant)?.signer.algorithm() {
        Algorithm::Rsa => Ok(()),
        #[cfg(feature = "shangmi")]
        Algorithm::Sm2 => Err(Error::configuration(
            "the cashier's parameters are signed with RSA only (`signType` RSA), and this client's key is SM2: \
             make them with a client that has the merchant's RSA key",
        )),
    }
}

fn stamp(client: &Client) -> Result<(String, String), Error> {
    Ok((client.unix_now().to_string(), nonce()?))
}

/// What is signed is lines, so that no value may hold more than one.
fn line(text: &str, name: &str) -> Result<(), Error> {
    match text.is_empty() || text.contains(['\n', '\r']) {
        true => Err(Error::request(format!("`{name}` is empty or has several lines"))),
        false => Ok(()),
    }
}

impl<'a> IntoFuture for JsapiPayment<'a> {
    type Output = Result<JsapiParameters, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<'a> IntoFuture for AppPayment<'a> {
    type Output = Result<AppParameters, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Give it to the page as JSON: serialized, its names are those that the page's function takes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsapiParameters {
    /// `appId`
    pub app_id: String,
    /// `timeStamp`: seconds, as text.
    pub time_stamp: String,
    /// `nonceStr`
    pub nonce_str: String,
    /// `package`: `prepay_id=…`.
    pub package: String,
    /// `paySign`
    pub pay_sign: String,
}

/// Give it to the app as JSON: serialized, its names are those that the SDK takes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppParameters {
    /// `appid`
    pub appid: String,
    /// `partnerid`: the merchant id.
    pub partnerid: String,
    /// `prepayid`
    pub prepayid: String,
    /// `package`: `Sign=WXPay`.
    pub package: String,
    /// `noncestr`
    pub noncestr: String,
    /// `timestamp`: seconds, as text.
    pub timestamp: String,
    /// `sign`
    pub sign: String,
}

impl Serialize for JsapiParameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("JsapiParameters", 6)?;
        out.serialize_field("appId", &self.app_id)?;
        out.serialize_field("timeStamp", &self.time_stamp)?;
        out.serialize_field("nonceStr", &self.nonce_str)?;
        out.serialize_field("package", &self.package)?;
        out.serialize_field("signType", "RSA")?;
        out.serialize_field("paySign", &self.pay_sign)?;
        out.end()
    }
}

impl Serialize for AppParameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("AppParameters", 7)?;
        out.serialize_field("appid", &self.appid)?;
        out.serialize_field("partnerid", &self.partnerid)?;
        out.serialize_field("prepayid", &self.prepayid)?;
        out.serialize_field("package", &self.package)?;
        out.serialize_field("noncestr", &self.noncestr)?;
        out.serialize_field("timestamp", &self.timestamp)?;
        out.serialize_field("sign", &self.sign)?;
        out.end()
    }
}

impl fmt::Debug for JsapiParameters {
    /// Without the signature: whoever has it can open the cashier.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsapiParameters")
            .field("app_id", &self.app_id)
            .field("package", &self.package)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AppParameters {
    /// Without the signature: whoever has it can open the cashier.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppParameters")
            .field("appid", &self.appid)
            .field("prepayid", &self.prepayid)
            .finish_non_exhaustive()
    }
}

/// An H5 order's `h5_url` with the page that the payer comes back to.
pub fn h5_url(h5_url: &str, redirect_url: &str) -> String {
    let separator = if h5_url.contains('?') { '&' } else { '?' };
    let redirect = utf8_percent_encode(redirect_url, UNRESERVED);
    format!("{h5_url}{separator}redirect_url={redirect}")
}
