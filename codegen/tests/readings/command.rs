//! Readings on the command line: `check --reading`, `explain`, `diff`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{PAGE, official};

/// A folder of the page and a reading, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, reading: &str) -> Self {
        let name = format!("wechatpay-codegen-readings-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        for below in ["openapi/v3/shop", "readings"] {
            fs::create_dir_all(folder.join(below)).expect("a folder");
        }
        fs::write(folder.join("openapi/v3/shop/{id}.md"), PAGE).expect("a page");
        fs::write(folder.join("readings/sdk.txt"), reading).expect("a reading");
        Self(folder)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The exit status and what is printed.
fn run(specs: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wechatpay-codegen"));
    let output = command
        .arg("--specs")
        .arg(specs)
        .args(arguments)
        .output()
        .expect("the command runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn explain_shows_which_reading_changed_which_row() {
    let folder = Folder::new("explain", &official().text);
    let (status, text) = run(&folder.0, &["explain", "/v3/shop/{id}"]);
    assert_eq!(status, Some(0), "{text}");
    let (_, changed) = text
        .split_once("== changed by readings")
        .expect("a list of changes");
    let changed = changed.split("\n== ").next().unwrap_or("");
    for row in ["body.note", "response.paid", "response.time", "response.state"] {
        let line = changed.lines().find(|line| line.contains(row));
        let line = line.unwrap_or_else(|| panic!("`{row}` in {changed}"));
        assert!(line.contains("sdk"), "{line}");
    }
}

#[test]
fn diff_treats_a_changed_reading_like_a_changed_page() {
    let reading = official().text;
    let old = Folder::new("old", &reading);
    let new = Folder::new("new", &reading.replace("sum!:integer", "sum?:integer"));
    let (_, text) = run(&old.0, &["diff", old.path(), new.path()]);
    assert!(text.contains("`sum`"), "{text}");
    assert!(text.contains("1 change of 1 operation"), "{text}");
    let (status, text) = run(&old.0, &["diff", old.path(), old.path()]);
    assert_eq!(status, Some(0), "{text}");
    assert!(!text.contains("`sum`"), "{text}");
}

#[test]
fn check_compares_a_file_that_somebody_brings() {
    let folder = Folder::new("check", &official().text);
    let check = |name: &str, text: &str| {
        let file = folder.0.join(name);
        fs::write(&file, text).expect("a file");
        run(&folder.0, &["check", "--reading", file.to_str().expect("UTF-8")])
    };
    let same = "\u{feff}".to_owned() + &official().text.replace('\n', "\r\n");
    let (status, text) = check("same.txt", &same);
    assert_eq!(status, Some(0), "{text}");

    let model = "\u{feff}\r\n{\"operation\": \"POST /v3/shop/{x}\", \"part\": \"request\", \"fields\": {\"name\": {\"type\": \"integer\"}}}\r\n\
        {\"operation\": \"GET /v3/nowhere\", \"query\": [\"a\"]}\r\n";
    let (status, text) = check("model.jsonl", model);
    assert_eq!(status, Some(1), "{text}");
    for expected in [
        "`name` of the request: string here, integer there",
        "no page documents GET /v3/nowhere",
    ] {
        assert!(text.contains(expected), "{text}");
    }

    let (status, text) = check("broken.jsonl", "{\"operation\": 1}\n");
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("broken.jsonl:1: "), "{text}");
}
