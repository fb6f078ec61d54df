//! The page at `/`: plain HTML from the server, no script, no build step.
//!
//! In: what has happened. Out: HTML, every value escaped.

use serde_json::Value;

use crate::business::{orders, permissions, refunds, service_orders, transfers};
use crate::faults::{ALL, NOTIFICATIONS};
use crate::log::Call;
use crate::store::Store;
use crate::{Inner, lock};

const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:1em;color:#222}\
h1{font-size:1.3em}h2{font-size:1.1em;margin-top:2em}table{border-collapse:collapse;width:100%}\
td,th{text-align:left;padding:.3em .6em;border-bottom:1px solid #ddd;vertical-align:top}\
.warn{background:#fff3cd;border:1px solid #e0c060;padding:.6em 1em;border-radius:4px}\
form{display:inline}button{cursor:pointer}.SUCCESS,.right{color:#07803a}.bad{color:#b00020}\
pre{white-space:pre-wrap;word-break:break-all;background:#f6f6f6;padding:.5em;margin:.3em 0}\
input,select,textarea{font:inherit;max-width:100%}";

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// A button that posts.
fn button(path: &str, label: &str) -> String {
    // A body, so that the answer is the page again.
    format!(
        "<form method=post action=\"{}\"><input type=hidden name=from value=page><button>{label}</button></form> ",
        escape(path)
    )
}

fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The whole page.
pub fn write(inner: &Inner, path: &str) -> String {
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>WeChat Pay SANDBOX</title><style>{STYLE}</style>\
         <h1>WeChat Pay SANDBOX</h1><p class=warn><b>Not the real WeChat Pay.</b> No money moves; keys and certificates \
         are made up. Merchant {}, {}, {} calls so far.</p>",
        escape(&inner.identity.mchid),
        escape(&inner.base),
        lock(&inner.log).total(),
    );
    if path != "/" {
        html.push_str(
            "<p class=warn>An address that the sandbox made up for an answer. There is nothing here.</p>",
        );
    }
    let store = lock(&inner.store);
    html.push_str("<h2>Orders</h2><table id=orders><tr><th>out_trade_no<th>type<th>total (fen)<th>refunded<th>state<th>");
    for (number, row) in store.all(orders::TABLE) {
        html.push_str(&order(number, row));
    }
    html.push_str("</table><h2>Refunds</h2><table id=refunds><tr><th>out_refund_no<th>order<th>refund (fen)<th>state<th>");
    for (number, row) in store.all(refunds::TABLE) {
        html.push_str(&refund(number, row));
    }
    html.push_str("</table>");
    for (title, table, state, buttons) in OTHERS {
        html.push_str(&others(&store, title, table, state, buttons));
    }
    drop(store);
    html.push_str(&tools(inner));
    html.push_str(
        "<h2>Calls and notifications</h2><table id=calls><tr><th>#<th>time<th>what<th>status<th>verdict",
    );
    for row in lock(&inner.log).calls().rev().take(200) {
        html.push_str(&call(row));
    }
    html.push_str("</table></html>");
    html
}

fn order(number: &str, row: &Value) -> String {
    let state = text(&row["state"]);
    let waiting = matches!(state.as_str(), "NOTPAY" | "PAYERROR");
    let path = format!("/control/orders/{}", segment(number));
    let buttons = match waiting {
        true => button(&format!("{path}/pay"), "pay") + &button(&format!("{path}/fail"), "fail"),
        false => text(&row["transaction_id"]),
    };
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td class=\"{state}\">{state}<td>{buttons}",
        escape(number),
        text(&row["trade_type"]),
        row["total"],
        row["refunded"]
    )
}

/// What else the user has to do with: title, table, the fact that is its state, and the buttons by state.
type Others = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static [&'static str])],
);
const OTHERS: [Others; 4] = [
    (
        "Transfers",
        transfers::TABLE,
        "state",
        &[("WAIT_USER_CONFIRM", &["confirm", "fail"])],
    ),
    (
        "Authorizations of transfers",
        transfers::AUTHORIZATIONS,
        "state",
        &[
            ("WAIT_USER_CONFIRM", &["confirm", "close"]),
            ("TAKING_EFFECT", &["close"]),
        ],
    ),
    (
        "Payscore authorizations",
        permissions::TABLE,
        "authorization_state",
        &[
            ("UNBINDUSER", &["grant"]),
            ("UNAVAILABLE", &["grant"]),
            ("AVAILABLE", &["revoke"]),
        ],
    ),
    (
        "Payscore service orders",
        service_orders::TABLE,
        "state",
        &[("CREATED", &["confirm"]), ("DOING", &["pay"])],
    ),
];

/// A table of rows with their facts, where there are any.
fn others(store: &Store, title: &str, table: &str, state: &str, buttons: &[(&str, &[&str])]) -> String {
    let mut html = String::new();
    for (number, row) in store.all(table) {
        let state = text(&row["facts"][state]);
        let pressed = buttons.iter().filter(|(when, _)| *when == state);
        let pressed: String = pressed
            .flat_map(|(_, labels)| *labels)
            .map(|label| button(&format!("/control/{table}/{}/{label}", segment(number)), label))
            .collect();
        let amount = ["transfer_amount", "total_amount"].map(|name| row["facts"][name].as_i64());
        let amount = amount.into_iter().flatten().next();
        html.push_str(&format!(
            "<tr><td>{}<td>{}<td class=\"{state}\">{state} {}<td>{pressed}",
            escape(number),
            amount.map(|amount| amount.to_string()).unwrap_or_default(),
            text(&row["facts"]["state_description"]),
        ));
    }
    match html.is_empty() {
        true => html,
        false => format!(
            "<h2>{title}</h2><table id={table}><tr><th>number<th>amount (fen)<th>state<th>{html}</table>"
        ),
    }
}

fn refund(number: &str, row: &Value) -> String {
    let state = text(&row["state"]);
    let path = format!("/control/refunds/{}", segment(number));
    let buttons = match state.as_str() {
        "PROCESSING" => ["success", "closed", "abnormal"]
            .map(|end| button(&format!("{path}/{end}"), end))
            .concat(),
        _ => String::new(),
    };
    format!(
        "<tr><td>{}<td>{}<td>{}<td class=\"{state}\">{state}<td>{buttons}",
        escape(number),
        text(&row["order"]),
        row["refund"]
    )
}

/// Faults, certificate, webhooks by hand.
fn tools(inner: &Inner) -> String {
    let options = |names: &mut dyn Iterator<Item = &str>| {
        names
            .map(|name| format!("<option>{}</option>", escape(name)))
            .collect::<String>()
    };
    let faults = options(
        &mut ALL
            .iter()
            .map(|(name, _)| *name)
            .chain(NOTIFICATIONS.iter().map(|(name, _)| *name)),
    );
    let webhooks = options(&mut inner.pages.webhooks());
    format!(
        "<h2>Faults</h2><form method=post action=/control/faults>The next <input name=times value=1 size=3> calls of \
         <input name=operation placeholder=\"POST /v3/… (empty: any)\" size=40> go wrong: <select name=fault>{faults}</select> \
         <button>arm</button></form> {} {}\
         <h2>Send a notification</h2><form method=post action=/control/webhooks><select name=event_type>{webhooks}</select> \
         to <input name=url placeholder=\"http://127.0.0.1:8080/notify\" size=40> \
         <br><textarea name=resource rows=2 cols=80 placeholder='{{\"out_trade_no\":\"…\"}}: what the rest is made up around'></textarea> \
         <button>send</button></form>",
        button("/control/faults/clear", "disarm all"),
        button("/control/rotate", "rotate the platform certificate"),
    )
}

fn call(call: &Call) -> String {
    let class = if ["right", "understood"].contains(&call.verdict.as_str()) {
        "right"
    } else {
        "bad"
    };
    let headers = |headers: &[(String, String)]| {
        headers
            .iter()
            .map(|(name, value)| format!("{}: {}\n", escape(name), escape(value)))
            .collect::<String>()
    };
    format!(
        "<tr><td>{}<td>{}<td><details><summary>{}</summary><pre>{}\n{}</pre><pre>{}\n{}</pre></details><td>{}<td class={class}>{}",
        call.number,
        escape(&call.time),
        escape(&call.what),
        headers(&call.headers),
        escape(&call.body),
        headers(&call.response_headers),
        escape(&call.response),
        call.status,
        escape(&call.verdict)
    )
}
