//! Documents made from the planned types, so that each has every field; one field may be distorted.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use wechatpay_client::traffic::to_xml;
use wechatpay_codegen::ir::{Operation, Protocol, ResponseFormat};
use wechatpay_codegen::load::load;
use wechatpay_codegen::names::model::{Content, FieldDef, RustType, StructDef, TypeDef};
use wechatpay_codegen::names::plan;

/// What is done to one field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distortion {
    Missing,
    Null,
    /// The same value as another kind: a number as text, text as a number, `"Y"` for `true`, the only element
    /// of a list without the list, an object in a list.
    OtherKind,
    /// A kind that fits nothing.
    WrongKind,
    EmptyText,
    EmptyObject,
    EmptyList,
    Boolean,
    Fraction,
    Text,
    Nested,
}

/// All of them.
pub const DISTORTIONS: [Distortion; 11] = [
    Distortion::Missing,
    Distortion::Null,
    Distortion::OtherKind,
    Distortion::WrongKind,
    Distortion::EmptyText,
    Distortion::EmptyObject,
    Distortion::EmptyList,
    Distortion::Boolean,
    Distortion::Fraction,
    Distortion::Text,
    Distortion::Nested,
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
pub struct Hit {
    pub path: String,
    pub deviations: Option<usize>,
}

/// What a document belongs to, and its types.
pub struct Subject<'a> {
    pub operation: &'a Operation,
    types: HashMap<&'a str, &'a TypeDef>,
    root: &'static str,
    pub part: &'static str,
    pub xml: bool,
}

/// Runs `with` on the response of each operation, on its request if there is no document in the response,
/// and on each notification.
pub fn each_subject(mut with: impl FnMut(&Subject<'_>)) {
    let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let api = load(&specs).expect("the pages can be read").api;
    for page in plan(&api) {
        match &page.content {
            Content::Operations(functions) => functions
                .iter()
                .for_each(|function| with(&Subject::new(function.operation, &function.types))),
            Content::Webhook(webhook) => with(&Subject::new(webhook.operation, &webhook.types)),
            _ => {}
        }
    }
}

impl<'a> Subject<'a> {
    fn new(operation: &'a Operation, types: &'a [TypeDef]) -> Self {
        let v2 = operation.protocol == Protocol::V2;
        let is_event = operation.path.is_none();
        let (root, part, xml) = match operation.response.format {
            _ if is_event && v2 => ("Notification", "resource", true),
            _ if is_event => ("Resource", "resource", false),
            ResponseFormat::Json => ("Response", "response", false),
            ResponseFormat::Xml => ("Response", "response", true),
            _ => ("Request", "request", v2),
        };
        Self {
            operation,
            types: types.iter().map(|def| (def.name(), def)).collect(),
            root,
            part,
            xml,
        }
    }

    /// A document with every field, and how many there are.
    pub fn document(&self) -> (Map<String, Value>, usize) {
        let mut maker = Maker::new(self, 0, Distortion::Missing);
        let document = maker.root();
        (document, maker.next)
    }

    /// A document whose field number `target`, from 1, is distorted.
    pub fn distorted(&self, target: usize, distortion: Distortion) -> (Map<String, Value>, Hit) {
        let mut maker = Maker::new(self, target, distortion);
        let document = maker.root();
        (document, maker.hit.expect("the target is a field"))
    }

    /// A document as a line of recorded traffic; `None` for a notification of APIv2, which has no line.
    pub fn line(&self, document: &Map<String, Value>) -> Option<String> {
        let operation = self.operation;
        let mut line = match &operation.event_type {
            Some(event_type) if !self.xml => json!({ "event_type": event_type }),
            None if operation.path.is_some() => {
                json!({ "method": operation.method.as_str(), "path": operation.path, "part": self.part })
            }
            _ => return None,
        };
        match self.xml {
            true => line["xml"] = xml(document).into(),
            false => line["value"] = Value::Object(document.clone()),
        }
        Some(line.to_string())
    }

    /// Whether a request sends a field outside of its body, where recorded traffic may lack it.
    fn is_outside(&self, name: &str) -> bool {
        let request = &self.operation.request;
        let outside = request.path.iter().chain(&request.query).chain(&request.headers);
        self.part == "request" && !self.xml && outside.into_iter().any(|row| row.name == name)
    }
}

/// A document as XML.
pub fn xml(document: &Map<String, Value>) -> String {
    let fields: Vec<_> = document
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    to_xml(&fields)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Makes a document, and distorts its field number `target`.
struct Maker<'a> {
    subject: &'a Subject<'a>,
    next: usize,
    target: usize,
    distortion: Distortion,
    hit: Option<Hit>,
}

impl<'a> Maker<'a> {
    fn new(subject: &'a Subject<'a>, target: usize, distortion: Distortion) -> Self {
        Self {
            subject,
            next: 0,
            target,
            distortion,
            hit: None,
        }
    }

    fn root(&mut self) -> Map<String, Value> {
        match self.subject.types.get(self.subject.root) {
            Some(TypeDef::Struct(def)) => self.object(def, "", self.subject.xml),
            _ => panic!(
                "{} has no type {}",
                self.subject.operation.page, self.subject.root
            ),
        }
    }

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
                // Another code would be a failure, which lacks fields.
                false if matches!(&*name, "return_code" | "result_code") => Some("SUCCESS".into()),
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
            RustType::String
            | RustType::Timestamp
            | RustType::Encrypted
            | RustType::Sealed(_)
            | RustType::Upload => "x".into(),
            RustType::Json if self.subject.xml => "x".into(),
            RustType::Json => json!({ "x": "x" }),
            RustType::I64 | RustType::Decimal => 1.into(),
            RustType::Bool => true.into(),
            RustType::Option(inner) => self.value(inner, path),
            RustType::List(inner) => vec![self.value(inner, &format!("{path}[0]"))].into(),
            RustType::JsonText(inner) => self.value(inner, path).to_string().into(),
            RustType::UrlEncoded(inner) => self.form(inner).into(),
            RustType::Named(name) => match self.subject.types[name.as_str()] {
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
        let (value, deviations) = match self.distortion {
            Distortion::Missing | Distortion::Null => {
                let name = field.wire.as_str();
                let in_xml = top
                    && (matches!(ty, RustType::List(_))
                        || TELLS_A_FAILURE.contains(&name)
                        || name.contains('$'));
                let outside = self.distortion == Distortion::Missing && self.subject.is_outside(path);
                let may_lack = field.optional || in_xml || outside;
                let value = (self.distortion == Distortion::Null && !top).then_some(Value::Null);
                (value, Some(usize::from(!may_lack)))
            }
            Distortion::OtherKind => {
                let value = self.value(ty, path);
                let (value, deviations) = other_kind(kind, value, top);
                (Some(value), deviations)
            }
            Distortion::WrongKind => {
                let (value, deviations) = wrong_kind(kind, top);
                (Some(value), deviations)
            }
            Distortion::EmptyText => (Some("".into()), None),
            Distortion::EmptyObject => (Some(json!({})), None),
            Distortion::EmptyList => (Some(json!([])), None),
            Distortion::Boolean => (Some(true.into()), None),
            Distortion::Fraction => (Some(1.5.into()), None),
            Distortion::Text => (Some("y".into()), None),
            Distortion::Nested => (Some(json!([[{ "x": [self.value(ty, path)] }], null])), None),
        };
        self.hit = Some(Hit {
            path: path.to_owned(),
            deviations,
        });
        value
    }

    fn kind<'t>(&self, ty: &'t RustType) -> Kind<'t> {
        match ty {
            RustType::Named(name) => match self.subject.types[name.as_str()] {
                TypeDef::Struct(_) => Kind::Object,
                TypeDef::Enum(def) if def.integer => Kind::Number,
                TypeDef::Enum(_) => Kind::Text,
            },
            RustType::Option(inner) => self.kind(inner),
            RustType::I64 | RustType::Decimal => Kind::Number,
            RustType::String => Kind::Text,
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

/// `value` as another kind, and how many deviations that makes. In XML, everything is text.
fn other_kind(kind: Kind<'_>, value: Value, xml: bool) -> (Value, Option<usize>) {
    match kind {
        Kind::Other(RustType::Bool) => ("Y".into(), Some(1)),
        Kind::Number if xml => (" 1.00 ".into(), Some(1)),
        _ if xml => (value, Some(0)),
        Kind::Number => (" 1.0 ".into(), Some(1)),
        // No float has these digits.
        Kind::Text => (
            serde_json::from_str("12345678901234567890123").expect("a number"),
            Some(1),
        ),
        Kind::Object => (vec![value].into(), Some(1)),
        // A list in a list is not flattened.
        Kind::Other(RustType::List(inner)) if matches!(**inner, RustType::List(_)) => (value, Some(0)),
        Kind::Other(RustType::List(_)) => (value[0].clone(), Some(1)),
        Kind::Other(RustType::JsonText(_)) => {
            let text = value.as_str().expect("text");
            (serde_json::from_str(text).expect("JSON"), None)
        }
        Kind::Other(_) => (vec![value].into(), None),
    }
}

/// A value that nothing of this kind can be read from, and how many deviations it makes.
fn wrong_kind(kind: Kind<'_>, xml: bool) -> (Value, Option<usize>) {
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
