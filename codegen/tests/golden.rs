//! What the emitter makes of small pages, one rule a page: `golden/RULE.md` → `golden/RULE.rs`.
//!
//! A page's first line says where it stands. When the code differs, the file is rewritten and the
//! test fails: look at the diff, and commit it if it is what you wanted.

use std::fs;
use std::path::{Path, PathBuf};

use wechatpay_codegen::emit;
use wechatpay_codegen::load::{Loaded, load_sources};
use wechatpay_codegen::source::Source;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The page of a golden file and where it stands.
fn page(text: &str) -> Source {
    let (first, text) = text.split_once('\n').expect("a page has more than one line");
    let place = first.trim_start_matches("<!--").trim_end_matches("-->").trim();
    Source::new(place, text)
}

fn loaded(text: &str) -> Loaded {
    let loaded = load_sources(vec![page(text)]);
    let errors: Vec<_> = loaded.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    loaded
}

/// The file of the page itself; the others only list modules.
fn generated(text: &str) -> String {
    let files = emit::emit(&loaded(text).api);
    let mark = format!("{}specs/", emit::MARK);
    files.into_values().find(|text| text.starts_with(&mark)).expect("every page has a file")
}

fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder of goldens");
    let mut pages: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

#[test]
fn every_rule_has_its_code() {
    let mut stale = Vec::new();
    for path in pages() {
        let code = generated(&fs::read_to_string(&path).expect("a page"));
        let expected = path.with_extension("rs");
        if fs::read_to_string(&expected).unwrap_or_default() != code {
            fs::write(&expected, code).expect("the golden can be written");
            stale.push(expected.display().to_string());
        }
    }
    assert!(stale.is_empty(), "rewritten, look at their diff: {stale:#?}");
}

#[test]
fn goldens_have_pages() {
    for entry in fs::read_dir(folder()).expect("the folder of goldens") {
        let path = entry.expect("an entry").path();
        assert!(path.with_extension("md").exists(), "{} has no page", path.display());
    }
}

#[test]
fn the_order_of_pages_does_not_matter() {
    let mut sources: Vec<_> = pages().iter().map(|path| page(&fs::read_to_string(path).expect("a page"))).collect();
    let forward = emit::emit(&load_sources(sources.clone()).api);
    sources.reverse();
    assert_eq!(forward, emit::emit(&load_sources(sources).api));
}

#[test]
fn one_more_row_is_a_few_more_lines_in_one_file() {
    let text = fs::read_to_string(folder().join("json_body.md")).expect("a page");
    let row = "| note {data-indent=1} | string | 备注\n";
    let anchor = "| amount {data-required data-indent=1}";
    let longer = text.replace(anchor, &format!("{row}{anchor}"));
    assert_ne!(text, longer);
    let (before, after) = (emit::emit(&loaded(&text).api), emit::emit(&loaded(&longer).api));
    let changed: Vec<_> = before.keys().filter(|name| before.get(*name) != after.get(*name)).collect();
    assert_eq!((changed.len(), before.len()), (1, after.len()), "{changed:?}");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(&before[changed[0]]), lines(&after[changed[0]]));
    let added = new.iter().filter(|line| !old.contains(line)).count();
    assert!(added <= 3, "{added} lines for one row");
}
