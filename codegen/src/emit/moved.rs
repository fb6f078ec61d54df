//! What is left of a page that moved: its old path, deprecated, leading to the new one.

use syn::parse_quote;

use super::layout::Page;
use super::operation::{handle, module};
use super::{doc, ident, path};
use crate::ir::{Kind, Protocol, Redirect};
use crate::names::model::Target;

/// Appends one operation of the page that the old one leads to.
pub fn moved(page: &mut Page, redirect: &Redirect, target: &Target<'_>) {
    let new = path(&target.module);
    let headline = doc([format!("Moved to `{}`.", redirect.to)]);
    let note = format!("moved to `{}`", target.module.join("::"));
    if target.operation.kind == Kind::Webhook {
        if target.operation.protocol == Protocol::V3 {
            page.items.push(parse_quote! {
                #(#headline)*
                #[deprecated = #note]
                pub const EVENT_TYPE: &str = #new::EVENT_TYPE;
            });
        }
        for name in target.types.iter().map(|name| ident(name)) {
            page.items.push(parse_quote! {
                #(#headline)*
                #[deprecated = #note]
                pub type #name = #new::#name;
            });
        }
        return;
    }
    let method = target.operation.method.as_str().to_lowercase();
    let name = ident(&method);
    let handle = handle(target.operation, &name);
    page.items.push(parse_quote! {
        #(#headline)*
        #[deprecated = #note]
        pub fn #name<'a>(client: &'a crate::Client, request: &'a #name::Request) -> #handle {
            #new::#name(client, request)
        }
    });
    page.items
        .push(module(&method, vec![parse_quote!(pub use #new::#name::*;)]));
}
