//! Reports names that are used twice side by side.
//!
//! In: the API. Out: W0003 for each second row of a name; the API stays as it is. (For the path it is
//! an error, found when lowering.) Example:
//! `scene_info` as an object for one kind of merchant and again for another.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, Operation, Property};

pub fn run(api: &Api, diagnostics: &mut Vec<Diagnostic>) {
    for operation in &api.operations {
        let request = &operation.request;
        let lists = [
            &request.query,
            &request.headers,
            &request.body.properties,
            &operation.response.properties,
            &operation.acknowledgement,
        ];
        for list in lists {
            check(list, operation, diagnostics);
        }
    }
}

fn check(properties: &[Property], operation: &Operation, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for property in properties {
        if !seen.insert(property.name.as_str()) {
            let message = format!("`{}` is already a name at this place", property.name);
            let help = "both shapes are kept; correct a mistake with a fixup `{ rename = \"…\" }` or `{ remove = true }`";
            let span = property.span.clone();
            diagnostics.push(Diagnostic::new(Code::DuplicateName, &operation.page, span, message).help(help));
        }
        check(&property.schema.properties, operation, diagnostics);
    }
}
