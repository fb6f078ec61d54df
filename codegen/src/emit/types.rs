//! Structs and enumerations.

use std::fmt::Write as _;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Item, parse_quote};

use super::layout::Page;
use super::{doc, doc_text, ident};
use crate::names::model::{EnumDef, FieldDef, Preset, RustType, StructDef, TypeDef};

/// Appends a definition to `items`.
pub fn definition(page: &mut Page, def: &TypeDef, items: &mut Vec<Item>) {
    match def {
        TypeDef::Struct(def) => structure(page, def, &doc_text([&def.doc], ""), items),
        TypeDef::Enum(def) => enumeration(page, def, items),
    }
}

/// A struct, the line that lists its fields, and its constructor. `head` is what stands above it.
///
/// Most of the generated code is structs, whose layout never varies, so they are written as text: a syntax
/// tree of each would double the cost of generating.
pub fn structure(page: &mut Page, def: &StructDef, head: &str, items: &mut Vec<Item>) {
    let fields = def.fields.iter().map(|field| {
        let ty = type_text(&field.ty);
        let ty = if field.optional {
            format!("Option<{ty}>")
        } else {
            ty
        };
        (paragraphs(&field.doc), field.ident.as_str(), ty)
    });
    let text = format!(
        "{head}#[non_exhaustive]\n{}{}",
        struct_text(&def.name, fields),
        field_list(def)
    );
    items.push(page.list(text));
    if def.request {
        constructor(page, def, items);
        items.extend(renamed_setters(def));
    }
}

/// A public struct of public fields, each with its documentation.
fn struct_text<'a>(name: &str, fields: impl Iterator<Item = (Vec<&'a str>, &'a str, String)>) -> String {
    let mut text = String::new();
    for (docs, field, ty) in fields {
        text.push_str(&doc_text(docs, "    "));
        let _ = writeln!(text, "    pub {field}: {ty},");
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    format!("pub struct {name} {{{gap}{text}}}\n")
}

/// `object!(Amount { total, currency: String });`
fn field_list(def: &StructDef) -> String {
    let mut list = String::new();
    for field in &def.fields {
        list.push_str(if list.is_empty() { "" } else { ", " });
        list.push_str(&field.ident);
        if field.ident != field.wire {
            let _ = write!(list, " {:?}", field.wire);
        }
        if def.request && field.optional && field.setter == field.ident {
            let _ = write!(list, ": {}", type_text(&field.ty));
        }
    }
    format!("object!({} {{ {list} }});", def.name)
}

/// The lines of a field's documentation, with an empty line between two.
fn paragraphs(lines: &[String]) -> Vec<&str> {
    let mut all = Vec::with_capacity(2 * lines.len());
    for line in lines {
        if !all.is_empty() {
            all.push("");
        }
        all.push(line);
    }
    all
}

pub fn type_text(ty: &RustType) -> String {
    let of = |outer: &str, inner: &RustType| format!("{outer}<{}>", type_text(inner));
    match ty {
        RustType::String => "String".to_owned(),
        RustType::I64 => "i64".to_owned(),
        RustType::Bool => "bool".to_owned(),
        RustType::Decimal => "crate::Decimal".to_owned(),
        RustType::Timestamp => "crate::Timestamp".to_owned(),
        RustType::Json => "crate::Json".to_owned(),
        RustType::Encrypted => "crate::Encrypted".to_owned(),
        RustType::Upload => "crate::Upload".to_owned(),
        RustType::Named(name) => name.clone(),
        RustType::List(inner) => of("Vec", inner),
        RustType::Option(inner) => of("Option", inner),
        RustType::JsonText(inner) => of("crate::JsonText", inner),
        RustType::UrlEncoded(inner) => of("crate::UrlEncoded", inner),
        RustType::Sealed(inner) => of("crate::Sealed", inner),
    }
}

/// The setters that the one-line list does not make, since they are not called like their fields.
fn renamed_setters(def: &StructDef) -> Option<Item> {
    let renamed = |field: &&FieldDef| field.optional && field.setter != field.ident;
    let setters = def.fields.iter().filter(renamed).map(|field| {
        let headline = doc([format!("Sets the optional field `{}`.", field.ident)]);
        let (setter, name) = (ident(&field.setter), ident(&field.ident));
        let ty: TokenStream = type_text(&field.ty)
            .parse()
            .expect("a type has only identifiers, `::` and angle brackets");
        quote! {
            #(#headline)*
            #[must_use]
            pub fn #setter(mut self, #name: impl Into<#ty>) -> Self {
                crate::wire::set(&mut self.#name, #name);
                self
            }
        }
    });
    let setters: Vec<_> = setters.collect();
    let name = ident(&def.name);
    (!setters.is_empty()).then(|| parse_quote!(impl #name { #(#setters)* }))
}

/// `new` with positional arguments where no two could be mistaken for each other, else a struct of
/// the required fields.
fn constructor(page: &mut Page, def: &StructDef, items: &mut Vec<Item>) {
    let arguments: Vec<_> = def.fields.iter().filter(|field| field.is_argument()).collect();
    if is_positional(&arguments) {
        items.push(page.list(positional(def, &arguments)));
        return;
    }
    let docs = doc_text(
        [format!(
            "The required fields of [`{0}`]: `{0}::from({0}Init {{ … }})`.",
            def.name
        )],
        "",
    );
    let fields = arguments.iter().map(|field| {
        let first = field.doc.first().map(String::as_str);
        (
            first.into_iter().collect(),
            field.ident.as_str(),
            type_text(&field.ty),
        )
    });
    let init = struct_text(&format!("{}Init", def.name), fields);
    let mut list: Vec<_> = arguments.iter().map(|field| field.ident.clone()).collect();
    list.extend(
        def.fields
            .iter()
            .filter_map(|field| Some(format!("{} = {}", field.ident, preset(field)?))),
    );
    items.push(page.list(format!(
        "{docs}{init}init!({0}Init => {0} {{ {1} }});",
        def.name,
        list.join(", ")
    )));
}

/// `new!(Request { id: impl Into<String>, amount: Amount; kind = "CNY" });`
fn positional(def: &StructDef, arguments: &[&FieldDef]) -> String {
    let parameters: Vec<_> = arguments.iter().map(|field| parameter(field)).collect();
    let presets = def.fields.iter();
    let presets = presets.filter_map(|field| Some(format!("{} = {}", field.ident, preset(field)?)));
    let presets: Vec<_> = presets.collect();
    let mut list = parameters.join(", ");
    if !presets.is_empty() {
        list.push_str("; ");
        list.push_str(&presets.join(", "));
    }
    match list.is_empty() {
        true => format!("new!({} {{}});", def.name),
        false => format!("new!({} {{ {} }});", def.name, list.trim()),
    }
}

/// Up to three arguments, of as many types.
pub fn is_positional(arguments: &[&FieldDef]) -> bool {
    let kind = |ty: &RustType| match ty {
        // All are given as text.
        RustType::Encrypted | RustType::Timestamp => RustType::String,
        ty => ty.clone(),
    };
    let distinct = |(index, field): (usize, &&FieldDef)| {
        arguments[..index]
            .iter()
            .all(|other| kind(&other.ty) != kind(&field.ty))
    };
    arguments.len() <= 3 && arguments.iter().enumerate().all(distinct)
}

/// Text and what wraps a value is taken as whatever becomes it.
fn converts(ty: &RustType) -> bool {
    matches!(
        ty,
        RustType::String
            | RustType::Timestamp
            | RustType::Encrypted
            | RustType::JsonText(_)
            | RustType::UrlEncoded(_)
    )
}

fn parameter(field: &FieldDef) -> String {
    let ty = type_text(&field.ty);
    match converts(&field.ty) {
        true => format!("{}: impl Into<{ty}>", field.ident),
        false => format!("{}: {ty}", field.ident),
    }
}

fn preset(field: &FieldDef) -> Option<TokenStream> {
    Some(match field.preset.as_ref()? {
        Preset::Text(text) => quote!(#text.into()),
        Preset::Integer(number) => {
            let number = Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
        Preset::New(ty) => {
            let ty = ident(ty);
            quote!(#ty::new().into())
        }
    })
}

/// The values of an enumeration, one a line: `values! { pub enum State { Open = "OPEN", } }`. Without any
/// it is another name of a type that has the same functions and costs nothing to compile.
fn enumeration(page: &mut Page, def: &EnumDef, items: &mut Vec<Item>) {
    if def.variants.is_empty() {
        let (docs, name) = (doc([&def.doc]), ident(&def.name));
        items.push(parse_quote! {
            #(#docs)*
            pub type #name = crate::OpenText;
        });
        return;
    }
    let list = if def.integer { "integers" } else { "values" };
    let mut text = format!("{list}! {{\n");
    text.push_str(&doc_text(def.doc.lines(), "    "));
    let _ = writeln!(text, "    pub enum {} {{", def.name);
    for (variant, value) in &def.variants {
        let _ = match value.parse::<i64>() {
            Ok(number) if def.integer => writeln!(text, "        {variant} = {number},"),
            _ => writeln!(text, "        {variant} = {value:?},"),
        };
    }
    text.push_str("    }\n}");
    items.push(page.list(text));
}
