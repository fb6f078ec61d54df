//! What changed about one field.
//!
//! In: a field's old and new row, and what each becomes in Rust. Out: one change for each fact of the
//! row that differs. What differs in Rust is charged to the fact that causes it; what no fact of this
//! row explains (two fields share a type no longer) is a change of its own.

use crate::ir::{Property, Schema};
use crate::ir_json::type_name;
use crate::names::model::FieldDef;

use super::model::{Bump, Kind};
use super::scope::Pair;
use super::verdict::{Judged, breaks, compatible, documentation, fails};
use super::{rust, values};

/// How the field differs in the generated types.
#[derive(Default)]
struct Rust {
    /// `` `Option<String>` becomes `String` ``
    ty: Option<String>,
    ident: Option<String>,
    presence: Option<String>,
    argument: Option<&'static str>,
}

/// Compares the two sides of a field; `was` and `now` are the parts of the request they stand in.
pub fn compare(pair: &mut Pair<'_, '_>, was: &str, now: &str) {
    let rust = rust_of(pair);
    name(pair, &rust);
    place(pair, was, now);
    if pair.newly_asked {
        let what = "the generated types show it now";
        pair.push(Kind::FieldAdded, what, breaks("the constructor asks for it"));
    }
    let explained = types(pair, &rust) | values::constant(pair, rust.argument);
    required(pair, &rust, explained);
    values::rest(pair);
    texts(pair);
    if let Some(mut elements) = pair.elements() {
        element(&mut elements);
    }
}

/// What is left to say about the elements of a text that holds a list, when their type is compared.
fn element(pair: &mut Pair<'_, '_>) {
    if pair.old.name != pair.new.name {
        let what = format!("`{}` → `{}`", pair.old.name, pair.new.name);
        pair.push(Kind::FieldRenamed, what, documentation());
    }
    if pair.old.required != pair.new.required {
        requiredness(pair, documentation());
    }
    values::constant(pair, None);
    values::rest(pair);
    texts(pair);
    if let Some(mut elements) = pair.elements() {
        element(&mut elements);
    }
}

fn rust_of(pair: &Pair<'_, '_>) -> Rust {
    let mut rust = Rust::default();
    let (old, new) = match (pair.old_def, pair.new_def) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => {
            rust.ty = Some("the generated types no longer show it".to_owned());
            return rust;
        }
        (None, _) => return rust,
    };
    let becomes = |differ: bool| {
        let types = || (rust::written(old), rust::written(new));
        differ
            .then(types)
            .map(|(was, now)| format!("`{was}` becomes `{now}`"))
    };
    let other = rust::inner(&old.ty).is_some_and(|name| pair.scope.old.differs(pair.scope.new, name));
    rust.ty = becomes(old.ty != new.ty || other);
    rust.presence = becomes(old.optional != new.optional);
    rust.ident = (old.ident != new.ident).then(|| format!("`{}` is called `{}` now", old.ident, new.ident));
    let asks = |def: &FieldDef| pair.request && def.is_argument();
    rust.argument = match (asks(old), asks(new)) {
        (false, true) => Some("the constructor asks for it"),
        (true, false) => Some("the constructor no longer asks for it"),
        _ => None,
    };
    rust
}

fn name(pair: &mut Pair<'_, '_>, rust: &Rust) {
    if pair.old.name != pair.new.name {
        let stays = pair.scope.new.field(pair.new_struct, &pair.old.name).is_some();
        let judged = match &rust.ident {
            Some(_) if stays => compatible(Bump::Minor, "another row of the old name stays"),
            Some(ident) => breaks(ident.clone()),
            None => compatible(Bump::Patch, "its Rust name is the same"),
        };
        let what = format!("`{}` → `{}`", pair.old.name, pair.new.name);
        pair.push(Kind::FieldRenamed, what, judged);
    } else if let Some(ident) = &rust.ident {
        let what = "another field takes its name";
        pair.push(Kind::RustType, what, breaks(ident.clone()));
    }
}

fn place(pair: &mut Pair<'_, '_>, was: &str, now: &str) {
    let name = |prefix: &str| match prefix {
        "" => "path".to_owned(),
        prefix => prefix.trim_end_matches('.').to_owned(),
    };
    if was != now {
        let what = format!("{} → {}", name(was), name(now));
        let judged = compatible(Bump::Patch, "the client puts it there");
        pair.push(Kind::FieldMoved, what, judged);
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

/// A fact of the type: its kind, what happened, and whether the value on the wire has another form.
type Fact = (Kind, String, bool);

/// Facts that make up the type, of the row and of the elements it holds. Tells whether there was one.
fn types(pair: &mut Pair<'_, '_>, rust: &Rust) -> bool {
    let any = charge(pair, rust);
    if let (false, Some(becomes)) = (any, &rust.ty) {
        let what = "shares its generated type with other fields than before";
        pair.push(Kind::RustType, what, breaks(becomes.clone()));
    }
    any
}

/// Charges the change of the Rust type to each fact.
fn charge(pair: &mut Pair<'_, '_>, rust: &Rust) -> bool {
    let facts = type_facts(pair.old, pair.new);
    let any = !facts.is_empty();
    for (kind, what, on_the_wire) in facts {
        let judged = match &rust.ty {
            Some(becomes) => breaks(becomes.clone()),
            None if pair.new_def.is_none() => compatible(Bump::Patch, "the generated types do not show it"),
            None if kind == Kind::EnumerationAdded && pair.new_choice().is_some() => {
                compatible(Bump::Minor, "its values have names now")
            }
            None if kind == Kind::EnumerationRemoved && pair.old_choice().is_some() => {
                breaks("its variants are gone".to_owned())
            }
            None if on_the_wire => fails("a value in the old form is not understood"),
            None => compatible(Bump::Patch, "the Rust type is the same"),
        };
        pair.push(kind, what, judged);
    }
    let below = pair
        .elements()
        .is_some_and(|mut elements| charge(&mut elements, rust));
    any | below
}

fn type_facts(was: &Property, now: &Property) -> Vec<Fact> {
    let (old, new) = (&was.schema, &now.schema);
    let mut facts: Vec<Fact> = Vec::new();
    if (old.ty, old.array) != (new.ty, new.array) {
        let what = format!("{} → {}", described(was), described(now));
        facts.push((Kind::FieldType, what, false));
    }
    let content = match (old.properties.is_empty(), new.properties.is_empty()) {
        (true, false) => Some("its content is documented"),
        (false, true) => Some("its content is no longer documented"),
        _ => match (was.elements().is_some(), now.elements().is_some()) {
            (false, true) => Some("its content is a list"),
            (true, false) => Some("its content is no longer a list"),
            _ => None,
        },
    };
    facts.extend(content.map(|what| (Kind::FieldContent, what.to_owned(), false)));
    if old.encrypted != new.encrypted {
        let what = format!("{} → {}", word(old.encrypted), word(new.encrypted));
        facts.push((Kind::Encryption, what, true));
    }
    if old.encoded != new.encoded {
        let what = format!("{} → {}", word(old.encoded), word(new.encoded));
        facts.push((Kind::Encoding, what, true));
    }
    if old.decimal != new.decimal {
        let what = match new.decimal {
            true => "can have a fraction",
            false => "has no fraction",
        };
        facts.push((Kind::Decimal, what.to_owned(), false));
    }
    if old.time != new.time {
        let what = match new.time {
            true => "is a date and a time",
            false => "is no longer a date and a time",
        };
        facts.push((Kind::Time, what.to_owned(), false));
    }
    if old.values.is_empty() != new.values.is_empty() {
        facts.push(enumeration(old, new));
    }
    facts
}

fn enumeration(old: &Schema, new: &Schema) -> Fact {
    let (kind, what) = match old.values.is_empty() {
        true => (
            Kind::EnumerationAdded,
            format!("one of {}", values::list(&new.values)),
        ),
        false => (
            Kind::EnumerationRemoved,
            format!("was one of {}", values::list(&old.values)),
        ),
    };
    (kind, what, false)
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
    if pair.old.required != pair.new.required {
        let judged = match (reason.as_str(), pair.new_def) {
            ("", None) => compatible(Bump::Patch, "the generated types do not show it"),
            ("", Some(_)) if pair.request && pair.new.required => {
                compatible(Bump::Patch, "the client fills it in")
            }
            ("", Some(_)) => compatible(Bump::Patch, "the Rust type is the same"),
            (reason, _) => breaks(reason),
        };
        requiredness(pair, judged);
    } else if !reason.is_empty() && !explained {
        let what = "another row of this name or its content decides";
        pair.push(Kind::RustType, what, breaks(reason));
    }
}

fn requiredness(pair: &mut Pair<'_, '_>, judged: Judged) {
    let (kind, what) = match pair.new.required {
        true => (Kind::FieldRequired, "optional → required"),
        false => (Kind::FieldOptional, "required → optional"),
    };
    pair.push(kind, what, judged);
}

fn texts(pair: &mut Pair<'_, '_>) {
    if pair.old.schema.signed != pair.new.schema.signed {
        let what = if pair.new.schema.signed {
            "must be signed"
        } else {
            "is no longer signed"
        };
        let judged = match pair.request {
            true => fails("the caller makes this signature"),
            false => documentation(),
        };
        pair.push(Kind::Signature, what, judged);
    }
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
