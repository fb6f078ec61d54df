//! [`File`] → the text of a reading.

use std::fmt::Write as _;

use super::parse::is_plain;
use super::{Entry, Field, File, Kind, Part};

/// A whole file.
pub fn file(file: &File) -> String {
    let reading = &file.reading;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{key}: {value}");
    };
    line("title", &reading.title);
    line("version", &reading.version);
    line("date", &reading.date);
    if let Some(link) = &reading.link {
        line("link", link);
    }
    line("standing", reading.standing.as_str());
    text.push('\n');
    for entry in &file.entries {
        text.push_str(&self::entry(entry));
        text.push('\n');
    }
    text
}

/// One line, without its end.
pub fn entry(entry: &Entry) -> String {
    let mut line = String::new();
    if entry.part == Part::Resource {
        line.push_str("EVENT ");
    }
    let _ = write!(line, "{} {}", entry.subject, entry.part.as_str());
    if let Some(variant) = &entry.variant {
        let _ = write!(line, "/{variant}");
    }
    for field in &entry.fields {
        line.push(' ');
        self::field(field, &mut line);
    }
    line
}

fn field(field: &Field, line: &mut String) {
    word(&field.name, line);
    line.push_str(match field.required {
        Some(true) => "!",
        Some(false) => "?",
        None => "",
    });
    let is_shown = field.kind == Some(Kind::Object) && field.fields.is_some();
    if let Some(kind) = field.kind.filter(|_| !is_shown) {
        let _ = write!(line, ":{}", kind.as_str());
    }
    line.push_str(if field.array { "[]" } else { "" });
    line.push_str(if field.encrypted { "*" } else { "" });
    if !field.values.is_empty() {
        line.push('(');
        separated(&field.values, line, |value, line| word(value, line));
        line.push(')');
    }
    if let Some(fields) = &field.fields {
        line.push('{');
        separated(fields, line, self::field);
        line.push('}');
    }
}

fn separated<T>(items: &[T], line: &mut String, print: impl Fn(&T, &mut String)) {
    for (index, item) in items.iter().enumerate() {
        line.push_str(if index == 0 { "" } else { " " });
        print(item, line);
    }
}

fn word(text: &str, line: &mut String) {
    if !text.is_empty() && text.bytes().all(is_plain) {
        line.push_str(text);
    } else {
        let _ = write!(line, "{}", serde_json::Value::from(text));
    }
}
