//! The generated types of one operation, for looking up what a field becomes.
//!
//! In: the plan of one side. Out: [`Types`] by the place of an operation. A verdict is read off these.

use std::collections::BTreeMap;

pub use crate::emit::is_positional;
use crate::emit::type_text;
use crate::ir::Operation;
use crate::names::model::{Content, EnumDef, FieldDef, Page, RustType, StructDef, TypeDef};

/// Types by page and line of the heading.
pub type Index<'a> = BTreeMap<(&'a str, usize), Types<'a>>;

/// The types of one operation.
#[derive(Clone, Copy, Default)]
pub struct Types<'a>(&'a [TypeDef]);

pub fn index<'a>(plan: &'a [Page<'a>]) -> Index<'a> {
    let mut index = Index::new();
    let mut add = |operation: &'a Operation, types: &'a [TypeDef]| {
        index.insert((operation.page.as_str(), operation.line), Types(types));
    };
    for page in plan {
        match &page.content {
            Content::Operations(functions) => {
                functions
                    .iter()
                    .for_each(|function| add(function.operation, &function.types));
            }
            Content::Webhook(webhook) => add(webhook.operation, &webhook.types),
            Content::Moved { .. } => {}
        }
    }
    index
}

/// The types of `operation`; none if it has none.
pub fn of<'a>(index: &Index<'a>, operation: &'a Operation) -> Types<'a> {
    index
        .get(&(operation.page.as_str(), operation.line))
        .copied()
        .unwrap_or_default()
}

impl<'a> Types<'a> {
    pub fn all(self) -> impl Iterator<Item = &'a TypeDef> {
        self.0.iter()
    }

    pub fn structure(self, name: &str) -> Option<&'a StructDef> {
        self.0.iter().find_map(|def| match def {
            TypeDef::Struct(def) if def.name == name => Some(def),
            _ => None,
        })
    }

    pub fn enumeration(self, name: &str) -> Option<&'a EnumDef> {
        self.0.iter().find_map(|def| match def {
            TypeDef::Enum(def) if def.name == name => Some(def),
            _ => None,
        })
    }

    pub fn field(self, structure: Option<&str>, wire: &str) -> Option<&'a FieldDef> {
        self.structure(structure?)?
            .fields
            .iter()
            .find(|field| field.wire == wire)
    }

    /// The enumeration of a field.
    pub fn choice(self, field: Option<&FieldDef>) -> Option<&'a EnumDef> {
        self.enumeration(inner(&field?.ty)?)
    }

    /// Whether a name stands for two different kinds of type on the two sides.
    pub fn differs(self, other: Self, name: &str) -> bool {
        let integer = |types: Self| types.enumeration(name).map(|def| def.integer);
        self.structure(name).is_some() != other.structure(name).is_some() || integer(self) != integer(other)
    }
}

/// The name of the struct or enumeration inside.
pub fn inner(ty: &RustType) -> Option<&str> {
    match ty {
        RustType::Named(name) => Some(name),
        RustType::List(of)
        | RustType::Option(of)
        | RustType::JsonText(of)
        | RustType::UrlEncoded(of)
        | RustType::Sealed(of) => inner(of),
        RustType::String
        | RustType::I64
        | RustType::Bool
        | RustType::Decimal
        | RustType::Timestamp
        | RustType::Json
        | RustType::Encrypted
        | RustType::Upload => None,
    }
}

/// As it stands in the struct: `Option<Amount>`.
pub fn written(field: &FieldDef) -> String {
    let text = type_text(&field.ty).replace("crate::", "");
    if field.optional {
        format!("Option<{text}>")
    } else {
        text
    }
}

/// The arguments of `new`, where there is one with at least two.
pub fn arguments(def: Option<&StructDef>) -> Vec<&str> {
    let Some(def) = def.filter(|def| def.request) else {
        return Vec::new();
    };
    let arguments: Vec<_> = def.fields.iter().filter(|field| field.is_argument()).collect();
    if !is_positional(&arguments) {
        return Vec::new();
    }
    arguments.iter().map(|field| field.ident.as_str()).collect()
}
