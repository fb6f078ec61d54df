//! The rules of money, one test each, with the official document that states it.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::{is_notified, refused, v2, v3, well, with};

const NATIVE: &str = "/v3/pay/transactions/native";
pub const REFUNDS: &str = "/v3/refund/domestic/refunds";
pub const HOOK: &str = "http://127.0.0.1:9/n";

pub fn order(sandbox: &Sandbox, number: &str, total: i64) -> Value {
    json!({
        "appid": "wx1", "mchid": sandbox.identity().mchid, "description": "a thing", "out_trade_no": number,
        "notify_url": HOOK, "amount": { "total": total },
    })
}

/// A paid order: its `transaction_id`.
pub fn paid(sandbox: &Sandbox, number: &str, total: i64) -> String {
    well(sandbox, "POST", NATIVE, &order(sandbox, number, total));
    let row = sandbox.control().pay(number).unwrap();
    row["transaction_id"].as_str().unwrap().to_owned()
}

pub fn query(sandbox: &Sandbox, number: &str) -> Value {
    let target = format!(
        "/v3/pay/transactions/out-trade-no/{number}?mchid={}",
        sandbox.identity().mchid
    );
    well(sandbox, "GET", &target, &Value::Null)
}

pub fn refund(order: &str, number: &str, refund: i64, total: i64) -> Value {
    json!({
        "out_trade_no": order, "out_refund_no": number, "notify_url": HOOK,
        "amount": { "refund": refund, "total": total, "currency": "CNY" },
    })
}

pub async fn test(test: impl FnOnce(&Sandbox) + Send + 'static) {
    with(Settings::default(), test).await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4013071031>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abnormal_refund_keeps_the_money_until_it_arrives_after_all() {
    test(|sandbox| {
        paid(sandbox, "ABNORMAL1", 100);
        let made = well(sandbox, "POST", REFUNDS, &refund("ABNORMAL1", "R1", 100, 100));
        sandbox.control().settle_refund("R1", "ABNORMAL").unwrap();
        is_notified(sandbox, "REFUND.ABNORMAL");
        // The money has left the merchant: a second refund would pay it twice.
        refused(
            sandbox,
            "POST",
            REFUNDS,
            &refund("ABNORMAL1", "R2", 100, 100),
            403,
            "NOT_ENOUGH",
        );
        assert_eq!(query(sandbox, "ABNORMAL1")["trade_state"], "REFUND");

        let id = made["refund_id"].as_str().unwrap();
        let target = format!("{REFUNDS}/{id}/apply-abnormal-refund");
        let body = json!({ "out_refund_no": "R1", "type": "MERCHANT_BANK_CARD" });
        let again = well(sandbox, "POST", &target, &body);
        assert_eq!(
            (&again["status"], &again["out_trade_no"]),
            (&json!("PROCESSING"), &json!("ABNORMAL1"))
        );
        sandbox.control().settle_refund("R1", "SUCCESS").unwrap();
        refused(sandbox, "POST", &target, &body, 400, "INVALID_REQUEST");
        let unknown = format!("{REFUNDS}/50300000/apply-abnormal-refund");
        refused(sandbox, "POST", &unknown, &body, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4013071031>: `ABNORMAL` is not final, `CLOSED` frees the money.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_ends_once() {
    test(|sandbox| {
        paid(sandbox, "ENDS0001", 100);
        well(sandbox, "POST", REFUNDS, &refund("ENDS0001", "R1", 60, 100));
        sandbox.control().settle_refund("R1", "ABNORMAL").unwrap();
        sandbox.control().settle_refund("R1", "SUCCESS").unwrap();
        sandbox.control().settle_refund("R1", "CLOSED").unwrap_err();
        well(sandbox, "POST", REFUNDS, &refund("ENDS0001", "R2", 40, 100));
        sandbox.control().settle_refund("R2", "CLOSED").unwrap();
        well(sandbox, "POST", REFUNDS, &refund("ENDS0001", "R3", 40, 100));
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4013071031>: at most 50 parts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_refunded_in_at_most_fifty_parts() {
    test(|sandbox| {
        paid(sandbox, "PARTS001", 100);
        for part in 0..50 {
            well(
                sandbox,
                "POST",
                REFUNDS,
                &refund("PARTS001", &format!("R{part}"), 1, 100),
            );
        }
        refused(
            sandbox,
            "POST",
            REFUNDS,
            &refund("PARTS001", "R50", 1, 100),
            400,
            "INVALID_REQUEST",
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012552567>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_names_one_order() {
    test(|sandbox| {
        let id = paid(sandbox, "NAMED001", 100);
        paid(sandbox, "NAMED002", 100);
        let mut both = refund("NAMED002", "R1", 10, 100);
        both["transaction_id"] = id.into();
        refused(sandbox, "POST", REFUNDS, &both, 400, "INVALID_REQUEST");
        both["out_trade_no"] = "NAMED001".into();
        well(sandbox, "POST", REFUNDS, &both);
        let mut none = refund("", "R2", 10, 100);
        none.as_object_mut().unwrap().remove("out_trade_no");
        refused(sandbox, "POST", REFUNDS, &none, 400, "PARAM_ERROR");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012525167>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_paid_by_one_user_at_one_time() {
    test(|sandbox| {
        well(
            sandbox,
            "POST",
            NATIVE,
            &json!({
                "appid": "wx1", "mchid": sandbox.identity().mchid, "description": "a thing",
                "out_trade_no": "STABLE01", "notify_url": HOOK, "amount": { "total": 5 }, "attach": "mine",
            }),
        );
        let before = query(sandbox, "STABLE01");
        assert!(
            before.get("attach").is_none() && before.get("transaction_id").is_none(),
            "{before}"
        );
        sandbox.control().pay("STABLE01").unwrap();
        let after = query(sandbox, "STABLE01");
        assert_eq!(after["attach"], "mine");
        sandbox.control().advance_clock(std::time::Duration::from_secs(5));
        assert_eq!(query(sandbox, "STABLE01"), after);
        assert!(after["payer"]["openid"].is_string(), "{after}");
        let old = [("out_trade_no", "STABLE01")];
        let first = v2(sandbox, "/pay/orderquery", &old);
        sandbox.control().advance_clock(std::time::Duration::from_secs(5));
        assert_eq!(
            v2(sandbox, "/pay/orderquery", &old)["time_end"],
            first["time_end"]
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012525167>: `time_expire`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_cannot_be_paid_after_it_has_expired() {
    test(|sandbox| {
        let now = sandbox.control().clock().now();
        let mut order = order(sandbox, "EXPIRES1", 5);
        order["time_expire"] = "tomorrow".into();
        refused(sandbox, "POST", NATIVE, &order, 400, "PARAM_ERROR");
        order["time_expire"] = wechatpay_sandbox::text::rfc3339(now - 1).into();
        refused(sandbox, "POST", NATIVE, &order, 400, "PARAM_ERROR");
        order["time_expire"] = wechatpay_sandbox::text::rfc3339(now + 600).into();
        well(sandbox, "POST", NATIVE, &order);
        assert_eq!(query(sandbox, "EXPIRES1")["trade_state"], "NOTPAY");
        sandbox
            .control()
            .advance_clock(std::time::Duration::from_secs(601));
        assert_eq!(query(sandbox, "EXPIRES1")["trade_state"], "CLOSED");
        sandbox.control().pay("EXPIRES1").unwrap_err();
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012525167>: the form of each field.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_an_order_have_their_forms() {
    test(|sandbox| {
        let long = "x".repeat(128);
        for (path, value) in [
            ("/out_trade_no", json!("SHORT")),
            ("/out_trade_no", json!("x".repeat(33))),
            ("/out_trade_no", json!("with space")),
            ("/description", json!("")),
            ("/description", json!(long)),
            ("/attach", json!("x".repeat(129))),
            ("/notify_url", json!("nonsense")),
            ("/notify_url", json!("https://shop.example/n?a=1")),
            ("/notify_url", json!("http://shop.example/n")),
            ("/amount", json!({ "total": 1, "currency": "USD" })),
            ("/amount", json!({ "total": 0 })),
            ("/amount", json!({ "total": 1_000_000_001 })),
        ] {
            let mut order = order(sandbox, "FORMS001", 1);
            order[path.trim_start_matches('/')] = value.clone();
            let (status, response) = v3(sandbox, "POST", NATIVE, &order);
            assert_eq!(
                (status, &response["code"]),
                (400, &json!("PARAM_ERROR")),
                "{path} {value}: {response}"
            );
        }
        let mut right = order(sandbox, "a-b_c|d*e@F", 1);
        right["notify_url"] = "https://shop.example/n".into();
        well(sandbox, "POST", NATIVE, &right);
        let mut other = order(sandbox, "FOREIGN1", 1);
        other["appid"] = "wx0000000000000000".into();
        refused(sandbox, "POST", NATIVE, &other, 400, "APPID_MCHID_NOT_MATCH");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012525167>: `PAYERROR` is of code payments only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_attempt_leaves_an_order_open() {
    test(|sandbox| {
        well(sandbox, "POST", NATIVE, &order(sandbox, "ATTEMPT1", 5));
        sandbox.control().fail("ATTEMPT1").unwrap();
        assert_eq!(query(sandbox, "ATTEMPT1")["trade_state"], "NOTPAY");
        sandbox.control().pay("ATTEMPT1").unwrap();
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012738519>: an order belongs to its sub-merchant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_of_sub_merchants_are_kept_apart() {
    test(|sandbox| {
        let mchid = sandbox.identity().mchid.as_str();
        let place = |sub: &str| {
            let order = json!({
                "sp_appid": "wx1", "sp_mchid": mchid, "sub_mchid": sub, "description": "a thing",
                "out_trade_no": "APART001", "notify_url": HOOK, "amount": { "total": 5 },
            });
            well(sandbox, "POST", "/v3/pay/partner/transactions/native", &order)
        };
        assert_ne!(place("1900000001"), place("1900000002"));
        let query = |sub: &str| {
            format!("/v3/pay/partner/transactions/out-trade-no/APART001?sp_mchid={mchid}&sub_mchid={sub}")
        };
        well(sandbox, "GET", &query("1900000001"), &Value::Null);
        refused(
            sandbox,
            "GET",
            &query("1900000003"),
            &Value::Null,
            404,
            "ORDER_NOT_EXIST",
        );
        let direct = format!("/v3/pay/transactions/out-trade-no/APART001?mchid={mchid}");
        refused(sandbox, "GET", &direct, &Value::Null, 404, "ORDER_NOT_EXIST");
        sandbox.control().pay("APART001").unwrap();
        let mut back = refund("APART001", "R1", 5, 5);
        refused(sandbox, "POST", REFUNDS, &back, 404, "RESOURCE_NOT_EXISTS");
        back["sub_mchid"] = "1900000001".into();
        well(sandbox, "POST", REFUNDS, &back);
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012760629>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_combined_order_is_paid_as_one() {
    test(|sandbox| {
        const PLACE: &str = "/v3/combine-transactions/native";
        let mchid = sandbox.identity().mchid.as_str();
        let part = |number: &str, amount: i64| {
            json!({
                "mchid": mchid, "attach": "a", "amount": { "total_amount": amount, "currency": "CNY" },
                "out_trade_no": number, "description": "a thing",
            })
        };
        let order = |number: &str, parts: Vec<Value>| {
            json!({
                "combine_appid": "wx1", "combine_mchid": mchid, "combine_out_trade_no": number,
                "sub_orders": parts, "notify_url": HOOK,
            })
        };
        for parts in [
            vec![],
            vec![part("PART0001", 0)],
            vec![part("PART0001", -5)],
            vec![part("PART0001", 1), part("PART0001", 1)],
            (0..51).map(|at| part(&format!("PART00{at:02}"), 1)).collect(),
        ] {
            refused(
                sandbox,
                "POST",
                PLACE,
                &order("WHOLE001", parts),
                400,
                "PARAM_ERROR",
            );
        }
        let right = order("WHOLE001", vec![part("PART0001", 10), part("PART0002", 5)]);
        well(sandbox, "POST", PLACE, &right);
        well(
            sandbox,
            "POST",
            PLACE,
            &order("WHOLE002", vec![part("PART0003", 5)]),
        );
        let close =
            json!({ "combine_appid": "wx1", "sub_orders": [{ "mchid": mchid, "out_trade_no": "PART0003" }] });
        let target = "/v3/combine-transactions/out-trade-no/WHOLE001";
        refused(
            sandbox,
            "POST",
            &format!("{target}/close"),
            &close,
            400,
            "PARAM_ERROR",
        );
        sandbox.control().pay("PART0001").unwrap_err();
        sandbox.control().pay("WHOLE001").unwrap();
        let found = well(sandbox, "GET", target, &Value::Null);
        let states: Vec<_> = found["sub_orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| &part["trade_state"])
            .collect();
        assert_eq!(states, ["SUCCESS", "SUCCESS"]);
        assert_eq!(
            found["combine_transaction_id"].as_str().unwrap().len(),
            28,
            "{found}"
        );
        is_notified(sandbox, "TRANSACTION.SUCCESS");
        refused(sandbox, "POST", PLACE, &right, 400, "ORDER_PAID");
        well(sandbox, "POST", REFUNDS, &refund("PART0001", "R1", 10, 10));
        // The part can be refunded by APIv2's requests, but not queried, closed or reversed.
        let part = &[("out_trade_no", "PART0001")];
        assert_eq!(v2(sandbox, "/pay/refundquery", part)["out_refund_no_0"], "R1");
        for path in ["/pay/orderquery", "/pay/closeorder", "/secapi/pay/reverse"] {
            assert_eq!(v2(sandbox, path, part)["err_code"], "ORDERNOTEXIST", "{path}");
        }
    })
    .await;
}
