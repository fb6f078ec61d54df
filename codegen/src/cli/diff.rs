//! `diff`: what changed in the API, and for whom.

use std::path::Path;
use std::str::FromStr;

use wechatpay_codegen::diagnostic::counted;
use wechatpay_codegen::diff::markdown::Markdown;
use wechatpay_codegen::diff::release::{self, Release};
use wechatpay_codegen::diff::{self, Diff, changelog, human, json, revision};
use wechatpay_codegen::load::Loaded;

use super::Outcome;
use super::progress::Progress;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Format {
    Human,
    Markdown,
    Json,
    Changelog,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            "changelog" => Ok(Self::Changelog),
            _ => Err(format!(
                "`{text}` is not a format: human, markdown, json or changelog"
            )),
        }
    }
}

/// How the result is printed.
pub struct Print {
    pub format: Format,
    pub link: Option<String>,
    pub quiet: bool,
}

/// The version of the crate that the pages are for: that of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Compares two folders, or revisions of the repository of the current folder.
pub fn run(old: &str, new: &str, print: &Print) -> Outcome {
    let here = Path::new(".");
    super::write(&compared(here, old, new, VERSION, print)?.0)
}

/// Compares the pages with those of the last release, in terms of its version.
pub fn since(specs: &Path, tag: &str, print: &Print) -> Outcome {
    let release = release::at(specs, tag)?;
    let folder = specs.to_string_lossy();
    let (text, diff) = compared(specs, &release.pages, &folder, &release.version, print)?;
    match print.format {
        Format::Changelog => super::write(&format!("{}\n\n{text}", next(&diff, &release, tag))),
        _ => super::write(&text),
    }
}

/// `Next version: 0.2.0 (major) after 0.1.0 of v0.1.0; 3 commits touch the pages.`
fn next(diff: &Diff, release: &Release, tag: &str) -> String {
    let Release { version, commits, .. } = release;
    let commits = counted(*commits, "commit");
    let bump = diff.bump();
    format!(
        "Next version: {} ({}) after {version} of {tag}; pages changed in {commits}.\n{}",
        bump.apply(version),
        bump.as_str(),
        "Hand-written code is not compared: see `cargo semver-checks`."
    )
}

fn compared(
    here: &Path,
    old: &str,
    new: &str,
    version: &str,
    print: &Print,
) -> Result<(String, Diff), String> {
    let progress = Progress::show(print.quiet, "comparing the pages");
    let (was, now) = std::thread::scope(|scope| {
        let was = scope.spawn(|| revision::load_in(here, old));
        (was.join(), revision::load(new))
    });
    let was = was.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let now = now?;
    let diff = diff::compare(&was.api, &now.api);
    drop(progress);
    warn(old, &was);
    warn(new, &now);
    let (old_folder, new_folder) = (revision::folder(old), revision::folder(new));
    let text = match print.format {
        Format::Human => human::render(&diff, old_folder, new_folder, version),
        Format::Json => format!("{:#}\n", json::render(&diff, old, new)),
        Format::Changelog => changelog::render(&diff, version),
        Format::Markdown => Markdown {
            old_folder,
            new_folder,
            link: print.link.as_deref(),
            version,
        }
        .render(&diff),
    };
    Ok((text, diff))
}

fn warn(what: &str, loaded: &Loaded) {
    let errors = loaded.diagnostics.iter().filter(|found| found.is_error()).count();
    if errors > 0 {
        eprintln!("warning: {what} has {errors} errors, what they are about is left out; see `check`");
    }
}
