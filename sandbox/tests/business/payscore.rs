//! Payscore: a service is authorized, an order begun, confirmed, completed, paid, refunded.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::{is_notified, refused, v3, well, with};

const ORDERS: &str = "/v3/payscore/serviceorder";
const PERMISSIONS: &str = "/v3/payscore/permissions";
const URL: &str = "http://127.0.0.1:9/n";

fn order(number: &str) -> Value {
    json!({
        "out_order_no": number, "appid": "wx1", "service_id": "S", "service_introduction": "a ride",
        "time_range": { "start_time": "OnAccept" }, "notify_url": URL,
        "risk_fund": { "name": "DEPOSIT", "amount": 10_000 },
    })
}

fn completion(paid: i64, discount: i64, total: i64) -> Value {
    json!({
        "appid": "wx1", "service_id": "S", "total_amount": total,
        "post_payments": [{ "name": "ride", "amount": paid }],
        "post_discounts": [{ "name": "less", "description": "less", "amount": discount }],
    })
}

fn found(sandbox: &Sandbox, number: &str) -> Value {
    let target = format!("{ORDERS}?out_order_no={number}&service_id=S&appid=wx1");
    well(sandbox, "GET", &target, &Value::Null)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_confirmed_completed_and_paid() {
    with(Settings::default(), |sandbox| {
        let control = sandbox.control();
        let made = well(sandbox, "POST", ORDERS, &order("O1"));
        assert_eq!(made["state"], "CREATED");
        assert_eq!(well(sandbox, "POST", ORDERS, &order("O1")), made);
        let complete = format!("{ORDERS}/O1/complete");
        refused(
            sandbox,
            "POST",
            &complete,
            &completion(600, 100, 500),
            400,
            "INVALID_ORDER_STATE",
        );
        assert!(control.pay_service("O1").is_err());

        control.confirm_service("O1").unwrap();
        is_notified(sandbox, "PAYSCORE.USER_CONFIRM");
        assert_eq!(found(sandbox, "O1")["state_description"], "USER_CONFIRM");
        assert!(found(sandbox, "O1").get("total_amount").is_none());
        // What does not add up, or is more than was at risk.
        refused(
            sandbox,
            "POST",
            &complete,
            &completion(600, 100, 501),
            400,
            "PARAM_ERROR",
        );
        refused(
            sandbox,
            "POST",
            &complete,
            &completion(10_001, 0, 10_001),
            400,
            "PARAM_ERROR",
        );
        let done = well(sandbox, "POST", &complete, &completion(600, 100, 500));
        assert_eq!(
            (&done["state_description"], &done["need_collection"]),
            (&json!("MCH_COMPLETE"), &json!(true))
        );
        assert_eq!(well(sandbox, "POST", &complete, &completion(600, 100, 500)), done);
        refused(
            sandbox,
            "POST",
            &complete,
            &completion(500, 0, 500),
            400,
            "INVALID_ORDER_STATE",
        );

        let modify = format!("{ORDERS}/O1/modify");
        let mut less = completion(400, 0, 400);
        less["reason"] = "too much".into();
        assert_eq!(
            well(sandbox, "POST", &modify, &less)["collection"]["paying_amount"],
            400
        );
        let mut more = completion(401, 0, 401);
        more["reason"] = "too little".into();
        refused(sandbox, "POST", &modify, &more, 400, "PARAM_ERROR");

        control.pay_service("O1").unwrap();
        is_notified(sandbox, "PAYSCORE.USER_PAID");
        let paid = found(sandbox, "O1");
        assert_eq!(
            (&paid["state"], &paid["collection"]["state"]),
            (&json!("DONE"), &json!("USER_PAID"))
        );
        assert_eq!(paid["collection"]["paid_amount"], 400);
        assert!(control.pay_service("O1").is_err());
        let cancel = json!({ "appid": "wx1", "service_id": "S", "reason": "too late" });
        refused(
            sandbox,
            "POST",
            &format!("{ORDERS}/O1/cancel"),
            &cancel,
            400,
            "INVALID_ORDER_STATE",
        );

        // What was paid can be refunded, and no more.
        let refund = |amount: i64| {
            json!({
                "transaction_id": paid["collection"]["details"][0]["transaction_id"], "out_refund_no": "F1",
                "amount": { "refund": amount, "total": 400, "currency": "CNY" },
            })
        };
        const REFUNDS: &str = "/v3/refund/domestic/refunds";
        refused(sandbox, "POST", REFUNDS, &refund(401), 403, "NOT_ENOUGH");
        assert_eq!(
            well(sandbox, "POST", REFUNDS, &refund(400))["amount"]["refund"],
            400
        );

        well(sandbox, "POST", ORDERS, &order("O2"));
        assert_eq!(
            v3(sandbox, "POST", &format!("{ORDERS}/O2/cancel"), &cancel).0,
            200
        );
        assert_eq!(found(sandbox, "O2")["state"], "REVOKED");
        assert!(control.confirm_service("O2").is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorization_is_asked_for_granted_and_ended() {
    with(Settings::default(), |sandbox| {
        let control = sandbox.control();
        let ask = json!({ "service_id": "S", "appid": "wx1", "authorization_code": "C1", "notify_url": URL });
        let asked = well(sandbox, "POST", PERMISSIONS, &ask);
        assert_eq!(well(sandbox, "POST", PERMISSIONS, &ask), asked);
        let by_code = format!("{PERMISSIONS}/authorization-code/C1?service_id=S");
        let state = |target: &str| well(sandbox, "GET", target, &Value::Null)["authorization_state"].clone();
        assert_eq!(state(&by_code), "UNBINDUSER");
        let by_user = format!("{PERMISSIONS}/openid/oSB0user?service_id=S&appid=wx1");
        assert_eq!(state(&by_user), "UNAVAILABLE");
        let mut spared = order("O1");
        spared["need_user_confirm"] = false.into();
        spared["openid"] = "oSB0user".into();
        refused(sandbox, "POST", ORDERS, &spared, 403, "NO_AUTH");

        control.grant("C1", "oSB0user").unwrap();
        is_notified(sandbox, "PAYSCORE.USER_OPEN_SERVICE");
        assert!(control.grant("C1", "oSB0user").is_err());
        assert_eq!(well(sandbox, "GET", &by_code, &Value::Null)["openid"], "oSB0user");
        assert_eq!(state(&by_user), "AVAILABLE");
        // Now the user need not confirm each order.
        assert_eq!(well(sandbox, "POST", ORDERS, &spared)["state"], "DOING");

        let end = format!("{PERMISSIONS}/openid/oSB0user/terminate");
        let reason = json!({ "service_id": "S", "appid": "wx1", "reason": "enough" });
        assert_eq!(v3(sandbox, "POST", &end, &reason).0, 204);
        is_notified(sandbox, "PAYSCORE.USER_CLOSE_SERVICE");
        assert_eq!(state(&by_code), "UNAVAILABLE");
        refused(sandbox, "POST", &end, &reason, 400, "INVALID_REQUEST");
        let none = format!("{PERMISSIONS}/authorization-code/C2?service_id=S");
        refused(sandbox, "GET", &none, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}
