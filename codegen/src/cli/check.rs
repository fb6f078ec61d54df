//! `check`: what is wrong with the pages.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::Path;
use std::str::FromStr;

use serde_json::Value;
use wechatpay_codegen::diagnostic::counted;
use wechatpay_codegen::diagnostic::{self, Code, Diagnostic, tally};
use wechatpay_codegen::diff::revision;
use wechatpay_codegen::learn;
use wechatpay_codegen::lints;
use wechatpay_codegen::load::Loaded;
use wechatpay_codegen::render::Report;
use wechatpay_codegen::source::Source;

use super::progress::Progress;
use super::{Failure, Outcome};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Format {
    Human,
    Json,
    Github,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            "github" => Ok(Self::Github),
            _ => Err(format!("`{text}` is not a format: human, json or github")),
        }
    }
}

pub struct Options {
    pub format: Format,
    pub deny_warnings: bool,
    /// `REV:FOLDER` or a folder: findings that are not in it come first.
    pub since: Option<String>,
    /// A reading to compare with instead.
    pub reading: Option<String>,
}

pub fn run(specs: &Path, options: &Options, quiet: bool) -> Outcome {
    let mut loaded = super::load(specs, quiet)?;
    if let Some(reading) = &options.reading {
        if options.format != Format::Human || options.since.is_some() {
            return Err("`--reading` goes with neither `--format` nor `--since`"
                .to_owned()
                .into());
        }
        return compare(&loaded, specs, reading);
    }
    let progress = Progress::show(quiet, "checking");
    let linted = lints::run(&loaded);
    loaded.diagnostics.extend(linted);
    let (new, known) = split(std::mem::take(&mut loaded.diagnostics), options.since.as_deref())?;
    drop(progress);
    let folder = specs.to_string_lossy();
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let report = Report::new(&loaded.sources, &folder).color(color);
    let text = match (options.format, &options.since) {
        (Format::Human, Some(since)) => {
            format!("{}{}", since_text(&report, since, &new, &known), summary(&loaded))
        }
        (Format::Human, None) => report.human_all(&new) + &summary(&loaded),
        (Format::Json, _) => format!("{:#}\n", json(&report, &new, &known, options.since.as_deref())),
        // An annotation for each old warning would bury the new ones.
        (Format::Github, _) => new.iter().map(|diagnostic| report.github(diagnostic)).collect(),
    };
    super::write(&text)?;
    let (errors, _) = tally(&[new.as_slice(), &known].concat());
    let (_, warnings) = tally(&new);
    if errors > 0 || (options.deny_warnings && warnings > 0) {
        return Err(Failure::Found);
    }
    Ok(())
}

/// The disagreements with a reading that is not one of those combined, and their totals.
fn compare(loaded: &Loaded, specs: &Path, path: &str) -> Outcome {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    // Without a byte order mark, and with plain line ends.
    let text = Source::new(path, text).text;
    let mut diagnostics = Vec::new();
    if text.trim().is_empty() {
        return Err(format!("{path} is empty").into());
    }
    let file = if text.trim_start().starts_with('{') {
        let name = Path::new(path).file_name().unwrap_or_default();
        let mut file = learn::file(&name.to_string_lossy(), "");
        learn::learn(&mut file, &text, &loaded.api).map_err(|problems| {
            let list = problems
                .iter()
                .map(|problem| format!("\n{path}:{}: {}", problem.line, problem.message));
            format!("{path} cannot be read:{}", list.collect::<String>())
        })?;
        file
    } else {
        let source = Source::new(format!("readings/{path}"), text);
        let file = wechatpay_codegen::readings::parse(&source, &mut diagnostics);
        if let Some(first) = diagnostics.first() {
            return Err(format!("{path}: {}", first.message).into());
        }
        file.ok_or_else(|| format!("{path} has no header"))?
    };
    let subjects: BTreeSet<String> = file.entries.iter().map(|entry| entry.subject.clone()).collect();
    let found = lints::readings::compare(&loaded.api, &[file], &loaded.decisions);
    let folder = specs.to_string_lossy();
    let report = Report::new(&loaded.sources, &folder);
    let mut text = String::new();
    for one in found.iter().filter(|one| one.code != Code::NoPage) {
        text.push_str(&report.human(&lints::readings::report(one)));
    }
    for one in found.iter().filter(|one| one.code == Code::NoPage) {
        text.push_str(&format!(
            "{}[{}]: {}\n",
            one.code.severity().as_str(),
            one.code,
            one.what
        ));
    }
    text.push_str(&format!(
        "\n{path}: {} (operations and notifications) compared, {}\n{}",
        counted(subjects.len(), "subject"),
        counted(found.len(), "disagreement"),
        lints::readings::table(&found)
    ));
    super::write(&text)?;
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Found)
    }
}

/// Findings that `since` did not have, and those it had: the same code, page and message. Lines may have moved.
fn split(
    mut found: Vec<Diagnostic>,
    since: Option<&str>,
) -> Result<(Vec<Diagnostic>, Vec<Diagnostic>), Failure> {
    diagnostic::sort(&mut found);
    let Some(since) = since else {
        return Ok((found, Vec::new()));
    };
    let base = revision::load(since)?;
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for old in base.diagnostics.iter().cloned().chain(lints::run(&base)) {
        *known
            .entry((old.code, old.page, unnumbered(&old.message)))
            .or_default() += 1;
    }
    Ok(found.into_iter().partition(|new| {
        match known.get_mut(&(new.code, new.page.clone(), unnumbered(&new.message))) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    }))
}

/// A message without the lines it refers to.
fn unnumbered(message: &str) -> String {
    message.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn since_text(report: &Report<'_>, since: &str, new: &[Diagnostic], known: &[Diagnostic]) -> String {
    let sums = |list: &[Diagnostic]| {
        let (errors, warnings) = tally(list);
        match errors {
            0 => counted(warnings, "warning"),
            _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
        }
    };
    let bodies = |list: &[Diagnostic]| {
        list.iter()
            .map(|found| report.human(found) + "\n")
            .collect::<String>()
    };
    format!(
        "new since {since}: {}\n\n{}known before: {}\n\n{}",
        sums(new),
        bodies(new),
        sums(known),
        bodies(known)
    )
}

/// The new ones first, each with `"new": true` if something was compared.
fn json(report: &Report<'_>, new: &[Diagnostic], known: &[Diagnostic], since: Option<&str>) -> Value {
    let mut value = report.json(&[new, known].concat());
    if let (Some(_), Some(list)) = (since, value["diagnostics"].as_array_mut()) {
        for (at, item) in list.iter_mut().enumerate() {
            item["new"] = (at < new.len()).into();
        }
    }
    value
}

/// What was read and what it came to.
fn summary(loaded: &Loaded) -> String {
    let counts = &loaded.counts;
    let mut text = format!(
        "{}: {}, {}, {} skipped; {}: {}\n",
        counted(counts.pages, "page"),
        counted(loaded.api.operations.len(), "operation"),
        counted(counts.redirects, "redirect"),
        counts.skipped,
        counted(counts.rows, "row"),
        counted(counts.properties, "field"),
    );
    let found = lints::readings::compare(&loaded.api, &loaded.readings, &loaded.decisions);
    text.push_str(&lints::readings::table(&found));
    for page in &loaded.skipped {
        text.push_str(&format!("skipped: {page}\n"));
    }
    text
}
