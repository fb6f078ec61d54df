//! A list of all operations, for the tools and tests of this workspace that look one up by its path.

use std::fmt::Write as _;

use crate::ir::{Api, Kind, Protocol, ResponseFormat};
use crate::names::{operation_module, rust_path};

/// One line per operation and webhook: `operation!("POST", "/v3/…", v3::…::post, v3::…::post::Response);`
pub fn registry(api: &Api) -> String {
    let mut text = String::new();
    for operation in &api.operations {
        let module = rust_path(operation);
        let _ = match (operation.kind, &operation.path) {
            (Kind::Api, Some(path)) => {
                let decoded = matches!(
                    operation.response.format,
                    ResponseFormat::Json | ResponseFormat::Xml
                );
                let answer = if decoded {
                    format!("{module}::Response")
                } else {
                    "()".to_owned()
                };
                let method = operation.method.as_str();
                writeln!(text, "operation!({method:?}, {path:?}, {module}, {answer});")
            }
            (Kind::Webhook, _) if operation.protocol == Protocol::V3 => {
                let event_type = operation.event_type.as_deref().unwrap_or_default();
                writeln!(
                    text,
                    "webhook!({event_type:?}, {}::Resource);",
                    operation_module(operation).join("::")
                )
            }
            _ => Ok(()),
        };
    }
    text
}
