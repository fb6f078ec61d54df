//! Waiting without a runtime of one's own.

use super::gateway::{Gateway, Reply};
use super::ops::{ListRequest, ListResponse, ROWS, order, post_order};
use crate::Call;

#[test]
fn everything_can_be_waited_for() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = r#"{"prepay_id":"wx0","data":["a"],"total_count":1}"#;
    let gateway = runtime.block_on(Gateway::always(Reply::ok(body)));
    let client = gateway.client();
    assert_eq!(post_order(&client, &order()).wait().unwrap().prepay_id, "wx0");
    let parameters = client.jsapi_payment("wx1", "wx0").wait().unwrap();
    assert_eq!(parameters.package, "prepay_id=wx0");
    let request = ListRequest {
        offset: None,
        page_token: None,
        limit: None,
    };
    let pages = Call::<ListResponse>::new(&client, &ROWS, &request).pages().wait();
    assert_eq!(pages.map(|page| page.unwrap().data.len()).sum::<usize>(), 1);
    let threads = (0..4).map(|_| {
        let client = client.clone();
        std::thread::spawn(move || post_order(&client, &order()).wait().map(drop))
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.join().unwrap().unwrap();
    }
    // Inside a runtime it would block: an error, not a panic; nor does dropping the client there.
    let inside = client.clone();
    runtime.block_on(async move {
        let error = post_order(&inside, &order()).wait().map(drop).unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains(".await"),
            "{error}"
        );
        let request = ListRequest {
            offset: None,
            page_token: None,
            limit: None,
        };
        let pages = Call::<ListResponse>::new(&inside, &ROWS, &request).pages().wait();
        assert_eq!(pages.count(), 1, "one error, then the end");
        drop(client);
        drop(inside);
    });
}
