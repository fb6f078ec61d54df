//! What changed about one field.
//!
//! In: a field's old and new row, and what each becomes in Rust. Out: one change for each fact of the
//! row that differs. What differs in Rust is charged to the fact that causes it; what no fact of this
//! row explains (two fields share a type no longer) is a change of its own.

use crate::emit::type_text;
use crate::ir::{Property, Schema};
use crate::ir_json::type_name;
use crate::names::model::FieldDef;

use super::fields::{self, Level, Scope, Slot, change};
use super::model::{Bump, Change, Kind, Part, Side};
use super::operation::{Judged, breaks, compatible, fails};
use super::{rust, values};

/// How the field differs in the generated types.
struct Rust {
    /// `` `Option<String>` becomes `String` ``
    ty: Option<String>,
    ident: Option<String>,
    presence: Option<String>,
    argument: Option<&'static str>,
}

/// The two sides of one field, and the changes found so far.
pub struct Pair<'s, 'a> {
    scope: &'s Scope<'a>,
    level: &'s Level<'a>,
    new_slot: &'s Slot<'a>,
    pub old: &'a Property,
    pub new: &'a Property,
    pub old_def: Option<&'a FieldDef>,
    pub new_def: Option<&'a FieldDef>,
    pub request: bool,
    out: &'s mut Vec<Change>,
}

impl Pair<'_, '_> {
    pub fn push(&mut self, kind: Kind, what: impl Into<String>, judged: Judged) {
        self.out.push(change(
            self.scope,
            self.level,
            self.new_slot,
            Side::New,
            kind,
            what.into(),
            judged,
        ));
    }

    pub fn old_choice(&self) -> Option<&crate::names::model::EnumDef> {
        self.scope.old.choice(self.old_def)
    }

    pub fn new_choice(&self) -> Option<&crate::names::model::EnumDef> {
        self.scope.new.choice(self.new_def)
    }
}

pub fn compare<'a>(
    scope: &Scope<'a>,
    level: &Level<'a>,
    old: &Slot<'a>,
    new: &Slot<'a>,
    out: &mut Vec<Change>,
) {
    let old_def = scope.old.field(level.old_struct, &old.property.name);
    let new_def = scope.new.field(level.new_struct, &new.property.name);
    let request = matches!(scope.part, Part::Request | Part::Acknowledgement);
    let mut pair = Pair {
        scope,
        level,
        new_slot: new,
        old: old.property,
        new: new.property,
        old_def,
        new_def,
        request,
        out,
    };
    let rust = rust_of(&pair);
    place(&mut pair, old, &rust);
    let explained = types(&mut pair, &rust) | values::constant(&mut pair, rust.argument);
    required(&mut pair, &rust, explained);
    values::rest(&mut pair);
    texts(&mut pair);
    children(scope, level, old, new, pair.out);
}

fn rust_of(pair: &Pair<'_, '_>) -> Rust {
    let mut rust = Rust {
        ty: None,
        ident: None,
        presence: None,
        argument: None,
    };
    match (pair.old_def, pair.new_def) {
        (Some(old), Some(new)) => {
            let becomes = || {
                Some(format!(
                    "`{}` becomes `{}`",
                    rust::written(old),
                    rust::written(new)
                ))
            };
            let other = rust::inner(&old.ty).is_some_and(|name| pair.scope.old.differs(pair.scope.new, name));
            rust.ty = if type_text(&old.ty) != type_text(&new.ty) || other {
                becomes()
            } else {
                None
            };
            rust.presence = if old.optional != new.optional {
                becomes()
            } else {
                None
            };
            rust.ident =
                (old.ident != new.ident).then(|| format!("`{}` is called `{}` now", old.ident, new.ident));
            let asks = |def: &FieldDef| pair.request && def.is_argument();
            rust.argument = match (asks(old), asks(new)) {
                (false, true) => Some("the constructor asks for it"),
                (true, false) => Some("the constructor no longer asks for it"),
                _ => None,
            };
        }
        (Some(_), None) => rust.ty = Some("the generated types no longer show it".to_owned()),
        _ => {}
    }
    rust
}

/// Name and part of the request.
fn place(pair: &mut Pair<'_, '_>, old: &Slot<'_>, rust: &Rust) {
    if pair.old.name != pair.new.name {
        let judged = match &rust.ident {
            Some(ident) => breaks(ident.clone()),
            None => compatible(Bump::Patch, "its Rust name is the same"),
        };
        pair.push(
            Kind::FieldRenamed,
            format!("`{}` → `{}`", pair.old.name, pair.new.name),
            judged,
        );
    } else if let Some(ident) = &rust.ident {
        pair.push(
            Kind::RustType,
            "another field takes its name",
            breaks(ident.clone()),
        );
    }
    let (was, now) = (old.prefix, pair.new_slot.prefix);
    if was != now {
        let name = |prefix: &str| {
            if prefix.is_empty() {
                "path".to_owned()
            } else {
                prefix.trim_end_matches('.').to_owned()
            }
        };
        let what = format!("{} → {}", name(was), name(now));
        pair.push(
            Kind::FieldMoved,
            what,
            compatible(Bump::Patch, "the client puts it there"),
        );
    }
}

/// `string[]`
pub fn described(property: &Property) -> String {
    let schema = &property.schema;
    format!(
        "`{}{}`",
        type_name(schema.ty),
        if schema.array { "[]" } else { "" }
    )
}

/// Facts that make up the type. Tells whether there was one.
fn types(pair: &mut Pair<'_, '_>, rust: &Rust) -> bool {
    let (old, new) = (&pair.old.schema, &pair.new.schema);
    let mut facts: Vec<(Kind, String, bool)> = Vec::new();
    if (old.ty, old.array) != (new.ty, new.array) {
        facts.push((
            Kind::FieldType,
            format!("{} → {}", described(pair.old), described(pair.new)),
            false,
        ));
    }
    if old.properties.is_empty() != new.properties.is_empty() {
        let what = if old.properties.is_empty() {
            "its content is documented"
        } else {
            "its content is no longer documented"
        };
        facts.push((Kind::FieldContent, what.to_owned(), false));
    }
    if old.encrypted != new.encrypted {
        facts.push((
            Kind::Encryption,
            format!("{} → {}", word(old.encrypted), word(new.encrypted)),
            true,
        ));
    }
    if old.encoded != new.encoded {
        facts.push((
            Kind::Encoding,
            format!("{} → {}", word(old.encoded), word(new.encoded)),
            true,
        ));
    }
    if old.decimal != new.decimal {
        let what = if new.decimal {
            "can have a fraction"
        } else {
            "has no fraction"
        };
        facts.push((Kind::Decimal, what.to_owned(), false));
    }
    if old.values.is_empty() != new.values.is_empty() {
        facts.push(enumeration(old, new));
    }
    let any = !facts.is_empty();
    for (kind, what, on_the_wire) in facts {
        let judged = match &rust.ty {
            Some(becomes) => breaks(becomes.clone()),
            None if pair.new_def.is_none() => compatible(Bump::Patch, "the generated types do not show it"),
            None if on_the_wire => fails("a value in the old form is not understood"),
            None => compatible(Bump::Patch, "the Rust type is the same"),
        };
        pair.push(kind, what, judged);
    }
    if let (false, Some(becomes)) = (any, &rust.ty) {
        let what = "shares its generated type with other fields than before";
        pair.push(Kind::RustType, what, breaks(becomes.clone()));
    }
    any
}

fn enumeration(old: &Schema, new: &Schema) -> (Kind, String, bool) {
    match old.values.is_empty() {
        true => (
            Kind::EnumerationAdded,
            format!("one of {}", values::list(&new.values)),
            false,
        ),
        false => (
            Kind::EnumerationRemoved,
            format!("was one of {}", values::list(&old.values)),
            false,
        ),
    }
}

fn word(mark: Option<impl std::fmt::Debug>) -> String {
    match mark {
        Some(mark) => format!("{mark:?}").to_lowercase().replace("aes", "aes-"),
        None => "none".to_owned(),
    }
}

fn required(pair: &mut Pair<'_, '_>, rust: &Rust, explained: bool) {
    let reasons = [rust.argument.map(str::to_owned), rust.presence.clone()];
    let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let flagged = pair.old.required != pair.new.required;
    if flagged {
        let (kind, what) = match pair.new.required {
            true => (Kind::FieldRequired, "optional → required"),
            false => (Kind::FieldOptional, "required → optional"),
        };
        let judged = match (reason.as_str(), pair.new_def) {
            ("", None) => compatible(Bump::Patch, "the generated types do not show it"),
            ("", Some(_)) if pair.request && pair.new.required => {
                compatible(Bump::Patch, "the client fills it in")
            }
            ("", Some(_)) => compatible(Bump::Patch, "the Rust type is the same"),
            (reason, _) => breaks(reason),
        };
        pair.push(kind, what, judged);
    } else if !reason.is_empty() && !explained {
        pair.push(
            Kind::RustType,
            "another row of this name or its content decides",
            breaks(reason),
        );
    }
}

fn texts(pair: &mut Pair<'_, '_>) {
    if pair.old.schema.signed != pair.new.schema.signed {
        let what = if pair.new.schema.signed {
            "must be signed"
        } else {
            "is no longer signed"
        };
        let judged = if pair.request {
            fails("the caller makes this signature")
        } else {
            compatible(Bump::Patch, "documentation only")
        };
        pair.push(Kind::Signature, what, judged);
    }
    let documentation = || compatible(Bump::Patch, "documentation only");
    if pair.old.label != pair.new.label {
        pair.push(
            Kind::Term,
            format!("{} → {}", pair.old.label, pair.new.label),
            documentation(),
        );
    }
    if pair.old.notes != pair.new.notes {
        let what = match (pair.old.notes.len(), pair.new.notes.len()) {
            (0, _) => pair.new.notes.join(" "),
            (_, 0) => "is gone".to_owned(),
            _ => format!("{} → {}", pair.old.notes.join(" "), pair.new.notes.join(" ")),
        };
        pair.push(Kind::Description, what, documentation());
    }
}

fn children<'a>(scope: &Scope<'a>, level: &Level<'a>, old: &Slot<'a>, new: &Slot<'a>, out: &mut Vec<Change>) {
    let (was, now) = (&old.property.schema, &new.property.schema);
    if was.properties.is_empty() || now.properties.is_empty() {
        return;
    }
    let path = format!("{}{}{}.", level.path, new.prefix, new.property.name);
    let root = match (scope.part, path.as_str()) {
        (Part::Notification, "body.resource.ciphertext.") if scope.envelope => Some("Resource"),
        (Part::Acknowledgement, "body.") => Some("Acknowledgement"),
        _ => None,
    };
    let below = |types: rust::Types<'a>, name: Option<&str>, property: &Property| match root {
        Some(root) => types.structure(root).map(|def| def.name.as_str()),
        None => types
            .field(name, &property.name)
            .and_then(|def| rust::inner(&def.ty)),
    };
    let slots = |schema: &'a Schema| {
        schema
            .properties
            .iter()
            .map(|property| Slot { prefix: "", property })
            .collect()
    };
    let next = Level {
        path,
        old: slots(was),
        new: slots(now),
        old_struct: below(scope.old, level.old_struct, old.property),
        new_struct: below(scope.new, level.new_struct, new.property),
    };
    fields::level(scope, next, out);
}
