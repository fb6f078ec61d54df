//! Lists that come page by page.

use super::gateway::{Gateway, Reply, Seen};
use super::ops::{ListRequest, ListResponse, NO_PAGES, NUMBERS, ROWS, TOKENS};
use crate::{Call, Json, Operation};

fn parameter(seen: &Seen, name: &str) -> Option<String> {
    let (_, query) = seen.path_and_query.split_once('?')?;
    let found = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let all: Vec<_> = found.collect();
    assert!(all.len() <= 1, "{name} twice in {query}");
    all.first().map(|value| (*value).to_owned())
}

fn list(rows: std::ops::Range<i64>, more: Json) -> Reply {
    let rows: Vec<_> = rows.map(|row| row.to_string()).collect();
    let mut json = serde_json::json!({ "data": rows });
    json.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Reply::ok(json.to_string())
}

async fn all(gateway: &Gateway, operation: &'static Operation, request: ListRequest) -> Vec<String> {
    let client = gateway.client();
    let mut pages = Call::<ListResponse>::new(&client, operation, &request).pages();
    let mut rows = Vec::new();
    while let Some(page) = pages.next().await {
        rows.extend(page.unwrap().data);
    }
    rows
}

fn request(offset: Option<i64>, limit: Option<i64>) -> ListRequest {
    ListRequest {
        offset,
        limit,
        page_token: None,
    }
}

#[tokio::test]
async fn pages_by_row_end_with_the_total_or_a_short_page() {
    for total in [Some(7), None] {
        let gateway = Gateway::start(move |seen, _| {
            let offset = parameter(seen, "offset").map_or(0, |text| text.parse().unwrap());
            assert_eq!(parameter(seen, "limit").as_deref(), Some("3"));
            let more = total.map_or(
                serde_json::json!({}),
                |total| serde_json::json!({ "total_count": total }),
            );
            list(offset..7.min(offset + 3), more)
        })
        .await;
        assert_eq!(all(&gateway, &ROWS, request(None, Some(3))).await.len(), 7);
        assert_eq!(gateway.seen().len(), 3);
        assert_eq!(all(&gateway, &ROWS, request(Some(5), Some(3))).await, ["5", "6"]);
    }
}

#[tokio::test]
async fn pages_by_number_count_pages() {
    let gateway = Gateway::start(|seen, _| {
        let page: i64 = parameter(seen, "offset").map_or(0, |text| text.parse().unwrap());
        list(
            page * 3..7.min(page * 3 + 3),
            serde_json::json!({ "total_count": 7 }),
        )
    })
    .await;
    assert_eq!(all(&gateway, &NUMBERS, request(Some(0), Some(3))).await.len(), 7);
    let asked: Vec<_> = gateway
        .seen()
        .iter()
        .map(|seen| parameter(seen, "offset").unwrap())
        .collect();
    assert_eq!(asked, ["0", "1", "2"]);
}

#[tokio::test]
async fn pages_by_token_end_without_one() {
    let gateway = Gateway::start(|seen, _| match parameter(seen, "page_token").as_deref() {
        None => list(0..2, serde_json::json!({ "next_page_token": "a/b" })),
        Some("a%2Fb") => list(2..4, serde_json::json!({ "next_page_token": "" })),
        other => panic!("{other:?}"),
    })
    .await;
    assert_eq!(
        all(&gateway, &TOKENS, request(None, None)).await,
        ["0", "1", "2", "3"]
    );
    assert_eq!(gateway.seen().len(), 2);
}

#[tokio::test]
async fn pages_never_go_round_in_circles() {
    let gateway = Gateway::always(list(0..2, serde_json::json!({ "next_page_token": "same" }))).await;
    assert_eq!(all(&gateway, &TOKENS, request(None, None)).await.len(), 4);
    let gateway = Gateway::always(list(0..0, serde_json::json!({ "total_count": 9 }))).await;
    assert!(all(&gateway, &ROWS, request(None, Some(3))).await.is_empty());
    assert_eq!(gateway.seen().len(), 1);
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let gateway = Gateway::always(Reply::new(400, "").unsigned()).await;
    let (client, request) = (gateway.client(), request(None, None));
    let mut pages = Call::<ListResponse>::new(&client, &ROWS, &request).pages();
    assert!(pages.next().await.unwrap().unwrap_err().is_api());
    assert!(pages.next().await.is_none());
    let mut pages = Call::<ListResponse>::new(&client, &NO_PAGES, &request).pages();
    assert!(pages.next().await.unwrap().is_err());
    assert!(pages.next().await.is_none());
    assert_eq!(gateway.seen().len(), 1);
}

#[tokio::test]
async fn items_are_those_of_all_pages() {
    let gateway = Gateway::start(move |seen, _| {
        let offset = parameter(seen, "offset").map_or(0, |text| text.parse().unwrap());
        list(
            offset..(offset + 3).min(7),
            serde_json::json!({ "total_count": 7 }),
        )
    })
    .await;
    let client = gateway.client();
    let request = request(None, Some(3));
    let mut items = Call::<ListResponse>::new(&client, &ROWS, &request)
        .pages()
        .items(|page| page.data);
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item.unwrap());
    }
    assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6"]);
    assert_eq!(gateway.seen().len(), 3);
}
