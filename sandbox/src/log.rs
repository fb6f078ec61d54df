//! What happened: calls and notifications, the newest last.
//!
//! In: one [`Call`] per request. Out: the last thousand, for the page, the control API and tests; with a
//! folder they are appended to `calls.jsonl` there, and known again after a restart.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufReader, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::files;

/// The number of calls that are kept.
const KEPT: usize = 1000;
/// Of a body, this much is kept.
const BODY: usize = 16 << 10;
/// A file of this size is put aside, in place of the one before it.
const FILE: u64 = 16 << 20;

/// One request and its response, or one notification and the merchant's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    pub number: u64,
    pub time: String,
    /// `POST /v3/pay/transactions/jsapi`, or `→ TRANSACTION.SUCCESS`.
    pub what: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub status: u16,
    /// `right`, or what was wrong, or the fault that was injected.
    pub verdict: String,
    pub response_headers: Vec<(String, String)>,
    pub response: String,
    /// What was encrypted, in clear: of a request its fields, of a notification its resource.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub clear: Value,
}

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    calls: VecDeque<Call>,
    next: u64,
    path: Option<PathBuf>,
    file: Option<File>,
    written: u64,
}

impl Log {
    /// The log of a folder.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let mut log = Self::default();
        let Some(path) = folder.map(|folder| folder.join("calls.jsonl")) else {
            return Ok(log);
        };
        for file in [aside(&path), path.clone()] {
            match File::open(file) {
                Ok(file) => log.read(BufReader::new(file))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        // The calls that are known make a file of their own, so that a line cut off by a crash is gone.
        let lines: String = log.calls.iter().map(line).collect();
        files::write(&path, lines.as_bytes())?;
        let _ = fs::remove_file(aside(&path));
        log.file = Some(fs::OpenOptions::new().append(true).open(&path)?);
        log.written = lines.len() as u64;
        log.path = Some(path);
        Ok(log)
    }

    fn read(&mut self, lines: impl io::BufRead) -> io::Result<()> {
        for line in lines.split(b'\n') {
            if let Ok(call) = serde_json::from_slice::<Call>(&line?) {
                self.next = self.next.max(call.number);
                self.keep(call);
            }
        }
        Ok(())
    }

    fn keep(&mut self, call: Call) {
        if self.calls.len() == KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// Adds a call.
    pub fn push(&mut self, mut call: Call) {
        self.next += 1;
        call.number = self.next;
        if let Err(error) = self.append(&call) {
            eprintln!("wechatpay-sandbox: the log of calls can't be written: {error}");
            self.file = None;
        }
        self.keep(call);
    }

    fn append(&mut self, call: &Call) -> io::Result<()> {
        let (Some(file), Some(path)) = (&mut self.file, &self.path) else {
            return Ok(());
        };
        let line = line(call);
        file.write_all(line.as_bytes())?;
        self.written += line.len() as u64;
        if self.written > FILE {
            fs::rename(path, aside(path))?;
            self.file = Some(files::create(path)?);
            self.written = 0;
        }
        Ok(())
    }

    /// The calls that are kept, the newest last.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.next
    }

    /// Forgets all calls.
    pub fn clear(&mut self) {
        self.calls.clear();
        if let Some(file) = &self.file {
            let _ = file.set_len(0);
        }
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(aside(path));
        }
        self.written = 0;
    }
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("1.jsonl")
}

fn line(call: &Call) -> String {
    call.json().to_string() + "\n"
}

/// Bytes as text for people, cut.
pub fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(BODY)];
    let mut text = String::from_utf8_lossy(cut).into_owned();
    if bytes.len() > BODY {
        text.push_str(&format!("… ({} bytes)", bytes.len()));
    }
    text
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_survive_a_restart_and_a_cut_line() {
        let folder = files::temporary_folder().unwrap();
        let call = Call {
            number: 0,
            time: String::new(),
            what: "GET /v3/certificates".into(),
            headers: Vec::new(),
            body: String::new(),
            status: 200,
            verdict: "right".into(),
            response_headers: Vec::new(),
            response: String::new(),
            clear: Value::Null,
        };
        let mut log = Log::open(Some(&folder)).unwrap();
        log.push(call.clone());
        log.push(call);
        let path = folder.join("calls.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 9]).unwrap();
        let log = Log::open(Some(&folder)).unwrap();
        assert_eq!(log.calls().map(|call| call.number).collect::<Vec<_>>(), [1]);
        fs::remove_dir_all(folder).unwrap();
    }
}
