//! The claims of SECURITY.md and RELIABILITY.md name tests; every one of them exists.

use std::fs;
use std::path::Path;

/// The names in backticks that can only be those of tests: words joined by underscores, at least four.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let in_backticks = text.split('`').skip(1).step_by(2);
    in_backticks.filter(|name| {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        name.bytes().all(word) && name.matches('_').count() >= 3
    })
}

fn read(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("generated") {
                read(&path, all);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_test_that_a_claim_names_exists() {
    let root = super::root();
    let mut sources = String::new();
    for folder in ["client/src", "client/tests", "codegen/tests", "sandbox/tests"] {
        read(&root.join(folder), &mut sources);
    }
    let mut missing = Vec::new();
    let mut count = 0;
    for document in ["SECURITY.md", "RELIABILITY.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        for name in named(&text) {
            count += 1;
            if !sources.contains(&format!("fn {name}(")) {
                missing.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(count > 40, "{count} names were found");
}
