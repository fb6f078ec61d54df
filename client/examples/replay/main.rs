//! Reads recorded traffic into the types and reports what is lost or deviates.
//!
//! `cargo run --all-features --example replay -- [--strict] FILE.jsonl`, a line each:
//!
//! ```text
//! {"method": "POST", "path": "/v3/pay/transactions/jsapi", "part": "request", "value": {…}}
//! {"method": "GET", "path": "/v3/certificates", "part": "response", "value": {…}}
//! {"method": "POST", "path": "/pay/unifiedorder", "part": "request", "xml": "<xml>…</xml>"}
//! {"event_type": "REFUND.SUCCESS", "part": "resource", "value": {…}}
//! ```
//!
//! Exit status 0 if every line can be read; with `--strict`, only if no line deviates from the
//! documentation and nothing is lost.

mod compare;
mod line;
mod registry;

use std::process::ExitCode;

/// What is counted over all lines.
#[derive(Default)]
struct Totals {
    lines: usize,
    refused: usize,
    deviating: usize,
    lossy: usize,
    values: usize,
    lost: usize,
}

fn main() -> ExitCode {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let strict = files.iter().any(|argument| argument == "--strict");
    files.retain(|argument| argument != "--strict");
    let [file] = &files[..] else {
        eprintln!("usage: replay [--strict] FILE.jsonl");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut totals = Totals::default();
    for (index, line) in text.lines().enumerate() {
        if !line.trim().is_empty() {
            totals.add(&format!("{file}:{}", index + 1), line);
        }
    }
    println!(
        "{} lines: {} refused, {} deviate, {} lose {} of {} values",
        totals.lines, totals.refused, totals.deviating, totals.lossy, totals.lost, totals.values
    );
    let failed = totals.refused > 0 || strict && (totals.deviating > 0 || totals.lossy > 0);
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

impl Totals {
    fn add(&mut self, place: &str, line: &str) {
        self.lines += 1;
        let outcome = match line::replay(line) {
            Ok(outcome) => outcome,
            Err(problem) => {
                self.refused += 1;
                return println!("{place}: refused: {problem}");
            }
        };
        self.deviating += usize::from(!outcome.deviations.is_empty());
        self.lossy += usize::from(!outcome.differences.is_empty());
        self.values += outcome.values;
        self.lost += outcome.differences.len();
        for deviation in &outcome.deviations {
            println!("{place}: {deviation}");
        }
        for difference in &outcome.differences {
            println!("{place}: {difference}");
        }
    }
}
