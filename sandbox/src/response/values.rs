//! Values that make sense for a field's name.
//!
//! In: the name as the page has it. Out: an id of the documented form, the time now, an amount that
//! adds up with the caller's, an address of the sandbox.

use crate::identity::Identity;
use crate::{crypto, text};

/// What values are made of.
pub struct Known<'a> {
    pub identity: &'a Identity,
    pub base: &'a str,
    pub v3: bool,
}

impl Known<'_> {
    /// A text.
    pub fn text(&self, name: &str, label: &str) -> String {
        let lower = name.to_ascii_lowercase();
        let has = |part: &str| lower.contains(part);
        let ends = |part: &str| lower.ends_with(part);
        match lower.as_str() {
            "mchid" | "mch_id" | "sp_mchid" | "combine_mchid" | "combine_mch_id" => {
                self.identity.mchid.clone()
            }
            "appid" | "sp_appid" | "combine_appid" | "mch_appid" | "wxappid" => self.identity.appid.clone(),
            "sandbox_signkey" => self.identity.api_v2_key.clone(),
            "prepay_id" => format!("wx{}{}0000", text::compact(text::now()), crypto::random(16)),
            "transaction_id" => text::transaction_id(),
            "return_code" | "result_code" => "SUCCESS".into(),
            "return_msg" | "retmsg" | "message" | "msg" => "OK".into(),
            "retcode" => "0".into(),
            "code" => "SUCCESS".into(),
            "trade_type" => "JSAPI".into(),
            "bank_type" => "OTHERS".into(),
            "code_url" => format!("weixin://wxpay/bizpayurl?pr={}", crypto::random(9)),
            "hash_type" => "SHA1".into(),
            "hash_value" => crypto::sha1(b"SANDBOX,not the real WeChat Pay\n"),
            "download_url" => format!("{}/v3/billdownload/file?token=sandbox", self.base),
            "algorithm" => "AEAD_AES_256_GCM".into(),
            "ciphertext" | "nonce" | "nonce_str" | "sign" => crypto::random(32),
            _ if ends("mchid") || ends("mch_id") => format!("19{}", text::digits(8)),
            _ if ends("appid") => format!("wx{}", crypto::random(16)),
            _ if ends("openid") => format!("oSB0{}", crypto::random(24)),
            _ if ends("_url") || lower == "url" || has("url") => format!("{}/sandbox/{lower}", self.base),
            _ if ends("currency") || ends("fee_type") => "CNY".into(),
            _ if ends("timestamp") => text::now().to_string(),
            _ if ends("date") || ends("_day") => text::today(),
            _ if ends("time") || has("_time") || ends("_at") || label.ends_with("时间") => self.time(),
            _ if ends("serial_no") || ends("serial") => self.identity.serial.clone(),
            _ if ends("fee") || ends("amount") || ends("_count") || ends("_num") || ends("total") => {
                "1".into()
            }
            _ if ends("_no") || ends("_id") || lower == "id" => text::digits(20),
            _ if ends("sha1") => crypto::sha1(b""),
            _ if ends("phone") || has("mobile") => "13800000000".into(),
            _ => format!("sandbox_{lower}").chars().take(32).collect(),
        }
    }

    fn time(&self) -> String {
        if self.v3 {
            text::rfc3339(text::now())
        } else {
            text::compact(text::now())
        }
    }
}

/// A number; `total` is the caller's amount.
pub fn number(name: &str, total: i64) -> i64 {
    let lower = name.to_ascii_lowercase();
    let has = |part: &str| lower.contains(part);
    match lower.as_str() {
        "retcode" | "offset" => 0,
        "limit" => 20,
        "total_count" | "count" | "quantity" => 1,
        "timestamp" => i64::try_from(text::now()).unwrap_or(i64::MAX),
        // Nothing was granted, so what was paid is the total.
        _ if has("coupon") || has("discount") || has("subsidy") || has("contribute") || has("refunded") => 0,
        _ if has("count") || has("num") || has("quantity") => 1,
        _ if lower.ends_with("_id") => text::digits(12).parse().unwrap_or(1),
        _ if has("total")
            || has("fee")
            || has("amount")
            || has("price")
            || has("payer_")
            || has("refund") =>
        {
            total
        }
        _ => 1,
    }
}

/// Clear text for a field that travels encrypted.
pub fn personal(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let text = if lower.contains("phone") || lower.contains("mobile") {
        "13800000000"
    } else if lower.contains("mail") {
        "sandbox@example.com"
    } else if lower.contains("account_number") || lower.contains("card") || lower.contains("number") {
        "6200000000000000000"
    } else {
        "张三"
    };
    text.to_owned()
}

/// Whether a field says that there is more: it must not, or callers would go on for ever.
pub fn continues(name: &str) -> bool {
    [
        "next_page_token",
        "next_key",
        "next_cursor",
        "page_token",
        "cursor",
        "next_offset",
    ]
    .contains(&name)
}

/// Whether a field tells what became of a request, as opposed to repeating what the merchant sent.
/// Responses with [`Answers::Sparse`](crate::settings::Answers) keep these.
pub fn is_result(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "amount",
        "total",
        "payer",
        "openid",
        "sub_orders",
        "receivers",
        "result",
        "package",
        "code_url",
        "h5_url",
        "mweb_url",
        "download_url",
        "data",
        "bank_type",
        "trade_type",
        "channel",
        "collection",
        "refund",
        "currency",
        "transfer_batch",
        "sandbox_signkey",
        "pub_key",
        "package_info",
        "encrypted_echo_message",
    ];
    const ENDS: [&str; 10] = [
        "_id", "_no", "state", "status", "time", "_fee", "_amount", "_total", "_count", "_reason",
    ];
    NAMES.contains(&name) || ENDS.iter().any(|end| name.ends_with(end)) || name.contains('$')
}
