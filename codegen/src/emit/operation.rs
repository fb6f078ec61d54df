//! An API operation: its function, and the module of its types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use syn::{Item, parse_quote};

use super::layout::Page;
use super::{alias, doc, ident, types};
use crate::ir::{BodyFormat, Operation, Property, Protocol, ResponseFormat};
use crate::names::model::Function;
use crate::names::titled;

/// The base URL of most operations; only another one is written down.
const USUAL_HOST: &str = "https://api.mch.weixin.qq.com/";

/// Appends an operation: its function and the module of its types.
pub fn function(page: &mut Page, function: &Function<'_>) {
    let operation = function.operation;
    let name = ident(&function.name);
    let alias = alias(&operation.title).map(|title| quote!(#[doc(alias = #title)]));
    let handle = handle(operation, &name);
    let make = match operation.response.format {
        ResponseFormat::Json | ResponseFormat::Xml | ResponseFormat::Empty => quote!(crate::Call::new),
        ResponseFormat::File => quote!(crate::Download::new),
        ResponseFormat::Redirect => quote!(crate::Link::new),
    };
    let docs = doc(function_doc(operation));
    let deprecated = deprecated(operation);
    page.items.push(parse_quote! {
        #(#docs)*
        #alias
        #deprecated
        pub fn #name<'a>(client: &'a crate::Client, request: &'a #name::Request) -> #handle {
            #make(client, &#name::OPERATION, request)
        }
    });
    let mut items = vec![data(operation)];
    function
        .types
        .iter()
        .for_each(|def| types::definition(page, def, &mut items));
    page.items.push(module(&function.name, items));
}

/// The type of a call.
pub fn handle(operation: &Operation, name: &Ident) -> TokenStream {
    match operation.response.format {
        ResponseFormat::Json | ResponseFormat::Xml => quote!(crate::Call<'a, #name::Response>),
        ResponseFormat::Empty => quote!(crate::Call<'a, ()>),
        ResponseFormat::File => quote!(crate::Download<'a>),
        ResponseFormat::Redirect => quote!(crate::Link<'a>),
    }
}

/// `pub mod get { … }`.
pub fn module(name: &str, items: Vec<Item>) -> Item {
    let ident = ident(name);
    let mut module: syn::ItemMod = parse_quote!(pub mod #ident {});
    module.attrs = doc(["Types of the function of this name."]);
    module.content = Some((Default::default(), items));
    module.into()
}

fn deprecated(operation: &Operation) -> TokenStream {
    let gone = operation
        .marks
        .iter()
        .any(|mark| mark == "deprecated" || mark == "discarded");
    if gone {
        quote!(#[deprecated = "deprecated in the WeChat Pay documentation"])
    } else {
        TokenStream::new()
    }
}

fn function_doc(operation: &Operation) -> Vec<String> {
    let method = operation.method.as_str();
    let path = operation.path.as_deref().unwrap_or_default();
    let mut lines = vec![
        titled(&operation.title, operation.english.as_deref()),
        String::new(),
        format!("`{method} {path}`"),
    ];
    for mark in &operation.marks {
        if let Some(meaning) = mark_meaning(mark) {
            lines.extend([String::new(), meaning.to_owned()]);
        }
    }
    lines.extend(documents(operation));
    lines
}

fn mark_meaning(mark: &str) -> Option<&'static str> {
    match mark {
        "redesigned" => Some("A newer version of this API exists."),
        "privated" => Some("Requires a permission that WeChat Pay grants on request."),
        "need-accessment" => Some("Requires approval by WeChat Pay."),
        "need-tbt" => Some("Not yet verified against the live API."),
        _ => None,
    }
}

/// Links to the official documents: the merchants' first one, the partners' first one, and how many more
/// there are.
pub fn documents(operation: &Operation) -> Vec<String> {
    let ids = &operation.document_ids;
    let first = |folder: &str| ids.iter().find(|id| id.contains(folder));
    let mut named: Vec<_> = [("merchant", first("/merchant/")), ("partner", first("/partner/"))]
        .into_iter()
        .filter_map(|(name, id)| Some((name, id?)))
        .collect();
    if named.is_empty() {
        named.extend(ids.first().map(|id| ("official", id)));
    }
    let links = named
        .iter()
        .map(|(name, id)| format!("{name} <https://pay.weixin.qq.com/doc/{id}>"));
    let links: Vec<_> = links.collect();
    match (links.is_empty(), ids.len() - named.len()) {
        (true, _) => Vec::new(),
        (false, 0) => vec![String::new(), format!("Documents: {}", links.join(", "))],
        (false, more) => vec![
            String::new(),
            format!("Documents: {}, and {more} more", links.join(", ")),
        ],
    }
}

/// `OPERATION`: what differs from the protocol's usual.
fn data(operation: &Operation) -> Item {
    let method = ident(operation.method.as_str());
    let url = operation.path.as_deref().unwrap_or_default();
    let headline = doc(["How this operation is called."]);
    let base = ident(match operation.protocol {
        Protocol::V2 => "V2",
        Protocol::V3 => "V3",
    });
    let mut lines = vec![quote!(method: http::Method::#method), quote!(path: #url)];
    lines.extend(places(operation, url));
    lines.extend(body(operation));
    lines.extend(response(operation));
    if operation.mutual_tls {
        lines.push(quote!(mutual_tls: true));
    }
    if operation.protocol == Protocol::V2 && !operation.nonce {
        lines.push(quote!(nonce: false));
    }
    if let Some(pages) = crate::names::pages(operation).map(ident) {
        lines.push(quote!(pages: crate::Pages::#pages));
    }
    if let Some(number) = crate::names::idempotent_by(operation) {
        lines.push(quote!(idempotent_by: Some(#number)));
    }
    parse_quote! {
        #(#headline)*
        pub static OPERATION: crate::Operation = crate::Operation { #(#lines,)* ..crate::Operation::#base };
    }
}

/// Who signs, where the request goes, and which fields stand outside of the body.
fn places(operation: &Operation, url: &str) -> Vec<TokenStream> {
    let mut lines = Vec::new();
    if url.starts_with("/brand/") {
        lines.push(quote!(identity: crate::Identity::Brand));
    }
    if operation.hosts != [USUAL_HOST] {
        let hosts = &operation.hosts;
        lines.push(quote!(hosts: &[#(#hosts),*]));
    }
    let names = |properties: &[Property]| {
        properties
            .iter()
            .map(|property| property.name.clone())
            .collect::<Vec<_>>()
    };
    let query = names(&operation.request.query);
    if !query.is_empty() {
        lines.push(quote!(query: &[#(#query),*]));
    }
    let mut headers = names(&operation.request.headers);
    headers.retain(|name| !crate::names::is_own_header(name));
    if !headers.is_empty() {
        lines.push(quote!(headers: &[#(#headers),*]));
    }
    let mut in_both = names(&operation.request.path);
    let in_body = |name: &String| {
        operation
            .request
            .body
            .properties
            .iter()
            .any(|row| row.name == *name)
    };
    in_both.retain(in_body);
    if !in_both.is_empty() {
        lines.push(quote!(in_path_and_body: &[#(#in_both),*]));
    }
    lines
}

fn body(operation: &Operation) -> Vec<TokenStream> {
    let request = &operation.request;
    let kind = match (operation.protocol, request.body.format) {
        (Protocol::V3, BodyFormat::None) | (Protocol::V2, BodyFormat::Xml) => None,
        (_, BodyFormat::None) => Some("None"),
        (_, BodyFormat::Json) => Some("Json"),
        (_, BodyFormat::Xml) => Some("Xml"),
        (_, BodyFormat::Multipart) => Some("Multipart"),
    };
    let mut lines: Vec<_> = kind
        .map(ident)
        .map(|kind| quote!(body: crate::BodyFormat::#kind))
        .into_iter()
        .collect();
    let rows = || request.query.iter().chain(&request.body.properties);
    let filled: Vec<_> = request
        .path
        .iter()
        .chain(rows())
        .map(|row| &row.name)
        .filter(|name| crate::names::is_filled(operation, name))
        .collect();
    if !filled.is_empty() {
        lines.push(quote!(filled_by_client: &[#(#filled),*]));
    }
    let sign_type = rows().find(|row| operation.protocol == Protocol::V2 && row.name == "sign_type");
    if let Some(schema) = sign_type.map(|row| &row.schema) {
        let allowed: Vec<_> = schema.values.iter().chain(&schema.constant).collect();
        lines.push(quote!(sign_types: &[#(#allowed),*]));
    }
    lines
}

fn response(operation: &Operation) -> Vec<TokenStream> {
    let kind = match (operation.protocol, operation.response.format) {
        (Protocol::V3, ResponseFormat::Json) | (Protocol::V2, ResponseFormat::Xml) => None,
        (_, ResponseFormat::Json) => Some("Json"),
        (_, ResponseFormat::Xml) => Some("Xml"),
        (_, ResponseFormat::Empty) => Some("Empty"),
        (_, ResponseFormat::File) => Some("File"),
        (_, ResponseFormat::Redirect) => Some("Redirect"),
    };
    let mut lines: Vec<_> = kind
        .map(ident)
        .map(|kind| quote!(response: crate::ResponseFormat::#kind))
        .into_iter()
        .collect();
    if !crate::names::is_signed(operation) {
        lines.push(quote!(signed_response: false));
    }
    lines
}
