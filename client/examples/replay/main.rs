//! Reads recorded traffic into the types and reports what is lost or deviates.
//!
//! `cargo run --all-features --example replay -- [--strict] [--explained LIST] FILE.jsonl`, a line each:
//!
//! ```text
//! {"method": "POST", "path": "/v3/pay/transactions/jsapi", "part": "request", "value": {…}}
//! {"method": "GET", "path": "/v3/certificates", "part": "response", "value": {…}}
//! {"method": "POST", "path": "/pay/unifiedorder", "part": "request", "xml": "<xml>…</xml>"}
//! {"event_type": "REFUND.SUCCESS", "part": "resource", "value": {…}}
//! ```
//!
//! Exit status 0 if every line can be read; with `--strict`, only if no line deviates from the
//! documentation and nothing is lost, other than at the places in `explained.jsonl`, each of which has its
//! reason there. `--explained` names another list.

mod compare;
mod explained;
mod line;
mod registry;

use std::process::ExitCode;

use explained::Explained;

/// What is counted over all lines.
#[derive(Default)]
struct Totals {
    lines: usize,
    refused: usize,
    deviating: usize,
    lossy: usize,
    explained: usize,
    values: usize,
    lost: usize,
}

/// The arguments.
#[derive(Default)]
struct Options {
    strict: bool,
    explained: Explained,
    file: String,
}

fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))
}

fn options() -> Result<Options, String> {
    const USAGE: &str = "usage: replay [--strict] [--explained LIST] FILE.jsonl";
    let mut options = Options {
        explained: Explained::parse(include_str!("explained.jsonl"))?,
        ..Options::default()
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--strict" => options.strict = true,
            "--explained" => {
                let list = arguments.next().ok_or(USAGE)?;
                options.explained =
                    Explained::parse(&read(&list)?).map_err(|problem| format!("{list}: {problem}"))?;
            }
            _ if argument.starts_with('-') || !options.file.is_empty() => return Err(USAGE.to_owned()),
            _ => options.file = argument,
        }
    }
    match options.file.is_empty() {
        true => Err(USAGE.to_owned()),
        false => Ok(options),
    }
}

fn main() -> ExitCode {
    let loaded = options().and_then(|options| Ok((read(&options.file)?, options)));
    let (
        text,
        Options {
            strict,
            explained,
            file,
        },
    ) = match loaded {
        Ok(loaded) => loaded,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let mut totals = Totals::default();
    for (index, line) in text.lines().enumerate() {
        if !line.trim().is_empty() {
            totals.add(&format!("{file}:{}", index + 1), line, &explained);
        }
    }
    println!(
        "{} lines: {} refused, {} deviate, {} lose {} of {} values, {} are explained",
        totals.lines,
        totals.refused,
        totals.deviating,
        totals.lossy,
        totals.lost,
        totals.values,
        totals.explained
    );
    let failed = totals.refused > 0 || strict && (totals.deviating > 0 || totals.lossy > 0);
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

impl Totals {
    /// Counts a line: as explained, or as deviating or losing values for what is not explained.
    fn add(&mut self, place: &str, line: &str, list: &Explained) {
        self.lines += 1;
        let outcome = match line::replay(line) {
            Ok(outcome) => outcome,
            Err(problem) => {
                self.refused += 1;
                return println!("{place}: refused: {problem}");
            }
        };
        let say = |path: &str, what: &str, text: &dyn std::fmt::Display| {
            let reason = list.reason(&outcome.subject, &outcome.part, path, what);
            let explained = reason.map_or(String::new(), |reason| format!(" (explained: {reason})"));
            println!("{place}: {} {}: {text}{explained}", outcome.subject, outcome.part);
            usize::from(reason.is_none())
        };
        let (mut deviates, mut loses) = (0, 0);
        for deviation in &outcome.deviations {
            deviates += say(&deviation.path, deviation.found, deviation);
        }
        for difference in &outcome.differences {
            let (path, what) = difference.rsplit_once(": ").unwrap_or((difference, ""));
            loses += say(path.trim_start_matches("$."), what, difference);
        }
        let differs = !outcome.deviations.is_empty() || !outcome.differences.is_empty();
        self.explained += usize::from(differs && deviates + loses == 0);
        self.deviating += usize::from(deviates > 0);
        self.lossy += usize::from(loses > 0);
        self.values += outcome.values;
        self.lost += loses;
    }
}
