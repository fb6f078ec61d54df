//! Combines the pages with second readings.
//!
//! In: the API as the pages have it, corrected by fixups, and the readings. Out: the same API, where
//! a field is required only if its page and every reading that knows the operation have it so, with
//! the fields, values and exact kinds that readings know and pages do not. What changed is noted in
//! each row's [`Provenance`]. The order of the readings does not matter.
//!
//! * A path parameter stays required. A reading that does not say what is required counts only by what
//!   it lacks.
//! * A field that only a reading has is added as an optional one: from an official reading everywhere,
//!   from another only to responses and notifications.
//! * Of several contents of one event each is a reading of its own: what one of them lacks may be missing.
//! * Kinds, places and encryption that differ are not changed here: `check` reports them. A field that is
//!   added is encrypted if a reading has it so.

mod place;
mod row;
mod terms;

use std::collections::BTreeMap;

use crate::ir::{
    Api, BodyFormat, Effect, Encoding, Encryption, Method, Operation, Origin, Property, Protocol, Provenance,
    ResponseFormat, Schema, Standing, Type,
};
use crate::readings::decisions::{About, Decisions};
use crate::readings::index::{Index, View, field, inside};
use crate::readings::{self, Field, File, Kind, Part};

use place::{Known, Place};
use row::{apply, learn_kind};
use terms::Terms;

/// Combines; returns how many fields were added.
pub fn run(files: &[File], decisions: &Decisions, api: &mut Api) -> usize {
    api.readings = files.iter().map(|file| file.reading.clone()).collect();
    api.readings.sort_by(|a, b| a.id.cmp(&b.id));
    let known = Known {
        index: Index::new(files),
        decisions,
        terms: Terms::of(api),
    };
    let mut added = 0;
    for operation in &mut api.operations {
        let Operation {
            request, response, ..
        } = operation;
        free_elements(&mut request.body.properties);
        free_elements(&mut response.properties);
        if let Some(subject) = readings::subject_of(operation) {
            added += combine_operation(operation, &subject, &known);
        }
    }
    added
}

/// The clear content of a notification of APIv3.
pub fn resource(body: &mut [Property]) -> Option<&mut Vec<Property>> {
    let resource = body.iter_mut().find(|property| property.name == "resource")?;
    let sealed = resource.schema.properties.iter_mut();
    let sealed = sealed
        .into_iter()
        .find(|property| property.name == "ciphertext")?;
    Some(&mut sealed.schema.properties)
}

fn combine_operation(operation: &mut Operation, subject: &str, known: &Known<'_>) -> usize {
    let index = &known.index;
    let place = Place {
        span: operation.span.clone(),
        line: operation.line,
        subject,
        part: Part::Resource,
        path: String::new(),
        xml: operation.protocol == Protocol::V2,
        known,
    };
    if operation.event_type.is_some() {
        let views = index.of(subject, Part::Resource);
        return match resource(&mut operation.request.body.properties) {
            Some(properties) => {
                let added = combine(properties, views, &place);
                name_variants(properties, views);
                added
            }
            None => 0,
        };
    }
    let mut added = 0;
    if operation.request.body.format != BodyFormat::Multipart {
        added += combine_request(
            operation,
            subject,
            index,
            &Place {
                part: Part::Request,
                ..place.clone()
            },
        );
    }
    let response = &mut operation.response;
    if matches!(response.format, ResponseFormat::Json | ResponseFormat::Xml) {
        added += combine(
            &mut response.properties,
            index.of(subject, Part::Response),
            &Place {
                part: Part::Response,
                ..place
            },
        );
    }
    added
}

fn combine_request(operation: &mut Operation, subject: &str, index: &Index<'_>, place: &Place<'_>) -> usize {
    let views = index.of(subject, Part::Request);
    let request = &mut operation.request;
    for list in [&mut request.query, &mut request.body.properties] {
        for property in list.iter_mut() {
            apply(property, views, place);
        }
    }
    let mut added =
        descend(&mut request.query, views, place) + descend(&mut request.body.properties, views, place);
    let mut others = views.to_vec();
    // An SDK may call the path's parameters otherwise than the page.
    let unknown = |view: &View<'_>| {
        let known = request
            .path
            .iter()
            .filter(|parameter| field(view, &parameter.name).is_some());
        request.path.len() - known.count()
    };
    others.retain(|view| view.reading.standing == Standing::Official && unknown(view) == 0);
    let known: Vec<String> = [
        &request.path,
        &request.query,
        &request.headers,
        &request.body.properties,
    ]
    .into_iter()
    .flatten()
    .map(|property| property.name.clone())
    .collect();
    for property in missing(&known, &others, place) {
        let in_query = index
            .of(subject, Part::Query)
            .iter()
            .any(|view| field(view, &property.name).is_some());
        let list = match request.body.format {
            _ if in_query || matches!(operation.method, Method::Get | Method::Delete) => &mut request.query,
            BodyFormat::None => continue,
            _ => &mut request.body.properties,
        };
        added += 1 + count(&property.schema.properties);
        list.push(property);
    }
    added
}

/// Combines the fields of one object; returns how many were added.
fn combine(list: &mut Vec<Property>, views: &[View<'_>], place: &Place<'_>) -> usize {
    if views.is_empty() {
        return 0;
    }
    for property in list.iter_mut() {
        apply(property, views, place);
    }
    let mut added = descend(list, views, place);
    let counts = |view: &View<'_>| place.part != Part::Request || view.reading.standing == Standing::Official;
    let others: Vec<View<'_>> = views.iter().copied().filter(counts).collect();
    let known: Vec<String> = list.iter().map(|property| property.name.clone()).collect();
    for property in missing(&known, &others, place) {
        added += 1 + count(&property.schema.properties);
        list.push(property);
    }
    added
}

/// Combines what is inside each field.
fn descend(list: &mut [Property], views: &[View<'_>], place: &Place<'_>) -> usize {
    let mut added = 0;
    for property in list {
        let views = inside(views, &property.name);
        let schema = &mut property.schema;
        let holds_fields = schema.ty == Type::Object || !schema.properties.is_empty();
        if views.is_empty() || !holds_fields {
            continue;
        }
        let place = Place {
            span: property.span.clone(),
            line: property.line,
            path: place.below(&property.name),
            ..*place
        };
        added += combine(&mut schema.properties, &views, &place);
    }
    added
}

/// The fields that views have and `known` does not, as optional properties, sorted by name.
fn missing(known: &[String], views: &[View<'_>], place: &Place<'_>) -> Vec<Property> {
    let mut names: BTreeMap<&str, Vec<(&View<'_>, &Field)>> = BTreeMap::new();
    for view in views {
        let unknown = |field: &&Field| !known.contains(&field.name);
        for field in view.fields.iter().filter(unknown) {
            if place.settled(About::Added, view, &field.name) {
                continue;
            }
            names.entry(&field.name).or_default().push((view, field));
        }
    }
    let fits = |found: &[(&View<'_>, &Field)]| !place.xml || found.iter().all(|(_, field)| !field.array);
    names
        .into_iter()
        .filter(|(_, found)| fits(found))
        .map(|(name, found)| added(name, &found, views, place))
        .collect()
}

fn added(name: &str, found: &[(&View<'_>, &Field)], views: &[View<'_>], place: &Place<'_>) -> Property {
    // The best reading that shows a kind decides.
    let field = found
        .iter()
        .map(|(_, field)| *field)
        .find(|field| field.kind.is_some());
    let ty = match field.and_then(|field| field.kind) {
        Some(Kind::Integer) => Type::Integer,
        Some(Kind::Number) => Type::Number,
        // XML has only text: where another SDK has a boolean, WeChat Pay writes `Y` or `N`.
        Some(Kind::Boolean) if place.xml => Type::String,
        Some(Kind::Boolean) => Type::Boolean,
        Some(Kind::Object | Kind::Any) => Type::Object,
        Some(Kind::String | Kind::Time) => Type::String,
        None => place.known.terms.ty(name),
    };
    let mut property = Property {
        name: name.to_owned(),
        span: place.span.clone(),
        line: place.line,
        schema: Schema {
            array: field.is_some_and(|field| field.array),
            encrypted: found
                .iter()
                .any(|(_, field)| field.encrypted)
                .then_some(Encryption::Rsa),
            ..Schema::new(ty)
        },
        required: false,
        label: place.known.terms.term(name),
        english: None,
        notes: Vec::new(),
        provenance: Provenance {
            origin: Origin::Reading,
            ..Provenance::default()
        },
    };
    for (view, field) in found {
        property.learn(view.reading, Effect::Added);
        learn_kind(&mut property, view, field, place);
    }
    let json = Place {
        xml: false,
        path: place.below(name),
        ..place.clone()
    };
    combine(&mut property.schema.properties, &inside(views, name), &json);
    if place.xml && ty == Type::Object {
        property.schema.ty = Type::String;
        property.schema.encoded = Some(Encoding::Json);
    }
    property
}

/// A row that describes the elements of a list in text is not a field that could be required.
fn free_elements(list: &mut [Property]) {
    for property in list {
        if property.elements().is_some()
            && let [element] = property.schema.properties.as_mut_slice()
        {
            element.required = false;
        }
        free_elements(&mut property.schema.properties);
    }
}

fn count(properties: &[Property]) -> usize {
    properties
        .iter()
        .map(|property| 1 + count(&property.schema.properties))
        .sum()
}

/// Notes which of an event's contents have a field, where not all of those that know its object do.
fn name_variants(list: &mut [Property], views: &[View<'_>]) {
    for property in list {
        let has = |view: &&View<'_>| field(view, &property.name).is_some();
        let variants = views.iter().filter(has).filter_map(|view| view.variant);
        let mut variants: Vec<String> = variants.map(str::to_owned).collect();
        variants.sort();
        variants.dedup();
        let lacking = |view: &View<'_>| {
            view.variant
                .is_some_and(|variant| !variants.iter().any(|v| v == variant))
        };
        if views.iter().any(lacking) {
            property.provenance.variants = variants;
        }
        name_variants(&mut property.schema.properties, &inside(views, &property.name));
    }
}
