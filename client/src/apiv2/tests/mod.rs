//! What is signed and filled in, and in what order a response is judged.

#[cfg(feature = "full")]
mod surface;

mod folds;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use zeroize::Zeroizing;

use super::parameters::{Context, Parameters, parameters};
use super::response::{check, refused};
use super::*;
use crate::credentials::V2Credentials;
use crate::error::ErrorCode;
use crate::exchange::RawResponse;
use crate::operation::BodyFormat;
use crate::wire::xml::to_xml;
use crate::wire::{FlatField, Value};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn keys() -> V2Credentials {
    V2Credentials {
        mch_id: "1900000109".to_owned(),
        key: ApiV2Key::new(KEY).unwrap(),
        sign_type: SignType::HmacSha256,
        only_hmac: false,
        work_wechat_secret: None,
    }
}

struct Request {
    mch_id: Option<String>,
    sign_type: Option<String>,
    body: String,
    attach: Option<String>,
    act_name: Option<String>,
    sign: Option<String>,
    action: Option<String>,
}
object!(Request {
    mch_id,
    sign_type,
    body,
    attach,
    act_name,
    sign,
    action
});

fn request() -> Request {
    Request {
        body: "a<b".to_owned(),
        ..Value::empty()
    }
}

fn written(operation: &Operation, request: &Request, keys: &V2Credentials) -> Result<Parameters, Error> {
    let context = Context {
        credentials: keys,
        key: &keys.key,
        now: 1_700_000_000,
        file_digest: Some("0cc175b9c0f1b6a831c399e269772661"),
        encrypt: None,
    };
    parameters(operation, request, &[], &context)
}

fn get<'a>(fields: &'a [FlatField], name: &str) -> Option<&'a str> {
    let mut found = fields.iter().filter(|(field, _)| field == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    value
}

fn is_signed_by(fields: &[FlatField], key: &ApiV2Key) -> bool {
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    verify(key, pairs, get(fields, "sign").unwrap_or_default())
}

#[test]
fn what_the_page_has_and_the_caller_has_not_is_filled_in() {
    let operation = Operation {
        filled_by_client: &["mch_id", "sign_type"],
        query: &["action"],
        ..Operation::V2
    };
    let keys = keys();
    let sent = written(
        &operation,
        &request().also(|r| r.action = Some("add".into())),
        &keys,
    )
    .unwrap();
    assert_eq!(get(&sent.body, "mch_id"), Some("1900000109"));
    assert_eq!(get(&sent.body, "sign_type"), Some("HMAC-SHA256"));
    assert_eq!(get(&sent.body, "nonce_str").map(str::len), Some(32));
    assert_eq!(get(&sent.body, "sign").map(str::len), Some(64));
    assert!(is_signed_by(&sent.body, &keys.key));
    // Neither signed nor in the body.
    assert_eq!(sent.query, [("action".to_owned(), "add".to_owned())]);

    let own = request().also(|request| {
        request.mch_id = Some("1".into());
        request.sign_type = Some("MD5".into());
        request.attach = Some(String::new());
        request.sign = Some("stale".into());
    });
    let sent = written(&operation, &own, &keys).unwrap();
    assert_eq!(get(&sent.body, "mch_id"), Some("1"));
    assert_eq!(get(&sent.body, "sign").map(str::len), Some(32));
    assert_eq!(get(&sent.body, "attach"), None);
    assert!(is_signed_by(&sent.body, &keys.key));

    let unknown = request().also(|request| request.sign_type = Some("SM3".into()));
    assert!(written(&operation, &unknown, &keys).is_err());
    let control = request().also(|request| request.body = "a\u{1}".into());
    let error = written(&operation, &control, &keys).err().unwrap();
    assert_eq!(error.kind(), crate::ErrorKind::Request);
}

#[test]
fn the_page_says_how_it_is_signed_and_whether_with_a_nonce() {
    let operation = Operation {
        filled_by_client: &["mch_id"],
        nonce: false,
        ..Operation::V2
    };
    let sent = written(&operation, &request(), &keys()).unwrap();
    assert_eq!(get(&sent.body, "sign_type"), None);
    assert_eq!(get(&sent.body, "nonce_str"), None);
    assert_eq!(get(&sent.body, "sign").map(str::len), Some(32));
    for (allowed, sent) in [
        (&["MD5"][..], "MD5"),
        (&["HMAC-SHA256"], "HMAC-SHA256"),
        (&["MD5", "HMAC-SHA256"], "HMAC-SHA256"),
    ] {
        let operation = Operation {
            filled_by_client: &["sign_type"],
            sign_types: allowed,
            ..Operation::V2
        };
        let parameters = written(&operation, &request(), &keys()).unwrap();
        assert_eq!(get(&parameters.body, "sign_type"), Some(sent));
        assert!(is_signed_by(&parameters.body, &keys().key));
    }
}

#[test]
fn query_strings_are_signed_where_the_page_says_so() {
    const QUERY: &[&str] = &[
        "mch_id",
        "sign_type",
        "body",
        "attach",
        "act_name",
        "sign",
        "action",
        "timestamp",
    ];
    let operation = Operation {
        body: BodyFormat::None,
        query: QUERY,
        filled_by_client: &["mch_id", "sign", "timestamp"],
        ..Operation::V2
    };
    let sent = written(&operation, &request(), &keys()).unwrap();
    assert!(sent.body.is_empty());
    assert_eq!(get(&sent.query, "timestamp"), Some("1700000000"));
    assert_eq!(get(&sent.query, "nonce_str"), None);
    assert!(is_signed_by(&sent.query, &keys().key));
    let unsigned = Operation {
        filled_by_client: &["mch_id"],
        ..operation
    };
    let sent = written(&unsigned, &request(), &keys()).unwrap();
    assert_eq!(get(&sent.query, "sign"), None);
}

#[test]
fn work_wechat_signs_its_own_fields() {
    let operation = Operation {
        path: "/mmpaymkttransfers/sendworkwxredpack",
        filled_by_client: &["nonce_str", "mch_id"],
        ..Operation::V2
    };
    let mut keys = keys();
    let request = request().also(|request| request.act_name = Some("x".into()));
    let sent = written(&operation, &request, &keys).unwrap();
    assert_eq!(get(&sent.body, "workwx_sign"), None);
    keys.work_wechat_secret = Some(Zeroizing::new("wecom".to_owned()));
    let sent = written(&operation, &request, &keys).unwrap();
    let nonce = get(&sent.body, "nonce_str").unwrap();
    let expected = sign_work_wechat(
        "wecom",
        [("act_name", "x"), ("mch_id", "1900000109"), ("nonce_str", nonce)],
    );
    assert_eq!(get(&sent.body, "workwx_sign"), Some(expected.as_str()));
    assert!(is_signed_by(&sent.body, &keys.key));
}

fn judged(operation: &Operation, status: u16, body: impl Into<Bytes>) -> Result<(), Error> {
    check(operation, &keys(), &keys().key, &received(status, body))
}

fn refusal_of(status: u16, body: &'static str) -> Error {
    refused(&received(status, body))
}

fn received(status: u16, body: impl Into<Bytes>) -> RawResponse {
    RawResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.into(),
        rest: None,
        in_doubt: false,
    }
}

fn signed(fields: &[(&str, &str)], sign_type: SignType) -> String {
    let sign = sign(&keys().key, sign_type, fields.iter().copied());
    let all = fields.iter().copied().chain([("sign", sign.as_str())]);
    to_xml(
        &all.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn a_success_must_be_signed_over_everything_that_came() {
    let ok = [
        ("return_code", "SUCCESS"),
        ("result_code", "SUCCESS"),
        ("mch_id", "1900000109"),
        ("new", "a&<b"),
    ];
    for sign_type in [SignType::Md5, SignType::HmacSha256] {
        let xml = signed(&ok, sign_type);
        judged(&Operation::V2, 200, xml.clone()).unwrap();
        for altered in [
            xml.replace("a&<b", "a&<c"),
            xml.replace("<new>", "<new2>").replace("</new>", "</new2>"),
            xml.replace("<xml>", "<xml><more>1</more>"),
        ] {
            let error = judged(&Operation::V2, 200, altered).unwrap_err();
            assert!(error.is_verification());
            let text = format!("{error} {error:?}");
            assert!(!text.contains(KEY) && !text.contains(&sign(&keys().key, sign_type, ok)));
        }
    }
    let missing = "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>";
    assert!(
        judged(&Operation::V2, 200, missing)
            .unwrap_err()
            .is_verification()
    );
    let unsigned = Operation {
        signed_response: false,
        ..Operation::V2
    };
    judged(&unsigned, 200, missing).unwrap();
    let other = signed(
        &[("return_code", "SUCCESS"), ("mch_id", "1900000110")],
        SignType::Md5,
    );
    assert!(judged(&Operation::V2, 200, other).unwrap_err().is_verification());
    let control = signed(&[("return_code", "SUCCESS"), ("attach", "ab")], SignType::Md5);
    judged(&Operation::V2, 200, control.replace("ab", "a\u{1}b")).unwrap();
}

#[test]
fn codes_become_errors_before_anything_else_is_asked() {
    let fail = "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>";
    let error = judged(&Operation::V2, 200, fail).unwrap_err();
    let api = error.api().unwrap();
    assert_eq!(
        (api.code.as_str(), api.message.as_str(), api.authenticated),
        ("FAIL", "签名错误", false)
    );
    assert!(error.raw_body().is_some());

    let refused = signed(
        &[
            ("return_code", "SUCCESS"),
            ("return_msg", "OK"),
            ("result_code", "FAIL"),
            ("err_code", "NOTENOUGH"),
            ("err_code_des", "余额不足"),
        ],
        SignType::Md5,
    );
    let error = judged(&Operation::V2, 200, refused.clone()).unwrap_err();
    let api = error.api().unwrap();
    assert_eq!(
        (&api.code, api.message.as_str(), api.authenticated),
        (&ErrorCode::NotEnough, "余额不足", true)
    );
    assert!(!error.is_outcome_unknown());
    let altered = refused.replace("NOTENOUGH", "NOTENOUGX");
    assert!(
        judged(&Operation::V2, 200, altered)
            .unwrap_err()
            .is_verification()
    );
    let undecided = signed(
        &[
            ("return_code", "SUCCESS"),
            ("result_code", "FAIL"),
            ("err_code", "SYSTEMERROR"),
        ],
        SignType::Md5,
    );
    assert!(
        judged(&Operation::V2, 200, undecided)
            .unwrap_err()
            .is_outcome_unknown()
    );

    let twice = "<xml><return_code>FAIL</return_code><return_code>SUCCESS</return_code></xml>";
    assert!(judged(&Operation::V2, 200, twice).unwrap_err().is_decode());
    assert!(
        judged(&Operation::V2, 200, "<html>ok</html>")
            .unwrap_err()
            .is_decode()
    );
    assert_eq!(
        judged(&Operation::V2, 502, "<html>bad</html>")
            .unwrap_err()
            .api()
            .unwrap()
            .status,
        502
    );
}

#[test]
fn refusals_of_files_are_read() {
    let xml = "<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA[No Bill Exist]]></return_msg><error_code><![CDATA[20002]]></error_code></xml>";
    let error = refusal_of(200, xml);
    assert_eq!(error.api().unwrap().code.as_str(), "20002");
    assert_eq!(error.api().unwrap().message, "No Bill Exist");
    assert!(refusal_of(200, "<bill>1</bill>").is_decode());
    assert_eq!(refusal_of(502, "<html>").api().unwrap().status, 502);
}

#[test]
fn json_responses_are_taken_only_where_no_signature_is_due() {
    let unsigned = Operation {
        signed_response: false,
        ..Operation::V2
    };
    judged(&unsigned, 200, r#"{"retcode":0,"retmsg":"ok"}"#).unwrap();
    let error = judged(&unsigned, 200, r#"{"retcode":-1,"retmsg":"no"}"#).unwrap_err();
    assert_eq!(
        (
            error.api().unwrap().code.as_str(),
            error.api().unwrap().message.as_str()
        ),
        ("-1", "no")
    );
    assert!(
        judged(&Operation::V2, 200, r#"{"return_code":"SUCCESS"}"#)
            .unwrap_err()
            .is_verification()
    );
}

trait Also: Sized {
    fn also(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

impl Also for Request {}
