//! Regenerates `client/src/generated/` when a page in `specs/` changed, and does nothing otherwise.
//!
//! In: `specs/`. Out: the generated tree and the features block of Cargo.toml, or diagnostics and a
//! failed build with nothing changed. On CI (`CI` is set) and in a read-only checkout it compares
//! instead of writing.
//!
//! The generator's modules are compiled into this script, so that the published manifest depends on
//! no unpublished package; the published crate has no build script at all.
#![allow(dead_code, unused_imports)]

#[path = "codegen/src/diagnostic/mod.rs"]
mod diagnostic;
#[path = "codegen/src/emit/mod.rs"]
mod emit;
#[path = "codegen/src/index.rs"]
mod index;
#[path = "codegen/src/ir/mod.rs"]
mod ir;
#[path = "codegen/src/load.rs"]
mod load;
#[path = "codegen/src/lower/mod.rs"]
mod lower;
#[path = "codegen/src/names/mod.rs"]
mod names;
#[path = "codegen/src/output.rs"]
mod output;
#[path = "codegen/src/parse/mod.rs"]
mod parse;
#[path = "codegen/src/passes/mod.rs"]
mod passes;
#[path = "codegen/src/place.rs"]
mod place;
#[path = "codegen/src/readings/mod.rs"]
mod readings;
#[path = "codegen/src/render.rs"]
mod render;
#[path = "codegen/src/source.rs"]
mod source;
#[path = "codegen/src/span.rs"]
mod span;
#[path = "codegen/src/syntax.rs"]
mod syntax;

use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use output::Output;
use render::Report;

fn main() -> ExitCode {
    // Not the outputs: a rerun compiles the client again.
    println!("cargo::rerun-if-changed=specs");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            for line in problem.lines().filter(|line| !line.trim().is_empty()).take(1) {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let workspace = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo gives no CARGO_MANIFEST_DIR")?;
    let workspace = Path::new(&workspace);
    let loaded = load::load(&workspace.join("specs")).map_err(|error| format!("specs: {error}"))?;
    // The process ends with it, so freeing it would cost time only.
    let loaded = ManuallyDrop::new(loaded);
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .cloned()
        .collect();
    if !errors.is_empty() {
        return Err(Report::new(&loaded.sources, "specs").human_all(&errors));
    }
    update(&Output::new(&loaded.api, workspace), workspace)?;
    // For the tools and tests of this workspace; the published crate has neither.
    let out = env::var_os("OUT_DIR").ok_or("cargo gives no OUT_DIR")?;
    fs::write(Path::new(&out).join("registry.rs"), emit::registry(&loaded.api))
        .map_err(|error| error.to_string())
}

fn update(output: &Output<'_>, workspace: &Path) -> Result<(), String> {
    let text = |error: io::Error| error.to_string();
    if env::var_os("CI").is_some() {
        return match output.compare().map_err(text)? {
            changes if changes.is_empty() => Ok(()),
            changes => Err(stale(&changes.summary(workspace))),
        };
    }
    match output.write() {
        Ok(_) => Ok(()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            let summary = output.compare().map_err(text)?.summary(workspace);
            Err(format!("{}\nand it cannot be written: {error}", stale(&summary)))
        }
        Err(error) => Err(text(error)),
    }
}

fn stale(summary: &[String]) -> String {
    let list = summary.join("\n  ");
    format!(
        "the generated client does not match the pages: run `cargo run -p wechatpay-codegen generate` and commit\n  {list}"
    )
}
