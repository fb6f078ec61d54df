//! Pieces of the page. In: values. Out: HTML, every value escaped.

use serde_json::Value;

use crate::store::Store;

/// Rows of a table on one page.
const ROWS: usize = 50;

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

pub(super) fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// A button that posts.
pub(super) fn button(path: &str, label: &str) -> String {
    // A body, so that the response is the page again.
    format!(
        "<form method=post action=\"{}\"><input type=hidden name=from value=page><button>{label}</button></form> ",
        escape(path)
    )
}

pub(super) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What of each table is shown.
pub(super) struct Shown<'a> {
    pub search: &'a str,
    pub page: usize,
}

impl Shown<'_> {
    pub fn select<T>(&self, rows: impl Iterator<Item = T>, text: impl Fn(&T) -> String) -> Vec<T> {
        let found = rows.filter(|row| self.search.is_empty() || text(row).contains(self.search));
        found.skip(self.page * ROWS).take(ROWS).collect()
    }

    /// The newest rows of a table first, as far as the order of keys tells.
    pub fn rows(&self, store: &Store, table: &str) -> Vec<(String, Value)> {
        self.select(store.all(table).rev(), |(_, row)| row.to_string())
    }
}
