//! Notifications that were recorded in production, with invented values: `recorded.jsonl`, a line each.

use serde_json::Value;
use wechatpay_client::webhook::v2::{pap_contract_state_changed, refund_processed, transaction_success};
use wechatpay_client::{Client, traffic};

use crate::gateway::{MCHID, builder, signed};
use crate::notifications::{refund, seal};

/// Signs a recorded notification for the merchant of these tests.
fn signed_again(xml: &str) -> (Vec<(String, String)>, String) {
    let mut fields = traffic::elements(xml).unwrap();
    fields.retain(|(name, value)| name != "sign" && !value.is_empty());
    for (name, value) in &mut fields {
        if name == "mch_id" {
            *value = MCHID.to_owned();
        }
    }
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let xml = signed(&pairs);
    (fields, xml)
}

/// Opens a notification as `$type`: every element that was sent is reachable, and nothing deviates.
macro_rules! open {
    ($type:ty, $client:expr, $xml:expr, $fields:expr, $below:literal) => {{
        let apiv2 = $client.apiv2().unwrap();
        let notified = apiv2.notification::<$type>($xml.as_bytes()).unwrap();
        assert_eq!(notified.deviations(), [], "{}", $xml);
        for (name, value) in $fields {
            let name = format!("{}{name}", $below);
            assert_eq!(notified.field(&name), Some(value.as_str()), "{name} of {}", $xml);
        }
    }};
}

fn open(client: &Client, kind: &str, xml: &str) {
    if kind == "refund_clear" {
        let fields = traffic::elements(xml).unwrap();
        let xml = refund(&seal(xml));
        return open!(refund_processed::Notification, client, xml, fields, "req_info.");
    }
    let (fields, xml) = signed_again(xml);
    match kind {
        "payment" => open!(transaction_success::Notification, client, xml, fields, ""),
        "papay_sign" | "papay_terminate" => {
            open!(pap_contract_state_changed::Notification, client, xml, fields, "");
        }
        _ => panic!("{kind}"),
    }
}

#[test]
fn recorded_notifications_open_whole_and_deviate_nowhere() {
    let client = builder().build().unwrap();
    let lines = include_str!("recorded.jsonl").lines();
    for line in lines.clone() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap();
        open(&client, text("kind"), text("xml"));
    }
    assert_eq!(lines.count(), 11);
}
