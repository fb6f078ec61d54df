//! Responses and notifications of realistic shape, sparse and full, go through their types whole.
//!
//! `golden.jsonl` is written by hand from what WeChat Pay sends, invented values throughout: orders that
//! are paid, unpaid, closed, refunded; refunds; notifications of each variant; APIv2. `recorded.jsonl` has
//! what others recorded in production and published, 2015 to 2026, with other values of the same kind.

use serde_json::Value;

use crate::line;

/// What is refused, deviates or is lost.
fn problems(lines: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for line in lines.lines() {
        let found = match line::replay(line) {
            Ok(outcome) => {
                let deviations = outcome.deviations.iter().map(ToString::to_string);
                deviations.chain(outcome.differences).collect()
            }
            Err(problem) => vec![format!("refused: {problem}")],
        };
        let json: Value = serde_json::from_str(line).expect("is JSON");
        let subject = json.get("event_type").or(json.get("path"));
        problems.extend(
            found
                .iter()
                .map(|problem| format!("{subject:?} {}: {problem}", json["sample"])),
        );
    }
    problems
}

#[test]
fn realistic_messages_come_back_whole_and_deviate_nowhere() {
    let lines = include_str!("golden.jsonl");
    let problems = problems(lines);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(lines.lines().count(), 48);
}

#[test]
fn recorded_messages_come_back_whole_and_deviate_nowhere() {
    let lines = include_str!("recorded.jsonl");
    let problems = problems(lines);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(lines.lines().count(), 89);
}
