//! The types of one operation: which structs and enumerations its tables need, and their names.
//!
//! A type is called after its field. Where two differ under one name, the shallower keeps it
//! (request before response), and the other gets its parent's name in front.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::fields::{Holder, field, is_integers, is_rate, merge, same_fields, term, unique_idents, variants};
use super::ident::{camel, singular};
use super::model::{EnumDef, FieldDef, Preset, RustType, StructDef, TypeDef};
use super::prelude::RESERVED;
use super::rules::{is_filled, is_own_header};
use crate::ir::{BodyFormat, Encoding, Encryption, Operation, Property, Protocol, ResponseFormat, Type};

/// `Request`, `Response` and what they hold.
pub fn operation(operation: &Operation) -> Vec<TypeDef> {
    let mut types = Types::default();
    let request = request_properties(operation);
    types.root("Request", "request", operation, &request, true);
    let response = &operation.response;
    let error_of_file = response.format == ResponseFormat::File && !response.properties.is_empty();
    if matches!(response.format, ResponseFormat::Json | ResponseFormat::Xml) || error_of_file {
        let properties: Vec<_> = response.properties.iter().collect();
        types.root("Response", "response", operation, &properties, false);
    }
    types.finish()
}

/// `Resource` (v3) or `Notification` (v2) and what they hold; `Acknowledgement` where the response
/// has more than a code and a message.
pub fn webhook(operation: &Operation) -> Vec<TypeDef> {
    let mut types = Types::default();
    let body = &operation.request.body.properties;
    match operation.protocol {
        Protocol::V3 => {
            let resource = body.iter().find(|property| property.name == "resource");
            let sealed = resource.and_then(|resource| {
                resource
                    .schema
                    .properties
                    .iter()
                    .find(|property| property.name == "ciphertext")
            });
            let clear: Vec<_> = sealed
                .iter()
                .flat_map(|sealed| &sealed.schema.properties)
                .collect();
            types.root("Resource", "resource", operation, &clear, false);
        }
        Protocol::V2 => types.root(
            "Notification",
            "notification",
            operation,
            &body.iter().collect::<Vec<_>>(),
            false,
        ),
    }
    let body = operation
        .acknowledgement
        .iter()
        .find(|property| property.name == "body");
    let response: Vec<_> = body.iter().flat_map(|body| &body.schema.properties).collect();
    let plain = ["code", "message", "return_code", "return_msg"];
    if response
        .iter()
        .any(|property| !plain.contains(&property.name.as_str()))
    {
        types.root("Acknowledgement", "acknowledgement", operation, &response, true);
    }
    types.finish()
}

/// The fields of `Request`, whatever part of the HTTP request they travel in.
fn request_properties(operation: &Operation) -> Vec<&Property> {
    let request = &operation.request;
    let headers = request
        .headers
        .iter()
        .filter(|property| !is_own_header(&property.name));
    request
        .path
        .iter()
        .chain(&request.query)
        .chain(headers)
        .chain(&request.body.properties)
        .collect()
}

/// Fields of an upload's `meta` that the client computes from the file.
fn is_file_fact(name: &str) -> bool {
    [
        "filename",
        "file_name",
        "sha256",
        "digest",
        "file_digest",
        "digest_algorithm",
        "digest_alogrithm",
    ]
    .contains(&name)
}

/// A struct that waits for its fields to be turned into types.
struct Pending<'a> {
    name: String,
    properties: Vec<&'a Property>,
    holder: Holder,
    /// The content of an upload's `meta`.
    meta: bool,
    def: usize,
}

#[derive(Default)]
struct Types<'a> {
    defs: Vec<TypeDef>,
    /// The definitions of a name and the rows that they were made from, to share equal ones. Requests
    /// and responses share nothing: a change of one must not rename the other's types.
    made: BTreeMap<(String, bool), Vec<(usize, &'a Property)>>,
    /// The number that was last put behind a name.
    numbers: BTreeMap<String, usize>,
    names: BTreeSet<String>,
    queue: VecDeque<Pending<'a>>,
}

impl<'a> Types<'a> {
    fn root(
        &mut self,
        name: &str,
        what: &str,
        operation: &'a Operation,
        properties: &[&'a Property],
        request: bool,
    ) {
        self.names.insert(name.to_owned());
        self.names.insert(format!("{name}Init"));
        let doc = format!("{}: {what}.", operation.title);
        let def = self.push(TypeDef::Struct(StructDef {
            name: name.to_owned(),
            doc,
            fields: Vec::new(),
            request,
        }));
        self.queue.push_back(Pending {
            name: name.to_owned(),
            properties: properties.to_vec(),
            holder: Holder { request, shapes: 1 },
            meta: false,
            def,
        });
        while let Some(next) = self.queue.pop_front() {
            self.fill(operation, next);
        }
    }

    /// The definitions, a struct without required fields in a constructor being preset where it is
    /// the `meta` of an upload.
    fn finish(mut self) -> Vec<TypeDef> {
        let empty: BTreeSet<String> = self.defs.iter().filter_map(needs_nothing).collect();
        for def in &mut self.defs {
            let TypeDef::Struct(def) = def else { continue };
            for field in &mut def.fields {
                if let (RustType::JsonText(inner), "meta") = (&field.ty, field.wire.as_str())
                    && let RustType::Named(name) = &**inner
                {
                    field.preset = empty.contains(name).then(|| Preset::New(name.clone()));
                }
            }
        }
        self.defs
    }

    fn push(&mut self, def: TypeDef) -> usize {
        self.defs.push(def);
        self.defs.len() - 1
    }

    /// Adds a definition that equal rows of the same side share.
    fn push_shared(&mut self, def: TypeDef, base: String, request: bool, row: &'a Property) -> usize {
        let def = self.push(def);
        self.made.entry((base, request)).or_default().push((def, row));
        def
    }

    fn fill(&mut self, operation: &'a Operation, pending: Pending<'a>) {
        let mut fields: Vec<FieldDef> = Vec::new();
        for (property, twins) in merge(&pending.properties) {
            let filled = (pending.name == "Request" && is_filled(operation, &property.name))
                || (pending.meta && is_file_fact(&property.name));
            let upload = operation.request.body.format == BodyFormat::Multipart && pending.name == "Request";
            let ty = self.field_type(property, &twins, &pending, upload);
            fields.push(field(property, &twins, ty, filled, pending.holder));
        }
        unique_idents(&mut fields);
        if let TypeDef::Struct(def) = &mut self.defs[pending.def] {
            def.fields = fields;
        }
    }

    fn field_type(
        &mut self,
        property: &'a Property,
        twins: &[&'a Property],
        parent: &Pending<'a>,
        upload: bool,
    ) -> RustType {
        let schema = &property.schema;
        let mut ty = if twins
            .iter()
            .any(|twin| twin.schema.ty != schema.ty || twin.schema.array != schema.array)
        {
            RustType::Json
        } else {
            self.plain_type(property, twins, parent, upload)
        };
        if schema.array && ty != RustType::Json {
            ty = RustType::List(Box::new(ty));
        }
        for variable in ["$m", "$n"] {
            if property.name.contains(variable) {
                let inner = if variable == "$m" || !property.name.contains("$m") {
                    RustType::Option(Box::new(ty))
                } else {
                    ty
                };
                ty = RustType::List(Box::new(inner));
            }
        }
        ty
    }

    fn plain_type(
        &mut self,
        property: &'a Property,
        twins: &[&'a Property],
        parent: &Pending<'a>,
        upload: bool,
    ) -> RustType {
        let schema = &property.schema;
        let has_content = !schema.properties.is_empty();
        match (schema.encoded, schema.encrypted) {
            (_, Some(Encryption::Rsa)) => return RustType::Encrypted,
            (_, Some(Encryption::AesGcm | Encryption::AesEcb)) if has_content => {
                return RustType::Sealed(Box::new(self.object(property, twins, parent, false)));
            }
            (_, Some(_)) => return RustType::String,
            (Some(Encoding::UrlEncode), _) if has_content => {
                return RustType::UrlEncoded(Box::new(self.object(property, twins, parent, false)));
            }
            (Some(Encoding::Json), _) if !has_content => return RustType::JsonText(Box::new(RustType::Json)),
            (Some(Encoding::UrlEncode), _) => return RustType::String,
            _ => {}
        }
        match schema.ty {
            Type::Object if has_content => self.object(property, twins, parent, false),
            Type::Object if upload => RustType::Upload,
            Type::Object => RustType::Json,
            // Rows below a text are what the text holds.
            Type::String if has_content => {
                let meta = upload && property.name == "meta";
                let content = match property.elements() {
                    Some(element) => self.field_type(element, &[], parent, false),
                    None => self.object(property, twins, parent, meta),
                };
                RustType::JsonText(Box::new(content))
            }
            Type::String if !schema.values.is_empty() || schema.open => self.choice(property, parent, false),
            Type::String if schema.time => RustType::Timestamp,
            Type::String => RustType::String,
            Type::Boolean => RustType::Bool,
            Type::Integer | Type::Number if is_integers(&schema.values) => {
                self.choice(property, parent, true)
            }
            Type::Integer | Type::Number if !schema.values.is_empty() => self.choice(property, parent, false),
            Type::Number if schema.decimal || is_rate(property) => RustType::Decimal,
            Type::Integer | Type::Number => RustType::I64,
        }
    }

    fn object(
        &mut self,
        property: &'a Property,
        twins: &[&'a Property],
        parent: &Pending<'a>,
        meta: bool,
    ) -> RustType {
        let base = type_name(property);
        let shared = self.shared(&base, parent, |def, other| {
            matches!(def, TypeDef::Struct(_)) && twins.is_empty() && same_fields(property, other)
        });
        if let Some(name) = shared {
            return RustType::Named(name);
        }
        let name = self.free_name(&base, &parent.name);
        let doc = term(property);
        let def = StructDef {
            name: name.clone(),
            doc,
            fields: Vec::new(),
            request: parent.holder.request,
        };
        let def = TypeDef::Struct(def);
        let def = match twins.is_empty() {
            true => self.push_shared(def, base, parent.holder.request, property),
            false => self.push(def),
        };
        let mut properties: Vec<_> = property.schema.properties.iter().collect();
        properties.extend(twins.iter().flat_map(|twin| &twin.schema.properties));
        self.queue.push_back(Pending {
            name: name.clone(),
            properties,
            holder: Holder {
                request: parent.holder.request,
                shapes: twins.len() + 1,
            },
            meta,
            def,
        });
        RustType::Named(name)
    }

    fn choice(&mut self, property: &'a Property, parent: &Pending<'a>, integer: bool) -> RustType {
        let base = type_name(property);
        let shared = self.shared(&base, parent, |def, other| {
            matches!(def, TypeDef::Enum(def) if def.integer == integer)
                && other.schema.values == property.schema.values
        });
        if let Some(name) = shared {
            return RustType::Named(name);
        }
        let name = self.free_name(&base, &parent.name);
        let variants = variants(&property.schema.values);
        let def = EnumDef {
            name: name.clone(),
            doc: term(property),
            variants,
            integer,
        };
        self.push_shared(TypeDef::Enum(def), base, parent.holder.request, property);
        RustType::Named(name)
    }

    /// The definition that an equal row of the same side already has.
    fn shared(
        &self,
        base: &str,
        parent: &Pending<'_>,
        equal: impl Fn(&TypeDef, &Property) -> bool,
    ) -> Option<String> {
        let made = self.made.get(&(base.to_owned(), parent.holder.request))?;
        let (def, _) = made.iter().find(|(def, row)| equal(&self.defs[*def], row))?;
        Some(self.defs[*def].name().to_owned())
    }

    /// `base`, or `base` behind its parent's name, or with a number.
    fn free_name(&mut self, base: &str, parent: &str) -> String {
        let long = format!("{parent}{base}");
        let number = self.numbers.get(&long).copied().unwrap_or(1);
        let candidates = [base.to_owned(), long.clone()].into_iter();
        let numbered = (number + 1..).map(|number| (number, format!("{long}{number}")));
        let candidates = candidates.map(|name| (number, name)).chain(numbered);
        let free = |name: &str| !RESERVED.contains(&name) && !self.names.contains(name);
        let found = candidates.into_iter().find(|(_, name)| free(name));
        let (number, name) = found.unwrap_or((number, long.clone()));
        self.numbers.insert(long, number);
        self.names.insert(name.clone());
        self.names.insert(format!("{name}Init"));
        name
    }
}

/// The name of a struct whose constructor takes no argument.
fn needs_nothing(def: &TypeDef) -> Option<String> {
    match def {
        TypeDef::Struct(def) if def.fields.iter().all(|field| !field.is_argument()) => Some(def.name.clone()),
        _ => None,
    }
}

/// A type is called after its field; the type of an element, after one element.
fn type_name(property: &Property) -> String {
    match property.schema.array {
        true => camel(&singular(&property.name)),
        false => camel(&property.name),
    }
}
