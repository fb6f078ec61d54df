//! Deviations and lost values that are explained: a list in a file, a line of JSON each.
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
            text("reason")?;
            entries.push(Entry {
                subject: text("subject")?,
                part: text("part")?,
                path: text("path")?,
                what: text("what")?,
            });
        }
        Ok(Self(entries))
    }

    /// Whether the list has this place.
    pub fn explains(&self, subject: &str, part: &str, path: &str, what: &str) -> bool {
        let path = without_indices(path);
        let fits = |pattern: &str, given: &str| pattern == "*" || pattern == given;
        self.0.iter().any(|entry| {
            fits(&entry.subject, subject)
                && fits(&entry.part, part)
                && fits(&entry.path, &path)
                && fits(&entry.what, what)
        })
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
