//! `generate`: the generated client, written or compared.

use std::path::Path;

use wechatpay_codegen::output::{self, Output};

use super::progress::Progress;
use super::{Failure, Outcome};

pub fn run(specs: &Path, check: bool, quiet: bool) -> Outcome {
    let loaded = super::load(specs, quiet)?;
    super::stop_on_errors(&loaded, specs)?;
    let specs = specs
        .canonicalize()
        .map_err(|error| format!("{}: {error}", specs.display()))?;
    let workspace = specs
        .parent()
        .filter(|folder| folder.join(output::FOLDER).is_dir());
    let workspace = workspace.ok_or_else(|| {
        format!(
            "{}: no {} beside it; `generate` writes into the workspace of the pages",
            specs.display(),
            output::FOLDER
        )
    })?;
    let progress = Progress::show(quiet, "generating");
    let output = Output::new(&loaded.api, workspace);
    if check {
        let changes = output.compare().map_err(|error| error.to_string())?;
        drop(progress);
        return up_to_date(&changes.summary(workspace), quiet);
    }
    let summary = output.write().map_err(|error| error.to_string())?;
    drop(progress);
    if summary.is_empty() {
        return nothing_to_do(quiet);
    }
    let done = summary
        .join("\n")
        .replace("stale: ", "wrote ")
        .replace("missing: ", "added ")
        .replace("orphan: ", "removed ");
    super::write(&(done + "\n"))
}

fn nothing_to_do(quiet: bool) -> Outcome {
    if quiet {
        Ok(())
    } else {
        super::write("up to date\n")
    }
}

/// Fails with what differs from the pages, if anything does.
fn up_to_date(summary: &[String], quiet: bool) -> Outcome {
    if summary.is_empty() {
        return nothing_to_do(quiet);
    }
    let advice = "files differ from the pages; run `wechatpay-codegen generate` and commit them";
    super::write(&format!("{}\n{} {advice}\n", summary.join("\n"), summary.len()))?;
    Err(Failure::Found)
}
