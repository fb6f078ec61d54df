//! Packs the pages into the crate. In: `specs/`, here or in the workspace above. Out: in `OUT_DIR`
//! one JSON line per operation, and an index, so that the sandbox reads only what it is asked for.

#[path = "src/convert.rs"]
mod convert;
#[path = "src/model.rs"]
#[allow(dead_code)]
mod model;

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    // The published package has the pages inside; a symlink stands for them here, where there are such.
    let specs = [package.join("specs"), package.join("../specs")];
    let specs = specs
        .iter()
        .find(|folder| folder.is_dir())
        .ok_or("there are no pages")?;
    println!("cargo::rerun-if-changed={}", specs.canonicalize()?.display());
    println!("cargo::rerun-if-changed=src/convert.rs");
    println!("cargo::rerun-if-changed=src/model.rs");
    pack(specs, &out)
}

fn pack(specs: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let loaded = wechatpay_codegen::load::load(specs)?;
    if let Some(error) = loaded.diagnostics.iter().find(|found| found.is_error()) {
        return Err(format!("{}: {}", error.page, error.message).into());
    }
    let mut lines = String::new();
    for operation in convert::operations(&loaded.api) {
        let kind = if operation.webhook {
            "WEBHOOK"
        } else {
            operation.method.as_str()
        };
        let name = if operation.webhook {
            operation.name()
        } else {
            operation.path.clone()
        };
        lines.push_str(&format!(
            "{kind}\t{name}\t{}\n",
            serde_json::to_string(&operation)?
        ));
    }
    fs::write(out.join("pages.tsv"), lines)?;
    Ok(())
}
