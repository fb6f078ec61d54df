//! What the user does, by the page and by the control API.

use serde_json::{Value, json};
use wechatpay_sandbox::{Sandbox, Settings};

use super::http::Connection;
use super::{transfers, well, with};

/// The page, as a browser gets it.
fn page(sandbox: &Sandbox) -> String {
    let response = Connection::new(sandbox.url()).send("GET", "/", &[], b"");
    assert_eq!(response.status, 200);
    String::from_utf8(response.body).unwrap()
}

/// Presses a button of the page, or calls the control API: the status.
fn press(sandbox: &Sandbox, target: &str, kind: &str, body: &str) -> u16 {
    let headers = [("Content-Type".to_owned(), kind.to_owned())];
    let response = Connection::new(sandbox.url()).send("POST", target, &headers, body.as_bytes());
    response.status
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_the_user_does_has_a_button_and_a_request() {
    with(Settings::default(), |sandbox| {
        well(sandbox, "POST", transfers::BILLS, &transfers::bill("B<1>", 100));
        let confirm = "/control/transfers/B%3C1%3E/confirm";
        let shown = page(sandbox);
        assert!(shown.contains(confirm) && shown.contains("B&lt;1&gt;"), "{shown}");
        // A button leads back to the page, and is gone once it has been pressed.
        assert_eq!(press(sandbox, confirm, FORM, "from=page"), 303);
        assert!(!page(sandbox).contains(confirm));
        assert_eq!(press(sandbox, confirm, FORM, "from=page"), 400);

        let ask = json!({ "service_id": "S", "appid": "wx1", "authorization_code": "C1" });
        well(sandbox, "POST", "/v3/payscore/permissions", &ask);
        assert!(page(sandbox).contains("/control/permissions/C1/grant"));
        let user = json!({ "openid": "oSB0user" }).to_string();
        assert_eq!(press(sandbox, "/control/permissions/C1/grant", JSON, &user), 200);
        let target = "/v3/payscore/permissions/openid/oSB0user?service_id=S&appid=wx1";
        assert_eq!(
            well(sandbox, "GET", target, &Value::Null)["authorization_state"],
            "AVAILABLE"
        );
        assert!(page(sandbox).contains("/control/permissions/C1/revoke"));
        assert_eq!(press(sandbox, "/control/permissions/C1/revoke", JSON, "{}"), 200);
        assert_eq!(
            press(sandbox, "/control/service-orders/none/pay", JSON, "{}"),
            400
        );
        assert_eq!(
            press(
                sandbox,
                "/control/transfer-authorizations/none/confirm",
                JSON,
                "{}"
            ),
            400
        );
    })
    .await;
}
