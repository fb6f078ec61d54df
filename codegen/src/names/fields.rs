//! From rows to fields: which rows are one field, which are equal, and what a field's docs say.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::ident::{camel, snake};
use super::model::{FieldDef, Preset, RustType};
use crate::ir::{Effect, Property, Provenance, Schema};

/// Rows of one name are one field: the first, with the others' content.
pub fn merge<'a>(properties: &[&'a Property]) -> Vec<(&'a Property, Vec<&'a Property>)> {
    let mut merged: Vec<(&Property, Vec<&Property>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for property in properties {
        match places.entry(&property.name) {
            Entry::Occupied(place) => merged[*place.get()].1.push(property),
            Entry::Vacant(place) => {
                place.insert(merged.len());
                merged.push((property, Vec::new()));
            }
        }
    }
    merged
}

/// Whether two rows hold the same fields, terms included.
pub(super) fn same_fields(a: &Property, b: &Property) -> bool {
    let (x, y) = (&a.schema, &b.schema);
    x.properties.len() == y.properties.len()
        && x.properties.iter().zip(&y.properties).all(|(p, q)| {
            p.name == q.name
                && p.required == q.required
                && p.label == q.label
                && p.notes == q.notes
                && remarks(&p.provenance) == remarks(&q.provenance)
                && same_schema(&p.schema, &q.schema)
                && same_fields(p, q)
        })
}

fn same_schema(x: &Schema, y: &Schema) -> bool {
    fn facts(s: &Schema) -> impl PartialEq + '_ {
        let marks = (s.encrypted, s.encoded, s.signed, s.decimal, s.time, s.open);
        (
            s.ty,
            s.array,
            &s.values,
            &s.constant,
            &s.default,
            s.max_length,
            marks,
        )
    }
    facts(x) == facts(y)
}

/// What a field's presence depends on beside its own rows.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    /// Callers make the struct.
    pub request: bool,
    /// How many rows of one name the struct holds the content of; what not all have is optional.
    pub shapes: usize,
}

pub(super) fn field(
    property: &Property,
    twins: &[&Property],
    ty: RustType,
    filled: bool,
    holder: Holder,
) -> FieldDef {
    let numbered = property.name.contains('$');
    let everywhere = twins.len() + 1 >= holder.shapes;
    let required = property.required && everywhere && twins.iter().all(|twin| twin.required);
    let optional = !numbered && (!required || filled);
    let preset = match (&ty, &property.schema.constant) {
        (_, None) => None,
        _ if optional || !holder.request => None,
        (RustType::String, Some(text)) => Some(Preset::Text(text.clone())),
        (RustType::I64, Some(text)) => text.parse().ok().map(Preset::Integer),
        _ => None,
    };
    FieldDef {
        ident: snake(&property.name),
        setter: String::new(),
        wire: property.name.clone(),
        ty,
        optional,
        preset,
        doc: doc(property, filled),
    }
}

/// The official term, then what else the page says, a line each.
fn doc(property: &Property, filled: bool) -> Vec<String> {
    let schema = &property.schema;
    let mut lines = vec![titled(&property.label, property.english.as_deref())];
    lines.retain(|line| !line.is_empty());
    lines.extend(property.notes.iter().cloned());
    lines.extend(remarks(&property.provenance));
    if let Some(length) = schema.max_length {
        lines.push(format!("At most {length} characters."));
    }
    if let Some(constant) = &schema.constant {
        lines.push(format!("Always `{constant}`."));
    }
    if let Some(default) = &schema.default {
        lines.push(format!("Default: `{default}`."));
    }
    if property.name.contains('$') {
        lines.push(format!("`{}`: one element per number.", property.name));
    }
    if schema.signed {
        lines.push("A signature by the merchant's private key.".to_owned());
    }
    if filled {
        lines.push("Filled in by the client.".to_owned());
    }
    lines
}

/// What a field's type is called in its docs.
pub(super) fn term(property: &Property) -> String {
    match property.label.as_str() {
        "" => format!("`{}`", property.name),
        label => titled(label, property.english.as_deref()),
    }
}

/// An official term with its English: `商户号 (merchant ID)`.
pub fn titled(term: &str, english: Option<&str>) -> String {
    match english {
        Some(english) => format!("{term} ({english})"),
        None => term.to_owned(),
    }
}

/// What readings say about a field that its page does not.
fn remarks(provenance: &Provenance) -> Vec<String> {
    let of = |effect: &Effect| {
        let learned = provenance
            .learned
            .iter()
            .filter(move |learned| learned.effect == *effect);
        learned
            .map(|learned| learned.reading.title.as_str())
            .collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    let added = of(&Effect::Added);
    if !added.is_empty() {
        lines.push(format!("Not on the page; known from {}.", added.join(" and ")));
    }
    if [Effect::Optional, Effect::Lacking]
        .iter()
        .any(|effect| !of(effect).is_empty())
    {
        lines.push("Documented as required; may be missing.".to_owned());
    }
    if !provenance.variants.is_empty() {
        lines.push(format!(
            "Only in the content for: {}.",
            provenance.variants.join(", ")
        ));
    }
    lines
}

/// Two fields of one struct never share an identifier, nor does a setter hide a function that the
/// struct has from a trait: `Amount::from(…)` stays the conversion.
pub(super) fn unique_idents(fields: &mut [FieldDef]) {
    let mut taken = BTreeSet::new();
    for field in fields {
        while !taken.insert(field.ident.clone()) {
            field.ident.push('_');
        }
        field.setter = match RESERVED.contains(&field.ident.as_str()) {
            true => format!("set_{}", field.ident),
            false => field.ident.clone(),
        };
    }
}

/// Functions that a generated struct has from its constructor, its own traits, the blanket
/// implementations of the standard library, serde and the wire.
const RESERVED: &[&str] = &[
    "as_mut",
    "as_ref",
    "blank",
    "borrow",
    "borrow_mut",
    "clear",
    "clone",
    "clone_from",
    "clone_into",
    "clone_to_uninit",
    "cmp",
    "decimal",
    "default",
    "deserialize",
    "empty",
    "eq",
    "fmt",
    "from",
    "hash",
    "into",
    "is_decimal",
    "is_optional",
    "list",
    "list_mut",
    "ne",
    "new",
    "partial_cmp",
    "serialize",
    "slot",
    "to_owned",
    "to_string",
    "try_from",
    "try_into",
    "type_id",
    "view",
];

pub(super) fn is_integers(values: &[String]) -> bool {
    !values.is_empty() && values.iter().all(|value| value.parse::<i64>().is_ok())
}

/// A rate or a percentage can have a fraction; money and counts cannot.
pub(super) fn is_rate(property: &Property) -> bool {
    let words = ["rate", "ratio", "percent", "percentage", "longitude", "latitude"];
    property.name.split('_').any(|word| words.contains(&word))
}

/// Variant names and values; equal names get a number.
pub fn variants(values: &[String]) -> Vec<(String, String)> {
    let mut variants = Vec::with_capacity(values.len());
    let mut known = BTreeSet::new();
    let mut taken = BTreeSet::from(["Unknown".to_owned()]);
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for value in values.iter().filter(|value| known.insert(value.as_str())) {
        let base = camel(value);
        let mut name = base.clone();
        while !taken.insert(name.clone()) {
            let number = numbers.entry(base.clone()).or_insert(1);
            *number += 1;
            name = format!("{base}{number}");
        }
        variants.push((name, value.clone()));
    }
    variants
}

impl FieldDef {
    /// The constructor asks for it.
    pub fn is_argument(&self) -> bool {
        let numbered = self.wire.contains('$');
        !self.optional && !numbered && self.preset.is_none()
    }
}
