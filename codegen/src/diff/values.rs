//! What values a field can have: enumeration, constant, default, limit.
//!
//! In: a pair of rows. Out: changes.

use super::model::{Bump, Kind};
use super::scope::Pair;
use super::verdict::{breaks, compatible, documentation, fails};

/// `` `A`, `B` ``
pub fn list(values: &[String]) -> String {
    values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The constant; tells whether it explains that the constructor asks for the field, or no longer does.
pub fn constant(pair: &mut Pair<'_, '_>, argument: Option<&'static str>) -> bool {
    let (old, new) = (&pair.old.schema.constant, &pair.new.schema.constant);
    if old == new {
        return false;
    }
    let what = format!("{} → {}", one(old), one(new));
    let preset = pair.new_def.is_some_and(|def| def.preset.is_some());
    let shown = pair.new_def.is_some() || pair.old_def.is_some();
    let charged = argument.filter(|_| pair.old.required == pair.new.required);
    let judged = match (old, new) {
        _ if charged.is_some() => breaks(charged.unwrap_or_default()),
        _ if !shown && !pair.request => compatible(Bump::Patch, "the generated types do not show it"),
        (Some(_), Some(_)) if preset => compatible(Bump::Patch, "the constructor sends it"),
        (Some(_), Some(_)) if pair.request => fails("who sets the old value is refused"),
        (Some(_), Some(_)) => fails("who compares with the old value no longer finds it"),
        (None, Some(_)) if pair.request && !preset => fails("other values are refused"),
        _ => documentation(),
    };
    pair.push(Kind::Constant, what, judged);
    charged.is_some()
}

fn one(value: &Option<String>) -> String {
    value
        .as_ref()
        .map_or("none".to_owned(), |value| format!("`{value}`"))
}

/// Values, default and limit.
pub fn rest(pair: &mut Pair<'_, '_>) {
    if !pair.old.schema.values.is_empty() && !pair.new.schema.values.is_empty() {
        values(pair);
    }
    default(pair);
    limit(pair);
}

fn values(pair: &mut Pair<'_, '_>) {
    let (old, new) = (&pair.old.schema.values, &pair.new.schema.values);
    let not_in = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter()
            .filter(|value| !other.contains(value))
            .cloned()
            .collect()
    };
    let (added, removed) = (not_in(new, old), not_in(old, new));
    let renamed = renamed_variants(pair);
    if !added.is_empty() {
        let judged = match pair.new_choice() {
            Some(_) => compatible(
                Bump::Minor,
                "enumerations are open, callers already meet `Unknown`",
            ),
            None => documentation(),
        };
        pair.push(Kind::ValueAdded, list(&added), judged);
    }
    if !removed.is_empty() {
        let judged = match pair.old_choice() {
            Some(choice) => {
                let gone = choice
                    .variants
                    .iter()
                    .filter(|(_, value)| removed.contains(value));
                let names: Vec<_> = gone
                    .map(|(variant, _)| format!("`{}::{variant}`", choice.name))
                    .collect();
                breaks(format!("{} is gone", names.join(", ")))
            }
            None if pair.request => fails("the value is refused"),
            None => documentation(),
        };
        pair.push(Kind::ValueRemoved, list(&removed), judged);
    }
    if !renamed.is_empty() {
        pair.push(
            Kind::RustType,
            renamed,
            breaks("the variant of a value that stays has another name"),
        );
    }
}

/// Variants of one value with two names: a new value before it took the name.
fn renamed_variants(pair: &Pair<'_, '_>) -> String {
    let (Some(old), Some(new)) = (pair.old_choice(), pair.new_choice()) else {
        return String::new();
    };
    let renamed = old.variants.iter().filter_map(|(was, value)| {
        let (now, _) = new.variants.iter().find(|(_, other)| other == value)?;
        (was != now).then(|| format!("`{value}`: `{was}` → `{now}`"))
    });
    renamed.collect::<Vec<_>>().join(", ")
}

fn default(pair: &mut Pair<'_, '_>) {
    let (old, new) = (&pair.old.schema.default, &pair.new.schema.default);
    if old == new {
        return;
    }
    let judged = match (old, new) {
        (Some(_), Some(_)) if pair.request => fails("leaving it out means something else"),
        _ => documentation(),
    };
    pair.push(Kind::Default, format!("{} → {}", one(old), one(new)), judged);
}

fn limit(pair: &mut Pair<'_, '_>) {
    let (old, new) = (pair.old.schema.max_length, pair.new.schema.max_length);
    if old == new {
        return;
    }
    let characters =
        |limit: Option<u32>| limit.map_or("none".to_owned(), |limit| format!("{limit} characters"));
    let tighter = new.is_some_and(|new| old.is_none_or(|old| new < old));
    let judged = match (pair.request, tighter) {
        (true, true) => fails("longer values are refused"),
        (true, false) => compatible(Bump::Patch, "what was accepted still is"),
        (false, true) => documentation(),
        (false, false) => compatible(
            Bump::Patch,
            "longer values may come: look at where they are stored",
        ),
    };
    pair.push(
        Kind::MaxLength,
        format!("{} → {}", characters(old), characters(new)),
        judged,
    );
}
