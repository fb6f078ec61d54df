//! What is suspicious in the documentation itself, though every page can be read.
//!
//! In: loaded pages. Out: warnings, in no order. Only `check` asks for them: they compare pages with
//! each other, which the build script has no time for, and they change nothing that is generated.

mod enumerations;
mod examples;
mod links;
pub mod readings;
mod rows;
mod twins;
mod types;

use crate::diagnostic::Diagnostic;
use crate::load::Loaded;

pub fn run(loaded: &Loaded) -> Vec<Diagnostic> {
    let rows = rows::all(&loaded.api);
    let mut found = types::run(&rows);
    found.extend(enumerations::run(&rows));
    found.extend(twins::run(&loaded.api));
    found.extend(examples::run(loaded));
    found.extend(links::run(loaded));
    found.extend(readings::run(&loaded.api, &loaded.readings, &loaded.decisions));
    found
}
