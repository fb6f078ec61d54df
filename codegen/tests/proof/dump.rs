//! The public API of generated code: each item that a caller can name, with its type, read from the text.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, Item, LitStr, Token, Type, Visibility, braced};
use wechatpay_codegen::emit::{self, GeneratedFiles};
use wechatpay_codegen::ir::Api;

/// Types and signatures by path.
pub type Dump = BTreeMap<String, String>;

/// The public API of all that is generated from `api`.
pub fn dump(api: &Api) -> Dump {
    of_files(&emit::emit(api))
}

pub fn of_files(files: &GeneratedFiles) -> Dump {
    let mut dump = Dump::new();
    for (path, text) in files {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        let module = match path.as_str() {
            "mod.rs" => String::new(),
            path => path.trim_end_matches(".rs").replace('/', "::"),
        };
        items(&module, &file.items, &mut dump);
    }
    dump
}

/// What code that was written against `old` cannot do with `new`.
pub fn broken(old: &Dump, new: &Dump) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, was) in old {
        match new.get(path) {
            None => broken.push(format!("{path} is gone")),
            Some(now) if now != was => broken.push(format!("{path}: {was} → {now}")),
            Some(_) => {}
        }
    }
    broken
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn items(module: &str, list: &[Item], dump: &mut Dump) {
    for item in list {
        match item {
            Item::Mod(item) => {
                let path = format!("{module}::{}", item.ident);
                let switch: Vec<_> = item
                    .attrs
                    .iter()
                    .filter(|attr| attr.path().is_ident("cfg"))
                    .collect();
                let before = dump.insert(path.clone(), switch.iter().map(text).collect());
                assert!(before.is_none(), "the module {path} twice");
                if let Some((_, list)) = &item.content {
                    items(&path, list, dump);
                }
            }
            Item::Fn(item) => {
                let path = format!("{module}::{}()", item.sig.ident);
                assert!(
                    dump.insert(path.clone(), text(&item.sig)).is_none(),
                    "{path} twice"
                );
            }
            Item::Struct(item) => structure(module, item, dump),
            Item::Static(item) => {
                dump.insert(format!("{module}::{}", item.ident), text(&item.ty));
            }
            Item::Const(item) => {
                dump.insert(format!("{module}::{}", item.ident), text(&item.ty));
            }
            Item::Type(item) => {
                dump.insert(format!("{module}::{}", item.ident), text(&item.ty));
            }
            Item::Use(item) => {
                dump.insert(format!("{module}::use {}", text(&item.tree)), String::new());
            }
            Item::Impl(item) => {
                let name = text(&item.self_ty);
                for item in &item.items {
                    if let syn::ImplItem::Fn(method) = item {
                        dump.insert(
                            format!("{module}::{name}::{}()", method.sig.ident),
                            text(&method.sig),
                        );
                    }
                }
            }
            Item::Macro(item) => {
                let name = text(&item.mac.path);
                let tokens = item.mac.tokens.clone();
                let parsed = (|input: ParseStream<'_>| call(&name, module, input, dump)).parse2(tokens);
                parsed.unwrap_or_else(|error| panic!("{module}: {name}!: {error}"));
            }
            other => panic!("{module}: an item that the dump does not know: {}", text(other)),
        }
    }
}

/// A struct that callers can write down is one item; of a `#[non_exhaustive]` one each field is.
fn structure(module: &str, item: &syn::ItemStruct, dump: &mut Dump) {
    let path = format!("{module}::{}", item.ident);
    let open = item
        .attrs
        .iter()
        .any(|attr| attr.path().is_ident("non_exhaustive"));
    let mut fields: Vec<(String, String)> = item
        .fields
        .iter()
        .filter(|field| matches!(field.vis, Visibility::Public(_)))
        .map(|field| (text(&field.ident), text(&field.ty)))
        .collect();
    if open {
        dump.insert(path.clone(), String::new());
        dump.extend(
            fields
                .into_iter()
                .map(|(name, ty)| (format!("{path}::{name}"), ty)),
        );
    } else {
        fields.sort();
        dump.insert(path, format!("{fields:?}"));
    }
}

/// `name "wire": Type`, `name: Type` or `name = value`.
struct Entry {
    name: Ident,
    ty: Option<Type>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = Ident::parse_any(input)?;
        input.parse::<Option<LitStr>>()?;
        let ty = match input.parse::<Option<Token![:]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        if input.parse::<Option<Token![=]>>()?.is_some() {
            input.parse::<syn::Expr>()?;
        }
        Ok(Self { name, ty })
    }
}

/// What a macro call of the generated code makes.
fn call(name: &str, module: &str, input: ParseStream<'_>, dump: &mut Dump) -> syn::Result<()> {
    match name {
        "object" => {
            let (name, content) = (input.parse::<Ident>()?, body(input)?);
            for entry in entries(&content)? {
                if let Some(ty) = entry.ty {
                    dump.insert(format!("{module}::{name}::{}()", entry.name), text(&ty));
                }
            }
        }
        "new" => {
            let (name, content) = (input.parse::<Ident>()?, body(input)?);
            let arguments = content
                .split(|token| token.to_string() == ";")
                .next()
                .unwrap_or_default();
            let types = entries(arguments)?.into_iter().map(|entry| text(&entry.ty));
            dump.insert(
                format!("{module}::{name}::new()"),
                types.collect::<Vec<_>>().join(", "),
            );
        }
        "init" => {
            let init: Ident = input.parse()?;
            input.parse::<Token![=>]>()?;
            let name: Ident = input.parse()?;
            body(input)?;
            dump.insert(format!("{module}::{name}::from({init})"), String::new());
        }
        "values" | "integers" => {
            input.call(syn::Attribute::parse_outer)?;
            input.parse::<Token![pub]>()?;
            input.parse::<Token![enum]>()?;
            let (enumeration, content) = (input.parse::<Ident>()?, body(input)?);
            dump.insert(format!("{module}::{enumeration}"), name.to_owned());
            for entry in entries(&content)? {
                dump.insert(format!("{module}::{enumeration}::{}", entry.name), String::new());
            }
        }
        "events" => {
            while !input.is_empty() {
                input.call(syn::Attribute::parse_outer)?;
                input.parse::<LitStr>()?;
                input.parse::<Token![=>]>()?;
                let variant: Ident = input.parse()?;
                let content;
                syn::parenthesized!(content in input);
                let target = Ident::parse_any(&content)?;
                input.parse::<Token![,]>()?;
                dump.insert(format!("{module}::{variant}"), target.to_string());
            }
        }
        other => panic!("{module}: a macro that the dump does not know: {other}!"),
    }
    Ok(())
}

fn body(input: ParseStream<'_>) -> syn::Result<Vec<proc_macro2::TokenTree>> {
    let content;
    braced!(content in input);
    Ok(content.parse::<proc_macro2::TokenStream>()?.into_iter().collect())
}

fn entries(tokens: &[proc_macro2::TokenTree]) -> syn::Result<Vec<Entry>> {
    let list = |input: ParseStream<'_>| input.parse_terminated(Entry::parse, Token![,]);
    let parsed = list.parse2(tokens.iter().cloned().collect())?;
    Ok(parsed.into_iter().collect())
}
