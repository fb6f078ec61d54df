//! What a client can do for APIv2 beside calling operations.

use super::notification::{self, Notified};
use super::pay::{
    AppParams, CouponPage, CouponParams, CouponToSend, JsapiParams, PayScorePage, PayScoreParams,
    RedPacketParams, Stamp,
};
use super::remote_keys::request_sandbox_key;
use crate::client::Client;
use crate::credentials::V2Credentials;
use crate::crypto::apiv2::{ApiV2Key, SignType};
use crate::crypto::nonce;
use crate::error::Error;
use crate::wire::Object;

/// The APIv2 half of a client: [`Client::apiv2`].
#[derive(Clone, Copy)]
pub struct ApiV2<'a> {
    client: &'a Client,
    credentials: &'a V2Credentials,
}

impl Client {
    /// Notifications, signed parameters and keys of APIv2.
    ///
    /// # Errors
    /// When the client was made without the APIv2 key.
    pub fn apiv2(&self) -> Result<ApiV2<'_>, Error> {
        Ok(ApiV2 {
            client: self,
            credentials: self.v2_credentials()?,
        })
    }
}

impl<'a> ApiV2<'a> {
    pub(crate) fn client(&self) -> &'a Client {
        self.client
    }

    /// Opens the notification whose raw body is `body`.
    ///
    /// `T` is the type of its page, [`webhook::v2::refund_processed::Notification`] and the like.
    /// Compare what it says with your own order: number and amount.
    ///
    /// [`webhook::v2::refund_processed::Notification`]: crate::webhook::v2
    ///
    /// # Errors
    /// [`Error::is_verification`] when the signature is missing or wrong or the merchant another one:
    /// respond with a failure and do not act on it. [`Error::is_decode`] when it is genuine and does not
    /// fit `T`. [`Error::is_api`] when it tells of a failure, without a signature.
    pub fn notification<T: Object>(&self, body: &[u8]) -> Result<Notified<T>, Error> {
        let notified = notification::open::<T>(self.credentials, self.client.api_v3_key().ok(), body)?;
        let raw = || bytes::Bytes::copy_from_slice(body);
        self.client
            .report("APIv2 notification", notified.deviations(), raw)?;
        Ok(notified)
    }

    /// The merchant's APIv2 key in use.
    pub fn key(&self) -> &'a ApiV2Key {
        &self.credentials.key
    }

    /// Parameters of `wx.requestPayment` and of JSAPI, for a `prepay_id`. `sign_type` must be that of
    /// the order.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn jsapi(&self, appid: &str, prepay_id: &str, sign_type: SignType) -> Result<JsapiParams, Error> {
        Ok(self.credentials.jsapi(appid, prepay_id, sign_type, self.stamp()?))
    }

    /// Parameters of the APP SDK, for a `prepay_id`. `sign_type` must be that of the order.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn app(&self, appid: &str, prepay_id: &str, sign_type: SignType) -> Result<AppParams, Error> {
        Ok(self.credentials.app(appid, prepay_id, sign_type, self.stamp()?))
    }

    /// Parameters of `wx.sendBizRedPacket`, for the `package` that
    /// `/mmpaymkttransfers/sendminiprogramhb` returned.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn red_packet(&self, appid: &str, package: &str) -> Result<RedPacketParams, Error> {
        Ok(self.credentials.red_packet(appid, package, self.stamp()?))
    }

    /// Extra data for a page of WeChat Pay Score.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn payscore(&self, page: PayScorePage<'_>) -> Result<PayScoreParams, Error> {
        Ok(self.credentials.payscore(page, self.stamp()?))
    }

    /// Parameters of the mini-program's plugin that gives coupons.
    pub fn coupons(&self, coupons: Vec<CouponToSend>, send_coupon_merchant: &str) -> CouponParams {
        self.credentials.coupons(coupons, send_coupon_merchant)
    }

    /// The address of the page on which the payer gets a merchant coupon.
    ///
    /// # Errors
    /// When a required part is empty.
    pub fn coupon_page(&self, page: &CouponPage<'_>) -> Result<String, Error> {
        self.credentials.coupon_page(page)
    }

    /// The key that signs in the sandbox, from `getsignkey`. Operations of the sandbox request it
    /// when they need it.
    ///
    /// # Errors
    /// Those of a call.
    pub async fn sandbox_key(&self) -> Result<ApiV2Key, Error> {
        request_sandbox_key(self.client).await
    }

    fn stamp(&self) -> Result<Stamp, Error> {
        Ok(Stamp {
            seconds: self.client.unix_now(),
            nonce: nonce()?,
        })
    }
}
