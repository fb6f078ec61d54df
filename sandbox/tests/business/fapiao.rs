//! Invoices: the buyer's title, issued, reversed, put into the card wallet.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::rules::HOOK;
use super::{example, is_notified, refused, v3, well, with};

const BASE: &str = "/v3/new-tax-control-fapiao";

/// An application for one invoice of 100 fen.
fn application(sandbox: &Sandbox, number: &str) -> Value {
    let mut body = example(sandbox, "POST", &format!("{BASE}/fapiao-applications"));
    body.as_object_mut().unwrap().remove("sub_mchid");
    body["fapiao_apply_id"] = number.into();
    let item = json!({
        "tax_code": "3010101020203000000", "goods_name": "a thing", "quantity": 100000000, "total_amount": 100,
        "discount": false,
    });
    body["fapiao_information"] = json!([{
        "fapiao_id": format!("{number}-1"), "total_amount": 100, "need_list": false, "items": [item],
    }]);
    body
}

fn query(sandbox: &Sandbox, number: &str) -> Value {
    let found = well(
        sandbox,
        "GET",
        &format!("{BASE}/fapiao-applications/{number}"),
        &Value::Null,
    );
    found["fapiao_information"][0].clone()
}

/// Tells where notifications go.
fn listen(sandbox: &Sandbox) {
    let options = json!({ "callback_url": HOOK, "show_fapiao_cell": true });
    let target = format!("{BASE}/merchant/development-config");
    well(sandbox, "PATCH", &target, &options);
    assert_eq!(well(sandbox, "GET", &target, &Value::Null)["callback_url"], HOOK);
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012538301> and
/// <https://pay.weixin.qq.com/doc/v3/merchant/4012538327>: only what was issued is reversed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_is_issued_and_reversed() {
    with(Settings::default(), |sandbox| {
        listen(sandbox);
        let issue = format!("{BASE}/fapiao-applications");
        let mut wrong = application(sandbox, "INVOICE1");
        wrong["fapiao_information"][0]["total_amount"] = 101.into();
        refused(sandbox, "POST", &issue, &wrong, 400, "PARAM_ERROR");
        let mut item = wrong["fapiao_information"][0]["items"][0].clone();
        item["total_amount"] = i64::MAX.into();
        wrong["fapiao_information"][0]["items"] = json!([item, item]);
        refused(sandbox, "POST", &issue, &wrong, 400, "PARAM_ERROR");
        let body = application(sandbox, "INVOICE1");
        assert!(v3(sandbox, "POST", &issue, &body).0 < 300);
        assert_eq!(query(sandbox, "INVOICE1")["status"], "ISSUE_ACCEPTED");
        assert!(query(sandbox, "INVOICE1")["blue_fapiao"].is_null());
        let reversal = |number: &str| {
            json!({
                "reverse_reason": "SALES_RETURN",
                "fapiao_information": [{ "fapiao_id": "INVOICE1-1", "fapiao_number": number }],
            })
        };
        let reverse = format!("{issue}/INVOICE1/reverse");
        refused(sandbox, "POST", &reverse, &reversal("1"), 400, "INVALID_REQUEST");

        sandbox.control().settle_fapiao("INVOICE1", true).unwrap();
        is_notified(sandbox, "FAPIAO.ISSUED");
        let issued = query(sandbox, "INVOICE1");
        assert_eq!(
            (&issued["status"], &issued["total_amount"]),
            (&json!("ISSUED"), &json!(100)),
            "{issued}"
        );
        sandbox.control().settle_fapiao("INVOICE1", true).unwrap_err();
        refused(sandbox, "POST", &reverse, &reversal("1"), 400, "INVALID_REQUEST");
        let number = issued["blue_fapiao"]["fapiao_number"].as_str().unwrap();
        assert!(v3(sandbox, "POST", &reverse, &reversal(number)).0 < 300);
        sandbox.control().settle_fapiao("INVOICE1", true).unwrap();
        is_notified(sandbox, "FAPIAO.REVERSED");
        let reversed = query(sandbox, "INVOICE1");
        assert_eq!(reversed["status"], "REVERSED", "{reversed}");
        assert_ne!(
            reversed["red_fapiao"]["fapiao_number"],
            reversed["blue_fapiao"]["fapiao_number"]
        );
        refused(
            sandbox,
            "POST",
            &reverse,
            &reversal(number),
            400,
            "INVALID_REQUEST",
        );
        let none = format!("{issue}/INVOICE2");
        refused(sandbox, "GET", &none, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012538112>: there is a title once the user has typed it in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_is_there_once_the_user_has_typed_it_in() {
    with(Settings::default(), |sandbox| {
        listen(sandbox);
        let target = format!("{BASE}/user-title?scene=WITH_WECHATPAY&fapiao_apply_id=TITLE1");
        refused(sandbox, "GET", &target, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
        let title = json!({ "type": "ORGANIZATION", "name": "a buyer", "taxpayer_id": "91440300" });
        sandbox.control().fill_in_title("TITLE1", &title);
        is_notified(sandbox, "FAPIAO.USER_APPLIED");
        let found = well(sandbox, "GET", &target, &Value::Null);
        assert_eq!(
            (&found["name"], &found["type"]),
            (&json!("a buyer"), &json!("ORGANIZATION")),
            "{found}"
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012538365>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_of_the_merchant_goes_into_the_card_wallet() {
    with(Settings::default(), |sandbox| {
        listen(sandbox);
        let target = format!("{BASE}/fapiao-applications/CARD1/insert-cards");
        let mut body = example(sandbox, "POST", &target);
        body.as_object_mut().unwrap().remove("sub_mchid");
        assert!(v3(sandbox, "POST", &target, &body).0 < 300);
        let status = || query(sandbox, "CARD1")["card_information"]["card_status"].clone();
        assert_eq!(status(), "INSERT_ACCEPTED");
        sandbox.control().settle_fapiao("CARD1", true).unwrap();
        is_notified(sandbox, "FAPIAO.CARD_INSERTED");
        assert_eq!(status(), "INSERTED");
    })
    .await;
}
