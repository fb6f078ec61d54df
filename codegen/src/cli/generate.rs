//! `generate`: the generated client, written or compared.

use std::path::Path;

use wechatpay_codegen::output::{self, Output};

use super::{Failure, Outcome};

pub fn run(specs: &Path, check: bool) -> Outcome {
    let loaded = super::load(specs)?;
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
    let output = Output::new(&loaded.api, workspace);
    if check {
        let changes = output.compare().map_err(|error| error.to_string())?;
        return up_to_date(&changes.summary(workspace));
    }
    let summary = output.write().map_err(|error| error.to_string())?;
    if summary.is_empty() {
        return super::write("up to date\n");
    }
    let done = summary
        .join("\n")
        .replace("stale: ", "wrote ")
        .replace("missing: ", "added ")
        .replace("orphan: ", "removed ");
    super::write(&(done + "\n"))
}

/// Fails with what differs from the pages, if anything does.
fn up_to_date(summary: &[String]) -> Outcome {
    if summary.is_empty() {
        return super::write("up to date\n");
    }
    let advice = "files differ from the pages; run `wechatpay-codegen generate` and commit them";
    super::write(&format!("{}\n{} {advice}\n", summary.join("\n"), summary.len()))?;
    Err(Failure::Found)
}
