//! Operations as the generator writes them, one of each kind.

use crate::operation::ResponseFormat;
use crate::operation::{BodyFormat, Operation, Pages};
use crate::wire::{Encrypted, JsonText, Value};
use crate::{Call, Client, Download, Upload};

/// An order: a body, an amount, the merchant's own number, fields that travel encrypted.
pub struct Order {
    pub appid: String,
    pub out_trade_no: String,
    pub amount: Amount,
    pub payer_name: Option<Encrypted>,
    pub receivers: Option<Vec<Receiver>>,
}
object!(Order { appid, out_trade_no, amount, payer_name: Encrypted, receivers: Vec<Receiver> });

pub struct Amount {
    pub total: i64,
    pub currency: Option<String>,
}
object!(Amount {
    total,
    currency: String
});

pub struct Receiver {
    pub name: Encrypted,
}
object!(Receiver { name });

pub struct Prepay {
    pub prepay_id: String,
    pub payer_name: Option<Encrypted>,
}
object!(Prepay {
    prepay_id,
    payer_name: Encrypted
});

static ORDER: Operation = Operation {
    path: "/v3/pay/transactions/jsapi",
    body: BodyFormat::Json,
    idempotent_by: Some("out_trade_no"),
    ..Operation::V3
};

pub fn order() -> Order {
    Order {
        appid: "wx0000000000000001".into(),
        out_trade_no: "20240101-0001".into(),
        amount: Amount {
            total: 100,
            currency: None,
        },
        payer_name: None,
        receivers: None,
    }
}

pub fn post_order<'a>(client: &'a Client, request: &'a Order) -> Call<'a, Prepay> {
    Call::new(client, &ORDER, request)
}

/// A payment without a number of the merchant's: never sent twice.
static PAYMENT: Operation = Operation {
    path: "/v3/payments",
    body: BodyFormat::Json,
    ..Operation::V3
};

pub fn post_payment<'a>(client: &'a Client, request: &'a Order) -> Call<'a, Prepay> {
    Call::new(client, &PAYMENT, request)
}

/// A query: path and query parameters, a header, two hosts.
pub struct Query {
    pub out_trade_no: String,
    pub mchid: Option<String>,
    pub tags: Option<Vec<String>>,
    pub key: Option<String>,
}
object!(Query { out_trade_no, mchid: String, tags: Vec<String>, key "Idempotency-Key": String });

static QUERY: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/pay/transactions/out-trade-no/{out_trade_no}",
    hosts: &[
        "https://api.mch.weixin.qq.com/hk/",
        "https://apihk.mch.weixin.qq.com/",
    ],
    query: &["mchid", "tags"],
    headers: &["Idempotency-Key"],
    ..Operation::V3
};

pub fn query(number: &str) -> Query {
    Query {
        out_trade_no: number.into(),
        mchid: None,
        tags: None,
        key: None,
    }
}

pub fn get_order<'a>(client: &'a Client, request: &'a Query) -> Call<'a, Prepay> {
    Call::new(client, &QUERY, request)
}

/// Closing an order: nothing comes back.
static CLOSE: Operation = Operation {
    path: "/v3/pay/transactions/out-trade-no/{out_trade_no}/close",
    response: ResponseFormat::Empty,
    ..Operation::V3
};

pub fn post_close<'a>(client: &'a Client, request: &'a Query) -> Call<'a, ()> {
    Call::new(client, &CLOSE, request)
}

/// An upload in each of the dialects of `meta`.
#[derive(Clone)]
pub struct UploadRequest<M: Value> {
    pub file: Upload,
    pub meta: JsonText<M>,
}

macro_rules! dialect {
    ($name:ident { $($field:ident: $ty:ty),* }) => {
        pub struct $name {
            $(pub $field: Option<$ty>),*
        }
        object!($name { $($field: $ty),* });

        impl $name {
            pub fn new() -> Self {
                Self { $($field: None),* }
            }
        }
    };
}

dialect!(Sha256Meta {
    filename: String,
    sha256: String,
    phone: Encrypted
});
dialect!(FileDigestMeta {
    file_name: String,
    file_digest: String
});
dialect!(DigestMeta {
    filename: String,
    digest: String
});
dialect!(Sm3Meta {
    digest_alogrithm: String,
    digest: String
});
dialect!(TaxiMeta {
    digest: String,
    digest_algorithm: String
});

impl<M: Value> crate::wire::Object for UploadRequest<M> {
    fn list<'a>(&'a self, read: crate::wire::Fields<'a, '_>) {
        read("file, meta", &[&self.file, &self.meta]);
    }
    fn list_mut<'a>(&'a mut self, fill: crate::wire::FieldsMut<'a, '_>) {
        fill("file, meta", &mut [&mut self.file, &mut self.meta]);
    }
    fn blank() -> Self {
        Self {
            file: Value::empty(),
            meta: Value::empty(),
        }
    }
}

pub struct Media {
    pub media_id: String,
}
object!(Media { media_id });

static UPLOAD: Operation = Operation {
    path: "/v3/merchant/media/upload",
    body: BodyFormat::Multipart,
    ..Operation::V3
};

pub fn post_upload<'a, M: Value>(client: &'a Client, request: &'a UploadRequest<M>) -> Call<'a, Media> {
    Call::new(client, &UPLOAD, request)
}

/// A picture: a file that is not signed.
static PICTURE: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/merchant-service/images/{out_trade_no}",
    response: ResponseFormat::File,
    signed_response: false,
    ..Operation::V3
};

pub fn get_picture<'a>(client: &'a Client, request: &'a Query) -> Download<'a> {
    Download::new(client, &PICTURE, request)
}

/// A statement: a file whose digest is signed.
static STATEMENT: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/statements/{out_trade_no}",
    response: ResponseFormat::File,
    ..Operation::V3
};

pub fn get_statement<'a>(client: &'a Client, request: &'a Query) -> Download<'a> {
    Download::new(client, &STATEMENT, request)
}

/// What announces a bill.
pub struct Bill {
    pub download_url: String,
    pub hash_type: Option<String>,
    pub hash_value: Option<String>,
    pub encrypt_key: Option<String>,
    pub nonce: Option<String>,
}
object!(Bill {
    download_url,
    hash_type: String,
    hash_value: String,
    encrypt_key: String,
    nonce: String
});

/// A list.
pub struct ListRequest {
    pub offset: Option<i64>,
    pub page_token: Option<String>,
    pub limit: Option<i64>,
}
object!(ListRequest {
    offset: i64,
    page_token: String,
    limit: i64
});

pub struct ListResponse {
    pub data: Vec<String>,
    pub total_count: Option<i64>,
    pub next_page_token: Option<String>,
}
object!(ListResponse {
    data,
    total_count: i64,
    next_page_token: String
});

const LIST: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/list",
    query: &["offset", "limit"],
    ..Operation::V3
};
pub static ROWS: Operation = Operation {
    pages: Pages::Row,
    ..LIST
};
pub static NUMBERS: Operation = Operation {
    pages: Pages::Number,
    ..LIST
};
pub static TOKENS: Operation = Operation {
    pages: Pages::Token,
    query: &["page_token", "limit"],
    ..LIST
};
pub static NO_PAGES: Operation = LIST;
