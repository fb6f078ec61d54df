//! Responses and notifications of realistic shape, sparse and full, go through their types whole.
//!
//! `golden.jsonl` is written by hand from what WeChat Pay sends, invented values throughout: orders that
//! are paid, unpaid, closed, refunded; refunds; notifications of each variant; APIv2.

use serde_json::Value;

use crate::line;

#[test]
fn realistic_messages_come_back_whole_and_deviate_nowhere() {
    let (mut lines, mut problems) = (0, Vec::new());
    for line in include_str!("golden.jsonl").lines() {
        lines += 1;
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
    assert_eq!(lines, 48, "messages");
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}
