//! From a folder of pages to the API: everything before Rust.
//!
//! In: a folder, or sources from memory. Out: [`Loaded`]: the API, the sources, all findings, and
//! counts that prove that no row and no page got lost. The order of the sources does not matter.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::diagnostic::{self, Code, Diagnostic};
use crate::ir::{Api, Operation, Property};
use crate::lower::{self, RowCounts};
use crate::names;
use crate::parse;
use crate::passes;
use crate::passes::fixups::Edited;
use crate::readings::decisions::{self, Decisions};
use crate::readings::{self, File};
use crate::source::{self, DECISIONS, FIXUPS, Source};
use crate::syntax::{LineCounts, Page};

#[derive(Debug, Default)]
pub struct Loaded {
    pub api: Api,
    /// Sorted by path; `fixups.toml` is one of them.
    pub sources: Vec<Source>,
    /// The pages as written, corrected by fixups, sorted by path.
    pub pages: Vec<Page>,
    /// The second readings, sorted by path.
    pub readings: Vec<File>,
    pub decisions: Decisions,
    /// Sorted by page and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Pages that document nothing: indexes, guides.
    pub skipped: Vec<String>,
    pub counts: Counts,
}

/// Count in, count out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub pages: usize,
    /// Pages with at least one operation.
    pub documented: usize,
    pub redirects: usize,
    pub skipped: usize,
    /// Pages of which an error left nothing.
    pub failed: usize,
    /// Rows of all tables as read.
    pub rows: usize,
    /// Lines that look like rows, as found in the text and as found in tables.
    pub lines: LineCounts,
    /// Lines that look like rows and are in no table: reported, or on a skipped page.
    pub strays: usize,
    /// Rows that fixups added and removed.
    pub edited: Edited,
    /// What the rows became.
    pub became: RowCounts,
    /// Properties of the IR.
    pub properties: usize,
    /// Path parameters that no row describes.
    pub implied: usize,
    /// Fields that only readings have.
    pub learned: usize,
}

impl Counts {
    /// What does not add up; nothing if all is well.
    pub fn lost(&self) -> Option<String> {
        let rows = self.rows + self.edited.added;
        let accounted = self.became.total() + self.edited.removed;
        let pages = self.documented + self.redirects + self.skipped + self.failed;
        if rows != accounted {
            Some(format!("{rows} rows came in, {accounted} went out"))
        } else if self.became.fields + self.implied + self.learned != self.properties {
            let fields = self.became.fields + self.implied + self.learned;
            Some(format!(
                "{fields} rows are fields, the API has {}",
                self.properties
            ))
        } else if self.lines.in_text != self.lines.in_tables + self.strays {
            Some(format!(
                "{} lines look like rows, {} are in tables and {} outside",
                self.lines.in_text, self.lines.in_tables, self.strays
            ))
        } else if self.pages != pages {
            Some(format!("{} pages came in, {pages} went out", self.pages))
        } else {
            None
        }
    }
}

/// Loads a folder of pages.
pub fn load(folder: &Path) -> io::Result<Loaded> {
    let (sources, unreadable) = source::read(folder)?;
    Ok(load_all(sources, unreadable))
}

/// Loads pages from memory; a source named `fixups.toml` corrects them.
pub fn load_sources(sources: Vec<Source>) -> Loaded {
    load_all(sources, Vec::new())
}

fn load_all(mut sources: Vec<Source>, mut diagnostics: Vec<Diagnostic>) -> Loaded {
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let mut counts = Counts {
        pages: diagnostics.len(),
        failed: diagnostics.len(),
        ..Counts::default()
    };
    let mut pages = Vec::with_capacity(sources.len());
    for source in sources.iter().filter(|source| source.path.ends_with(".md")) {
        let (page, found) = parse::page(source);
        counts.pages += 1;
        counts.rows += page.row_count();
        counts.lines.add(page.lines);
        diagnostics.extend(found);
        pages.push(page);
    }
    if let Some(source) = sources.iter().find(|source| source.path == FIXUPS) {
        counts.edited = passes::fixups::run(source, &mut pages, &mut diagnostics);
    }
    let mut api = Api::default();
    let mut skipped = Vec::new();
    for page in &pages {
        lower(page, &mut api, &mut skipped, &mut counts, &mut diagnostics);
    }
    counts.implied = passes::path_parameters::run(&mut api, &mut diagnostics);
    let (readings, decisions) = readings(&sources, &mut diagnostics);
    passes::duplicates::run(&api, &mut diagnostics);
    passes::decimals::run(&mut api);
    counts.learned = passes::readings::run(&readings, &decisions, &mut api);
    passes::merchants::run(&mut api);
    passes::times::run(&mut api);
    passes::states::run(&mut api);
    passes::glossary::run(&sources, &mut api, &mut diagnostics);
    let paths: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
    passes::uniqueness::run(&api, &paths, &mut diagnostics);
    let twice: BTreeSet<(String, usize)> = diagnostics
        .iter()
        .filter(|found| found.code == Code::OperationTwice)
        .map(|found| (found.page.clone(), found.span.start))
        .collect();
    for clash in names::clashes(&api) {
        if !twice.contains(&(clash.page.clone(), clash.span.start)) {
            let found = Diagnostic::new(Code::OperationTwice, &clash.page, clash.span, clash.message);
            diagnostics.push(found.help("rename one of the pages"));
        }
    }
    counts.properties = api.operations.iter().map(properties_of).sum();
    diagnostic::sort(&mut diagnostics);
    Loaded {
        api,
        sources,
        pages,
        readings,
        decisions,
        diagnostics,
        skipped,
        counts,
    }
}

fn readings(sources: &[Source], diagnostics: &mut Vec<Diagnostic>) -> (Vec<File>, Decisions) {
    let mut files = Vec::new();
    let mut decisions = Decisions::default();
    for source in sources.iter().filter(|source| source::is_reading(&source.path)) {
        match source.path.as_str() {
            DECISIONS => decisions = decisions::read(source, diagnostics),
            _ => files.extend(readings::parse(source, diagnostics)),
        }
    }
    (files, decisions)
}

fn lower(
    page: &Page,
    api: &mut Api,
    skipped: &mut Vec<String>,
    counts: &mut Counts,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let lowered = lower::page(page);
    counts.became.merge(lowered.counts);
    counts.strays += lowered.strays;
    if !lowered.operations.is_empty() {
        counts.documented += 1;
    } else if lowered.redirect.is_some() {
        counts.redirects += 1;
    } else if lowered
        .diagnostics
        .iter()
        .chain(&*diagnostics)
        .any(|found| found.is_error() && found.page == page.path)
    {
        counts.failed += 1;
    } else {
        counts.skipped += 1;
        skipped.push(page.path.clone());
    }
    diagnostics.extend(lowered.diagnostics);
    api.operations.extend(lowered.operations);
    api.redirects.extend(lowered.redirect);
}

fn properties_of(operation: &Operation) -> usize {
    operation.lists().into_iter().map(|list| count(list)).sum()
}

fn count(properties: &[Property]) -> usize {
    properties
        .iter()
        .map(|property| 1 + count(&property.schema.properties))
        .sum()
}
