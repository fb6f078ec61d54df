//! `check`: what is wrong with the pages.

use std::io::IsTerminal;
use std::path::Path;
use std::str::FromStr;

use wechatpay_codegen::diagnostic::render::{Report, counted};
use wechatpay_codegen::diagnostic::tally;
use wechatpay_codegen::load::Loaded;

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
            _ => Err(format!("`{text}` is no format: human, json or github")),
        }
    }
}

pub struct Options {
    pub format: Format,
    pub deny_warnings: bool,
    /// `REV:FOLDER` or a folder: findings that are not in it come first.
    pub since: Option<String>,
}

pub fn run(specs: &Path, options: &Options) -> Outcome {
    let loaded = super::load(specs)?;
    let folder = specs.to_string_lossy();
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let report = Report::new(&loaded.sources, &folder).color(color);
    let text = match options.format {
        Format::Human => report.human_all(&loaded.diagnostics) + &summary(&loaded),
        Format::Json => format!("{:#}\n", report.json(&loaded.diagnostics)),
        Format::Github => loaded
            .diagnostics
            .iter()
            .map(|diagnostic| report.github(diagnostic))
            .collect(),
    };
    super::write(&text)?;
    let (errors, warnings) = tally(&loaded.diagnostics);
    if errors > 0 || (options.deny_warnings && warnings > 0) {
        return Err(Failure::Found);
    }
    Ok(())
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
    for page in &loaded.skipped {
        text.push_str(&format!("skipped: {page}\n"));
    }
    text
}
