//! The OpenAPI document of the whole surface: complete, and right as far as it shows without the network.
//! (`openapi_check.sh` asks the public tools.)

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use wechatpay_codegen::load::load;
use wechatpay_codegen::names::model::{Content, TypeDef};
use wechatpay_codegen::openapi::document;

fn openapi() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
        document(&load(&folder).expect("the folder specs/ is there").api, "0.0.0")
    })
}

/// Path or name, method, operation.
fn operations(section: &str) -> Vec<(&'static str, &'static str, &'static Value)> {
    let items = openapi()[section].as_object().expect("an object").iter();
    let methods = items.flat_map(|(name, item)| {
        let item = item.as_object().expect("an object").iter();
        item.map(move |(method, operation)| (name.as_str(), method.as_str(), operation))
    });
    methods.collect()
}

fn walk(value: &Value, visit: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|value| walk(value, visit));
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

#[test]
fn every_operation_and_notification_is_in_it_once() {
    let (paths, webhooks) = (operations("paths"), operations("webhooks"));
    assert_eq!((paths.len(), webhooks.len()), (1178, 112));
    let ids: BTreeSet<_> = paths
        .iter()
        .chain(&webhooks)
        .map(|(_, _, operation)| operation["operationId"].as_str())
        .collect();
    assert_eq!(ids.len(), 1178 + 112);
    assert!(
        ids.iter()
            .flatten()
            .all(|id| id.len() <= 140 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    );
}

#[test]
fn templates_are_distinct_and_their_parameters_described() {
    let mut templates = BTreeSet::new();
    for (path, _, operation) in operations("paths") {
        let names: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.split('#').next()?.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let described = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str());
        assert_eq!(names, described.collect(), "{path}");
        let anonymous: Vec<_> = path
            .split('/')
            .map(|part| {
                if part.starts_with('{') && part.ends_with('}') {
                    "{}"
                } else {
                    part
                }
            })
            .collect();
        templates.insert(anonymous.join("/"));
    }
    assert_eq!(
        templates.len(),
        openapi()["paths"].as_object().expect("an object").len()
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let mut count = 0;
    walk(openapi(), &mut |map| {
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            assert!(openapi().pointer(pointer).is_some(), "{reference}");
            count += 1;
        }
    });
    assert!(count > 5_000, "{count}");
}

/// By the keywords of OpenAPI alone, from the operations and notifications.
#[test]
fn every_component_is_reachable() {
    let mut open: Vec<&Value> = vec![&openapi()["paths"], &openapi()["webhooks"]];
    let mut seen = BTreeSet::new();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str)
                    && seen.insert(reference)
                {
                    open.extend(openapi().pointer(&reference[1..]));
                }
                open.extend(
                    map.iter()
                        .filter(|(key, _)| !key.starts_with("x-"))
                        .map(|(_, value)| value),
                );
            }
            Value::Array(list) => open.extend(list),
            _ => {}
        }
    }
    for kind in ["schemas", "responses"] {
        for name in openapi()["components"][kind]
            .as_object()
            .expect("an object")
            .keys()
        {
            assert!(
                seen.contains(format!("#/components/{kind}/{name}").as_str()),
                "{name}"
            );
        }
    }
}

#[test]
fn every_operation_has_an_error_response_and_says_who_signs() {
    for (path, _, operation) in operations("paths") {
        let responses = operation["responses"].as_object().expect("an object");
        let error = ["4XX", "default"]
            .iter()
            .find_map(|status| responses.get(*status)?["$ref"].as_str());
        let schema = error
            .and_then(|error| openapi().pointer(&error[1..]))
            .map(|error| &error["content"]);
        assert!(schema.is_some_and(Value::is_object), "{path}");
        assert!(operation["security"][0].is_object(), "{path}");
    }
    for (name, _, operation) in operations("webhooks") {
        assert_eq!(operation["security"], serde_json::json!([]), "{name}");
    }
}

/// A field is required where the generated type has it for certain, second readings included.
#[test]
fn required_is_what_the_generated_types_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let api = load(&folder).expect("the folder specs/ is there").api;
    let schemas = openapi()["components"]["schemas"].as_object().expect("an object");
    let mut compared = 0;
    for page in wechatpay_codegen::names::plan(&api) {
        let Content::Operations(functions) = page.content else {
            continue;
        };
        for function in functions {
            let prefix: String = wechatpay_codegen::names::rust_path(function.operation)
                .replace("r#", "")
                .split("::")
                .map(wechatpay_codegen::names::ident::camel)
                .collect();
            for def in &function.types {
                let TypeDef::Struct(def) = def else { continue };
                let Some(schema) = schemas.get(&format!("{prefix}_{}", def.name)) else {
                    continue;
                };
                let required = |name: &str| {
                    let list = schema["required"].as_array();
                    list.is_some_and(|list| list.iter().any(|required| required == name))
                };
                for field in &def.fields {
                    let certain = !field.optional && !field.wire.contains('$');
                    let filled = field.doc.iter().any(|line| line == "Filled in by the client.");
                    assert!(
                        filled || certain == required(&field.wire),
                        "{prefix}_{} {}",
                        def.name,
                        field.wire
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 15_000, "{compared}");
}

#[test]
fn enumerations_are_open_and_marks_are_kept() {
    let (mut open, mut encrypted, mut text) = (0, 0, 0);
    walk(&openapi()["components"], &mut |map| {
        open += usize::from(
            map.get("anyOf")
                .is_some_and(|of| of[0]["enum"].is_array() && of[1].get("enum").is_none()),
        );
        encrypted += usize::from(map.contains_key("x-wechatpay-encrypted"));
        text += usize::from(map.contains_key("contentSchema"));
    });
    assert!(
        open > 1_500 && encrypted > 400 && text > 30,
        "{open} {encrypted} {text}"
    );
    let schemas = &openapi()["components"]["schemas"];
    let jsapi = &schemas["V3PayTransactionsJsapiPost_Body"];
    assert_eq!(
        jsapi["properties"]["amount"]["$ref"],
        "#/components/schemas/V3PayTransactionsJsapiPost_Amount"
    );
    let post = &openapi()["paths"]["/v3/pay/transactions/jsapi"]["post"];
    assert_eq!(
        post["security"][0]["WECHATPAY2-SHA256-RSA2048"],
        serde_json::json!([])
    );
    assert_eq!(post["summary"], "JSAPI下单");
    let paid = &openapi()["webhooks"]["TRANSACTION.SUCCESS"]["post"];
    let envelope = paid["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .expect("a reference");
    let envelope = openapi().pointer(&envelope[1..]).expect("the envelope");
    let sealed = &envelope["properties"]["resource"]["properties"]["ciphertext"];
    assert_eq!(sealed["x-wechatpay-encrypted"], "aes-gcm");
    assert_eq!(
        sealed["contentSchema"]["$ref"],
        "#/components/schemas/WebhookV3TransactionSuccess_Resource"
    );
}
