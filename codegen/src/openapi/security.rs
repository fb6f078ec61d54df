//! What all operations share: how a call proves itself, and what an error looks like.
//!
//! In: nothing. Out: security schemes and the errors of both protocols.

use serde_json::{Value, json};

/// The header's scheme of APIv3.
pub const V3: &str = "WECHATPAY2-SHA256-RSA2048";
/// The `sign` of APIv2.
pub const V2: &str = "sign";
/// The merchant's API certificate on the connection.
pub const MUTUAL_TLS: &str = "mutualTLS";

pub fn schemes() -> Value {
    json!({
        V3: {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`WECHATPAY2-SHA256-RSA2048 mchid=\"…\",nonce_str=\"…\",signature=\"…\",timestamp=\"…\",serial_no=\"…\"`: SHA256-RSA2048 over method, URL, timestamp, nonce and body, made for each call with the merchant's private key. Responses and notifications have a `Wechatpay-Signature`, to be verified with the platform's key.",
        },
        V2: {
            "type": "apiKey",
            "in": "query",
            "name": "sign",
            "description": "MD5 or HMAC-SHA256 over the sorted parameters and the APIv2 key. It is an element of the XML body, or a query parameter without a body.",
        },
        MUTUAL_TLS: { "type": "mutualTLS", "description": "The merchant's API certificate." },
    })
}

/// The body of an error, APIv3.
pub fn error() -> Value {
    json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": { "type": "string", "description": "错误码" },
            "message": { "type": "string", "description": "错误描述" },
            "detail": { "description": "错误详情" },
        },
    })
}

/// The body of an error, APIv2: sent with the status 200 too.
pub fn error_v2() -> Value {
    json!({
        "type": "object",
        "required": ["return_code"],
        "properties": {
            "return_code": { "type": "string", "description": "返回状态码" },
            "return_msg": { "type": "string", "description": "返回信息" },
            "result_code": { "type": "string", "description": "业务结果" },
            "err_code": { "type": "string", "description": "错误代码" },
            "err_code_des": { "type": "string", "description": "错误代码描述" },
        },
        "xml": { "name": "xml" },
    })
}

/// What an operation responds with when it fails, by the name of the component.
pub fn error_responses() -> Value {
    let response = |media: &str, schema: &str, description: &str| {
        json!({
            "description": description,
            "content": { media: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } },
        })
    };
    json!({
        "Error": response("application/json", "Error", "错误"),
        "ErrorV2": response("application/xml", "ErrorV2", "错误(状态码也可能是200)"),
    })
}
