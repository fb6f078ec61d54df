//! Puts recorded traffic through the types and reports what does not come back the same.
//!
//! `cargo run --all-features --example replay -- FILE.jsonl`, a line each:
//!
//! ```text
//! {"method": "POST", "path": "/v3/pay/transactions/jsapi", "part": "request", "value": {…}}
//! {"method": "GET", "path": "/v3/certificates", "part": "response", "value": {…}}
//! {"method": "POST", "path": "/pay/unifiedorder", "part": "request", "xml": "<xml>…</xml>"}
//! {"event_type": "REFUND.SUCCESS", "part": "resource", "value": {…}}
//! ```
//!
//! Exit status 0 only if every line came back whole.

mod compare;
mod line;
mod registry;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: replay FILE.jsonl");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let (mut lines, mut bad) = (0, 0);
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        lines += 1;
        let found = line::replay(line).unwrap_or_else(|problem| vec![format!("refused: {problem}")]);
        bad += usize::from(!found.is_empty());
        found.iter().for_each(|problem| println!("{file}:{}: {problem}", index + 1));
    }
    println!("{lines} lines, {bad} of them differ");
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
