//! A list of all operations, for the tools and tests of this workspace that look one up by its path.

use std::fmt::Write as _;

use crate::ir::{Api, Kind, Protocol, ResponseFormat};
use crate::names::{operation_module, rust_path};

/// One call of the macro `registry!`, which the file that includes this text defines: a line per
/// operation with method, path, module and type of the response, and a line per webhook of APIv3.
pub fn registry(api: &Api) -> String {
    let (mut operations, mut webhooks) = (String::new(), String::new());
    for operation in &api.operations {
        match (operation.kind, &operation.path) {
            (Kind::Api, Some(path)) => {
                let decoded = matches!(
                    operation.response.format,
                    ResponseFormat::Json | ResponseFormat::Xml
                );
                let response = if decoded { "Response" } else { "None" };
                let (method, module) = (operation.method.as_str(), rust_path(operation));
                let _ = writeln!(operations, "    [{method:?} {path:?} [{module}] {response}]");
            }
            (Kind::Webhook, _) if operation.protocol == Protocol::V3 => {
                let event_type = operation.event_type.as_deref().unwrap_or_default();
                let module = operation_module(operation).join("::");
                let _ = writeln!(webhooks, "    [{event_type:?} [{module}]]");
            }
            _ => {}
        }
    }
    format!("registry! {{ operations {{\n{operations}}} webhooks {{\n{webhooks}}} }}\n")
}
