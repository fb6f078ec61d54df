//! Pages a little wrong: nothing panics, no row is lost in silence, what is accepted becomes Rust.
//!
//! The long proof, over the pages of `specs/` or of another folder; mutants that are accepted are kept for
//! `codegen/tests/mutants.sh`, which compiles them:
//!
//! ```sh
//! MUTANTS=5000 PAGES=folder KEEP=target/mutants cargo test --release -p wechatpay-codegen --test mutants -- --nocapture
//! ```
//!
//! As a fuzzer, which goes on from mutants that do something new, for as long as it is told:
//!
//! ```sh
//! SECONDS_EACH=3600 cargo test --release -p wechatpay-codegen --test mutants -- --ignored --nocapture
//! ```

mod check;
mod fuzz;
mod mutate;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use check::Outcome;
use mutate::Random;
use wechatpay_codegen::source::{self, Source};

/// No page takes longer.
const LIMIT: Duration = Duration::from_secs(2);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// The pages of the folder `PAGES`, or of `specs/`.
fn pages() -> Vec<Source> {
    let folder = std::env::var_os("PAGES").filter(|folder| !folder.is_empty());
    let specs = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let (mut pages, _) =
        source::read(&folder.map_or_else(specs, PathBuf::from)).expect("the folder can be read");
    pages.retain(|page| page.path.ends_with(".md"));
    pages
}

/// Mutant `number` of one of the pages: path and text.
fn mutant(pages: &[Source], number: u64) -> (String, String) {
    let mut random = Random::new(number);
    let page = &pages[random.below(pages.len())];
    let mut text = page.text.clone();
    for _ in 0..=random.below(4) {
        let other = random.below(pages.len());
        mutate::mutate(&mut text, &pages[other].text, &mut random);
    }
    (mutate::place(&page.path, number, &mut random), text)
}

#[test]
fn nothing_is_lost_and_nothing_panics() {
    let (mutants, seed) = (number("MUTANTS", 300), number("SEED", 0));
    let keep = std::env::var_os("KEEP").map(PathBuf::from);
    let pages = pages();
    let (mut accepted, mut failures) = (0_u64, Vec::new());
    for number in seed..seed + mutants {
        let (path, text) = mutant(&pages, number);
        let start = Instant::now();
        match check::page(&path, &text) {
            Ok((Outcome::Accepted, loaded)) => {
                accepted += 1;
                if let Some(folder) = keep.as_ref().filter(|_| !loaded.api.operations.is_empty()) {
                    let file = folder.join(&path);
                    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
                    fs::write(file, &text).expect("a page");
                }
            }
            Ok((Outcome::Rejected, _)) => {}
            Err(problem) => {
                let file = std::env::temp_dir().join(format!("wechatpay-codegen-mutant-{number}.md"));
                fs::write(&file, &text).expect("a page");
                failures.push(format!("mutant {number}, {path}: {problem}: {}", file.display()));
            }
        }
        if start.elapsed() > LIMIT {
            failures.push(format!("mutant {number}, {path}: {:?}", start.elapsed()));
        }
    }
    println!(
        "{mutants} mutants of {} pages: {accepted} accepted, {} failures",
        pages.len(),
        failures.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // Most mistakes must be tolerable, and some must not be.
    assert!(accepted > mutants / 10 && accepted < mutants, "{accepted}");
}
