//! The business: tables of JSON rows, in memory, and in a journal on disk when there is a folder.
//!
//! In: `put` and `get` by table and key. Out: rows. The journal is one JSON line per change, appended
//! and flushed; a line that was cut off by a crash is the last one and is passed over.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Value, json};

/// All tables.
#[derive(Default)]
pub struct Store {
    tables: BTreeMap<String, BTreeMap<String, Value>>,
    journal: Option<File>,
}

impl Store {
    /// What a folder holds, or nothing.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let mut store = Self::default();
        let Some(folder) = folder else {
            return Ok(store);
        };
        std::fs::create_dir_all(folder)?;
        let path = folder.join("state.jsonl");
        if path.is_file() {
            for line in std::fs::read_to_string(&path)?.lines() {
                if let Ok(Value::Array(entry)) = serde_json::from_str(line)
                    && let [Value::String(table), Value::String(key), row] = &entry[..]
                {
                    store.set(table, key, row.clone());
                }
            }
        }
        store.journal = Some(OpenOptions::new().create(true).append(true).open(path)?);
        Ok(store)
    }

    fn set(&mut self, table: &str, key: &str, row: Value) {
        self.tables
            .entry(table.to_owned())
            .or_default()
            .insert(key.to_owned(), row);
    }

    /// A row.
    pub fn get(&self, table: &str, key: &str) -> Option<&Value> {
        self.tables.get(table)?.get(key)
    }

    /// Writes a row.
    pub fn put(&mut self, table: &str, key: &str, row: Value) {
        if let Some(journal) = &mut self.journal {
            // A full disk must not stop the sandbox: what is in memory goes on.
            let _ = writeln!(journal, "{}", json!([table, key, row]));
        }
        self.set(table, key, row);
    }

    /// All rows of a table, in order of key.
    pub fn all(&self, table: &str) -> impl Iterator<Item = (&str, &Value)> {
        self.tables
            .get(table)
            .into_iter()
            .flatten()
            .map(|(key, row)| (key.as_str(), row))
    }
}
