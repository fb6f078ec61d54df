//! The fields of one object, here and in readings.

use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::ir::{Encryption, Operation, Property, Protocol, Schema, Standing, Type};
use crate::names::feature;
use crate::readings::decisions::{About, Decisions, Difference};
use crate::readings::index::{View, field, inside};
use crate::readings::{Field, Kind, Part};
use crate::span::Span;

/// One point in which a reading and the API differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagreement {
    pub code: Code,
    pub reading: String,
    /// The cargo feature; empty for an operation that no page has.
    pub product: String,
    pub subject: String,
    pub part: Part,
    /// `amount.total`; empty for an operation.
    pub field: String,
    /// What both sides say.
    pub what: String,
    /// The page, or the reading for an operation that no page has.
    pub page: String,
    pub span: Span,
}

/// One side of an operation, and what has been found.
pub struct Side<'a, 'f> {
    pub operation: &'a Operation,
    pub subject: &'a str,
    pub part: Part,
    pub decisions: &'a Decisions,
    /// The readings that mark encrypted fields of requests.
    pub marking: &'a BTreeSet<&'a str>,
    pub found: &'f mut Vec<Disagreement>,
}

impl Side<'_, '_> {
    /// Notes a disagreement, unless it is decided. `says` is the kind that the reading has, if that differs.
    pub fn report(
        &mut self,
        about: About,
        view: &View<'_>,
        (parent, name): (&str, &str),
        says: &str,
        span: Span,
        what: String,
    ) {
        let difference = Difference {
            about,
            reading: view.reading,
            subject: self.subject,
            part: self.part,
            parent,
            name,
            says,
        };
        if self.decisions.settle(difference) {
            return;
        }
        self.found.push(Disagreement {
            code: about.code(),
            reading: view.reading.id.clone(),
            product: feature(self.operation),
            subject: self.subject.to_owned(),
            part: self.part,
            field: if parent.is_empty() {
                name.to_owned()
            } else {
                format!("{parent}.{name}")
            },
            what,
            page: self.operation.page.clone(),
            span,
        });
    }

    /// Compares the fields of one object, which `lists` hold; `outside` are others of the same request.
    pub fn level(&mut self, lists: &[&[Property]], views: &[View<'_>], outside: &[&Property], path: &str) {
        for view in views {
            for property in lists.iter().copied().flatten() {
                match field(view, &property.name) {
                    Some(field) => self.both(property, field, view, path),
                    None => self.lacking(property, view, path),
                }
            }
            let known = |name: &str| {
                let mut rows = lists.iter().copied().flatten().chain(outside.iter().copied());
                rows.any(|property| property.name == name)
            };
            self.missing(view, &known, outside, path);
        }
        for property in lists.iter().copied().flatten() {
            let views = inside(views, &property.name);
            let holds_fields = property.schema.ty == Type::Object || !property.schema.properties.is_empty();
            if holds_fields && !views.is_empty() {
                self.level(
                    &[&property.schema.properties],
                    &views,
                    &[],
                    &below(path, &property.name),
                );
            }
        }
    }

    fn lacking(&mut self, property: &Property, view: &View<'_>, path: &str) {
        let is_code = ["return_code", "result_code"].contains(&property.name.as_str());
        let is_envelope = is_code && self.operation.protocol == Protocol::V2;
        if property.required && !property.name.contains('$') && !is_envelope {
            let what = "required here, not there".to_owned();
            self.report(
                About::Required,
                view,
                (path, &property.name),
                "",
                property.span.clone(),
                what,
            );
        }
    }

    fn both(&mut self, property: &Property, field: &Field, view: &View<'_>, path: &str) {
        let schema = &property.schema;
        let is_xml = self.operation.protocol == Protocol::V2;
        let (marks, is_request) = (
            self.marking.contains(view.reading.id.as_str()),
            self.part == Part::Request,
        );
        let mut report = |about, says: &str, what: String| {
            let at = (path, property.name.as_str());
            self.report(about, view, at, says, property.span.clone(), what);
        };
        if property.required && field.required == Some(false) && !property.name.contains('$') {
            report(About::Required, "", "required here, optional there".to_owned());
        }
        let modelled = view.reading.standing != Standing::Observed;
        let lacking: Vec<_> = field
            .values
            .iter()
            .filter(|value| !schema.values.contains(value) && schema.constant.as_ref() != Some(value))
            .collect();
        if modelled && !lacking.is_empty() {
            let list: Vec<String> = lacking.iter().map(|value| format!("`{value}`")).collect();
            report(About::Values, "", format!("lacks {}", list.join(", ")));
        }
        if field.encrypted && schema.encrypted.is_none() {
            report(About::Encrypted, "", "clear here, encrypted there".to_owned());
        } else if schema.encrypted == Some(Encryption::Rsa) && !field.encrypted && marks && is_request {
            report(About::Encrypted, "", "encrypted here, clear there".to_owned());
        }
        if !is_xml && modelled && !same_kind(schema, field) {
            let theirs = field.kind.map_or("unknown", Kind::as_str);
            let list = |array| if array { "[]" } else { "" };
            let ours = crate::ir_json::type_name(schema.ty);
            let theirs = format!("{theirs}{}", list(field.array));
            let what = format!("{ours}{} here, {theirs} there", list(schema.array));
            report(About::Kind, &theirs, what);
        }
    }

    /// What the reading has and nobody here.
    fn missing(&mut self, view: &View<'_>, known: &dyn Fn(&str) -> bool, outside: &[&Property], path: &str) {
        let counts = self.part != Part::Request || view.reading.standing == Standing::Official;
        // A path parameter may have another name there.
        let unnamed = outside
            .iter()
            .any(|property| field(view, &property.name).is_none());
        let is_list = |field: &Field| self.operation.protocol == Protocol::V2 && field.array;
        if !counts || (self.part == Part::Request && path.is_empty() && unnamed) {
            return;
        }
        let missing: Vec<&Field> = view
            .fields
            .iter()
            .filter(|field| !known(&field.name) && !is_list(field))
            .collect();
        for field in missing {
            let span = self.operation.span.clone();
            let at = (path, field.name.as_str());
            self.report(About::Added, view, at, "", span, "not here".to_owned());
        }
    }
}

fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

fn same_kind(schema: &Schema, field: &Field) -> bool {
    let Some(kind) = field.kind else {
        return true;
    };
    let holds_text = schema.ty == Type::String && !schema.properties.is_empty();
    let unknown = kind == Kind::Any || (kind == Kind::Object && field.fields.is_none());
    let anything = schema.ty == Type::Object && schema.properties.is_empty();
    if unknown || anything || holds_text {
        return true;
    }
    let same = match schema.ty {
        Type::String => matches!(kind, Kind::String | Kind::Time),
        Type::Integer | Type::Number => matches!(kind, Kind::Integer | Kind::Number),
        Type::Boolean => kind == Kind::Boolean,
        Type::Object => kind == Kind::Object,
    };
    same && schema.array == field.array
}
