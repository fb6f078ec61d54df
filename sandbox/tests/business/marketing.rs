//! Complaints and coupons.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::http::Connection;
use super::rules::paid;
use super::{refused, v3, well, with};

fn control(sandbox: &Sandbox, target: &str, body: &Value) -> (u16, Value) {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    let response = Connection::new(sandbox.url()).send("POST", target, &headers, body.to_string().as_bytes());
    (
        response.status,
        serde_json::from_slice(&response.body).unwrap_or_default(),
    )
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012467255>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_is_answered_and_completed() {
    with(Settings::default(), |sandbox| {
        const BASE: &str = "/v3/merchant-service/complaints-v2";
        paid(sandbox, "COMPLAIN1", 5);
        let (status, made) = control(
            sandbox,
            "/control/orders/COMPLAIN1/complain",
            &json!({ "detail": "broken" }),
        );
        assert_eq!(status, 200, "{made}");
        let id = made["facts"]["complaint_id"].as_str().unwrap();
        let today = wechatpay_sandbox::text::today();
        let list = well(
            sandbox,
            "GET",
            &format!("{BASE}?begin_date={today}&end_date={today}"),
            &Value::Null,
        );
        assert_eq!(
            (&list["total_count"], &list["data"][0]["complaint_id"]),
            (&json!(1), &json!(id)),
            "{list}"
        );
        let body = json!({ "complainted_mchid": sandbox.identity().mchid });
        refused(
            sandbox,
            "POST",
            &format!("{BASE}/{id}/complete"),
            &body,
            400,
            "INVALID_REQUEST",
        );
        let mut response = body.clone();
        response["response_content"] = "sorry".into();
        assert_eq!(
            v3(sandbox, "POST", &format!("{BASE}/{id}/response"), &response).0,
            204
        );
        assert_eq!(
            v3(sandbox, "POST", &format!("{BASE}/{id}/complete"), &body).0,
            204
        );
        let detail = well(sandbox, "GET", &format!("{BASE}/{id}"), &Value::Null);
        assert_eq!(detail["complaint_state"], "PROCESSED", "{detail}");
        let history = well(
            sandbox,
            "GET",
            &format!("{BASE}/{id}/negotiation-historys"),
            &Value::Null,
        );
        assert_eq!(history["data"].as_array().unwrap().len(), 3, "{history}");
        refused(
            sandbox,
            "GET",
            &format!("{BASE}/200000"),
            &Value::Null,
            404,
            "RESOURCE_NOT_EXISTS",
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/merchant/4012534633>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coupons_are_sent_within_the_limits_of_their_stock() {
    with(Settings::default(), |sandbox| {
        const FAVOR: &str = "/v3/marketing/favor";
        let mchid = sandbox.identity().mchid.as_str();
        let now = wechatpay_sandbox::text::now();
        let time = |at: u64| wechatpay_sandbox::text::rfc3339(at);
        let stock = json!({
            "stock_name": "ten off", "available_begin_time": time(now), "available_end_time": time(now + 600),
            "stock_use_rule": {
                "max_coupons": 2, "max_amount": 2000, "max_coupons_per_user": 1, "natural_person_limit": false,
                "prevent_api_abuse": false,
            },
            "no_cash": false, "stock_type": "NORMAL", "belong_merchant": mchid, "out_request_no": "S1",
            "coupon_use_rule": {
                "coupon_available_time": {}, "fixed_normal_coupon": { "coupon_amount": 1000, "transaction_minimum": 1001 },
            },
        });
        let made = well(sandbox, "POST", &format!("{FAVOR}/coupon-stocks"), &stock);
        assert_eq!(well(sandbox, "POST", &format!("{FAVOR}/coupon-stocks"), &stock), made);
        let id = made["stock_id"].as_str().unwrap();
        let send = |openid: &str, number: &str| {
            let body = json!({
                "stock_id": id, "out_request_no": number, "appid": "wx1", "stock_creator_mchid": mchid,
            });
            v3(sandbox, "POST", &format!("{FAVOR}/users/{openid}/coupons"), &body)
        };
        assert_eq!(send("oSB0a", "C1").1["code"], "INVALID_REQUEST");
        let creator = json!({ "stock_creator_mchid": mchid });
        well(sandbox, "POST", &format!("{FAVOR}/stocks/{id}/start"), &creator);
        let (status, coupon) = send("oSB0a", "C1");
        assert_eq!(status, 200, "{coupon}");
        assert_eq!(send("oSB0a", "C1").1, coupon);
        assert_eq!(send("oSB0a", "C2").1["code"], "RULE_LIMIT");
        assert_eq!(send("oSB0b", "C3").0, 200);
        assert_eq!(send("oSB0c", "C4").1["code"], "NOT_ENOUGH");
        let coupon = coupon["coupon_id"].as_str().unwrap();
        let target = format!("{FAVOR}/users/oSB0a/coupons/{coupon}?appid=wx1");
        assert_eq!(well(sandbox, "GET", &target, &Value::Null)["status"], "SENDED");
        assert_eq!(control(sandbox, &format!("/control/coupons/{coupon}/use"), &json!({})).0, 200);
        assert_eq!(well(sandbox, "GET", &target, &Value::Null)["status"], "USED");
        let query = format!("{FAVOR}/stocks/{id}?stock_creator_mchid={mchid}");
        assert_eq!(well(sandbox, "GET", &query, &Value::Null)["distributed_coupons"], 2);
        let unknown = format!("{FAVOR}/stocks/1?stock_creator_mchid={mchid}");
        refused(sandbox, "GET", &unknown, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
        sandbox.control().advance_clock(std::time::Duration::from_secs(601));
        let list = format!("{FAVOR}/users/oSB0b/coupons?appid=wx1");
        assert_eq!(well(sandbox, "GET", &list, &Value::Null)["data"][0]["status"], "EXPIRED");
    })
    .await;
}
