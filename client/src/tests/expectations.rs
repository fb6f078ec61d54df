//! Expectations: which orders match the merchant's records.

use serde_json::json;

use super::gateway::MCHID;
use super::notifications::{Event, ORDER, body, take};
use crate::webhook::Expectation;
use crate::{ErrorKind, Json};

#[tokio::test]
async fn a_genuine_notification_may_be_about_something_else() {
    let notification = take(&body("TRANSACTION.SUCCESS", ORDER)).await.unwrap();
    let Event::Ordered(order) = notification.resource else {
        panic!()
    };
    let right = || {
        Expectation::new()
            .appid("wx1")
            .out_trade_no("n-1")
            .total(100)
            .currency("CNY")
    };
    right().check(&*order).unwrap();
    for wrong in [
        right().appid("wx2"),
        right().out_trade_no("n-2"),
        right().total(1),
        right().currency("USD"),
        right().mchid(MCHID),
        right().trade_state("SUCCESS"),
    ] {
        assert_eq!(
            wrong.check(&*order).unwrap_err().kind(),
            ErrorKind::Unexpected,
            "{wrong:?}"
        );
    }
}

#[tokio::test]
async fn an_amount_that_was_not_received_as_documented_never_matches() {
    let order =
        || json!({ "appid": "wx1", "out_trade_no": "n-1", "amount": { "total": 100, "currency": "CNY" } });
    let check = async |order: Json| {
        let notification = take(&body("TRANSACTION.SUCCESS", &order.to_string()))
            .await
            .unwrap();
        let Event::Ordered(order) = notification.resource else {
            panic!()
        };
        let total = |fen| Expectation::new().out_trade_no("n-1").total(fen);
        let strict = |fen| total(fen).deviations(&notification.deviations);
        [total(100), total(0), strict(100), strict(0)].map(|expectation| expectation.check(&*order).is_ok())
    };
    assert_eq!(check(order()).await, [true, false, true, false]);

    // Received as text or in a list of one: the amount is known, and deviates.
    let mut text = order();
    text["amount"]["total"] = "100".into();
    let mut list = order();
    list["amount"] = json!([list["amount"]]);
    for order in [text, list] {
        assert_eq!(check(order.clone()).await, [true, false, false, false], "{order}");
    }

    for amount in [
        json!({}),
        json!({ "total": null }),
        json!({ "total": [] }),
        json!("100"),
        Json::Null,
    ] {
        let mut order = order();
        order["amount"] = amount;
        assert_eq!(check(order.clone()).await, [false; 4], "{order}");
    }
    let mut missing = order();
    missing.as_object_mut().unwrap().remove("amount");
    assert_eq!(check(missing).await, [false; 4]);
    let twice = r#"{"appid":"wx1","out_trade_no":"n-1","amount":{"total":100,"total":100}}"#;
    let notification = take(&body("TRANSACTION.SUCCESS", twice)).await.unwrap();
    let Event::Ordered(order) = notification.resource else {
        panic!()
    };
    assert!(Expectation::new().total(100).check(&*order).is_err());
}
