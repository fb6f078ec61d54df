//! Any one field of any response or notification may be missing or of another kind: the rest is read,
//! and exactly this field is reported.
//!
//! The documents are made from the planned types, so that each has every field. Operations without a
//! document in their response take part with their request.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use wechatpay_codegen::ir::{Operation, Protocol, ResponseFormat};
use wechatpay_codegen::load::load;
use wechatpay_codegen::names::model::{Content, FieldDef, RustType, StructDef, TypeDef};
use wechatpay_codegen::names::plan;

use crate::line;

/// What is done to one field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Distortion {
    Dropped,
    Null,
    WrongKind,
    EmptyText,
    EmptyObject,
    EmptyList,
    Boolean,
    Number,
    Text,
    ListOfOne,
}

const ANY: [Distortion; 7] = [
    Distortion::EmptyText,
    Distortion::EmptyObject,
    Distortion::EmptyList,
    Distortion::Boolean,
    Distortion::Number,
    Distortion::Text,
    Distortion::ListOfOne,
];

/// Fields that XML may lack whatever the page says.
const TELLS_A_FAILURE: [&str; 7] = [
    "return_msg",
    "result_msg",
    "err_code",
    "err_code_des",
    "error_code",
    "error_code_des",
    "error_msg",
];

/// The field that was distorted, and how many deviations that makes; `None` where only their place is
/// certain.
struct Hit {
    path: String,
    deviations: Option<usize>,
}

/// Makes a document, and distorts its field number `target`.
struct Maker<'a> {
    types: &'a HashMap<&'a str, &'a TypeDef>,
    xml: bool,
    next: usize,
    target: usize,
    distortion: Distortion,
    hit: Option<Hit>,
}

impl Maker<'_> {
    /// `top` is set for the root of an XML document, where every value is text.
    fn object(&mut self, def: &StructDef, path: &str, top: bool) -> Map<String, Value> {
        let mut object = Map::new();
        for field in &def.fields {
            let (name, ty) = match top {
                true => numbered(field),
                false => (field.wire.clone(), &field.ty),
            };
            if *ty == RustType::Upload {
                continue;
            }
            let path = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            self.next += 1;
            let value = match self.next == self.target {
                true => self.distorted(field, ty, &path, top),
                false => Some(self.value(ty, &path)),
            };
            if let Some(value) = value {
                object.insert(name, if top { text(&value).into() } else { value });
            }
        }
        object
    }

    fn value(&mut self, ty: &RustType, path: &str) -> Value {
        match ty {
            RustType::String | RustType::Encrypted | RustType::Sealed(_) | RustType::Upload => "x".into(),
            RustType::Json if self.xml => "x".into(),
            RustType::Json => json!({ "x": "x" }),
            RustType::I64 | RustType::Decimal => 1.into(),
            RustType::Bool => true.into(),
            RustType::Option(inner) => self.value(inner, path),
            RustType::List(inner) => vec![self.value(inner, &format!("{path}[0]"))].into(),
            RustType::JsonText(inner) => self.value(inner, path).to_string().into(),
            RustType::UrlEncoded(inner) => self.form(inner).into(),
            RustType::Named(name) => match self.types[name.as_str()] {
                TypeDef::Struct(def) => self.object(def, path, false).into(),
                TypeDef::Enum(def) => match def.variants.first() {
                    Some((_, value)) if def.integer => value.parse().unwrap_or(1).into(),
                    Some((_, value)) => value.as_str().into(),
                    None => "x".into(),
                },
            },
        }
    }

    /// A form; none of its fields is distorted.
    fn form(&mut self, ty: &RustType) -> String {
        let next = std::mem::replace(&mut self.next, usize::MAX / 2);
        let value = self.value(ty, "");
        self.next = next;
        let pairs = value.as_object().into_iter().flatten();
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs.map(|(name, value)| (name.as_str(), text(value))))
            .finish()
    }

    fn distorted(&mut self, field: &FieldDef, ty: &RustType, path: &str, top: bool) -> Option<Value> {
        let kind = self.kind(ty);
        let required = usize::from(!field.optional);
        let is_list = matches!(ty, RustType::List(_));
        let (value, deviations) = match self.distortion {
            Distortion::Dropped | Distortion::Null => {
                let left_empty = TELLS_A_FAILURE.contains(&field.wire.as_str()) || field.wire.contains('$');
                let deviations = if top && (is_list || left_empty) {
                    0
                } else {
                    required
                };
                let value = (self.distortion == Distortion::Null && !top).then_some(Value::Null);
                (value, Some(deviations))
            }
            Distortion::WrongKind => {
                let (value, deviations) = wrong(kind, top);
                (Some(value), deviations)
            }
            Distortion::EmptyText => (Some("".into()), None),
            Distortion::EmptyObject => (Some(json!({})), None),
            Distortion::EmptyList => (Some(json!([])), None),
            Distortion::Boolean => (Some(true.into()), None),
            Distortion::Number => (Some(1.5.into()), None),
            Distortion::Text => (Some("y".into()), None),
            Distortion::ListOfOne => (Some(json!([self.value(ty, path)])), None),
        };
        self.hit = Some(Hit {
            path: path.to_owned(),
            deviations,
        });
        value
    }

    fn kind<'a>(&self, ty: &'a RustType) -> Kind<'a> {
        match ty {
            RustType::Named(name) => match self.types[name.as_str()] {
                TypeDef::Struct(_) => Kind::Object,
                TypeDef::Enum(def) if def.integer => Kind::Number,
                TypeDef::Enum(_) => Kind::Text,
            },
            RustType::Option(inner) => self.kind(inner),
            RustType::I64 | RustType::Decimal => Kind::Number,
            ty => Kind::Other(ty),
        }
    }
}

enum Kind<'a> {
    Text,
    Number,
    Object,
    Other(&'a RustType),
}

/// A value that nothing of this kind can be read from, and how many deviations it makes. In XML,
/// everything is text.
fn wrong(kind: Kind<'_>, xml: bool) -> (Value, Option<usize>) {
    let object = json!({ "x": 1 });
    match kind {
        Kind::Number if xml => ("no number".into(), Some(1)),
        Kind::Number => (object, Some(1)),
        Kind::Object => (7.into(), Some(1)),
        Kind::Other(RustType::Bool) => ("maybe".into(), Some(1)),
        Kind::Other(RustType::Json) => ("y".into(), Some(0)),
        Kind::Other(RustType::List(_) | RustType::UrlEncoded(_)) => (7.into(), None),
        Kind::Other(RustType::JsonText(_)) => ("no JSON".into(), Some(1)),
        Kind::Text | Kind::Other(_) if xml => ("y".into(), Some(0)),
        Kind::Text | Kind::Other(_) => (object, Some(1)),
    }
}

/// The name and type of the first field of a numbered family.
fn numbered(field: &FieldDef) -> (String, &RustType) {
    let mut ty = &field.ty;
    for _ in 0..field.wire.matches('$').count() {
        ty = match ty {
            RustType::List(inner) => match &**inner {
                RustType::Option(inner) => inner,
                inner => inner,
            },
            ty => ty,
        };
    }
    (field.wire.replace("$n", "0").replace("$m", "0"), ty)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The line of recorded traffic that a document would be.
fn line_of(operation: &Operation, part: &str, xml: bool, document: Map<String, Value>) -> String {
    let mut line = match &operation.event_type {
        Some(event_type) => json!({ "event_type": event_type }),
        None => json!({ "method": operation.method.as_str(), "path": operation.path, "part": part }),
    };
    if xml {
        let fields: Vec<_> = document
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        line["xml"] = wechatpay_client::traffic::to_xml(&fields).into();
    } else {
        line["value"] = document.into();
    }
    line.to_string()
}

/// Reads one document with one distortion; gives what is wrong with the outcome.
fn problem(
    operation: &Operation,
    part: &str,
    xml: bool,
    def: &StructDef,
    maker: &mut Maker<'_>,
) -> Option<String> {
    let document = maker.object(def, "", xml);
    let line = line_of(operation, part, xml, document);
    let outcome = match line::replay(&line) {
        Ok(outcome) => outcome,
        Err(problem) => return Some(format!("refused: {problem}")),
    };
    let paths: Vec<_> = outcome
        .deviations
        .iter()
        .map(|deviation| &*deviation.path)
        .collect();
    let right = match &maker.hit {
        None => paths.is_empty() && outcome.differences.is_empty(),
        Some(hit) => {
            let within = |path: &&str| {
                let rest = path.strip_prefix(&*hit.path);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let counted = hit.deviations.is_none_or(|count| paths.len() == count);
            let exact = hit.deviations != Some(1) || paths == [&*hit.path];
            paths.iter().all(within) && counted && exact
        }
    };
    let place = maker.hit.as_ref().map_or("nothing", |hit| &*hit.path);
    (!right).then(|| {
        format!(
            "{place} {:?}: deviations {paths:?}, differences {:?}",
            maker.distortion, outcome.differences
        )
    })
}

/// What is wrong with the outcomes of one operation, and how many documents there were.
fn try_operation(operation: &Operation, types: &[TypeDef], seed: usize) -> (Vec<String>, usize) {
    let types: HashMap<_, _> = types.iter().map(|def| (def.name(), def)).collect();
    let (root, part, xml) = match (&operation.event_type, operation.response.format) {
        (Some(_), _) => ("Resource", "resource", false),
        (None, ResponseFormat::Json) => ("Response", "response", false),
        (None, ResponseFormat::Xml) => ("Response", "response", true),
        (None, _) => ("Request", "request", operation.protocol == Protocol::V2),
    };
    let Some(TypeDef::Struct(def)) = types.get(root) else {
        return (vec![format!("no type {root}")], 0);
    };
    let mut maker = Maker {
        types: &types,
        xml,
        next: 0,
        target: 0,
        distortion: Distortion::Dropped,
        hit: None,
    };
    let mut problems: Vec<_> = problem(operation, part, xml, def, &mut maker)
        .into_iter()
        .collect();
    let (fields, mut documents) = (maker.next, 1);
    for target in 1..=fields {
        let any = ANY[(target + seed) % ANY.len()];
        for distortion in [Distortion::Dropped, Distortion::Null, Distortion::WrongKind, any] {
            let mut maker = Maker {
                types: &types,
                xml,
                next: 0,
                target,
                distortion,
                hit: None,
            };
            problems.extend(problem(operation, part, xml, def, &mut maker));
            documents += 1;
        }
    }
    (problems, documents)
}

#[test]
fn any_one_field_may_be_missing_or_of_another_kind() {
    let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let api = load(&specs).expect("the pages can be read").api;
    let (mut operations, mut documents, mut problems) = (0, 0, Vec::new());
    let mut tried = |operation: &Operation, types: &[TypeDef]| {
        let (found, count) = try_operation(operation, types, operations);
        operations += 1;
        documents += count;
        problems.extend(
            found
                .iter()
                .map(|problem| format!("{}: {problem}", operation.page)),
        );
    };
    for page in plan(&api) {
        match &page.content {
            Content::Operations(functions) => functions
                .iter()
                .for_each(|function| tried(function.operation, &function.types)),
            // Those of APIv2 are not in the registry: `apiv2/tests/surface.rs` has them.
            Content::Webhook(webhook) if webhook.operation.protocol == Protocol::V3 => {
                tried(webhook.operation, &webhook.types);
            }
            _ => {}
        }
    }
    println!("{documents} documents of {operations} operations");
    assert!(
        operations > 1200 && documents > 40_000,
        "{documents} of {operations}"
    );
    let shown: Vec<_> = problems.iter().take(60).map(String::as_str).collect();
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        shown.join("\n")
    );
}
