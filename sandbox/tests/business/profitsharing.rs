//! A paid order is shared: within what it holds, with those who were added, and given back.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::{refused, v3, well, with};

const ORDERS: &str = "/v3/profitsharing/orders";

/// A paid order of 1,000 fen: its `transaction_id`.
fn paid(sandbox: &Sandbox, number: &str, shared: bool) -> String {
    let order = json!({
        "appid": "wx1", "mchid": sandbox.identity().mchid, "description": "a thing", "out_trade_no": number,
        "notify_url": "http://127.0.0.1:9/n", "amount": { "total": 1000 },
        "settle_info": { "profit_sharing": shared },
    });
    well(sandbox, "POST", "/v3/pay/transactions/native", &order);
    let row = sandbox.control().pay(number).unwrap();
    row["transaction_id"].as_str().unwrap().to_owned()
}

fn part(id: &str, number: &str, account: &str, amount: i64) -> Value {
    json!({
        "appid": "wx1", "transaction_id": id, "out_order_no": number, "unfreeze_unsplit": false,
        "receivers": [{ "type": "MERCHANT_ID", "account": account, "amount": amount, "description": "part" }],
    })
}

fn held(sandbox: &Sandbox, id: &str) -> Value {
    let target = format!("/v3/profitsharing/transactions/{id}/amounts");
    well(sandbox, "GET", &target, &Value::Null)["unsplit_amount"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_shared_within_its_limits() {
    with(Settings::default(), |sandbox| {
        let id = &paid(sandbox, "SHARED1", true);
        let friend = json!({
            "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000001", "relation_type": "PARTNER",
        });
        well(sandbox, "POST", "/v3/profitsharing/receivers/add", &friend);
        assert_eq!(held(sandbox, id), 1000);

        let share = part(id, "S1", "1900000001", 100);
        let begun = well(sandbox, "POST", ORDERS, &share);
        assert_eq!(
            (&begun["state"], &begun["receivers"][0]["result"]),
            (&json!("PROCESSING"), &json!("PENDING"))
        );
        assert_eq!(
            well(sandbox, "POST", ORDERS, &share)["order_id"],
            begun["order_id"]
        );
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S1", "1900000001", 101),
            400,
            "INVALID_REQUEST",
        );
        let target = format!("{ORDERS}/S1?transaction_id={id}");
        let done = well(sandbox, "GET", &target, &Value::Null);
        assert_eq!(
            (&done["state"], &done["receivers"][0]["result"]),
            (&json!("FINISHED"), &json!("SUCCESS"))
        );
        assert_eq!(held(sandbox, id), 900);

        // Nobody added: nothing is received, and the order still holds it.
        well(sandbox, "POST", ORDERS, &part(id, "S2", "1900000002", 50));
        let done = well(
            sandbox,
            "GET",
            &format!("{ORDERS}/S2?transaction_id={id}"),
            &Value::Null,
        );
        assert_eq!(
            (
                &done["receivers"][0]["result"],
                &done["receivers"][0]["fail_reason"]
            ),
            (&json!("CLOSED"), &json!("NO_RELATION"))
        );
        assert_eq!(held(sandbox, id), 900);

        // Three tenths of the order are the most, and never more than it holds.
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S3", "1900000001", 201),
            400,
            "INVALID_REQUEST",
        );
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S3", "1900000001", 901),
            403,
            "NOT_ENOUGH",
        );
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S3", "1900000001", 0),
            400,
            "PARAM_ERROR",
        );
        well(sandbox, "POST", ORDERS, &part(id, "S3", "1900000001", 200));
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S4", "1900000001", 1),
            400,
            "INVALID_REQUEST",
        );

        let rest = json!({ "transaction_id": id, "out_order_no": "U1", "description": "the rest" });
        let released = well(sandbox, "POST", "/v3/profitsharing/orders/unfreeze", &rest);
        assert_eq!(released["state"], "PROCESSING");
        assert_eq!(held(sandbox, id), 0);
        refused(
            sandbox,
            "POST",
            ORDERS,
            &part(id, "S5", "1900000001", 1),
            403,
            "NOT_ENOUGH",
        );

        let back = |number: &str, amount: i64| {
            json!({
                "out_order_no": "S1", "out_return_no": number, "return_mchid": "1900000001", "amount": amount,
                "description": "back",
            })
        };
        const RETURNS: &str = "/v3/profitsharing/return-orders";
        refused(sandbox, "POST", RETURNS, &back("R1", 101), 403, "NOT_ENOUGH");
        refused(sandbox, "POST", RETURNS, &back("R1", i64::MAX), 403, "NOT_ENOUGH");
        let returned = well(sandbox, "POST", RETURNS, &back("R1", 60));
        assert_eq!(returned["result"], "SUCCESS");
        assert_eq!(well(sandbox, "POST", RETURNS, &back("R1", 60)), returned);
        refused(sandbox, "POST", RETURNS, &back("R2", 41), 403, "NOT_ENOUGH");
        let found = well(
            sandbox,
            "GET",
            &format!("{RETURNS}/R1?out_order_no=S1"),
            &Value::Null,
        );
        assert_eq!(found["return_id"], returned["return_id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_shared_is_not() {
    with(Settings::default(), |sandbox| {
        let id = &paid(sandbox, "SHARED1", false);
        refused(sandbox, "POST", ORDERS, &part(id, "S1", "1900000001", 1), 400, "INVALID_REQUEST");
        let none = part("4200000000", "S1", "1900000001", 1);
        refused(sandbox, "POST", ORDERS, &none, 404, "RESOURCE_NOT_EXISTS");
        let target = format!("{ORDERS}/S1?transaction_id={id}");
        refused(sandbox, "GET", &target, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
        // What was refunded is not there to be shared.
        let id = &paid(sandbox, "SHARED2", true);
        let refund = json!({
            "out_trade_no": "SHARED2", "out_refund_no": "F1", "amount": { "refund": 900, "total": 1000, "currency": "CNY" },
        });
        assert_eq!(v3(sandbox, "POST", "/v3/refund/domestic/refunds", &refund).0, 200);
        assert_eq!(held(sandbox, id), 100);
        refused(sandbox, "POST", ORDERS, &part(id, "S2", "1900000001", 101), 403, "NOT_ENOUGH");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012690683>: a partner shares the order of a sub-merchant with
/// those whom that sub-merchant added.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_shares_the_order_of_its_sub_merchant() {
    with(Settings::default(), |sandbox| {
        const SUB: &str = "1900000001";
        let order = json!({
            "sp_appid": "wx1", "sp_mchid": sandbox.identity().mchid, "sub_mchid": SUB, "description": "a thing",
            "out_trade_no": "PARTNERSHARE1", "notify_url": "http://127.0.0.1:9/n", "amount": { "total": 1000 },
            "settle_info": { "profit_sharing": true },
        });
        well(sandbox, "POST", "/v3/pay/partner/transactions/native", &order);
        let row = sandbox.control().pay("PARTNERSHARE1").unwrap();
        let id = row["transaction_id"].as_str().unwrap();
        let friend = |sub: &str| {
            json!({
                "sub_mchid": sub, "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000009",
                "relation_type": "PARTNER",
            })
        };
        let add = "/v3/profitsharing/receivers/add";
        well(sandbox, "POST", add, &friend("1900000002"));
        let share = |number: &str, sub: &str| {
            let mut share = part(id, number, "1900000009", 100);
            share["sub_mchid"] = sub.into();
            share
        };
        let result = |number: &str| {
            let target = format!("{ORDERS}/{number}?sub_mchid={SUB}&transaction_id={id}");
            well(sandbox, "GET", &target, &Value::Null)["receivers"][0]["result"].clone()
        };
        well(sandbox, "POST", ORDERS, &share("P1", SUB));
        assert_eq!(result("P1"), "CLOSED");
        well(sandbox, "POST", add, &friend(SUB));
        well(sandbox, "POST", ORDERS, &share("P2", SUB));
        assert_eq!(result("P2"), "SUCCESS");
        assert_eq!(held(sandbox, id), 900);
        // The order is neither another sub-merchant's nor the partner's own.
        refused(sandbox, "POST", ORDERS, &share("P3", "1900000002"), 404, "RESOURCE_NOT_EXISTS");
        let own = part(id, "P4", "1900000009", 100);
        refused(sandbox, "POST", ORDERS, &own, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}
