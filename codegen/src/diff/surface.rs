//! Breaks of the generated types, whatever the tables say: the net below the comparison of facts.
//!
//! In: the types of one operation on both sides. Out: the first public item that is gone or differs.

use crate::names::model::{EnumDef, FieldDef, StructDef, TypeDef};

use super::rust::{Types, is_positional, written};

/// What code that used the old types can no longer do; none if all of it still compiles.
pub fn broken(old: Types<'_>, new: Types<'_>) -> Option<String> {
    old.all().find_map(|def| match def {
        TypeDef::Struct(was) => match new.structure(&was.name) {
            Some(now) => structure(was, now),
            None => Some(format!("`{}` is gone", was.name)),
        },
        TypeDef::Enum(was) => match new.enumeration(&was.name) {
            Some(now) => enumeration(was, now),
            None => Some(format!("`{}` is gone", was.name)),
        },
    })
}

fn structure(old: &StructDef, new: &StructDef) -> Option<String> {
    let field = |was: &FieldDef| {
        let place = format!("{}::{}", old.name, was.ident);
        let Some(now) = new.fields.iter().find(|now| now.ident == was.ident) else {
            return Some(format!("`{place}` is gone"));
        };
        if written(was) != written(now) {
            return Some(format!("`{place}: {}` becomes `{}`", written(was), written(now)));
        }
        let set = old.request && was.optional && (!new.request || was.setter != now.setter);
        set.then(|| format!("the method `{}::{}` is gone", old.name, was.setter))
    };
    let constructor = || {
        let differs = old.request && (!new.request || constructor(old) != constructor(new));
        differs.then(|| format!("the constructor of `{}` takes other values", old.name))
    };
    old.fields.iter().find_map(field).or_else(constructor)
}

/// The arguments of `new` in order, or the fields of `Init`, which have none.
fn constructor(def: &StructDef) -> (bool, Vec<(&str, String)>) {
    let arguments: Vec<_> = def.fields.iter().filter(|field| field.is_argument()).collect();
    let positional = is_positional(&arguments);
    let named = arguments
        .iter()
        .map(|field| (field.ident.as_str(), written(field)));
    let mut named: Vec<_> = named.collect();
    match positional {
        true => named.iter_mut().for_each(|(name, _)| *name = ""),
        false => named.sort(),
    }
    (positional, named)
}

fn enumeration(old: &EnumDef, new: &EnumDef) -> Option<String> {
    let kept = |variant: &str| new.variants.iter().any(|(now, _)| now == variant);
    let gone = old.variants.iter().find(|(variant, _)| !kept(variant));
    let gone = gone.map(|(variant, _)| format!("`{}::{variant}` is gone", old.name));
    gone.or_else(|| {
        (old.integer != new.integer).then(|| format!("the values of `{}` have another type", old.name))
    })
}
