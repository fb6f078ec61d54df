/// JSAPI下单
///
/// `POST /v3/pay/transactions/jsapi`
#[doc(alias = "JSAPI下单")]
pub fn post<'a>(client: &'a crate::Client, request: &'a post::Request) -> crate::Call<'a, post::Response> {
    crate::Call::new(client, &post::OPERATION, request)
}

/// Types of [`post`](fn@post).
pub mod post {
    /// `POST /v3/pay/transactions/jsapi`
    pub static OPERATION: crate::Operation = crate::Operation {
        method: http::Method::POST,
        path: "/v3/pay/transactions/jsapi",
        body: crate::Body::Json,
        idempotent_by: Some("out_trade_no"),
        ..crate::Operation::V3
    };
    /// Request.
    #[derive(Clone)]
    #[non_exhaustive]
    pub struct Request {
        /// 公众号ID
        pub appid: String,
        /// 直连商户号
        pub mchid: String,
        /// 附加数据
        pub attach: Option<String>,
        /// 订单金额
        pub amount: Amount,
        ///
        pub r#type: Option<Type>,
        /// x
        pub name: Option<crate::Encrypted>,
        ///
        pub rate: Option<crate::Decimal>,
    }
    object!(Request { appid, mchid, attach: String, amount, r#type "type": Type, name: crate::Encrypted, rate: crate::Decimal });
    /// The required fields of [`Request`].
    pub struct RequestInit {
        /// 公众号ID
        pub appid: String,
        /// 直连商户号
        pub mchid: String,
        /// 订单金额
        pub amount: Amount,
    }
    impl From<RequestInit> for Request {
        fn from(init: RequestInit) -> Self {
            Self {
                appid: init.appid,
                mchid: init.mchid,
                amount: init.amount,
                ..crate::wire::Value::empty()
            }
        }
    }
    ///
    #[derive(Clone)]
    #[non_exhaustive]
    pub struct Amount {
        /// 总金额
        pub total: i64,
        /// 货币类型
        pub currency: Option<String>,
    }
    object!(Amount {
        total,
        currency: String
    });
    impl Amount {
        ///
        pub fn new(total: i64) -> Self {
            Self {
                total,
                ..crate::wire::Value::empty()
            }
        }
    }
    ///
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Type {
        Appid,
        Merchant,
        Unknown(crate::Unknown),
    }
    values!(Type { Appid = "APPID", Merchant = "MERCHANT" });
    /// Response.
    #[derive(Clone)]
    #[non_exhaustive]
    pub struct Response {
        /// 预支付交易会话标识
        pub prepay_id: String,
    }
    object!(Response { prepay_id });
}
