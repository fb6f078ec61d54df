//! Which field of the old table is which of the new one.
//!
//! In: the tables of a pair of operations and the types of both sides. Out: changes. Fields are matched
//! by name, then (in the same list) by the official term; what [`field`] finds about a match is added.

use crate::ir::{BodyFormat, Kind as OperationKind, Operation, Property, Protocol, ResponseFormat};

use super::field;
use super::model::{Bump, Change, Kind, Part, Side};
use super::operation::{Judged, breaks, compatible};
use super::rust::{self, Types};

/// What all comparisons of one operation share.
pub struct Scope<'a> {
    pub part: Part,
    pub old: Types<'a>,
    pub new: Types<'a>,
    pub old_page: &'a str,
    pub new_page: &'a str,
    /// A v3 notification's envelope: its `resource.ciphertext` holds the generated type.
    pub envelope: bool,
}

/// A field with where it stands: `json.` for the first level of a body.
#[derive(Clone)]
pub struct Slot<'a> {
    pub prefix: &'static str,
    pub property: &'a Property,
}

/// A list of fields: where it stands, and the struct it becomes on either side.
pub struct Level<'a> {
    pub path: String,
    pub old: Vec<Slot<'a>>,
    pub new: Vec<Slot<'a>>,
    pub old_struct: Option<&'a str>,
    pub new_struct: Option<&'a str>,
}

/// All fields of an operation.
pub fn compare<'a>(
    old: &'a Operation,
    new: &'a Operation,
    of: Types<'a>,
    nf: Types<'a>,
    out: &mut Vec<Change>,
) {
    let webhook = new.kind == OperationKind::Webhook;
    let envelope = webhook && new.protocol == Protocol::V3;
    let part = if webhook {
        Part::Notification
    } else {
        Part::Request
    };
    let root = match (webhook, new.protocol) {
        (false, _) => Some("Request"),
        (true, Protocol::V2) => Some("Notification"),
        (true, Protocol::V3) => None,
    };
    let scope = |part| Scope {
        part,
        old: of,
        new: nf,
        old_page: &old.page,
        new_page: &new.page,
        envelope,
    };
    level(
        &scope(part),
        Level {
            path: String::new(),
            old: request(old),
            new: request(new),
            old_struct: root,
            new_struct: root,
        },
        out,
    );
    let decoded = |format| {
        matches!(
            format,
            ResponseFormat::Json | ResponseFormat::Xml | ResponseFormat::File
        )
    };
    // Else the whole answer came or went, which the operation's own change says.
    if !webhook && decoded(old.response.format) && decoded(new.response.format) {
        let (was, now) = (plain(&old.response.properties), plain(&new.response.properties));
        let root = Some("Response");
        level(
            &scope(Part::Response),
            Level {
                path: String::new(),
                old: was,
                new: now,
                old_struct: root,
                new_struct: root,
            },
            out,
        );
    }
    let (was, now) = (plain(&old.acknowledgement), plain(&new.acknowledgement));
    level(
        &scope(Part::Acknowledgement),
        Level {
            path: String::new(),
            old: was,
            new: now,
            old_struct: None,
            new_struct: None,
        },
        out,
    );
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

fn plain(properties: &[Property]) -> Vec<Slot<'_>> {
    properties
        .iter()
        .map(|property| Slot { prefix: "", property })
        .collect()
}

/// Compares two lists, and all below them.
pub fn level<'a>(scope: &Scope<'a>, level: Level<'a>, out: &mut Vec<Change>) {
    let mut matches = by_name(&level.old, &level.new);
    renamed(&mut matches);
    for (old, new) in &matches {
        match (old, new) {
            (Some(old), Some(new)) => field::compare(scope, &level, old, new, out),
            (Some(old), None) => out.push(removed(scope, &level, old)),
            (None, Some(new)) => out.push(added(scope, &level, new)),
            (None, None) => {}
        }
    }
    order(scope, &level, out);
}

type Match<'a> = (Option<Slot<'a>>, Option<Slot<'a>>);

/// The nth of a name is the nth of that name; in its own part of the request first.
fn by_name<'a>(old: &[Slot<'a>], new: &[Slot<'a>]) -> Vec<Match<'a>> {
    let mut rest: Vec<_> = new.to_vec();
    let mut matches: Vec<Match<'a>> = Vec::with_capacity(old.len());
    for slot in old {
        let at = rest
            .iter()
            .position(|other| other.property.name == slot.property.name && other.prefix == slot.prefix);
        matches.push((Some(slot.clone()), at.map(|at| rest.remove(at))));
    }
    for (slot, now) in &mut matches {
        let Some(slot) = slot.as_ref().filter(|_| now.is_none()) else {
            continue;
        };
        let at = rest
            .iter()
            .position(|other| other.property.name == slot.property.name);
        *now = at.map(|at| rest.remove(at));
    }
    matches.extend(rest.into_iter().map(|slot| (None, Some(slot))));
    matches
}

/// A field that went and one that came are one if they share term and type, and no other does.
fn renamed(matches: &mut Vec<Match<'_>>) {
    let alike = |a: &Property, b: &Property| {
        !a.label.is_empty()
            && a.label == b.label
            && a.schema.ty == b.schema.ty
            && a.schema.array == b.schema.array
    };
    let gone: Vec<usize> = (0..matches.len()).filter(|&at| matches[at].1.is_none()).collect();
    for at in gone {
        let Some(old) = matches[at].0.clone() else {
            continue;
        };
        let twins = matches.iter().filter(|(was, now)| {
            now.is_none() && was.as_ref().is_some_and(|was| alike(was.property, old.property))
        });
        let fits = |(was, now): &Match<'_>| {
            was.is_none() && now.as_ref().is_some_and(|now| alike(old.property, now.property))
        };
        let found: Vec<usize> = (0..matches.len()).filter(|&to| fits(&matches[to])).collect();
        if let ([to], 1) = (&found[..], twins.count()) {
            let to = *to;
            matches[at].1 = matches[to].1.take();
        }
    }
    matches.retain(|(old, new)| old.is_some() || new.is_some());
}

fn added(scope: &Scope<'_>, level: &Level<'_>, slot: &Slot<'_>) -> Change {
    let property = slot.property;
    let def = scope.new.field(level.new_struct, &property.name);
    let request = level
        .new_struct
        .and_then(|name| scope.new.structure(name))
        .is_some_and(|def| def.request);
    let judged = match def {
        None => compatible(Bump::Patch, "the generated types do not show it"),
        Some(_) if !request => compatible(Bump::Minor, "callers only read it"),
        Some(_) if level.old_struct.is_none() => compatible(Bump::Minor, "its type is new"),
        Some(def) if def.is_argument() => breaks("the constructor asks for it"),
        Some(def) if def.preset.is_some() => compatible(Bump::Minor, "the constructor sets it"),
        Some(_) if property.required => compatible(Bump::Minor, "the client fills it in"),
        Some(_) => compatible(Bump::Minor, "one more setter"),
    };
    let what = format!(
        "{}{}",
        if property.required { "required " } else { "" },
        field::described(property)
    );
    change(scope, level, slot, Side::New, Kind::FieldAdded, what, judged)
}

fn removed(scope: &Scope<'_>, level: &Level<'_>, slot: &Slot<'_>) -> Change {
    let judged = match scope.old.field(level.old_struct, &slot.property.name) {
        None => compatible(Bump::Patch, "the generated types did not show it"),
        Some(_) => breaks("the field is gone"),
    };
    change(
        scope,
        level,
        slot,
        Side::Old,
        Kind::FieldRemoved,
        field::described(slot.property),
        judged,
    )
}

/// The order of rows shows only where `new` takes arguments.
fn order(scope: &Scope<'_>, level: &Level<'_>, out: &mut Vec<Change>) {
    let arguments = |types: Types<'_>, name: Option<&str>| -> Vec<String> {
        let def = name.and_then(|name| types.structure(name));
        rust::arguments(def).into_iter().map(str::to_owned).collect()
    };
    let (old, new) = (
        arguments(scope.old, level.old_struct),
        arguments(scope.new, level.new_struct),
    );
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    if let Some(first) = level
        .new
        .first()
        .filter(|_| old != new && sorted(&old) == sorted(&new))
    {
        let what = format!("`new({})` → `new({})`", old.join(", "), new.join(", "));
        let judged = breaks("the arguments change places");
        let mut found = change(scope, level, first, Side::New, Kind::ArgumentOrder, what, judged);
        found.field = format!("{}{}", level.path, first.prefix)
            .trim_end_matches('.')
            .to_owned();
        found.term = String::new();
        out.push(found);
    }
}

/// A change of one field.
pub fn change(
    scope: &Scope<'_>,
    level: &Level<'_>,
    slot: &Slot<'_>,
    side: Side,
    kind: Kind,
    what: String,
    judged: Judged,
) -> Change {
    let property = slot.property;
    let rust = (side == Side::New)
        .then_some(level.new_struct)
        .flatten()
        .map(|name| {
            let ident = scope
                .new
                .field(Some(name), &property.name)
                .map_or(String::new(), |def| def.ident.clone());
            (name.to_owned(), ident)
        });
    Change {
        kind,
        part: scope.part,
        field: format!("{}{}{}", level.path, slot.prefix, property.name),
        term: property.label.clone(),
        what,
        reason: judged.2,
        verdict: judged.0,
        bump: judged.1,
        side,
        page: if side == Side::New {
            scope.new_page
        } else {
            scope.old_page
        }
        .to_owned(),
        line: property.line,
        rust,
        generated: None,
    }
}
