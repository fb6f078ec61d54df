//! Ecommerce platforms and brands: parts of combined orders are shared and refunded.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::rules::HOOK;
use super::{is_notified, refused, well, with};

const SUB: &str = "1900000001";
const ORDERS: &str = "/v3/ecommerce/profitsharing/orders";
const REFUNDS: &str = "/v3/ecommerce/refunds";

/// A paid combined order of one part of 1,000 fen for a sub-merchant: the part's `transaction_id`.
fn paid(sandbox: &Sandbox, number: &str) -> String {
    let mchid = sandbox.identity().mchid.as_str();
    let part = format!("{number}A");
    let order = json!({
        "combine_appid": "wx1", "combine_mchid": mchid, "combine_out_trade_no": number, "notify_url": HOOK,
        "sub_orders": [{
            "mchid": mchid, "sub_mchid": SUB, "out_trade_no": part, "description": "a thing", "attach": "a",
            "amount": { "total_amount": 1000, "currency": "CNY" }, "settle_info": { "profit_sharing": true },
        }],
    });
    well(sandbox, "POST", "/v3/combine-transactions/native", &order);
    sandbox.control().pay(number).unwrap();
    let orders = sandbox.control().orders();
    let row = orders.iter().find(|row| row["number"] == part.as_str()).unwrap();
    row["transaction_id"].as_str().unwrap().to_owned()
}

fn share(id: &str, number: &str, amount: i64) -> Value {
    json!({
        "sub_mchid": SUB, "transaction_id": id, "out_order_no": number, "finish": false,
        "receivers": [{
            "type": "MERCHANT_ID", "receiver_account": "1900000009", "amount": amount, "description": "part",
        }],
    })
}

fn held(sandbox: &Sandbox, product: &str, id: &str) -> Value {
    let target = format!("/v3/{product}/profitsharing/orders/{id}/amounts");
    well(sandbox, "GET", &target, &Value::Null)["unsplit_amount"].clone()
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012691594>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_shares_finishes_and_gets_back() {
    with(Settings::default(), |sandbox| {
        let id = &paid(sandbox, "PLATFORM1");
        let friend = json!({
            "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000009", "relation_type": "PLATFORM",
        });
        well(
            sandbox,
            "POST",
            "/v3/ecommerce/profitsharing/receivers/add",
            &friend,
        );
        let begun = well(sandbox, "POST", ORDERS, &share(id, "S1", 100));
        assert_eq!(begun["status"], "PROCESSING", "{begun}");
        let query =
            |number: &str| format!("{ORDERS}?sub_mchid={SUB}&transaction_id={id}&out_order_no={number}");
        let done = well(sandbox, "GET", &query("S1"), &Value::Null);
        assert_eq!(
            (
                &done["status"],
                &done["receivers"][0]["result"],
                &done["order_id"]
            ),
            (&json!("FINISHED"), &json!("SUCCESS"), &begun["order_id"]),
            "{done}"
        );
        assert_eq!(held(sandbox, "ecommerce", id), 900);
        refused(
            sandbox,
            "POST",
            ORDERS,
            &share(id, "S1", 101),
            400,
            "INVALID_REQUEST",
        );
        refused(sandbox, "POST", ORDERS, &share(id, "S2", 901), 403, "NOT_ENOUGH");
        // Another sub-merchant's order is not shared.
        let mut other = share(id, "S3", 1);
        other["sub_mchid"] = "1900000002".into();
        refused(sandbox, "POST", ORDERS, &other, 404, "RESOURCE_NOT_EXISTS");

        let rest = json!({
            "sub_mchid": SUB, "transaction_id": id, "out_order_no": "U1", "description": "the rest",
        });
        well(sandbox, "POST", "/v3/ecommerce/profitsharing/finish-order", &rest);
        assert_eq!(held(sandbox, "ecommerce", id), 0);
        let finished = well(sandbox, "GET", &query("U1"), &Value::Null);
        assert_eq!(finished["finish_amount"], 900, "{finished}");
        refused(sandbox, "POST", ORDERS, &share(id, "S4", 1), 403, "NOT_ENOUGH");

        const RETURNS: &str = "/v3/ecommerce/profitsharing/returnorders";
        let back = |number: &str, amount: i64| {
            json!({
                "sub_mchid": SUB, "out_order_no": "S1", "out_return_no": number, "return_mchid": "1900000009",
                "amount": amount, "description": "back",
            })
        };
        refused(sandbox, "POST", RETURNS, &back("R1", 101), 403, "NOT_ENOUGH");
        let returned = well(sandbox, "POST", RETURNS, &back("R1", 60));
        let target = format!("{RETURNS}?sub_mchid={SUB}&out_order_no=S1&out_return_no=R1");
        let found = well(sandbox, "GET", &target, &Value::Null);
        assert_eq!(
            (&found["return_no"], &found["amount"]),
            (&returned["return_no"], &json!(60))
        );
        refused(sandbox, "POST", RETURNS, &back("R2", 41), 403, "NOT_ENOUGH");
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012467002>: the brand's receivers get parts of the order of a
/// sub-merchant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brand_shares_with_its_own_receivers() {
    with(Settings::default(), |sandbox| {
        let id = &paid(sandbox, "BRAND001");
        let friend = |brand: &str| {
            json!({
                "brand_mchid": brand, "appid": "wx1", "type": "MERCHANT_ID", "account": "1900000009",
                "relation_type": "SUPPLIER",
            })
        };
        well(
            sandbox,
            "POST",
            "/v3/brand/profitsharing/receivers/add",
            &friend("1900000005"),
        );
        let share = |number: &str, brand: &str| {
            json!({
                "brand_mchid": brand, "sub_mchid": SUB, "appid": "wx1", "transaction_id": id,
                "out_order_no": number, "finish": false,
                "receivers": [{
                    "type": "MERCHANT_ID", "account": "1900000009", "amount": 100, "description": "part",
                }],
            })
        };
        const BRAND: &str = "/v3/brand/profitsharing/orders";
        let result = |number: &str| {
            let target = format!("{BRAND}?sub_mchid={SUB}&transaction_id={id}&out_order_no={number}");
            well(sandbox, "GET", &target, &Value::Null)["receivers"][0]["result"].clone()
        };
        well(sandbox, "POST", BRAND, &share("S1", "1900000005"));
        assert_eq!(result("S1"), "SUCCESS");
        assert_eq!(held(sandbox, "brand", id), 900);
        // Another brand did not add this receiver.
        well(sandbox, "POST", BRAND, &share("S2", "1900000006"));
        assert_eq!(result("S2"), "CLOSED");
        assert_eq!(held(sandbox, "brand", id), 900);
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012476892>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_refunds_within_the_order_of_its_sub_merchant() {
    with(Settings::default(), |sandbox| {
        let id = &paid(sandbox, "ECREFUND1");
        let refund = |number: &str, amount: i64| {
            json!({
                "sub_mchid": SUB, "sp_appid": "wx1", "transaction_id": id, "out_refund_no": number,
                "notify_url": HOOK, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE",
                "amount": { "refund": amount, "total": 1000, "currency": "CNY" },
            })
        };
        let apply = format!("{REFUNDS}/apply");
        refused(sandbox, "POST", &apply, &refund("R1", 1001), 403, "NOT_ENOUGH");
        let made = well(sandbox, "POST", &apply, &refund("R1", 400));
        assert_eq!(
            well(sandbox, "POST", &apply, &refund("R1", 400))["refund_id"],
            made["refund_id"]
        );
        refused(
            sandbox,
            "POST",
            &apply,
            &refund("R1", 401),
            400,
            "INVALID_REQUEST",
        );
        refused(sandbox, "POST", &apply, &refund("R2", 601), 403, "NOT_ENOUGH");
        let mut other = refund("R3", 1);
        other["sub_mchid"] = "1900000002".into();
        refused(sandbox, "POST", &apply, &other, 404, "RESOURCE_NOT_EXISTS");

        let refund_id = made["refund_id"].as_str().unwrap();
        let query = |sub: &str| format!("{REFUNDS}/id/{refund_id}?sub_mchid={sub}");
        let found = well(sandbox, "GET", &query(SUB), &Value::Null);
        assert_eq!(
            (&found["status"], &found["amount"]["advance"]),
            (&json!("PROCESSING"), &json!(400))
        );
        refused(
            sandbox,
            "GET",
            &query("1900000002"),
            &Value::Null,
            404,
            "RESOURCE_NOT_EXISTS",
        );

        // <https://pay.weixin.qq.com/doc/v3/partner/4012476916>: what was advanced is returned once.
        let advance = format!("{REFUNDS}/{refund_id}/return-advance");
        let body = json!({ "sub_mchid": SUB });
        refused(sandbox, "POST", &advance, &body, 400, "INVALID_REQUEST");
        sandbox.control().settle_refund("R1", "SUCCESS").unwrap();
        is_notified(sandbox, "REFUND.SUCCESS");
        let returned = well(sandbox, "POST", &advance, &body);
        assert_eq!(returned["return_amount"], 400, "{returned}");
        assert_eq!(well(sandbox, "POST", &advance, &body), returned);
        let number = format!("{REFUNDS}/out-refund-no/R1?sub_mchid={SUB}");
        assert_eq!(well(sandbox, "GET", &number, &Value::Null)["status"], "SUCCESS");
    })
    .await;
}
