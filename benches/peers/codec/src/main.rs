//! Decoding and encoding ten documents, against the same types with serde derive and serde_json.
//!
//! One line a document: bytes, the ratios of the median times, the allocations of both. Encoding is measured
//! twice: as a call writes its request, and through serde's `Serialize`, which the feature `serde` adds.

#[allow(warnings)]
#[path = "../derived/mod.rs"]
mod derived;

/// What the derived types are made of where the client has a type of its own.
mod types {
    pub type Decimal = String;
    pub type Encrypted = String;
    pub type Json = serde_json::Value;
    pub type JsonText<T> = T;
    pub type UrlEncoded<T> = T;
    pub type Sealed<T> = T;
    pub type Upload = String;
    pub type Timestamp = String;
    pub type OpenText = String;
}
#[allow(unused_imports)]
pub use types::*;

use std::hint::black_box;

use counter::{allocations, in_turns};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wechatpay_client::traffic::{self, Document};

#[global_allocator]
static ALLOCATOR: counter::Counting = counter::Counting;

macro_rules! documents {
    ($($name:literal: $($path:ident)::+ => $document:expr;)*) => {
        $(compare::<wechatpay_client::$($path)::+, derived::$($path)::+>($name, &$document);)*
    };
}

fn main() {
    println!("document              bytes  decode  (allocations)  encode  (allocations)  Serialize");
    documents! {
        "order's prepay_id": v3::pay::transactions::jsapi::post::Response => json!({"prepay_id": "wx201410272009395522657a690389285100"});
        "order": v3::pay::transactions::jsapi::post::Request => order();
        "refund request": v3::refund::domestic::refunds::post::Request => refund_request();
        "refund": v3::refund::domestic::refunds::post::Response => refund();
        "payment": webhook::v3::transaction_success::Resource => payment();
        "payscore order": v3::payscore::serviceorder::get::Response => service_order();
        "sharing, 50 receivers": v3::profitsharing::orders::by_out_order_no::get::Response => sharing(50);
        "10 complaints": v3::merchant_service::complaints_v2::get::Response => complaints(10);
        "20 coupons": v3::marketing::favor::users::by_openid::coupons::get::Response => coupons(20);
        "120 coupons": v3::marketing::favor::users::by_openid::coupons::get::Response => coupons(120);
    }
}

fn compare<Ours: Document + Serialize, Derived: Serialize + DeserializeOwned>(name: &str, document: &Value) {
    let json = serde_json::to_vec(document).expect("JSON");
    let ours = traffic::from_json::<Ours>(&json).expect("a document");
    assert!(ours.deviations.is_empty(), "{name}: {:?}", ours.deviations);
    let ours = ours.value;
    let derived: Derived = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
    let as_value = |text: Vec<u8>| serde_json::from_slice::<Value>(&text).expect("JSON");
    let expected = as_value(serde_json::to_vec(&derived).expect("JSON"));
    let written = traffic::to_json(&ours).expect("JSON");
    assert_eq!(as_value(written), expected, "{name}");
    let serialized = serde_json::to_vec(&ours).expect("JSON");
    assert_eq!(as_value(serialized), expected, "{name}");
    let decode = || {
        black_box(traffic::from_json::<Ours>(black_box(&json)).is_ok());
    };
    let decode_derived = || {
        black_box(serde_json::from_slice::<Derived>(black_box(&json)).is_ok());
    };
    let encode = || {
        black_box(traffic::to_json(black_box(&ours)).is_ok());
    };
    let serialize = || {
        black_box(serde_json::to_vec(black_box(&ours)).is_ok());
    };
    let encode_derived = || {
        black_box(serde_json::to_vec(black_box(&derived)).is_ok());
    };
    let counted = |run: &dyn Fn(), base: &dyn Fn()| format!("{}/{}", allocations(run), allocations(base));
    let ratio =
        |(time, base): (std::time::Duration, std::time::Duration)| time.as_secs_f64() / base.as_secs_f64();
    println!(
        "{name:<21} {:>6} {:>7.2} {:>14} {:>7.2} {:>14} {:>10.2}",
        json.len(),
        ratio(in_turns(decode, decode_derived)),
        counted(&decode, &decode_derived),
        ratio(in_turns(encode, encode_derived)),
        counted(&encode, &encode_derived),
        ratio(in_turns(serialize, encode_derived)),
    );
}

fn order() -> Value {
    json!({
        "appid": "wxd678efh567hg6787", "mchid": "1900000001", "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018", "time_expire": "2026-06-08T10:34:56+08:00",
        "attach": "table 7", "notify_url": "https://merchant.example/notify", "goods_tag": "WXG",
        "support_fapiao": false,
        "amount": {"total": 100, "currency": "CNY"},
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "detail": {"cost_price": 608800, "invoice_id": "微信123", "goods_detail": [
            {"merchant_goods_id": "1246464644", "wechatpay_goods_id": "1001", "goods_name": "iPhoneX 256G", "quantity": 1, "unit_price": 528800}
        ]},
        "scene_info": {"payer_client_ip": "14.23.150.211", "device_id": "013467007045764", "store_info": {
            "id": "0001", "name": "腾讯大厦分店", "area_code": "440305", "address": "广东省深圳市南山区科技中一道10000号"
        }},
        "settle_info": {"profit_sharing": false}
    })
}

fn refund_request() -> Value {
    json!({
        "transaction_id": "1217752501201407033233368018", "out_refund_no": "1217752501201407033233368018",
        "reason": "商品已售完", "notify_url": "https://merchant.example/refund",
        "amount": {"refund": 888, "total": 888, "currency": "CNY", "from": [
            {"account": "AVAILABLE", "amount": 444}, {"account": "UNAVAILABLE", "amount": 444}
        ]}
    })
}

fn refund() -> Value {
    json!({
        "refund_id": "50000000382019052709732678859", "out_refund_no": "1217752501201407033233368018",
        "transaction_id": "1217752501201407033233368018", "out_trade_no": "1217752501201407033233368018",
        "channel": "ORIGINAL", "user_received_account": "招商银行信用卡0403",
        "success_time": "2026-12-01T16:18:12+08:00", "create_time": "2026-12-01T16:18:12+08:00",
        "status": "SUCCESS", "funds_account": "UNSETTLED",
        "amount": {
            "total": 100, "refund": 100, "payer_total": 90, "payer_refund": 90, "settlement_refund": 100,
            "settlement_total": 100, "discount_refund": 10, "currency": "CNY", "refund_fee": 100,
            "from": [{"account": "AVAILABLE", "amount": 100}]
        },
        "promotion_detail": [{
            "promotion_id": "109519", "scope": "SINGLE", "type": "DISCOUNT", "amount": 5, "refund_amount": 100,
            "goods_detail": [{
                "merchant_goods_id": "1217752501201407033233368018", "wechatpay_goods_id": "1001",
                "goods_name": "iPhone6s 16G", "unit_price": 528800, "refund_amount": 528800, "refund_quantity": 1
            }]
        }]
    })
}

fn promotion() -> Value {
    json!({
        "coupon_id": "109519", "name": "单品惠-6", "scope": "SINGLE", "type": "CASH", "stock_id": "931386",
        "amount": 5, "wechatpay_contribute": 1, "merchant_contribute": 4, "other_contribute": 0,
        "currency": "CNY", "goods_detail": [
            {"goods_id": "a_goods1", "quantity": 7, "goods_remark": "1", "discount_amount": 4, "unit_price": 10},
            {"goods_id": "a_goods2", "quantity": 1, "goods_remark": "2", "discount_amount": 2, "unit_price": 100}
        ]
    })
}

fn payment() -> Value {
    json!({
        "mchid": "1900000001", "appid": "wxd678efh567hg6787", "out_trade_no": "1217752501201407033233368018",
        "transaction_id": "1217752501201407033233368018", "trade_type": "JSAPI", "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功", "bank_type": "CICBC_DEBIT", "attach": "table 7",
        "success_time": "2026-06-08T10:34:56+08:00", "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {"total": 100, "payer_total": 95, "currency": "CNY", "payer_currency": "CNY"},
        "scene_info": {"device_id": "013467007045764"},
        "promotion_detail": [promotion(), promotion()]
    })
}

fn service_order() -> Value {
    json!({
        "out_order_no": "1234323JKHDFE1243252", "service_id": "500001", "appid": "wxd678efh567hg6787",
        "mchid": "1230000109", "service_introduction": "某某酒店", "state": "DONE",
        "post_payments": [{"name": "就餐费用", "amount": 40000, "description": "就餐人均100元", "count": 4}],
        "post_discounts": [{"name": "满20减1元", "description": "不与其他优惠叠加", "amount": 100, "count": 2}],
        "risk_fund": {"name": "ESTIMATE_ORDER_COST", "amount": 10000, "description": "就餐的预估费用"},
        "total_amount": 39900, "need_collection": true,
        "collection": {
            "state": "USER_PAID", "total_amount": 39900, "paying_amount": 0, "paid_amount": 39900,
            "details": [{
                "seq": 1, "amount": 39900, "paid_type": "NEWTON", "paid_time": "20091225091210",
                "transaction_id": "15646546545165651651"
            }]
        },
        "time_range": {
            "start_time": "20091225091010", "end_time": "20091225121010",
            "start_time_remark": "开始租借日期", "end_time_remark": "结束租借日期"
        },
        "location": {"start_location": "嗨客时尚主题展餐厅", "end_location": "嗨客时尚主题展餐厅"},
        "attach": "Easdfowealsdkjfnlaksjdlfkwqoi", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "order_id": "15646546545165651651"
    })
}

fn sharing(receivers: usize) -> Value {
    let receiver = json!({
        "amount": 100, "description": "分给商户1900000110", "type": "MERCHANT_ID", "account": "1900000110",
        "result": "SUCCESS", "detail_id": "36011111111111111111111",
        "create_time": "2026-05-20T13:29:35+08:00", "finish_time": "2026-05-20T13:29:36+08:00"
    });
    json!({
        "transaction_id": "4208450740201411110007820472", "out_order_no": "P20150806125346",
        "order_id": "3008450740201411110007820472", "state": "FINISHED", "receivers": vec![receiver; receivers]
    })
}

fn complaints(rows: usize) -> Value {
    let complaint = json!({
        "complaint_id": "200201820200101080076610000", "complaint_time": "2026-05-20T13:29:35+08:00",
        "complaint_detail": "反馈一个重复扣费的问题", "complaint_state": "PENDING",
        "payer_phone": "sGdNeTHMQGlxCWiUyHu6XNO9GCYln2Luv4HhwJzZBfcL12sB",
        "complaint_order_info": [
            {"transaction_id": "4200000404201909069117582536", "out_trade_no": "20190906154617947762231", "amount": 3}
        ],
        "complaint_media_list": [{"media_type": "USER_COMPLAINT_IMAGE", "media_url": ["https://api.mch.weixin.qq.com/v3/merchant-service/images/xxxxx"]}],
        "complaint_full_refunded": true, "incoming_user_response": true, "problem_description": "不满意商家服务",
        "user_complaint_times": 1, "problem_type": "REFUND", "apply_refund_amount": 10,
        "user_tag_list": ["TRUSTED"], "payer_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    });
    json!({"data": vec![complaint; rows], "limit": 50, "offset": 0, "total_count": rows})
}

fn coupons(rows: usize) -> Value {
    let coupon = json!({
        "stock_creator_mchid": "9800064", "stock_id": "9865888", "coupon_id": "98674556", "coupon_name": "微信支付代金券",
        "status": "USED", "description": "微信支付营销", "create_time": "2026-12-09T13:29:35+08:00",
        "coupon_type": "CUT_TO", "no_cash": true, "singleitem": true,
        "cut_to_message": {"single_price_max": 100, "cut_to_price": 100},
        "available_begin_time": "2026-12-09T13:29:35+08:00", "available_end_time": "2026-12-09T13:29:35+08:00",
        "normal_coupon_information": {"coupon_amount": 100, "transaction_minimum": 100},
        "consume_information": {
            "consume_time": "2026-12-09T13:29:35+08:00", "consume_mchid": "9856081",
            "transaction_id": "2345234523",
            "goods_detail": [{"goods_id": "a_goods1", "quantity": 7, "price": 1, "discount_amount": 4}]
        }
    });
    json!({"total_count": rows, "limit": 100, "offset": 0, "data": vec![coupon; rows]})
}
