//! What the runtime must know of an operation beyond its tables, read off the tables.

use crate::ir::{BodyFormat, Kind, Method, Operation, Protocol, ResponseFormat, Type};

/// Headers that the client sets.
pub fn is_own_header(name: &str) -> bool {
    [
        "wechatpay-serial",
        "accept",
        "accept-encoding",
        "content-type",
        "authorization",
        "user-agent",
    ]
    .contains(&name.to_ascii_lowercase().as_str())
}

/// The caller's own merchant id in APIv3, where the page requires one. Where it may be a merchant's or an
/// institution's (see `passes::merchants`), it is the merchant's.
fn is_own_mchid(operation: &Operation, name: &str) -> bool {
    const NAMES: [&str; 3] = ["mchid", "sp_mchid", "combine_mchid"];
    if !NAMES.contains(&name) {
        return false;
    }
    let request = &operation.request;
    let rows = [&request.path, &request.query, &request.body.properties];
    let find = |name: &str| rows.into_iter().flatten().find(|row| row.name == name);
    let own = NAMES.map(find);
    let row = match own {
        [Some(row), Some(other), None] if !row.required && !other.required && other.label == "机构商户号" => {
            row
        }
        [Some(row), None, None] | [None, Some(row), None] | [None, None, Some(row)] if row.required => row,
        _ => return false,
    };
    // Elsewhere the term says whose it is: 目标商户号, 门店收款商户号.
    let is_callers = row.name != "mchid" || ["商户号", "直连商户号"].contains(&row.label.as_str());
    row.name == name && row.schema.ty == Type::String && is_callers
}

/// Fields that the client fills in when the caller has not.
pub fn is_filled(operation: &Operation, name: &str) -> bool {
    let common = [
        "mch_id",
        "mchid",
        "combine_mch_id",
        "nonce_str",
        "sign",
        "sign_type",
    ];
    match (operation.protocol, operation.request.body.format) {
        _ if operation.kind == Kind::Webhook => false,
        (Protocol::V2, BodyFormat::Multipart) => common.contains(&name) || name == "media_hash",
        (Protocol::V2, BodyFormat::None) => common.contains(&name) || name == "timestamp",
        (Protocol::V2, _) => common.contains(&name),
        (Protocol::V3, _) => is_own_mchid(operation, name),
    }
}

/// Operations of APIv2 whose success responses are XML without a signature. This list decides, not the
/// page's table: a row that a page forgets must not turn verification off, and some pages have a
/// `sign` that is never sent.
pub const UNSIGNED: [&str; 27] = [
    "/appauth/getaccesstoken",
    "/applyment/micro/signcontract",
    "/billcommentsp/batchquerycomment",
    "/mchrisk/querymchrisk",
    "/mchrisk/setmchriskcallback",
    "/mchrisk/syncmchriskresult",
    "/mmpaymkttransfers/gethbinfo",
    "/mmpaymkttransfers/gettransferinfo",
    "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/transfers",
    "/mmpaymkttransfers/query_coupon_stock",
    "/mmpaymkttransfers/send_coupon",
    "/mmpaymkttransfers/sendgroupredpack",
    "/mmpaymkttransfers/sendminiprogramhb",
    "/mmpaymkttransfers/sendredpack",
    "/mmpaysptrans/pay_bank",
    "/mmpaysptrans/query_bank",
    "/papay/h5entrustweb",
    "/papay/partner/h5entrustweb",
    "/payitil/report",
    "/risk/getpublickey",
    "/risk/getviolation",
    "/secapi/mch/submchmanage",
    "/xdc/apiv2getsignkey/sign/getsignkey",
    "/xdc/apiv2sandbox/pay/micropay",
    "/xdc/apiv2sandbox/pay/orderquery",
];

/// Whether a success response is signed. Files are not, except the statements whose headers give a
/// digest.
pub fn is_signed(operation: &Operation) -> bool {
    let path = operation.path.as_deref().unwrap_or_default();
    match (operation.protocol, operation.response.format) {
        (Protocol::V3, ResponseFormat::File) => path.ends_with("/statements"),
        (Protocol::V3, _) => true,
        (Protocol::V2, ResponseFormat::Xml) => !UNSIGNED.contains(&path),
        (Protocol::V2, _) => false,
    }
}

/// The merchant's own number that makes a repeated POST harmless: the same number with the same
/// parameters is the same transaction.
///
/// A number that only says which order is meant does not count, so `out_trade_no` must be on a page
/// that makes or pays an order.
pub fn idempotent_by(operation: &Operation) -> Option<&str> {
    if operation.kind == Kind::Webhook || operation.method != Method::Post {
        return None;
    }
    let rows = operation
        .request
        .body
        .properties
        .iter()
        .filter(|row| row.required);
    let own = ["partner_trade_no", "mch_billno", "combine_out_trade_no"];
    let mut numbers = rows.map(|row| row.name.as_str()).filter(|name| {
        own.contains(name) || (name.starts_with("out_") && name.ends_with("_no") && *name != "out_trade_no")
    });
    if let Some(number) = numbers.next() {
        return Some(number);
    }
    let pays = ["prepay_id", "code_url", "h5_url", "mweb_url", "trade_state"];
    let is_order = operation
        .response
        .properties
        .iter()
        .any(|row| pays.contains(&row.name.as_str()));
    let mut rows = operation
        .request
        .body
        .properties
        .iter()
        .filter(|row| row.required);
    rows.find(|row| is_order && row.name == "out_trade_no")
        .map(|row| row.name.as_str())
}

/// How the pages of a list are asked for: the runtime's `Pages` variant, if there are any.
pub fn pages(operation: &Operation) -> Option<&'static str> {
    let lists = operation.response.properties.iter().any(|row| row.schema.array);
    if operation.method != Method::Get || !lists {
        return None;
    }
    let responds_with = |name: &str| operation.response.properties.iter().any(|row| row.name == name);
    operation
        .request
        .query
        .iter()
        .find_map(|row| match row.name.as_str() {
            "page_token" if responds_with("next_page_token") => Some("Token"),
            "page_index" => Some("Number"),
            "offset" if row.label.contains("页码") => Some("Number"),
            "offset" => Some("Row"),
            _ => None,
        })
}
