//! Transfers: confirmed, failed, cancelled, authorized beforehand, in batches.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::{is_notified, refused, well, with};

pub const BILLS: &str = "/v3/fund-app/mch-transfer/transfer-bills";
const AUTHORIZATIONS: &str = "/v3/fund-app/mch-transfer/user-confirm-authorization";
const URL: &str = "http://127.0.0.1:9/n";

pub fn bill(number: &str, amount: i64) -> Value {
    json!({
        "appid": "wx1", "out_bill_no": number, "openid": "oSB0user", "transfer_amount": amount,
        "transfer_remark": "thanks", "transfer_scene_id": "1000", "notify_url": URL,
        "transfer_scene_report_infos": [{ "info_type": "a", "info_content": "b" }],
    })
}

fn state(sandbox: &Sandbox, number: &str) -> Value {
    let target = format!("{BILLS}/out-bill-no/{number}");
    well(sandbox, "GET", &target, &Value::Null)["state"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_confirms_a_transfer_or_not() {
    with(Settings::default(), |sandbox| {
        let made = well(sandbox, "POST", BILLS, &bill("B1", 100));
        assert_eq!(made["state"], "WAIT_USER_CONFIRM");
        assert!(made["package_info"].is_string());
        assert_eq!(well(sandbox, "POST", BILLS, &bill("B1", 100)), made);
        refused(sandbox, "POST", BILLS, &bill("B1", 101), 400, "INVALID_REQUEST");
        refused(sandbox, "POST", BILLS, &bill("B2", 0), 400, "PARAM_ERROR");
        refused(sandbox, "POST", BILLS, &bill("B2", 200_000), 400, "PARAM_ERROR");

        sandbox.control().settle_transfer("B1", true).unwrap();
        is_notified(sandbox, "MCHTRANSFER.BILL.FINISHED");
        let id = made["transfer_bill_no"].as_str().unwrap();
        let found = well(
            sandbox,
            "GET",
            &format!("{BILLS}/transfer-bill-no/{id}"),
            &Value::Null,
        );
        assert_eq!(
            (&found["state"], &found["transfer_amount"]),
            (&json!("SUCCESS"), &json!(100))
        );
        assert!(sandbox.control().settle_transfer("B1", true).is_err());
        let cancel = |number: &str| format!("{BILLS}/out-bill-no/{number}/cancel");
        refused(
            sandbox,
            "POST",
            &cancel("B1"),
            &Value::Null,
            400,
            "INVALID_REQUEST",
        );

        well(sandbox, "POST", BILLS, &bill("B2", 100));
        // Cancelling takes a while: https://pay.weixin.qq.com/doc/v3/merchant/4012716458
        let cancelling = well(sandbox, "POST", &cancel("B2"), &Value::Null);
        assert_eq!(
            (&cancelling["state"], state(sandbox, "B2")),
            (&json!("CANCELING"), json!("CANCELING"))
        );
        assert!(sandbox.control().settle_transfer("B2", true).is_err());
        sandbox.control().set_transfer("B2", "CANCELLED").unwrap();
        assert_eq!(state(sandbox, "B2"), "CANCELLED");
        assert!(sandbox.control().settle_transfer("B2", true).is_err());

        well(sandbox, "POST", BILLS, &bill("B3", 100));
        sandbox.control().settle_transfer("B3", false).unwrap();
        let failed = well(sandbox, "GET", &format!("{BILLS}/out-bill-no/B3"), &Value::Null);
        assert_eq!(
            (&failed["state"], &failed["fail_reason"]),
            (&json!("FAIL"), &json!("PAYEE_ACCOUNT_ABNORMAL"))
        );
        let none = format!("{BILLS}/out-bill-no/B9");
        refused(sandbox, "GET", &none, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorization_spares_the_user_confirming() {
    with(Settings::default(), |sandbox| {
        let ask = json!({
            "out_authorization_no": "A1", "appid": "wx1", "openid": "oSB0user", "transfer_scene_id": "1000",
            "user_display_name": "somebody", "authorization_notify_url": URL,
        });
        assert_eq!(
            well(sandbox, "POST", AUTHORIZATIONS, &ask)["state"],
            "WAIT_USER_CONFIRM"
        );
        let mut sent = bill("B1", 100);
        sent.as_object_mut().unwrap().remove("openid");
        sent["out_authorization_no"] = "A1".into();
        let target = format!("{BILLS}/transfer");
        refused(sandbox, "POST", &target, &sent, 400, "INVALID_REQUEST");

        sandbox.control().authorize_transfers("A1", true).unwrap();
        is_notified(sandbox, "MCHTRANSFER.AUTHORIZATION.CONFIRMED");
        assert_eq!(well(sandbox, "POST", &target, &sent)["state"], "ACCEPTED");
        assert_eq!(state(sandbox, "B1"), "SUCCESS");

        let close = format!("{AUTHORIZATIONS}/out-authorization-no/A1/close");
        assert_eq!(well(sandbox, "POST", &close, &Value::Null)["state"], "CLOSED");
        sent["out_bill_no"] = "B2".into();
        refused(sandbox, "POST", &target, &sent, 400, "INVALID_REQUEST");

        // Both in one: confirming the transfer authorizes the following ones.
        let mut both = bill("B3", 100);
        both["authorization_info"] = json!({
            "user_display_name": "somebody", "out_authorization_no": "A2", "authorization_notify_url": URL,
        });
        let target = format!("{BILLS}/pre-transfer-with-authorization");
        well(sandbox, "POST", &target, &both);
        sandbox.control().settle_transfer("B3", true).unwrap();
        let target = format!("{AUTHORIZATIONS}/out-authorization-no/A2");
        assert_eq!(
            well(sandbox, "GET", &target, &Value::Null)["state"],
            "TAKING_EFFECT"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_adds_up() {
    with(Settings::default(), |sandbox| {
        const BATCHES: &str = "/v3/transfer/batches";
        let sealed = |text: &str| sandbox.identity().public_key.key.encrypt(text).unwrap();
        let detail = |number: &str, amount: i64| {
            json!({
                "out_detail_no": number, "transfer_amount": amount, "transfer_remark": "thanks", "openid": "oSB0user",
                "user_name": sealed("张三"),
            })
        };
        let batch = |total: i64, count: i64| {
            json!({
                "appid": "wx1", "out_batch_no": "B1", "batch_name": "all", "batch_remark": "all", "total_amount": total,
                "total_num": count, "transfer_scene_id": "1000", "notify_url": URL,
                "transfer_detail_list": [detail("D1", 100), detail("D2", 50)],
            })
        };
        refused(sandbox, "POST", BATCHES, &batch(151, 2), 400, "PARAM_ERROR");
        refused(sandbox, "POST", BATCHES, &batch(150, 3), 400, "PARAM_ERROR");
        let made = well(sandbox, "POST", BATCHES, &batch(150, 2));
        assert_eq!(made["batch_status"], "ACCEPTED");
        assert_eq!(well(sandbox, "POST", BATCHES, &batch(150, 2)), made);
        is_notified(sandbox, "MCHTRANSFER.BATCH.FINISHED");

        let target = format!("{BATCHES}/out-batch-no/B1?need_query_detail=true&detail_status=ALL");
        let found = well(sandbox, "GET", &target, &Value::Null);
        assert_eq!(found["transfer_batch"]["batch_status"], "FINISHED");
        assert_eq!(found["transfer_batch"]["success_amount"], 150);
        assert_eq!(found["transfer_detail_list"].as_array().unwrap().len(), 2);
        let id = made["batch_id"].as_str().unwrap();
        let detail = found["transfer_detail_list"][1]["detail_id"].as_str().unwrap();
        let target = format!("{BATCHES}/batch-id/{id}/details/detail-id/{detail}");
        let found = well(sandbox, "GET", &target, &Value::Null);
        assert_eq!((&found["out_detail_no"], &found["transfer_amount"]), (&json!("D2"), &json!(50)));
        let target = format!("{BATCHES}/out-batch-no/B1/details/out-detail-no/D3");
        refused(sandbox, "GET", &target, &Value::Null, 404, "RESOURCE_NOT_EXISTS");
    })
    .await;
}
