//! All operations by method and path, and all event types, each with the way through its types.
//!
//! The list is written by `build.rs`; it is not part of the published crate.
#![allow(deprecated)]

use serde::Serialize;
use serde_json::{Map, Value};
use wechatpay_client::{Deviation, Operation, traffic};

/// Decodes a document and encodes it again, with the deviations of the decoding.
pub type Through = fn(&Document<'_>) -> Result<(Value, Vec<Deviation>), String>;

/// What goes through a type: JSON, or the XML of APIv2.
pub enum Document<'a> {
    Json(&'a Value),
    Xml(&'a str),
}

/// An operation and its types.
pub struct Entry {
    pub method: &'static str,
    pub path: &'static str,
    pub operation: &'static Operation,
    pub request: Through,
    /// Of the responses that have a document.
    pub response: Option<Through>,
}

macro_rules! registry {
    (operations { $([$method:literal $path:literal [$($module:tt)*] $response:ident])* }
     webhooks { $([$event_type:literal [$($event:tt)*]])* }) => {
        pub static OPERATIONS: &[Entry] = &[$(Entry {
            method: $method,
            path: $path,
            operation: &wechatpay_client::$($module)*::OPERATION,
            request: through::<wechatpay_client::$($module)*::Request>,
            response: response!($response [$($module)*]),
        }),*];
        pub static WEBHOOKS: &[(&str, Through)] =
            &[$(($event_type, through::<wechatpay_client::$($event)*::Resource>)),*];
    };
}

macro_rules! response {
    (Response [$($module:tt)*]) => {
        Some(through::<wechatpay_client::$($module)*::Response>)
    };
    (None [$($module:tt)*]) => {
        None
    };
}

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// XML comes back as an object of texts.
pub fn through<T: Serialize + traffic::Document + Clone>(
    document: &Document<'_>,
) -> Result<(Value, Vec<Deviation>), String> {
    match document {
        Document::Json(value) => {
            let decoded =
                traffic::from_json::<T>(value.to_string().as_bytes()).map_err(|error| error.to_string())?;
            // Of a copy, so that copying is seen to lose nothing, too.
            let encoded = serde_json::to_value(decoded.value.clone()).map_err(|error| error.to_string())?;
            Ok((encoded, decoded.deviations))
        }
        Document::Xml(xml) => {
            let decoded = traffic::from_xml::<T>(xml).map_err(|error| error.to_string())?;
            let fields = traffic::fields(&decoded.value.clone()).map_err(|error| error.to_string())?;
            let mut object = Map::new();
            for (name, text) in fields {
                match object.get_mut(&name) {
                    Some(Value::Array(texts)) => texts.push(text.into()),
                    Some(first) => *first = vec![first.take(), text.into()].into(),
                    None => drop(object.insert(name, text.into())),
                }
            }
            Ok((object.into(), decoded.deviations))
        }
    }
}
