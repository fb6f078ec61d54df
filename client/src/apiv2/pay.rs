//! What the payer's side needs to continue: signed parameters for `wx.requestPayment`, the APP SDK,
//! mini-program plugins and links.
//!
//! In: the ids that an APIv2 operation returned. Out: structs whose fields have the names that the
//! client-side API requires; serialize them as JSON and pass them on.

use crate::credentials::V2Credentials;
use crate::crypto::apiv2::{SignType, sign};
use crate::error::Error;

/// Parameters of `wx.requestPayment` and `WeixinJSBridge.invoke("getBrandWCPayRequest", …)`.
#[non_exhaustive]
pub struct JsapiParams {
    /// The appid (with a sub_appid in the order: that one).
    pub app_id: String,
    /// Unix seconds, as text.
    pub time_stamp: String,
    /// Random text.
    pub nonce_str: String,
    /// `prepay_id=…`.
    pub package: String,
    /// `MD5` or `HMAC-SHA256`, the same as in the order.
    pub sign_type: String,
    /// The signature.
    pub pay_sign: String,
}
object!(JsapiParams { app_id "appId", time_stamp "timeStamp", nonce_str "nonceStr", package, sign_type "signType", pay_sign "paySign" });

/// Parameters of the APP SDK's `PayReq`.
#[non_exhaustive]
pub struct AppParams {
    /// The appid.
    pub appid: String,
    /// The merchant id.
    pub partnerid: String,
    /// The prepay id.
    pub prepayid: String,
    /// `Sign=WXPay`.
    pub package: String,
    /// Random text.
    pub noncestr: String,
    /// Unix seconds, as text.
    pub timestamp: String,
    /// The signature.
    pub sign: String,
}
object!(AppParams {
    appid,
    partnerid,
    prepayid,
    package,
    noncestr,
    timestamp,
    sign
});

/// Parameters of `wx.sendBizRedPacket`.
#[non_exhaustive]
pub struct RedPacketParams {
    /// Unix seconds, as text.
    pub time_stamp: String,
    /// Random text.
    pub nonce_str: String,
    /// The `package` of the response, percent-encoded.
    pub package: String,
    /// `MD5`; not part of what is signed.
    pub sign_type: String,
    /// The signature.
    pub pay_sign: String,
}
object!(RedPacketParams { time_stamp "timeStamp", nonce_str "nonceStr", package, sign_type "signType", pay_sign "paySign" });

/// Extra data for the pages of WeChat Pay Score: confirming an order, its details, authorization.
#[non_exhaustive]
pub struct PayScoreParams {
    /// The merchant id.
    pub mch_id: String,
    /// The `package` that creating the order returned, to confirm it.
    pub package: Option<String>,
    /// The service, to show an order's details.
    pub service_id: Option<String>,
    /// The merchant's number of the order, to show its details.
    pub out_order_no: Option<String>,
    /// The token that the pre-authorization returned.
    pub apply_permissions_token: Option<String>,
    /// Unix seconds, as text.
    pub timestamp: String,
    /// Random text.
    pub nonce_str: String,
    /// `HMAC-SHA256`.
    pub sign_type: String,
    /// The signature.
    pub sign: String,
}
object!(PayScoreParams {
    mch_id,
    package,
    service_id,
    out_order_no,
    apply_permissions_token,
    timestamp,
    nonce_str,
    sign_type,
    sign
});

/// A coupon that the mini-program's `sendCoupon` plugin shall give.
#[derive(Default)]
pub struct CouponToSend {
    /// The batch.
    pub stock_id: String,
    /// The merchant's own number of this giving.
    pub out_request_no: String,
    /// The code, where the merchant sets it.
    pub coupon_code: Option<String>,
    /// When it is given, RFC 3339, where the merchant sets it.
    pub customize_send_time: Option<String>,
}
object!(CouponToSend {
    stock_id,
    out_request_no,
    coupon_code: String,
    customize_send_time: String
});

/// Parameters of the mini-program's `sendCoupon` plugin.
#[non_exhaustive]
pub struct CouponParams {
    /// The coupons.
    pub send_coupon_params: Vec<CouponToSend>,
    /// The merchant that gives them.
    pub send_coupon_merchant: String,
    /// The signature, HMAC-SHA256.
    pub sign: String,
}
object!(CouponParams {
    send_coupon_params,
    send_coupon_merchant,
    sign
});

/// A coupon that the H5 page of merchant coupons shall give.
#[derive(Debug, Clone, Default)]
pub struct CouponPage<'a> {
    /// The batch.
    pub stock_id: &'a str,
    /// The merchant's own number of this giving.
    pub out_request_no: &'a str,
    /// The merchant that gives it.
    pub send_coupon_merchant: &'a str,
    /// The receiver.
    pub open_id: &'a str,
    /// The code, where the merchant sets it.
    pub coupon_code: Option<&'a str>,
}

/// When and with which random text parameters are signed.
pub(crate) struct Stamp {
    /// Unix seconds.
    pub seconds: u64,
    /// At most 32 letters and digits.
    pub nonce: String,
}

impl V2Credentials {
    pub(crate) fn jsapi(
        &self,
        appid: &str,
        prepay_id: &str,
        sign_type: SignType,
        stamp: Stamp,
    ) -> JsapiParams {
        let mut params = JsapiParams {
            app_id: appid.to_owned(),
            time_stamp: stamp.seconds.to_string(),
            nonce_str: stamp.nonce,
            package: format!("prepay_id={prepay_id}"),
            sign_type: sign_type.as_str().to_owned(),
            pay_sign: String::new(),
        };
        params.pay_sign = sign(
            &self.key,
            sign_type,
            [
                ("appId", params.app_id.as_str()),
                ("timeStamp", &params.time_stamp),
                ("nonceStr", &params.nonce_str),
                ("package", &params.package),
                ("signType", &params.sign_type),
            ],
        );
        params
    }

    pub(crate) fn app(&self, appid: &str, prepay_id: &str, sign_type: SignType, stamp: Stamp) -> AppParams {
        let mut params = AppParams {
            appid: appid.to_owned(),
            partnerid: self.mch_id.clone(),
            prepayid: prepay_id.to_owned(),
            package: "Sign=WXPay".to_owned(),
            noncestr: stamp.nonce,
            timestamp: stamp.seconds.to_string(),
            sign: String::new(),
        };
        params.sign = sign(
            &self.key,
            sign_type,
            [
                ("appid", params.appid.as_str()),
                ("partnerid", &params.partnerid),
                ("prepayid", &params.prepayid),
                ("package", &params.package),
                ("noncestr", &params.noncestr),
                ("timestamp", &params.timestamp),
            ],
        );
        params
    }

    pub(crate) fn red_packet(&self, appid: &str, package: &str, stamp: Stamp) -> RedPacketParams {
        let package: String = form_urlencoded::byte_serialize(package.as_bytes())
            .collect::<String>()
            .replace('+', "%20");
        let time_stamp = stamp.seconds.to_string();
        let pay_sign = sign(
            &self.key,
            SignType::Md5,
            [
                ("appId", appid),
                ("nonceStr", &stamp.nonce),
                ("package", &package),
                ("timeStamp", &time_stamp),
            ],
        );
        RedPacketParams {
            time_stamp,
            nonce_str: stamp.nonce,
            package,
            sign_type: SignType::Md5.as_str().to_owned(),
            pay_sign,
        }
    }

    pub(crate) fn payscore(&self, what: PayScorePage<'_>, stamp: Stamp) -> PayScoreParams {
        let text = |text: &str| Some(text.to_owned());
        let (package, service_id, out_order_no, token) = match what {
            PayScorePage::Confirm { package } => (text(package), None, None, None),
            PayScorePage::Detail {
                service_id,
                out_order_no,
            } => (None, text(service_id), text(out_order_no), None),
            PayScorePage::Authorize {
                apply_permissions_token,
            } => (None, None, None, text(apply_permissions_token)),
        };
        let mut params = PayScoreParams {
            mch_id: self.mch_id.clone(),
            package,
            service_id,
            out_order_no,
            apply_permissions_token: token,
            timestamp: stamp.seconds.to_string(),
            nonce_str: stamp.nonce,
            sign_type: SignType::HmacSha256.as_str().to_owned(),
            sign: String::new(),
        };
        params.sign = sign(
            &self.key,
            SignType::HmacSha256,
            [
                ("mch_id", params.mch_id.as_str()),
                ("package", params.package.as_deref().unwrap_or_default()),
                ("service_id", params.service_id.as_deref().unwrap_or_default()),
                ("out_order_no", params.out_order_no.as_deref().unwrap_or_default()),
                (
                    "apply_permissions_token",
                    params.apply_permissions_token.as_deref().unwrap_or_default(),
                ),
                ("timestamp", &params.timestamp),
                ("nonce_str", &params.nonce_str),
                ("sign_type", &params.sign_type),
            ],
        );
        params
    }

    pub(crate) fn coupons(&self, coupons: Vec<CouponToSend>, send_coupon_merchant: &str) -> CouponParams {
        let mut names = Vec::new();
        for (index, coupon) in coupons.iter().enumerate() {
            for (name, value) in [
                ("stock_id", Some(&coupon.stock_id)),
                ("out_request_no", Some(&coupon.out_request_no)),
                ("coupon_code", coupon.coupon_code.as_ref()),
                ("customize_send_time", coupon.customize_send_time.as_ref()),
            ] {
                names.extend(value.map(|value| (format!("{name}{index}"), value.as_str())));
            }
        }
        let fields = names.iter().map(|(name, value)| (name.as_str(), *value));
        let merchant = [("send_coupon_merchant", send_coupon_merchant)];
        let sign = sign(&self.key, SignType::HmacSha256, fields.chain(merchant));
        CouponParams {
            send_coupon_params: coupons,
            send_coupon_merchant: send_coupon_merchant.to_owned(),
            sign,
        }
    }

    pub(crate) fn coupon_page(&self, page: &CouponPage<'_>) -> Result<String, Error> {
        let fields = [
            ("stock_id", page.stock_id),
            ("out_request_no", page.out_request_no),
            ("send_coupon_merchant", page.send_coupon_merchant),
            ("open_id", page.open_id),
            ("coupon_code", page.coupon_code.unwrap_or_default()),
        ];
        if let Some((name, _)) = fields[..4].iter().find(|(_, value)| value.is_empty()) {
            return Err(Error::request(format!("the coupon page needs `{name}`")));
        }
        let sign = sign(&self.key, SignType::HmacSha256, fields);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()))
            .append_pair("sign", &sign)
            .finish();
        Ok(format!(
            "https://action.weixin.qq.com/busifavor/getcouponinfo?{query}#wechat_pay&wechat_redirect"
        ))
    }
}

/// A page of WeChat Pay Score.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum PayScorePage<'a> {
    /// `wxpayScoreUse`: the user confirms an order.
    Confirm {
        /// The `package` that creating the order returned.
        package: &'a str,
    },
    /// `wxpayScoreDetail`: the user looks at an order.
    Detail {
        /// The service.
        service_id: &'a str,
        /// The merchant's number of the order.
        out_order_no: &'a str,
    },
    /// `wxpayScoreEnable`: the user authorizes the service.
    Authorize {
        /// The token that the pre-authorization returned.
        apply_permissions_token: &'a str,
    },
}
