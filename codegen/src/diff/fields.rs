//! The fields of an operation: all tables, level by level.
//!
//! In: the tables of a pair of operations and the types of both sides. Out: changes. [`matching`] pairs the
//! rows of a level, [`facts`] compares a pair.

use crate::ir::{BodyFormat, Kind as OperationKind, Operation, Property, Protocol, ResponseFormat};
use crate::names::model::FieldDef;

use super::facts;
use super::matching;
use super::model::{Bump, Change, Kind, Part, Side};
use super::rust::{self, Types};
use super::scope::{Level, Pair, Scope, Slot};
use super::verdict::{breaks, compatible};

/// All fields of an operation.
pub fn compare<'a>(
    old: &'a Operation,
    new: &'a Operation,
    old_types: Types<'a>,
    new_types: Types<'a>,
    out: &mut Vec<Change>,
) {
    let webhook = new.kind == OperationKind::Webhook;
    let envelope = webhook && new.protocol == Protocol::V3;
    let (part, root) = match (webhook, envelope) {
        (false, _) => (Part::Request, Some("Request")),
        (true, false) => (Part::Notification, Some("Notification")),
        (true, true) => (Part::Notification, None),
    };
    let mut compare = |part, old_rows, new_rows, root| {
        let scope = Scope {
            part,
            old: old_types,
            new: new_types,
            old_page: &old.page,
            new_page: &new.page,
            envelope,
        };
        let level = Level {
            path: String::new(),
            old: old_rows,
            new: new_rows,
            old_struct: root,
            new_struct: root,
        };
        compare_level(&scope, level, out);
    };
    compare(part, request(old), request(new), root);
    let decoded = |operation: &Operation| {
        let format = operation.response.format;
        matches!(
            format,
            ResponseFormat::Json | ResponseFormat::Xml | ResponseFormat::File
        )
    };
    // Else the whole response came or went, which the operation's own change says.
    if !webhook && decoded(old) && decoded(new) {
        let (was, now) = (&old.response.properties, &new.response.properties);
        compare(Part::Response, Slot::all(was), Slot::all(now), Some("Response"));
    }
    let (was, now) = (Slot::all(&old.acknowledgement), Slot::all(&new.acknowledgement));
    compare(Part::Acknowledgement, was, now, None);
}

fn request(operation: &Operation) -> Vec<Slot<'_>> {
    let request = &operation.request;
    let body = match (operation.kind, request.body.format) {
        (OperationKind::Webhook, _) | (_, BodyFormat::Multipart) => "body.",
        (_, BodyFormat::Json) => "json.",
        (_, BodyFormat::Xml) => "xml.",
        (_, BodyFormat::None) => "",
    };
    let parts = [
        ("", &request.path),
        ("query.", &request.query),
        ("headers.", &request.headers),
        (body, &request.body.properties),
    ];
    parts
        .into_iter()
        .flat_map(|(prefix, list)| list.iter().map(move |property| Slot { prefix, property }))
        .collect()
}

/// Compares two lists, and all below them.
fn compare_level<'a>(scope: &Scope<'a>, level: Level<'a>, out: &mut Vec<Change>) {
    for (old, new) in matching::rows(&level.old, &level.new) {
        match (old, new) {
            (Some(old), Some(new)) => {
                facts::compare(&mut pair(scope, &level, &old, &new, out), old.prefix, new.prefix);
                if let Some(below) = children(scope, &level, &old, &new) {
                    compare_level(scope, below, out);
                }
            }
            (Some(old), None) => out.push(removed(scope, &level, &old)),
            (None, Some(new)) => out.push(added(scope, &level, &new)),
            (None, None) => {}
        }
    }
    out.extend(order(scope, &level));
}

fn pair<'s, 'a>(
    scope: &'s Scope<'a>,
    level: &Level<'a>,
    old: &Slot<'a>,
    new: &Slot<'a>,
    out: &'s mut Vec<Change>,
) -> Pair<'s, 'a> {
    let old_def = scope.old.field(level.old_struct, &old.property.name);
    let new_def = scope.new.field(level.new_struct, &new.property.name);
    let request = matches!(scope.part, Part::Request | Part::Acknowledgement);
    let hidden = old_def.is_none() && level.old_struct.is_some();
    Pair {
        scope,
        path: format!("{}{}", level.path, new.prefix),
        new_struct: level.new_struct,
        old: old.property,
        new: new.property,
        old_def,
        new_def,
        request,
        newly_asked: request && hidden && new_def.is_some_and(FieldDef::is_argument),
        out,
    }
}

/// The rows below a pair, with the structs that they become.
fn children<'a>(scope: &Scope<'a>, level: &Level<'a>, old: &Slot<'a>, new: &Slot<'a>) -> Option<Level<'a>> {
    let (mut was, mut now) = (old.property, new.property);
    let mut path = format!("{}{}{}.", level.path, new.prefix, now.name);
    let root = match (scope.part, path.as_str()) {
        (Part::Notification, "body.resource.ciphertext.") if scope.envelope => Some("Resource"),
        (Part::Acknowledgement, "body.") => Some("Acknowledgement"),
        _ => None,
    };
    let below = |types: Types<'a>, name: Option<&str>, property: &Property| match root {
        Some(root) => types.structure(root).map(|def| def.name.as_str()),
        None => types
            .field(name, &property.name)
            .and_then(|def| rust::inner(&def.ty)),
    };
    let (old_struct, new_struct) = (
        below(scope.old, level.old_struct, was),
        below(scope.new, level.new_struct, now),
    );
    // In a text that holds a list, the struct is that of the elements.
    while let (Some(old), Some(new)) = (was.elements(), now.elements()) {
        (was, now) = (old, new);
        path.push_str(&format!("{}.", now.name));
    }
    let (old, new) = (&was.schema.properties, &now.schema.properties);
    (!old.is_empty() && !new.is_empty()).then(|| Level {
        path,
        old: Slot::all(old),
        new: Slot::all(new),
        old_struct,
        new_struct,
    })
}

fn added(scope: &Scope<'_>, level: &Level<'_>, slot: &Slot<'_>) -> Change {
    let property = slot.property;
    let def = scope.new.field(level.new_struct, &property.name);
    let structure = level.new_struct.and_then(|name| scope.new.structure(name));
    let request = structure.is_some_and(|def| def.request);
    let judged = match def {
        None => compatible(Bump::Patch, "the generated types do not show it"),
        Some(_) if scope.old.field(level.old_struct, &property.name).is_some() => {
            compatible(Bump::Patch, "another row of this name is its field already")
        }
        Some(_) if !request => compatible(Bump::Minor, "callers only read it"),
        Some(_) if level.old_struct.is_none() => compatible(Bump::Minor, "its type is new"),
        Some(def) if def.is_argument() => breaks("the constructor asks for it"),
        Some(def) if def.preset.is_some() => compatible(Bump::Minor, "the constructor sets it"),
        Some(_) if property.required => compatible(Bump::Minor, "the client fills it in"),
        Some(_) => compatible(Bump::Minor, "one more setter"),
    };
    let required = if property.required { "required " } else { "" };
    let what = format!("{required}{}", facts::described(property));
    scope.change(level, slot, Side::New, (Kind::FieldAdded, what, judged))
}

fn removed(scope: &Scope<'_>, level: &Level<'_>, slot: &Slot<'_>) -> Change {
    let name = &slot.property.name;
    let was = scope.old.field(level.old_struct, name);
    let now = scope.new.field(level.new_struct, name);
    let judged = match (was, now) {
        (None, _) => compatible(Bump::Patch, "the generated types did not show it"),
        (Some(_), Some(_)) => compatible(Bump::Patch, "another row of this name stays"),
        (Some(_), None) => breaks("the field is gone"),
    };
    let what = facts::described(slot.property);
    scope.change(level, slot, Side::Old, (Kind::FieldRemoved, what, judged))
}

/// The order of rows shows only where `new` takes arguments.
fn order<'a>(scope: &Scope<'a>, level: &Level<'a>) -> Option<Change> {
    let arguments = |types: Types<'a>, name: Option<&str>| -> Vec<&'a str> {
        rust::arguments(name.and_then(|name| types.structure(name)))
    };
    let (old, new) = (
        arguments(scope.old, level.old_struct),
        arguments(scope.new, level.new_struct),
    );
    let sorted = |list: &[&'a str]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    let first = level.new.first()?;
    if old == new || sorted(&old) != sorted(&new) {
        return None;
    }
    let what = format!("`new({})` → `new({})`", old.join(", "), new.join(", "));
    let judged = breaks("the arguments change places");
    let mut found = scope.change(level, first, Side::New, (Kind::ArgumentOrder, what, judged));
    let place = format!("{}{}", level.path, first.prefix);
    found.field = place.trim_end_matches('.').to_owned();
    found.term = String::new();
    Some(found)
}
