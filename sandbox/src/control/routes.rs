//! The requests of the control API, as a table, and their OpenAPI description.
//!
//! In: a method and a path. Out: whether there is such a request. The table is all there is: what it does
//! not list is refused, so that the description is complete.

use serde_json::{Value, json};

use crate::business::{
    applyments, complaints, fapiao, favor, order, permissions, refunds, service_orders, transfers,
};

/// A list that can be searched: its name below `/control/`, its table, and what its rows are.
pub(super) const LISTS: &[(&str, &str, &str)] = &[
    ("orders", order::TABLE, "orders, and the parts of combined ones"),
    ("combined-orders", order::COMBINED, "combined orders"),
    ("refunds", refunds::TABLE, "refunds"),
    ("transfers", transfers::TABLE, "transfers"),
    (
        "transfer-authorizations",
        transfers::AUTHORIZATIONS,
        "authorizations of transfers",
    ),
    ("permissions", permissions::TABLE, "payscore authorizations"),
    ("service-orders", service_orders::TABLE, "payscore service orders"),
    ("complaints", complaints::TABLE, "complaints"),
    ("coupons", favor::COUPONS, "coupons of users"),
    ("applyments", applyments::TABLE, "applications of new merchants"),
    ("fapiao", fapiao::TABLE, "applications for invoices"),
];

/// A property of a request's body: name, type, meaning.
type Property = (&'static str, &'static str, &'static str);

/// A request.
pub(super) struct Route {
    method: &'static str,
    /// Below `/control/`, with `{name}` placeholders.
    path: &'static str,
    summary: &'static str,
    properties: &'static [Property],
}

const fn get(path: &'static str, summary: &'static str) -> Route {
    Route {
        method: "GET",
        path,
        summary,
        properties: &[],
    }
}

const fn post(path: &'static str, summary: &'static str, properties: &'static [Property]) -> Route {
    Route {
        method: "POST",
        path,
        summary,
        properties,
    }
}

const URL: Property = (
    "url",
    "string",
    "where the notification goes; none is sent without it",
);

#[rustfmt::skip]
const ROUTES: &[Route] = &[
    get("openapi.json", "This description"),
    get("config", "What an SDK must be told: address, ids, keys"),
    get("time", "The clock of the business"),
    get("faults", "The faults that are armed"),
    post("orders/{out_trade_no}/pay", "The payer pays an order, a combined one as a whole", &[]),
    post("orders/{out_trade_no}/fail", "An attempt to pay fails", &[]),
    post("orders/{out_trade_no}/complain", "The user complains about a paid order",
        &[("detail", "string", "what the user writes"), URL]),
    post("combined-orders/{combine_out_trade_no}/pay", "The payer pays a combined order", &[]),
    post("code-payments", "What the payers of the next code payments do",
        &[("payer", "string", "`pays`, `fails` or `hesitates`"), ("times", "integer", "how many payments; 1 by default")]),
    post("coupons/{coupon_id}/use", "The user uses a coupon", &[URL]),
    post("refunds/{out_refund_no}/{state}", "A refund ends: `success`, `closed` or `abnormal`", &[]),
    post("transfers/{out_bill_no}/{state}",
        "The user confirms a transfer (`confirm`), it fails (`fail`), or comes to another documented state", &[]),
    post("transfer-authorizations/{out_authorization_no}/confirm", "The user agrees to transfers", &[]),
    post("transfer-authorizations/{out_authorization_no}/close", "The user no longer agrees to transfers", &[]),
    post("permissions/{authorization_code}/grant", "The user authorizes a payscore service",
        &[("openid", "string", "the user")]),
    post("permissions/{authorization_code}/revoke", "The user takes the authorization back", &[]),
    post("service-orders/{out_order_no}/confirm", "The user confirms a payscore service order", &[]),
    post("service-orders/{out_order_no}/pay", "The user pays a payscore service order", &[]),
    post("applyments/{number}/{state}",
        "An application comes to a state that can follow, such as `to-be-signed`; `next` is the usual one",
        &[("reason", "string", "why it is rejected")]),
    post("fapiao/{fapiao_apply_id}/title", "The user types in the buyer of an invoice",
        &[("type", "string", "`INDIVIDUAL` or `ORGANIZATION`"), ("name", "string", "the buyer"),
          ("taxpayer_id", "string", "of an organization")]),
    post("fapiao/{fapiao_apply_id}/finish", "Invoices are issued or reversed, cards are inserted", &[]),
    post("fapiao/{fapiao_apply_id}/fail", "Invoices can't be issued or reversed", &[]),
    post("webhooks", "Sends any documented notification",
        &[("event_type", "string", "such as `TRANSACTION.SUCCESS`"), ("url", "string", "where it goes"),
          ("resource", "object", "what it tells; the rest is made up")]),
    post("notifications/{key}/resend", "Sends a notification again", &[]),
    post("rotate", "Announces a platform certificate, which signs once it was downloaded", &[]),
    post("rotate/activate", "The newest platform certificate signs from now on", &[]),
    post("clock", "Moves the clock of the business; without properties it is the real time again",
        &[("advance", "integer", "seconds"), ("set", "string", "a time of RFC 3339")]),
    post("reset", "Forgets all state", &[]),
    post("snapshots/{name}", "Keeps all state under a name", &[]),
    post("snapshots/{name}/restore", "Goes back to kept state", &[]),
    post("faults", "Makes calls or notifications go wrong",
        &[("fault", "string", "which one"), ("operation", "string", "such as `POST /v3/pay/transactions/jsapi`; any by default"),
          ("times", "integer", "how many calls; 1 by default"), ("millis", "integer", "of `delay`"),
          ("status", "integer", "of `status`"), ("percent", "integer", "instead: so many in a hundred calls, drawn by the seed"),
          ("kinds", "array", "which faults are drawn; all by default")]),
    post("faults/clear", "Nothing goes wrong any more", &[]),
];

/// Whether there is such a request: `None` without its path, `false` without its method.
pub(super) fn known(method: &str, parts: &[&str]) -> Option<bool> {
    let lists = LISTS
        .iter()
        .map(|(name, ..)| *name)
        .chain(["calls", "notifications"]);
    let is_list = lists.into_iter().any(|name| match parts {
        [first] => *first == name,
        [first, second] => *first == name && *second == "count",
        _ => false,
    });
    if is_list {
        return Some(method == "GET");
    }
    let same = |route: &&Route| {
        let names: Vec<_> = route.path.split('/').collect();
        let fits = |(name, part): (&&str, &&str)| name.starts_with('{') && !part.is_empty() || name == part;
        names.len() == parts.len() && names.iter().zip(parts).all(fits)
    };
    let mut found = ROUTES.iter().filter(same).peekable();
    found.peek()?;
    Some(found.any(|route| route.method == method))
}

/// The description of the control API in OpenAPI 3.1.
pub(super) fn openapi(base: &str) -> Value {
    let mut paths = serde_json::Map::new();
    let calls = [
        ("calls", "", "the last calls and notifications"),
        ("notifications", "", "notifications"),
    ];
    for (name, _, rows) in calls.iter().chain(LISTS) {
        let list = described(&format!("Lists {rows}"), name, "get", &paging(), ROWS);
        paths.insert(format!("/control/{name}"), json!({ "get": list }));
        let count = described(
            &format!("Counts {rows}"),
            &format!("{name}/count"),
            "get",
            &filters(),
            COUNT,
        );
        paths.insert(format!("/control/{name}/count"), json!({ "get": count }));
    }
    for route in ROUTES {
        let method = route.method.to_ascii_lowercase();
        let parameters: Vec<Value> = route
            .path
            .split('/')
            .filter_map(placeholder)
            .map(in_path)
            .collect();
        let mut operation = described(route.summary, route.path, &method, &parameters, ANY);
        if route.method == "POST" {
            operation["requestBody"] = body(route.properties);
        }
        paths.insert(format!("/control/{}", route.path), json!({ method: operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Control API of wechatpay-sandbox",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What payers, users and WeChat Pay do to a sandbox. A test double: no money moves.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{ "url": base }],
        "security": [],
        "paths": paths,
        "components": { "schemas": {
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": { "error": { "type": "string", "description": "what is wrong" } },
            },
            "Row": {
                "type": "object",
                "description": "A row of the state; `facts` has the fields of WeChat Pay",
                "additionalProperties": true,
            },
        } },
    })
}

/// What a response is, as JSON of a schema.
const ROWS: &str = r##"{"type":"array","items":{"$ref":"#/components/schemas/Row"}}"##;
const COUNT: &str = r#"{"type":"integer","minimum":0}"#;
const ANY: &str = "{}";

fn placeholder(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

fn in_path(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

fn in_query(name: &str, kind: &str, meaning: &str) -> Value {
    json!({ "name": name, "in": "query", "description": meaning, "schema": { "type": kind } })
}

fn filters() -> Vec<Value> {
    vec![
        in_query("q", "string", "a text anywhere in a row"),
        in_query(
            "state",
            "string",
            "the state; any other field of a row can be named in the same way",
        ),
    ]
}

fn paging() -> Vec<Value> {
    let mut all = filters();
    all.push(in_query("offset", "integer", "so many rows are skipped"));
    all.push(in_query("limit", "integer", "at most so many rows"));
    all
}

fn body(properties: &[Property]) -> Value {
    let schema = |(name, kind, meaning): &Property| {
        let mut schema = json!({ "type": kind, "description": meaning });
        if *kind == "array" {
            schema["items"] = json!({ "type": "string" });
        }
        ((*name).to_owned(), schema)
    };
    let properties: serde_json::Map<_, _> = properties.iter().map(schema).collect();
    let schema = json!({ "type": "object", "properties": properties });
    json!({ "required": false, "content": { "application/json": { "schema": schema } } })
}

/// An operation: its name is its method and path.
fn described(summary: &str, path: &str, method: &str, parameters: &[Value], schema: &str) -> Value {
    let words = path.split(|character: char| !character.is_ascii_alphanumeric());
    let words = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let json = |schema: Value| json!({ "application/json": { "schema": schema } });
    let error = json(json!({ "$ref": "#/components/schemas/Error" }));
    json!({
        "operationId": format!("{method}_{words}"),
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "What is now known of it", "content": json(schema) },
            "4XX": { "description": "It can't be done", "content": error },
        },
    })
}
