//! Code payments and APIv2's orders: what becomes of a payment that is not done at once.

use serde_json::{Value, json};
use wechatpay_sandbox::Sandbox;
use wechatpay_sandbox::faults::Payer;

use super::rules::{HOOK, REFUNDS, order, query, refund, test};
use super::{is_notified, refused, v2, well};

fn code_payment(sandbox: &Sandbox, number: &str) -> Value {
    let mut order = order(sandbox, number, 5);
    order.as_object_mut().unwrap().remove("notify_url");
    order["payer"] = json!({ "auth_code": "130061098828009406" });
    order["scene_info"] = json!({ "store_info": { "id": "1" } });
    order
}

/// <https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_payment_is_reversed() {
    test(|sandbox| {
        const CODE: &str = "/v3/pay/transactions/codepay";
        let body = json!({ "appid": "wx1", "mchid": sandbox.identity().mchid });
        let reverse = |number: &str| format!("/v3/pay/transactions/out-trade-no/{number}/reverse");
        well(sandbox, "POST", CODE, &code_payment(sandbox, "REVERSE1"));
        well(sandbox, "POST", &reverse("REVERSE1"), &body);
        assert_eq!(query(sandbox, "REVERSE1")["trade_state"], "REVOKED");
        refused(
            sandbox,
            "POST",
            REFUNDS,
            &refund("REVERSE1", "R1", 5, 5),
            400,
            "INVALID_REQUEST",
        );

        sandbox.control().next_code_payment(Payer::Hesitates);
        refused(
            sandbox,
            "POST",
            CODE,
            &code_payment(sandbox, "REVERSE2"),
            400,
            "USERPAYING",
        );
        assert_eq!(query(sandbox, "REVERSE2")["trade_state"], "USERPAYING");
        refused(sandbox, "POST", &reverse("REVERSE2"), &body, 400, "USERPAYING");
        sandbox.control().fail("REVERSE2").unwrap();
        assert_eq!(query(sandbox, "REVERSE2")["trade_state"], "PAYERROR");
        well(sandbox, "POST", &reverse("REVERSE2"), &body);
        refused(
            sandbox,
            "POST",
            &reverse("UNKNOWN1"),
            &body,
            404,
            "ORDER_NOT_EXIST",
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v2/merchant/4011937361>: `recall` says whether to call again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_code_payment_is_reversed() {
    test(|sandbox| {
        let pay = |number| {
            v2(
                sandbox,
                "/pay/micropay",
                &[
                    ("body", "a thing"),
                    ("out_trade_no", number),
                    ("total_fee", "5"),
                    ("spbill_create_ip", "127.0.0.1"),
                    ("auth_code", "120061098828009406"),
                ],
            )
        };
        let reverse = |number| v2(sandbox, "/secapi/pay/reverse", &[("out_trade_no", number)]);
        assert_eq!(pay("REVERSE1")["result_code"], "SUCCESS");
        let reversed = reverse("REVERSE1");
        assert_eq!(
            (&reversed["result_code"], &reversed["recall"]),
            (&json!("SUCCESS"), &json!("N"))
        );
        let found = v2(sandbox, "/pay/orderquery", &[("out_trade_no", "REVERSE1")]);
        assert_eq!(found["trade_state"], "REVOKED");
        sandbox.control().next_code_payment(Payer::Hesitates);
        assert_eq!(pay("REVERSE2")["err_code"], "USERPAYING");
        let reversed = reverse("REVERSE2");
        assert_eq!(
            (&reversed["err_code"], &reversed["recall"]),
            (&json!("USERPAYING"), &json!("Y"))
        );
        let unknown = reverse("UNKNOWN1");
        assert_eq!(
            (&unknown["err_code"], &unknown["recall"]),
            (&json!("ORDERNOTEXIST"), &json!("N"))
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v2/merchant/4011937309>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_query_tells_only_the_state_of_an_unpaid_order() {
    test(|sandbox| {
        let placed = v2(
            sandbox,
            "/pay/unifiedorder",
            &[
                ("body", "a thing"),
                ("out_trade_no", "UNPAID01"),
                ("total_fee", "5"),
                ("attach", "mine"),
                ("spbill_create_ip", "127.0.0.1"),
                ("notify_url", HOOK),
                ("trade_type", "NATIVE"),
            ],
        );
        assert_eq!(placed["result_code"], "SUCCESS", "{placed}");
        let found = v2(sandbox, "/pay/orderquery", &[("out_trade_no", "UNPAID01")]);
        assert_eq!(
            (&found["trade_state"], &found["attach"]),
            (&json!("NOTPAY"), &json!("mine")),
            "{found}"
        );
        for name in ["transaction_id", "time_end", "openid", "cash_fee", "err_code"] {
            assert!(found.get(name).is_none(), "{name}: {found}");
        }
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v2/merchant/4011987377>: a deduction's result comes by notification.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deduction_is_accepted_first() {
    test(|sandbox| {
        let asked = v2(
            sandbox,
            "/pay/pappayapply",
            &[
                ("body", "a thing"),
                ("out_trade_no", "DEDUCT01"),
                ("total_fee", "5"),
                ("notify_url", HOOK),
                ("spbill_create_ip", "127.0.0.1"),
                ("trade_type", "PAP"),
                ("contract_id", "1"),
            ],
        );
        assert_eq!(asked["result_code"], "SUCCESS", "{asked}");
        let state =
            || v2(sandbox, "/pay/paporderquery", &[("out_trade_no", "DEDUCT01")])["trade_state"].clone();
        assert_eq!(state(), "ACCEPT");
        sandbox.control().pay("DEDUCT01").unwrap();
        assert_eq!(state(), "SUCCESS");
        is_notified(sandbox, "v2/transaction-success");
    })
    .await;
}
