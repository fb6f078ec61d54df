//! Deviations and lost values whose reason is known: `explained.jsonl`, a line of JSON each.
//!
//! ```text
//! {"subject": "GET /v3/certificates", "part": "response", "path": "data[].serial_no", "what": "a number", "reason": "…"}
//! ```
//!
//! `subject` is the documented method and path, or the event type; `path` leaves out the numbers of list
//! elements; `what` is the kind that was found, or `lost`, `added`, `changed`. `*` stands for any subject,
//! part, path or kind.

use serde_json::Value;

/// The list.
#[derive(Default)]
pub struct Explained(Vec<Entry>);

struct Entry {
    subject: String,
    part: String,
    path: String,
    what: String,
    reason: String,
}

impl Explained {
    /// Reads a list; every line needs its reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let wrong = |problem: String| format!("line {}: {problem}", index + 1);
            let json: Value = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
            let text = |name: &str| match json.get(name).and_then(Value::as_str) {
                Some(text) if !text.is_empty() => Ok(text.to_owned()),
                _ => Err(wrong(format!("`{name}` is missing"))),
            };
            entries.push(Entry {
                subject: text("subject")?,
                part: text("part")?,
                path: text("path")?,
                what: text("what")?,
                reason: text("reason")?,
            });
        }
        Ok(Self(entries))
    }

    /// The reason for what was found at a place.
    pub fn reason(&self, subject: &str, part: &str, path: &str, what: &str) -> Option<&str> {
        let path = without_indices(path);
        let fits = |pattern: &str, given: &str| pattern == "*" || pattern == given;
        let entry = self.0.iter().find(|entry| {
            fits(&entry.subject, subject)
                && fits(&entry.part, part)
                && fits(&entry.path, &path)
                && fits(&entry.what, what)
        });
        entry.map(|entry| entry.reason.as_str())
    }
}

/// `data[3].id` as `data[].id`.
fn without_indices(path: &str) -> String {
    let mut parts = path.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push('[');
        text.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    text
}
