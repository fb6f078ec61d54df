//! No break is missed: each row of each page is removed, renamed, retyped and flipped, and the verdict of
//! `diff` is compared with what the generated code shows.
//!
//! The normal tests take a sample. All rows, in some minutes:
//!
//! ```sh
//! ROWS=all cargo test --release -p wechatpay-codegen --test proof -- --nocapture
//! ```

mod dump;
mod edit;
mod sets;

use std::cell::OnceCell;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use dump::{Dump, broken, dump};
use edit::{EDITS, Edit};
use wechatpay_codegen::diff::{self, Verdict};
use wechatpay_codegen::ir::Api;
use wechatpay_codegen::load::{self, Loaded};
use wechatpay_codegen::source::{self, FIXUPS, Source};

/// Whether row `row` of page `page` is edited: all are, or a sample.
fn is_chosen(page: usize, row: usize) -> bool {
    static ALL: LazyLock<bool> = LazyLock::new(|| std::env::var_os("ROWS").is_some_and(|rows| rows == "all"));
    *ALL || (page.is_multiple_of(41) && (page + row).is_multiple_of(5))
}

fn specs() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

/// How often the two agreed that callers break, or that they do not, and where they did not agree.
#[derive(Default)]
struct Tally {
    breaks: usize,
    harmless: usize,
    /// Breaks that no fact of a row explains; the comparison of the types found them.
    unexplained: usize,
    rejected: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Compares the verdict on a change with the public API of both sides.
    fn judge(&mut self, old: &Api, shown: &Dump, new: &Api, what: &dyn fmt::Display) {
        let broken = broken(shown, &dump(new));
        let diff = diff::compare(old, new);
        let verdict = diff.verdict();
        match (broken.is_empty(), verdict == Verdict::CompileTime) {
            (false, true) => self.breaks += 1,
            (true, false) => self.harmless += 1,
            (false, false) => self.wrong.push(format!("missed: {what}: {broken:?}")),
            (true, true) => {
                let found = diff.changes().filter(|change| change.verdict == verdict);
                let found: Vec<_> = found
                    .map(|change| format!("{}: {}: {}", change.field, change.what, change.reason))
                    .collect();
                self.wrong.push(format!("false alarm: {what}: {found:?}"));
            }
        }
        let unexplained = |change: &diff::Change| change.what == "the generated types differ";
        self.unexplained += usize::from(diff.changes().any(unexplained));
    }

    fn add(&mut self, other: Self) {
        self.breaks += other.breaks;
        self.harmless += other.harmless;
        self.unexplained += other.unexplained;
        self.rejected += other.rejected;
        self.wrong.extend(other.wrong);
    }

    fn check(self, what: &str) {
        let Self {
            breaks,
            harmless,
            unexplained,
            rejected,
            wrong,
        } = self;
        let all = breaks + harmless + rejected + wrong.len();
        println!(
            "{what}: {all} edits: {breaks} breaks ({unexplained} found by their types only), \
             {harmless} harmless, {rejected} rejected by `check`, {} wrong verdicts",
            wrong.len()
        );
        let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{} wrong verdicts:\n{shown}", wrong.len());
        assert!(breaks > harmless && harmless > 0, "{what}");
    }
}

/// Does the work of each item on all cores.
fn in_parallel<T: Sync>(items: &[T], work: impl Fn(usize, &T) -> Tally + Sync) -> Tally {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut tally = Tally::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => tally.add(work(at, item)),
                None => return tally,
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = Tally::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            all.add(
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
    });
    all
}

/// The rows as they are after fixups and readings: the whole API, an operation at a time.
#[test]
fn no_break_of_a_property_is_missed() {
    let api = load::load(&specs()).expect("the pages are readable").api;
    let tally = in_parallel(&api.operations, |number, operation| {
        let mut tally = Tally::default();
        let old = Api {
            operations: vec![operation.clone()],
            ..Api::default()
        };
        let rows = (0..edit::count(operation)).filter(|row| is_chosen(number, *row));
        let shown = OnceCell::new();
        for at in rows {
            for edit in EDITS {
                let new = edit::operation(operation, at, edit);
                let what = format!(
                    "{} {}: property {at}: {edit:?}",
                    operation.page,
                    operation.method.as_str()
                );
                tally.judge(&old, shown.get_or_init(|| dump(&old)), &new, &what);
            }
        }
        tally
    });
    tally.check("properties");
}

/// The rows as they stand in the text of the pages.
#[test]
fn no_break_of_a_row_is_missed() {
    let (mut sources, _) = source::read(&specs()).expect("the pages are readable");
    let fixups = sources
        .iter()
        .position(|source| source.path == FIXUPS)
        .map(|at| sources.remove(at));
    let fixups = fixups.map_or(String::new(), |source| source.text);
    sources.retain(|source| source.path.ends_with(".md"));
    let tally = in_parallel(&sources, |number, page| {
        rows(page, &fixups_of(&fixups, &page.path), number)
    });
    tally.check("rows");
}

fn rows(page: &Source, fixups: &str, number: usize) -> Tally {
    let mut tally = Tally::default();
    if !(0..5).any(|row| is_chosen(number, row)) {
        return tally;
    }
    let load = |text: String| {
        let page = Source::new(page.path.clone(), text);
        load::load_sources(vec![page, Source::new(FIXUPS, fixups)])
    };
    let is_wrong = |loaded: &Loaded| loaded.diagnostics.iter().any(|found| found.is_error());
    let old = load(page.text.clone());
    let rows: Vec<_> = old
        .pages
        .iter()
        .flat_map(|page| &page.sections)
        .flat_map(|section| &section.tables)
        .flat_map(|table| &table.rows)
        .enumerate()
        .filter(|(row, _)| is_chosen(number, *row))
        .map(|(_, row)| row)
        .collect();
    if is_wrong(&old) || rows.is_empty() {
        return tally;
    }
    let shown = dump(&old.api);
    for row in rows {
        for edit in EDITS {
            let Some(text) = edit::page(&page.text, row, edit) else {
                continue;
            };
            let new = load(text);
            match is_wrong(&new) {
                true => tally.rejected += 1,
                false => {
                    let what = format!("{}:{} `{}`: {edit:?}", page.path, row.line, row.name());
                    tally.judge(&old.api, &shown, &new.api, &what);
                }
            }
        }
    }
    tally
}

/// The fixups that are about one page.
fn fixups_of(all: &str, page: &str) -> String {
    let own = format!("page = \"{page}\"");
    let blocks = all
        .split("[[")
        .skip(1)
        .filter(|block| block.lines().any(|line| line == own));
    blocks.map(|block| format!("[[{block}")).collect()
}

/// The proof can fail: a break that no verdict tells is found.
#[test]
fn the_dump_shows_every_kind_of_break() {
    let api = load::load(&specs()).expect("the pages are readable").api;
    let operation = api
        .operations
        .iter()
        .find(|operation| operation.page.ends_with("transactions/jsapi.md"));
    let operation = operation.expect("the page is there");
    let old = Api {
        operations: vec![operation.clone()],
        ..Api::default()
    };
    for edit in [Edit::Remove, Edit::Rename, Edit::Retype, Edit::List, Edit::Flip] {
        let new = edit::operation(operation, 3, edit);
        assert!(!broken(&dump(&old), &dump(&new)).is_empty(), "{edit:?}");
    }
}
