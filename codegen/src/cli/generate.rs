//! `generate`: the generated client, written or compared.

use std::path::Path;

use wechatpay_codegen::output;

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
    let changes = output::compare(&loaded.api, workspace).map_err(|error| error.to_string())?;
    let summary = changes.summary(workspace);
    if check && !changes.is_empty() {
        println!("{}", summary.join("\n"));
        println!(
            "{} files differ from the pages; run `wechatpay-codegen generate` and commit them",
            summary.len()
        );
        return Err(Failure::Found);
    }
    output::write(&changes).map_err(|error| error.to_string())?;
    match summary.len() {
        0 => println!("up to date"),
        _ => println!(
            "{}",
            summary
                .join("\n")
                .replace("stale: ", "wrote ")
                .replace("missing: ", "added ")
                .replace("orphan: ", "removed ")
        ),
    }
    Ok(())
}
