//! The page at `/`: plain HTML from the server, with a style and a small script of its own.
//!
//! In: what has happened, and a query: `q` searches, `page` turns pages. Out: HTML, every value escaped.

use serde_json::Value;

use super::calls;
use super::html::{Shown, button, escape, segment, text};
use crate::business::{applyments, fapiao, order, permissions, refunds, service_orders, transfers};
use crate::check::{self, Incoming};
use crate::faults::{ALL, NOTIFICATIONS};
use crate::response::Reply;
use crate::store::Store;
use crate::{Inner, lock, notify};

/// The page, its style, or its script.
pub(crate) fn respond(inner: &Inner, incoming: &Incoming) -> Reply {
    match incoming.path() {
        "/sandbox/page.css" => Reply::new(200, "text/css", include_str!("assets/page.css")),
        "/sandbox/page.js" => Reply::new(200, "text/javascript", include_str!("assets/page.js")),
        path => {
            let query = check::pairs(form_urlencoded::parse(incoming.query().as_bytes()).into_owned());
            Reply::new(200, "text/html; charset=utf-8", write(inner, path, &query))
        }
    }
}

/// The whole page.
fn write(inner: &Inner, path: &str, query: &Value) -> String {
    let number = query["page"].as_str().and_then(|page| page.parse().ok());
    let shown = Shown {
        search: query["q"].as_str().unwrap_or_default(),
        page: number.unwrap_or(1_usize).saturating_sub(1),
    };
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>WeChat Pay SANDBOX</title><link rel=stylesheet href=/sandbox/page.css>\
         <script src=/sandbox/page.js defer></script>\
         <h1>WeChat Pay SANDBOX</h1><p class=warn><b>Not the real WeChat Pay.</b> No money moves; keys and certificates \
         are made up. Merchant {}, {}.</p>",
        escape(&inner.identity.mchid),
        escape(&inner.base),
    );
    if let Some(id) = query["prepay_id"].as_str() {
        return html + &payable(&lock(&inner.store), id);
    }
    if path != "/" {
        html.push_str(
            "<p class=warn>An address that the sandbox made up for a response. There is nothing here.</p>",
        );
    }
    html.push_str(&search(&shown));
    html.push_str("<main>");
    let store = lock(&inner.store);
    html.push_str(&tables(&store, &shown));
    html.push_str(&notifications(&shown.rows(&store, notify::TABLE)));
    drop(store);
    html.push_str(&calls::table(inner, &shown));
    html.push_str("</main>");
    html.push_str(&tools(inner));
    html + "</html>"
}

fn search(shown: &Shown<'_>) -> String {
    let (page, search) = (shown.page + 1, escape(shown.search));
    let link = |page: usize, label: &str| {
        format!(
            "<a href=\"/?q={}&amp;page={page}\">{label}</a> ",
            segment(shown.search)
        )
    };
    let newer = if page > 1 {
        link(page - 1, "newer")
    } else {
        String::new()
    };
    format!(
        "<nav><form method=get class=tool><label>Search <input name=q type=search value=\"{search}\"></label>\
         <button>find</button></form> <label><span><input type=checkbox id=live checked> live</span></label> \
         page {page} {newer}{}</nav>",
        link(page + 1, "older")
    )
}

/// An order as its payer sees it: on a phone, by the address of an H5 order.
fn payable(store: &Store, id: &str) -> String {
    let of = |table: &str| store.all(table).find(|(_, row)| row["prepay_id"] == id);
    match of(order::TABLE)
        .filter(|(_, row)| row.get("combine").is_none())
        .or_else(|| of(order::COMBINED))
    {
        None => "<p>There is no such order.</p>".into(),
        Some((_, row)) => {
            let path = format!(
                "/control/orders/{}",
                segment(row["number"].as_str().unwrap_or_default())
            );
            let facts = &row["facts"];
            let what = ["description", "body"].map(|name| text(&facts[name])).concat();
            let fen = row["total"].as_i64().unwrap_or(0);
            let buttons = match row["state"].as_str() {
                Some("NOTPAY") => {
                    button(&format!("{path}/pay"), "pay") + &button(&format!("{path}/fail"), "fail")
                }
                _ => String::new(),
            };
            format!(
                "<h2>{what}</h2><p>{}.{:02} yuan, {}</p><p>{buttons}</p>",
                fen / 100,
                fen % 100,
                text(&row["state"])
            )
        }
    }
}

fn tables(store: &Store, shown: &Shown<'_>) -> String {
    let mut html = String::from(
        "<h2>Orders</h2><table id=orders><thead><tr><th>out_trade_no<th>type<th>total (fen)<th>refunded<th>state<th></thead>",
    );
    for (_, row) in shown.rows(store, order::TABLE) {
        html.push_str(&order_row(&row));
    }
    html.push_str("</table><h2>Refunds</h2><table id=refunds><thead><tr><th>out_refund_no<th>order<th>refund (fen)<th>state<th></thead>");
    for (_, row) in shown.rows(store, refunds::TABLE) {
        html.push_str(&refund(&row));
    }
    html.push_str("</table>");
    for (title, table, state, buttons) in OTHERS {
        html.push_str(&others(&shown.rows(store, table), title, table, state, buttons));
    }
    html
}

fn order_row(row: &Value) -> String {
    let state = text(&row["state"]);
    let waiting = matches!(state.as_str(), "NOTPAY" | "USERPAYING" | "ACCEPT");
    let number = row["combine"]
        .as_str()
        .or_else(|| row["number"].as_str())
        .unwrap_or_default();
    let path = format!("/control/orders/{}", segment(number));
    let buttons = match waiting {
        true if row.get("combine").is_some() => button(&format!("{path}/pay"), "pay all"),
        true => button(&format!("{path}/pay"), "pay") + &button(&format!("{path}/fail"), "fail"),
        false => text(&row["transaction_id"]),
    };
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td class=\"{state}\">{state}<td>{buttons}",
        text(&row["number"]),
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
const OTHERS: [Others; 6] = [
    (
        "Transfers",
        transfers::TABLE,
        "state",
        &[
            ("WAIT_USER_CONFIRM", &["confirm", "fail", "processing"]),
            ("PROCESSING", &["success", "fail"]),
            ("TRANSFERING", &["success", "fail"]),
            ("CANCELING", &["cancelled"]),
        ],
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
    (
        "Applications of merchants",
        applyments::TABLE,
        "applyment_state",
        &[
            ("APPLYMENT_STATE_AUDITING", &["next", "rejected"]),
            ("APPLYMENT_STATE_TO_BE_CONFIRMED", &["next", "rejected"]),
            ("APPLYMENT_STATE_TO_BE_SIGNED", &["next"]),
            ("APPLYMENT_STATE_SIGNING", &["next"]),
            ("CHECKING", &["next", "rejected"]),
            ("ACCOUNT_NEED_VERIFY", &["next", "rejected"]),
            ("AUDITING", &["next", "rejected"]),
            ("NEED_SIGN", &["next"]),
            ("APPLYMENT_STATE_WAITING_AUDIT", &["next", "audit-rejected"]),
            ("APPLYMENT_STATE_WAITING_AUTH", &["next"]),
            ("APPLYMENT_STATE_OPEN_ACCOUNT", &["next"]),
        ],
    ),
    (
        "Invoices",
        fapiao::TABLE,
        "state",
        &[("ACCEPTED", &["finish", "fail"])],
    ),
];

/// A table of rows with their facts, where there are any.
fn others(
    rows: &[(String, Value)],
    title: &str,
    table: &str,
    state: &str,
    buttons: &[(&str, &[&str])],
) -> String {
    let mut html = String::new();
    for (number, row) in rows {
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
            "<h2>{title}</h2><table id={table}><thead><tr><th>number<th>amount (fen)<th>state<th></thead>{html}</table>"
        ),
    }
}

fn refund(row: &Value) -> String {
    let state = text(&row["state"]);
    let path = format!(
        "/control/refunds/{}",
        segment(row["number"].as_str().unwrap_or_default())
    );
    let ends: &[&str] = match state.as_str() {
        "PROCESSING" => &["success", "closed", "abnormal"],
        "ABNORMAL" => &["success", "closed"],
        _ => &[],
    };
    let buttons: String = ends
        .iter()
        .map(|end| button(&format!("{path}/{end}"), end))
        .collect();
    format!(
        "<tr><td>{}<td>{}<td>{}<td class=\"{state}\">{state}<td>{buttons}",
        text(&row["number"]),
        text(&row["order"]),
        row["refund"]
    )
}

fn notifications(rows: &[(String, Value)]) -> String {
    let mut html = String::from(
        "<h2>Notifications</h2><table id=notifications><thead><tr><th>event<th>to<th>attempts<th>state<th></thead>",
    );
    for (key, row) in rows {
        let class = if row["state"] == "understood" {
            "right"
        } else {
            "bad"
        };
        html.push_str(&format!(
            "<tr><td><details id=n{key}><summary>{}</summary><pre>{}</pre></details><td>{}<td>{}<td class={class}>{}<td>{}",
            text(&row["name"]),
            escape(&format!("{:#}", row["clear"])),
            text(&row["url"]),
            row["attempts"],
            text(&row["state"]),
            button(&format!("/control/notifications/{key}/resend"), "send again"),
        ));
    }
    html + "</table>"
}

/// Faults, certificate, clock, webhooks by hand.
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
            .chain(["reset", "hang"])
            .chain(NOTIFICATIONS.iter().map(|(name, _)| *name)),
    );
    let webhooks = options(&mut inner.pages.webhooks());
    let armed: String = lock(&inner.faults)
        .armed()
        .map(|(operation, fault, left)| {
            format!(
                "<li>{} × {left}: {}",
                fault.name(),
                escape(operation.unwrap_or("any operation"))
            )
        })
        .collect();
    format!(
        "<h2>Faults</h2><form method=post action=/control/faults class=tool><label>Calls <input name=times value=1 size=3></label>\
         <label>Operation <input name=operation placeholder=\"POST /v3/… (empty: any)\" size=30></label>\
         <label>Fault <select name=fault>{faults}</select></label><button>arm</button></form><ul>{armed}</ul> {} {} {}\
         <h2>Clock</h2><form method=post action=/control/clock class=tool><label>Seconds <input name=advance value=3600 size=8></label>\
         <button>advance</button></form>\
         <h2>Send a notification</h2><form method=post action=/control/webhooks class=tool>\
         <label>Event <select name=event_type>{webhooks}</select></label>\
         <label>To <input name=url placeholder=\"http://127.0.0.1:8080/notify\" size=40></label>\
         <label>Resource <textarea name=resource rows=2 cols=60 placeholder='{{\"out_trade_no\":\"…\"}}'></textarea></label>\
         <button>send</button></form>",
        button("/control/faults/clear", "disarm all"),
        button("/control/rotate", "announce a new certificate"),
        button("/control/rotate/activate", "sign with it"),
    )
}
