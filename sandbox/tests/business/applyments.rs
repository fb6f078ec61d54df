//! Applications of new merchants, from the draft to the finished sub-merchant.

use serde_json::{Value, json};
use wechatpay_sandbox::Settings;

use super::tester::wait;
use super::{example, refused, well, with};

const SUBMIT: &str = "/v3/applyment4sub/applyment/";
const ECOMMERCE: &str = "/v3/ecommerce/applyments/";

/// <https://pay.weixin.qq.com/doc/v3/partner/4012697052>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_goes_from_the_draft_to_the_sub_merchant() {
    with(Settings::default(), |sandbox| {
        let mut body = example(sandbox, "POST", SUBMIT);
        body["business_code"] = "APPLY_1".into();
        let made = well(sandbox, "POST", SUBMIT, &body);
        let id = made["applyment_id"].as_u64().unwrap();
        let query = || {
            let by_code = well(
                sandbox,
                "GET",
                &format!("{SUBMIT}business_code/APPLY_1"),
                &Value::Null,
            );
            let by_id = well(
                sandbox,
                "GET",
                &format!("{SUBMIT}applyment_id/{id}"),
                &Value::Null,
            );
            assert_eq!(by_code, by_id);
            by_code
        };
        assert_eq!(query()["applyment_state"], "APPLYMENT_STATE_AUDITING");
        // What is being audited is not changed by another request.
        let mut other = body.clone();
        other["business_info"]["merchant_shortname"] = "another".into();
        refused(sandbox, "POST", SUBMIT, &other, 400, "INVALID_REQUEST");

        let control = sandbox.control();
        let set = |state: &str| control.set_applyment("APPLY_1", state, "the licence is unreadable");
        set("rejected").unwrap();
        let rejected = query();
        assert_eq!(
            rejected["audit_detail"][0]["reject_reason"],
            "the licence is unreadable"
        );
        // What was rejected is submitted again under the same number, and so is a draft.
        assert_eq!(well(sandbox, "POST", SUBMIT, &other)["applyment_id"], id);
        set("editting").unwrap();
        assert_eq!(query()["applyment_state"], "APPLYMENT_STATE_EDITTING");
        assert_eq!(well(sandbox, "POST", SUBMIT, &body)["applyment_id"], id);

        set("finished").unwrap_err();
        set("to-be-confirmed").unwrap();
        set("to-be-signed").unwrap();
        let to_sign = query();
        assert!(
            to_sign["sign_url"].as_str().unwrap().starts_with("http"),
            "{to_sign}"
        );
        assert!(to_sign["sub_mchid"].is_null(), "{to_sign}");
        set("next").unwrap();
        let signing = query();
        set("next").unwrap();
        let finished = query();
        assert_eq!(
            finished["applyment_state"], "APPLYMENT_STATE_FINISHED",
            "{finished}"
        );
        assert_eq!(finished["sub_mchid"], signing["sub_mchid"], "{finished}");
        assert!(
            finished["sub_mchid"].is_string() && finished["sign_url"].is_null(),
            "{finished}"
        );
        set("next").unwrap_err();
        refused(
            sandbox,
            "GET",
            &format!("{SUBMIT}business_code/NONE"),
            &Value::Null,
            404,
            "RESOURCE_NOT_EXISTS",
        );
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4012691469> and
/// <https://pay.weixin.qq.com/doc/v3/partner/4015616721>: an application can be revoked until it is finished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_applies_for_its_sub_merchants() {
    with(Settings::default(), |sandbox| {
        let mut body = example(sandbox, "POST", ECOMMERCE);
        for (number, last) in [("EC_1", "FINISH"), ("EC_2", "CANCELED")] {
            body["out_request_no"] = number.into();
            let id = well(sandbox, "POST", ECOMMERCE, &body)["applyment_id"]
                .as_u64()
                .unwrap();
            let target = format!("{ECOMMERCE}out-request-no/{number}");
            let query = || well(sandbox, "GET", &target, &Value::Null);
            assert_eq!(query()["applyment_state"], "CHECKING");
            sandbox.control().set_applyment(number, "next", "").unwrap();
            assert_eq!(query()["account_validation"]["pay_amount"], 124);
            let revoke = format!("{target}/revoke");
            if last == "CANCELED" {
                well(sandbox, "POST", &revoke, &json!({}));
            } else {
                for _ in 0..3 {
                    sandbox
                        .control()
                        .set_applyment(&id.to_string(), "next", "")
                        .unwrap();
                }
                refused(sandbox, "POST", &revoke, &json!({}), 400, "INVALID_REQUEST");
            }
            let found = query();
            assert_eq!(found["applyment_state"], last, "{found}");
            assert_eq!(found["sub_mchid"].is_string(), last == "FINISH", "{found}");
        }
    })
    .await;
}

/// <https://pay.weixin.qq.com/doc/v3/partner/4016257694> and
/// <https://pay.weixin.qq.com/doc/v3/partner/4016257700>
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brand_is_applied_for_and_the_application_cancelled() {
    with(Settings::default(), |sandbox| {
        const BRAND: &str = "/v3/brand/applyments";
        let mut body = example(sandbox, "POST", BRAND);
        let query = |code: &str| {
            well(
                sandbox,
                "GET",
                &format!("{BRAND}/business-code/{code}"),
                &Value::Null,
            )
        };
        for code in ["BRAND_1", "BRAND_2"] {
            body["business_code"] = code.into();
            well(sandbox, "POST", BRAND, &body);
        }
        let set = |state: &str| sandbox.control().set_applyment("BRAND_1", state, "no trademark");
        set("audit-rejected").unwrap();
        assert_eq!(query("BRAND_1")["reject_reason"], "no trademark");
        body["business_code"] = "BRAND_1".into();
        well(sandbox, "POST", BRAND, &body);
        set("next").unwrap();
        assert!(query("BRAND_1")["authorization_confirmation_qr_code"].is_string());
        set("next").unwrap();
        set("next").unwrap();
        let finished = query("BRAND_1");
        assert_eq!(
            finished["applyment_state"], "APPLYMENT_STATE_FINISH",
            "{finished}"
        );
        assert!(
            finished["brand_id"].is_string() && finished["reject_reason"].is_null(),
            "{finished}"
        );

        let cancel = format!("{BRAND}/cancel-applyment");
        let by_code = json!({ "business_code": "BRAND_2" });
        well(sandbox, "POST", &cancel, &by_code);
        assert_eq!(query("BRAND_2")["applyment_state"], "APPLYMENT_STATE_CANCELED");
        let by_id = json!({ "applyment_id": finished["applyment_id"] });
        refused(sandbox, "POST", &cancel, &by_id, 400, "INVALID_REQUEST");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applications_are_accepted_without_being_told_to() {
    let settings = Settings {
        automatic: true,
        ..Settings::default()
    };
    with(settings, |sandbox| {
        let mut body = example(sandbox, "POST", SUBMIT);
        body["business_code"] = "APPLY_2".into();
        well(sandbox, "POST", SUBMIT, &body);
        let target = format!("{SUBMIT}business_code/APPLY_2");
        wait("the sub-merchant", || {
            sandbox.control().advance_clock(std::time::Duration::from_secs(1));
            let found = well(sandbox, "GET", &target, &Value::Null);
            (found["applyment_state"] == "APPLYMENT_STATE_FINISHED").then_some(())
        });
    })
    .await;
}
