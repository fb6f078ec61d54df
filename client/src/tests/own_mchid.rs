//! The caller's own merchant id: filled in where the page has one and the request has none.

use super::gateway::{Gateway, MCHID, Reply};
use super::ops::Prepay;
use crate::{BodyFormat, Call, Json, Operation};

/// An order for a merchant or an institution.
struct Order {
    appid: String,
    mchid: Option<String>,
    sp_mchid: Option<String>,
}
object!(Order {
    appid,
    mchid: String,
    sp_mchid: String
});

static ORDER: Operation = Operation {
    path: "/v3/global/transactions/jsapi",
    body: BodyFormat::Json,
    filled_by_client: &["mchid"],
    ..Operation::V3
};

static QUERY: Operation = Operation {
    method: http::Method::GET,
    path: "/v3/merchants/{mchid}",
    query: &["appid", "sp_mchid"],
    body: BodyFormat::None,
    ..ORDER
};

fn order() -> Order {
    Order {
        appid: "wx1".into(),
        mchid: None,
        sp_mchid: None,
    }
}

async fn body(order: &Order) -> String {
    let gateway = Gateway::always(Reply::ok("{\"prepay_id\":\"wx0\"}")).await;
    let client = gateway.client();
    Call::<Prepay>::new(&client, &ORDER, order).await.unwrap();
    String::from_utf8(gateway.seen().remove(0).body.to_vec()).unwrap()
}

#[tokio::test]
async fn it_stands_where_the_page_has_it() {
    assert_eq!(
        body(&order()).await,
        format!("{{\"appid\":\"wx1\",\"mchid\":\"{MCHID}\"}}")
    );
    let gateway = Gateway::always(Reply::ok("{\"prepay_id\":\"wx0\"}")).await;
    let client = gateway.client();
    Call::<Prepay>::new(&client, &QUERY, &order()).await.unwrap();
    let seen = gateway.seen().remove(0);
    assert_eq!(seen.path_and_query, format!("/v3/merchants/{MCHID}?appid=wx1"));
}

#[tokio::test]
async fn a_caller_that_names_itself_is_left_alone() {
    for (own, other) in [(order().mchid("7"), "mchid"), (order().sp_mchid("7"), "sp_mchid")] {
        let sent: Json = serde_json::from_str(&body(&own).await).unwrap();
        assert_eq!(sent, serde_json::json!({"appid": "wx1", other: "7"}));
    }
}
