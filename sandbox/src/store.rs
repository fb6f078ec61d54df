//! The business: tables of JSON rows, in memory, and in an embedded store when there is a folder.
//!
//! In: `put` and `get` by table and key. Out: rows. A change is on disk before it is answered; one that
//! a crash cut off is not there at all.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use redb::{Database, ReadableTable as _, TableDefinition};
use serde_json::Value;

/// Table and key, and the row as JSON text.
const ROWS: TableDefinition<(&str, &str), &str> = TableDefinition::new("rows");

/// What the store can fail with.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// All tables.
#[derive(Default)]
pub struct Store {
    tables: BTreeMap<String, BTreeMap<String, Value>>,
    disk: Option<Database>,
}

impl Store {
    /// What a folder holds, or nothing.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let mut store = Self::default();
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)?;
            let disk = Database::create(folder.join("state.redb")).map_err(io::Error::other)?;
            store.load(&disk).map_err(io::Error::other)?;
            store.disk = Some(disk);
        }
        Ok(store)
    }

    fn load(&mut self, disk: &Database) -> Result<(), Failure> {
        // A new store has no table yet; opening it for writing makes it.
        let write = disk.begin_write()?;
        write.open_table(ROWS)?;
        write.commit()?;
        for entry in disk.begin_read()?.open_table(ROWS)?.iter()? {
            let (key, row) = entry?;
            let (table, key) = key.value();
            self.set(table, key, serde_json::from_str(row.value())?);
        }
        Ok(())
    }

    fn set(&mut self, table: &str, key: &str, row: Value) {
        self.tables
            .entry(table.to_owned())
            .or_default()
            .insert(key.to_owned(), row);
    }

    /// Lets go of the file; from now on changes are in memory only.
    pub fn close(&mut self) {
        self.disk = None;
    }

    /// A row.
    pub fn get(&self, table: &str, key: &str) -> Option<&Value> {
        self.tables.get(table)?.get(key)
    }

    /// Writes a row.
    pub fn put(&mut self, table: &str, key: &str, row: Value) {
        if let Some(disk) = &self.disk
            && let Err(error) = write(disk, table, key, &row)
        {
            // A full disk must not stop the sandbox: what is in memory goes on.
            eprintln!("the state could not be written: {error}");
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

fn write(disk: &Database, table: &str, key: &str, row: &Value) -> Result<(), Failure> {
    let write = disk.begin_write()?;
    write
        .open_table(ROWS)?
        .insert((table, key), row.to_string().as_str())?;
    write.commit()?;
    Ok(())
}
