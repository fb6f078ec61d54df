//! What a valid APIv2 signature does not prove by itself.

use std::sync::Arc;

use super::KEY;
use crate::apiv2::{ApiV2Key, SignType, sign};
use crate::tests::fake::Fake;
use crate::tests::gateway::Reply;
use crate::wire::xml::to_xml;
use crate::{Builder, Client, Error, Operation};

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn xml(fields: &[(&str, &str)]) -> String {
    let owned: Vec<_> = fields
        .iter()
        .map(|(name, text)| (name.to_string(), text.to_string()))
        .collect();
    to_xml(&owned)
}

fn signed(sign_type: SignType, fields: &Fields<'_>) -> String {
    let sign = sign(&ApiV2Key::new(KEY).unwrap(), sign_type, fields.iter().copied());
    let mut all = fields.clone();
    all.push(("sign", &sign));
    xml(&all)
}

fn builder() -> Builder {
    Client::builder().mchid("1900000109").api_v2_key(KEY)
}

struct Request {
    out_refund_no: String,
    sign_type: Option<String>,
}
object!(Request {
    out_refund_no,
    sign_type: String
});

struct Response {
    return_code: String,
    refund_fee: Option<String>,
    transaction_id: Option<String>,
}
object!(Response {
    return_code,
    refund_fee: String,
    transaction_id: String
});

static REFUND: Operation = Operation {
    path: "/secapi/pay/refund",
    filled_by_client: &["mch_id", "sign_type"],
    sign_types: &["MD5", "HMAC-SHA256"],
    ..Operation::V2
};

static UNSIGNED: Operation = Operation {
    path: "/mmpaymkttransfers/sendredpack",
    filled_by_client: &["mch_id"],
    signed_response: false,
    ..Operation::V2
};

async fn call(
    builder: Builder,
    operation: &'static Operation,
    status: u16,
    body: String,
) -> Result<(), Error> {
    let body = Arc::new(body);
    let respond = move |_: &str, _| Ok(Reply::new(status, body.as_bytes().to_vec()).unsigned());
    let client = builder.transport(Fake::new(respond)).build().unwrap();
    let request = Request {
        out_refund_no: "1".into(),
        sign_type: None,
    };
    crate::Call::<Response>::new(&client, operation, &request)
        .await
        .map(drop)
}

const SUCCESS: [(&str, &str); 3] = [
    ("mch_id", "1900000109"),
    ("result_code", "SUCCESS"),
    ("return_code", "SUCCESS"),
];

#[tokio::test]
async fn a_signed_success_under_an_error_status_leaves_the_outcome_unknown() {
    let body = signed(SignType::HmacSha256, &SUCCESS.to_vec());
    call(builder(), &REFUND, 200, body.clone()).await.unwrap();
    let error = call(builder(), &REFUND, 400, body).await.unwrap_err();
    assert!(
        error.api().unwrap().authenticated && error.is_outcome_unknown(),
        "{error}"
    );
}

#[tokio::test]
async fn a_signature_that_is_present_is_verified_even_where_none_is_due() {
    let fields = SUCCESS.to_vec();
    call(builder(), &UNSIGNED, 200, xml(&fields)).await.unwrap();
    call(builder(), &UNSIGNED, 200, signed(SignType::Md5, &fields))
        .await
        .unwrap();
    let wrong = [&fields[..], &[("sign", "00000000000000000000000000000000")]].concat();
    let error = call(builder(), &UNSIGNED, 200, xml(&wrong)).await.unwrap_err();
    assert!(error.is_verification() && error.is_outcome_unknown(), "{error}");
    let other = [
        ("mch_id", "666"),
        ("return_code", "SUCCESS"),
        ("result_code", "SUCCESS"),
    ];
    let error = call(builder(), &UNSIGNED, 200, xml(&other)).await.unwrap_err();
    assert!(error.to_string().contains("another merchant"), "{error}");
}

#[tokio::test]
async fn a_client_set_to_hmac_refuses_md5() {
    let md5 = signed(SignType::Md5, &SUCCESS.to_vec());
    call(builder(), &REFUND, 200, md5.clone()).await.unwrap();
    let strict = || builder().api_v2_sign_type(SignType::HmacSha256);
    let error = call(strict(), &REFUND, 200, md5.clone()).await.unwrap_err();
    assert!(
        error.is_verification() && error.to_string().contains("MD5"),
        "{error}"
    );
    call(
        strict(),
        &REFUND,
        200,
        signed(SignType::HmacSha256, &SUCCESS.to_vec()),
    )
    .await
    .unwrap();
    // An operation without HMAC-SHA256 leaves no choice.
    call(strict(), &UNSIGNED, 200, md5).await.unwrap();
    let client = strict().build().unwrap();
    let request = Request {
        out_refund_no: "1".into(),
        sign_type: Some("MD5".into()),
    };
    let error = crate::Call::<Response>::new(&client, &REFUND, &request)
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Request, "{error}");
}

#[tokio::test]
async fn a_response_with_folded_fields_is_refused() {
    let genuine = [&SUCCESS[..], &[("refund_fee", "1"), ("transaction_id", "42")]].concat();
    call(builder(), &REFUND, 200, signed(SignType::HmacSha256, &genuine))
        .await
        .unwrap();
    // The same signed text; `refund_fee` is gone.
    let folded = vec![
        ("mch_id", "1900000109&refund_fee=1"),
        ("result_code", "SUCCESS"),
        ("return_code", "SUCCESS"),
        ("transaction_id", "42"),
    ];
    let error = call(builder(), &REFUND, 200, signed(SignType::HmacSha256, &folded))
        .await
        .unwrap_err();
    assert!(error.is_verification() && error.is_outcome_unknown(), "{error}");
    // The same, of an error whose code says that the outcome is not known.
    let folded = vec![
        ("appid", "wx1&err_code=SYSTEMERROR"),
        ("mch_id", "1900000109"),
        ("result_code", "FAIL"),
        ("return_code", "SUCCESS"),
    ];
    let error = call(builder(), &REFUND, 200, signed(SignType::HmacSha256, &folded))
        .await
        .unwrap_err();
    assert!(error.is_verification() && error.is_outcome_unknown(), "{error}");
}

/// The message of public reports about profit sharing.
#[tokio::test]
async fn the_message_of_a_refusal_is_found_under_every_name() {
    for name in [
        "error_msg",
        "err_msg",
        "err_code_des",
        "error_code_des",
        "return_msg",
    ] {
        let body = xml(&[
            ("return_code", "FAIL"),
            ("error_code", "NOAUTH"),
            (name, "回退方没有开通分账回退功能"),
        ]);
        let error = call(builder(), &REFUND, 200, body).await.unwrap_err();
        let api = error.api().unwrap();
        assert_eq!(api.code, crate::ErrorCode::NoAuth);
        assert_eq!(api.message, "回退方没有开通分账回退功能", "{name}");
    }
}

#[test]
fn debug_of_payment_parameters_hides_the_signature() {
    let client = builder().build().unwrap();
    let apiv2 = client.apiv2().unwrap();
    let jsapi = apiv2.jsapi("wx1", "pid", SignType::HmacSha256).unwrap();
    let shown = format!("{jsapi:?}");
    assert!(
        !shown.contains(&jsapi.pay_sign) && shown.contains("pid"),
        "{shown}"
    );
    let app = apiv2.app("wx1", "pid", SignType::HmacSha256).unwrap();
    assert!(!format!("{app:?}").contains(&app.sign));
}

/// A type that documents neither a signature nor anything encrypted.
#[test]
fn a_notification_that_nothing_proves_is_refused() {
    let client = builder().build().unwrap();
    let body = xml(&SUCCESS);
    let result = client.apiv2().unwrap().notification::<Response>(body.as_bytes());
    let error = result.map(drop).unwrap_err();
    assert!(error.is_verification(), "{error}");
    let body = signed(SignType::HmacSha256, &SUCCESS.to_vec());
    client
        .apiv2()
        .unwrap()
        .notification::<Response>(body.as_bytes())
        .unwrap();
}

#[cfg(feature = "v2-webhook")]
mod notifications {
    use super::*;
    use crate::webhook::v2::transaction_success::Notification;

    fn genuine<'a>() -> Fields<'a> {
        vec![
            ("appid", "wx1"),
            ("attach", "a=1&b=2"),
            ("bank_type", "CFT"),
            ("fee_type", "USD"),
            ("is_subscribe", "N"),
            ("mch_id", "1900000109"),
            ("nonce_str", "n"),
            ("openid", "o"),
            ("out_trade_no", "7"),
            ("result_code", "SUCCESS"),
            ("return_code", "SUCCESS"),
            ("total_fee", "100"),
            ("trade_state", "REVOKED"),
            ("trade_type", "JSAPI"),
            ("transaction_id", "42"),
        ]
    }

    fn open(builder: Builder, sign_type: SignType, fields: &Fields<'_>) -> Result<(), Error> {
        let client = builder.build().unwrap();
        let body = signed(sign_type, fields);
        client
            .apiv2()
            .unwrap()
            .notification::<Notification>(body.as_bytes())
            .map(drop)
    }

    #[test]
    fn fields_cannot_be_folded_away_under_a_valid_signature() {
        open(builder(), SignType::HmacSha256, &genuine()).unwrap();
        // `b` is gone, which the type does not document: a text may look like this.
        for (folder, folded) in [
            ("bank_type", "fee_type"),
            ("total_fee", "trade_state"),
            ("mch_id", "nonce_str"),
        ] {
            let mut fields = genuine();
            let at = fields.iter().position(|(name, _)| *name == folded).unwrap();
            let (name, value) = fields.remove(at);
            let text = format!(
                "{}&{name}={value}",
                fields.iter().find(|(name, _)| *name == folder).unwrap().1
            );
            let before = fields.iter_mut().find(|(name, _)| *name == folder).unwrap();
            before.1 = &text;
            let error = open(builder(), SignType::HmacSha256, &fields).unwrap_err();
            assert!(error.is_verification(), "{folded} in {folder}: {error}");
        }
        let mut fields = genuine();
        fields.last_mut().unwrap().1 = "42&key=0123";
        assert!(
            open(builder(), SignType::HmacSha256, &fields)
                .unwrap_err()
                .is_verification()
        );
    }

    #[test]
    fn a_notification_without_its_documented_signature_is_refused() {
        let client = builder().build().unwrap();
        let body = xml(&genuine());
        let result = client
            .apiv2()
            .unwrap()
            .notification::<Notification>(body.as_bytes());
        let error = result.map(drop).unwrap_err();
        assert!(
            error.is_verification() && error.to_string().contains("no signature"),
            "{error}"
        );
    }

    #[test]
    fn a_client_set_to_hmac_refuses_an_md5_notification() {
        open(builder(), SignType::Md5, &genuine()).unwrap();
        let strict = || builder().api_v2_sign_type(SignType::HmacSha256);
        open(strict(), SignType::HmacSha256, &genuine()).unwrap();
        let error = open(strict(), SignType::Md5, &genuine()).unwrap_err();
        assert!(
            error.is_verification() && error.to_string().contains("MD5"),
            "{error}"
        );
    }
}
