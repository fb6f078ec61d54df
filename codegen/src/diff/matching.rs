//! Which row of the old table is which of the new one: by name, then by the official term.

use std::collections::{BTreeMap, VecDeque};

use crate::ir::{Property, Type};

use super::scope::Slot;

/// An old row, a new row, or both sides of one.
pub type Match<'a> = (Option<Slot<'a>>, Option<Slot<'a>>);

/// Pairs the rows of two lists: the old rows in order, then those that are new.
pub fn rows<'a>(old: &[Slot<'a>], new: &[Slot<'a>]) -> Vec<Match<'a>> {
    let mut partners = vec![None; old.len()];
    let mut free: Vec<bool> = vec![true; new.len()];
    // The nth of a name is the nth of that name; in its own part of the request first.
    pair_by(&mut partners, &mut free, old, new, |slot| {
        (slot.property.name.as_str(), slot.prefix)
    });
    pair_by(&mut partners, &mut free, old, new, |slot| {
        slot.property.name.as_str()
    });
    by_term(&mut partners, &mut free, old, new);
    let matched = old.iter().zip(&partners);
    let matched = matched.map(|(slot, at)| (Some(slot.clone()), at.map(|at: usize| new[at].clone())));
    let added = new.iter().zip(&free).filter(|(_, free)| **free);
    matched
        .chain(added.map(|(slot, _)| (None, Some(slot.clone()))))
        .collect()
}

fn pair_by<'a, K: Ord>(
    partners: &mut [Option<usize>],
    free: &mut [bool],
    old: &[Slot<'a>],
    new: &[Slot<'a>],
    key: impl Fn(&Slot<'a>) -> K,
) {
    let mut places: BTreeMap<K, VecDeque<usize>> = BTreeMap::new();
    for (at, slot) in new.iter().enumerate().filter(|(at, _)| free[*at]) {
        places.entry(key(slot)).or_default().push_back(at);
    }
    for (slot, partner) in old.iter().zip(partners) {
        if partner.is_none()
            && let Some(at) = places.get_mut(&key(slot)).and_then(VecDeque::pop_front)
        {
            *partner = Some(at);
            free[at] = false;
        }
    }
}

/// What a renamed row keeps.
fn term(property: &Property) -> (&str, Type, bool) {
    (&property.label, property.schema.ty, property.schema.array)
}

/// A removed and an added row are one, renamed, if they share term and type and no other row does.
fn by_term(partners: &mut [Option<usize>], free: &mut [bool], old: &[Slot<'_>], new: &[Slot<'_>]) {
    let mut terms: BTreeMap<_, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let labelled = |slot: &Slot<'_>| !slot.property.label.is_empty();
    for (at, slot) in old.iter().enumerate() {
        if partners[at].is_none() && labelled(slot) {
            terms.entry(term(slot.property)).or_default().0.push(at);
        }
    }
    for (at, slot) in new.iter().enumerate() {
        if free[at] && labelled(slot) {
            terms.entry(term(slot.property)).or_default().1.push(at);
        }
    }
    for (gone, came) in terms.into_values() {
        if let ([was], [now]) = (&gone[..], &came[..]) {
            partners[*was] = Some(*now);
            free[*now] = false;
        }
    }
}
