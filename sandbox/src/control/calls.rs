//! The calls on the page, each with its details and as a command line.

use serde_json::Value;

use super::html::{Shown, escape};
use crate::log::Call;
use crate::{Inner, lock};

pub(super) fn table(inner: &Inner, shown: &Shown<'_>) -> String {
    let log = lock(&inner.log);
    let mut html = format!(
        "<h2>Calls and notifications ({})</h2><table id=calls><thead><tr><th>#<th>time<th>what<th>status<th>verdict</thead>",
        log.total()
    );
    for row in shown.select(log.calls().rev(), |call| call.json().to_string()) {
        html.push_str(&call(row, &inner.base));
    }
    html + "</table>"
}

/// A call as a command line. Its signature is out of date after five minutes.
fn curl(call: &Call, base: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let (method, target) = call.what.split_once(' ').unwrap_or_default();
    let (method, url) = match method {
        "→" => ("POST", target.rsplit(' ').next().unwrap_or_default().to_owned()),
        method => (method, format!("{base}{target}")),
    };
    let mut line = format!("curl -X {method} {}", quoted(&url));
    let skipped = ["host", "content-length"];
    for (name, value) in call
        .headers
        .iter()
        .filter(|(name, _)| !skipped.contains(&name.as_str()))
    {
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    if !call.body.is_empty() {
        line.push_str(&format!(" --data-binary {}", quoted(&call.body)));
    }
    line
}

fn call(call: &Call, base: &str) -> String {
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
    let clear = match &call.clear {
        Value::Null => String::new(),
        clear => format!("<pre>in clear: {}</pre>", escape(&format!("{clear:#}"))),
    };
    format!(
        "<tr><td>{0}<td>{1}<td><details id=c{0}><summary>{2}</summary><pre>{3}\n{4}</pre>{5}<pre>{6}\n{7}</pre>\
         <button data-copy>copy as curl</button><pre class=curl hidden>{8}</pre></details><td>{9}<td class={class}>{10}",
        call.number,
        escape(&call.time),
        escape(&call.what),
        headers(&call.headers),
        escape(&call.body),
        clear,
        headers(&call.response_headers),
        escape(&call.response),
        escape(&curl(call, base)),
        call.status,
        escape(&call.verdict)
    )
}
