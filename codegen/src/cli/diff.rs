//! `diff`: what changed in the API, and for whom.

use std::str::FromStr;

use wechatpay_codegen::diff::markdown::Markdown;
use wechatpay_codegen::diff::{self, human, json, revision};

use super::Outcome;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Format {
    Human,
    Markdown,
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "markdown" => Ok(Self::Markdown),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is not a format: human, markdown or json")),
        }
    }
}

/// The version of the crate that the pages are for: that of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn run(old: &str, new: &str, format: Format, link: Option<&str>) -> Outcome {
    let (was, now) = std::thread::scope(|scope| {
        let was = scope.spawn(|| revision::load(old));
        (was.join(), revision::load(new))
    });
    let was = was.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let now = now?;
    let diff = diff::compare(&was.api, &now.api);
    let (old_folder, new_folder) = (revision::folder(old), revision::folder(new));
    for (what, loaded) in [(old, &was), (new, &now)] {
        let errors = loaded.diagnostics.iter().filter(|found| found.is_error()).count();
        if errors > 0 {
            eprintln!("warning: {what} has {errors} errors, what they are about is left out; see `check`");
        }
    }
    let text = match format {
        Format::Human => human::render(&diff, old_folder, new_folder, VERSION),
        Format::Json => format!("{:#}\n", json::render(&diff, old, new)),
        Format::Markdown => Markdown {
            old_folder,
            new_folder,
            link,
            version: VERSION,
        }
        .render(&diff),
    };
    super::write(&text)
}
