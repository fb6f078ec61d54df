//! The business: tables of JSON rows in an embedded store, in a folder or in memory.
//!
//! In: `put` and `get` by table and key. Out: rows. A change is on disk before it is acknowledged; one
//! that a crash cut off is not there at all. A change that could not be written is counted as a failure,
//! and the request that made it must not succeed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use redb::{Database, ReadableTable as _, TableDefinition};
use serde_json::Value;

/// Table and key, and the row as JSON text.
const ROWS: TableDefinition<(&str, &str), &str> = TableDefinition::new("rows");
/// The same behind the name of a snapshot.
const SNAPSHOTS: TableDefinition<(&str, &str, &str), &str> = TableDefinition::new("snapshots");
/// The memory that the store may use for pages of its file.
const CACHE: usize = 32 << 20;
/// The pause before a database that failed is opened again: that takes a while.
const PAUSE: Duration = Duration::from_secs(1);
/// Behind every key of a table.
const END: &str = "\u{10ffff}";

/// What the store can fail with.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A row to be written: table, key and content.
pub type Row<'a> = (&'a str, &'a str, &'a Value);

/// All tables.
pub struct Store {
    disk: Option<Database>,
    file: Option<PathBuf>,
    closed: bool,
    /// After an error of the disk the database is opened again, but not before this moment.
    again: Instant,
    failures: AtomicU64,
}

impl Store {
    /// What a folder holds, or nothing.
    ///
    /// # Errors
    /// When the folder can't be written, or another sandbox uses it.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let file = folder.map(|folder| folder.join("state.redb"));
        Ok(Self {
            disk: Some(database(file.as_deref()).map_err(io::Error::other)?),
            file,
            closed: false,
            again: Instant::now(),
            failures: AtomicU64::new(0),
        })
    }

    /// Lets go of the file; from now on there is nothing.
    pub fn close(&mut self) {
        self.closed = true;
        self.disk = None;
    }

    /// How often rows could not be written or read so far.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    fn failed(&self, what: &str, error: &Failure) {
        eprintln!("wechatpay-sandbox: the state can't be {what}: {error}");
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    fn read<T>(&self, read: impl FnOnce(&Database) -> Result<T, Failure>) -> Option<T> {
        let outcome = match &self.disk {
            Some(disk) => read(disk),
            None if self.closed => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                return None;
            }
            None => Err("it could not be opened again".into()),
        };
        outcome.inspect_err(|error| self.failed("read", error)).ok()
    }

    fn write(&mut self, write: impl FnOnce(&Database) -> Result<(), Failure>) {
        if self.closed {
            self.failures.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if self.disk.is_none() && self.again <= Instant::now() {
            self.again = Instant::now() + PAUSE;
            self.disk = database(self.file.as_deref()).ok();
        }
        let outcome = match &self.disk {
            Some(disk) => write(disk),
            None => Err("it could not be opened again".into()),
        };
        if let Err(error) = outcome {
            self.failed("written", &error);
            // The database refuses everything after an error of the disk.
            if self.file.is_some() {
                self.disk = None;
            }
        }
    }

    /// A row.
    pub fn get(&self, table: &str, key: &str) -> Option<Value> {
        self.read(|disk| {
            let rows = disk.begin_read()?.open_table(ROWS)?;
            let row = rows.get((table, key))?;
            Ok(row.map(|row| serde_json::from_str(row.value())).transpose()?)
        })?
    }

    /// Writes a row.
    pub fn put(&mut self, table: &str, key: &str, row: &Value) {
        self.put_all(&[(table, key, row)]);
    }

    /// Writes all of these rows, or none.
    pub fn put_all(&mut self, rows: &[Row<'_>]) {
        self.write(|disk| {
            let write = disk.begin_write()?;
            {
                let mut table = write.open_table(ROWS)?;
                for (name, key, row) in rows {
                    table.insert((*name, *key), row.to_string().as_str())?;
                }
            }
            Ok(write.commit()?)
        });
    }

    /// Removes a row.
    pub fn remove(&mut self, table: &str, key: &str) {
        self.write(|disk| {
            let write = disk.begin_write()?;
            write.open_table(ROWS)?.remove((table, key))?;
            Ok(write.commit()?)
        });
    }

    /// All rows of a table, in order of key.
    pub fn all(&self, table: &str) -> Box<dyn DoubleEndedIterator<Item = (String, Value)>> {
        let range = self.read(|disk| {
            let rows = disk.begin_read()?.open_table(ROWS)?;
            Ok(rows.range((table, "")..(table, END))?)
        });
        let rows = range.into_iter().flatten().filter_map(|entry| {
            let (key, row) = entry.ok()?;
            Some((key.value().1.to_owned(), serde_json::from_str(row.value()).ok()?))
        });
        Box::new(rows)
    }

    /// The number of rows in a table.
    pub fn count(&self, table: &str) -> usize {
        let count = self.read(|disk| {
            let rows = disk.begin_read()?.open_table(ROWS)?;
            Ok(rows.range((table, "")..(table, END))?.count())
        });
        count.unwrap_or(0)
    }

    /// Removes all rows.
    pub fn reset(&mut self) {
        self.write(|disk| {
            let write = disk.begin_write()?;
            write.open_table(ROWS)?.retain(|_, _| false)?;
            Ok(write.commit()?)
        });
    }

    /// Keeps a copy of all rows under a name.
    pub fn save(&mut self, name: &str) {
        self.write(|disk| {
            let write = disk.begin_write()?;
            {
                let rows = write.open_table(ROWS)?;
                let mut snapshots = write.open_table(SNAPSHOTS)?;
                snapshots.retain(|(other, _, _), _| other != name)?;
                for entry in rows.iter()? {
                    let (key, row) = entry?;
                    let (table, key) = key.value();
                    snapshots.insert((name, table, key), row.value())?;
                }
            }
            Ok(write.commit()?)
        });
    }

    /// Puts the rows back that were kept under a name; whether there are such.
    pub fn restore(&mut self, name: &str) -> bool {
        let mut found = false;
        self.write(|disk| {
            let write = disk.begin_write()?;
            {
                let snapshots = write.open_table(SNAPSHOTS)?;
                let mut kept = snapshots.range((name, "", "")..(name, END, END))?.peekable();
                found = kept.peek().is_some();
                if found {
                    let mut rows = write.open_table(ROWS)?;
                    rows.retain(|_, _| false)?;
                    for entry in kept {
                        let (key, row) = entry?;
                        let (_, table, key) = key.value();
                        rows.insert((table, key), row.value())?;
                    }
                }
            }
            Ok(write.commit()?)
        });
        found
    }
}

fn database(file: Option<&Path>) -> Result<Database, Failure> {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    let disk = match file {
        Some(file) => {
            // Neither a link is followed, nor can others read what is made.
            match std::fs::symlink_metadata(file) {
                Ok(found) if !found.is_file() => return Err("state.redb is not a file".into()),
                Ok(_) => {}
                Err(_) => drop(crate::files::create(file)?),
            }
            builder.create(file)?
        }
        None => builder.create_with_backend(redb::backends::InMemoryBackend::new())?,
    };
    // Opening a table for writing makes it.
    let write = disk.begin_write()?;
    write.open_table(ROWS)?;
    write.open_table(SNAPSHOTS)?;
    write.commit()?;
    Ok(disk)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_kept_by_table_and_brought_back_by_name() {
        let mut store = Store::open(None).unwrap();
        store.put_all(&[
            ("a", "2", &json!(2)),
            ("a", "1", &json!(1)),
            ("b", "1", &json!(3)),
        ]);
        assert_eq!(store.all("a").map(|(key, _)| key).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!((store.count("a"), store.get("b", "1")), (2, Some(json!(3))));
        store.save("before");
        store.remove("a", "1");
        store.put("c", "1", &json!(4));
        assert!(store.restore("before") && !store.restore("never"));
        assert_eq!((store.get("a", "1"), store.get("c", "1")), (Some(json!(1)), None));
        store.reset();
        assert_eq!(store.count("a"), 0);
    }
}
