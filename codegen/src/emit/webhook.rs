//! A webhook: the types of its notification.

use std::fmt::Write as _;

use syn::parse_quote;

use super::layout::Page;
use super::{alias, doc, doc_text, operation, types};
use crate::ir::Protocol;
use crate::names::model::{TypeDef, Webhook};
use crate::names::titled;

/// Appends the event type and the types of a notification.
pub fn webhook(page: &mut Page, webhook: &Webhook<'_>) {
    let operation = webhook.operation;
    if let (Protocol::V3, Some(event_type)) = (operation.protocol, &operation.event_type) {
        let headline = doc(["The `event_type` of this notification."]);
        page.items.push(parse_quote! {
            #(#headline)*
            pub const EVENT_TYPE: &str = #event_type;
        });
    }
    let mut items = Vec::new();
    for (index, def) in webhook.types.iter().enumerate() {
        match def {
            TypeDef::Struct(def) if index == 0 => {
                let mut head = doc_text(headline(webhook), "");
                if let Some(title) = alias(&operation.title) {
                    let _ = writeln!(head, "#[doc(alias = {title:?})]");
                }
                types::structure(page, def, &head, &mut items);
            }
            def => types::definition(page, def, &mut items),
        }
    }
    page.items.append(&mut items);
}

fn headline(webhook: &Webhook<'_>) -> Vec<String> {
    let operation = webhook.operation;
    let mut lines = vec![titled(&operation.title, operation.english.as_deref())];
    lines.extend(operation::documents(operation));
    lines
}
