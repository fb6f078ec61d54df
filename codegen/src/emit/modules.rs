//! The folders: which modules stand in which, and under which cargo feature.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{GeneratedFiles, MARK};
use crate::ir::{Api, Kind, Protocol};
use crate::names::model::{Content, Page};
use crate::names::{Moved, feature, ident, moved, page_feature};

/// The file of a module: `["v3", "pay"]` → `v3/pay.rs`; the root is `mod.rs`.
pub fn file(module: &[String]) -> String {
    let names: Vec<_> = module.iter().map(|name| name.trim_start_matches("r#")).collect();
    match names.as_slice() {
        [] => "mod.rs".to_owned(),
        names => format!("{}.rs", names.join("/")),
    }
}

/// Every module with the modules below it.
pub struct Tree<'a> {
    children: BTreeMap<Vec<String>, BTreeSet<String>>,
    /// Features by module, at the depth where they switch.
    features: BTreeMap<Vec<String>, BTreeSet<String>>,
    events: Vec<Event<'a>>,
}

/// A v3 webhook in the list of all.
struct Event<'a> {
    event_type: &'a str,
    module: &'a str,
    feature: String,
}

impl<'a> Tree<'a> {
    pub fn new(api: &'a Api, pages: &'a [Page<'a>]) -> Self {
        let mut tree = Self {
            children: BTreeMap::new(),
            features: BTreeMap::new(),
            events: Vec::new(),
        };
        let products = products(api);
        let moved = moved(api).into_iter();
        let moved: BTreeMap<_, _> = moved.map(|moved| (moved.redirect.page.clone(), moved)).collect();
        for page in pages {
            for depth in 0..page.module.len() {
                let children = tree.children.entry(page.module[..depth].to_vec()).or_default();
                children.insert(page.module[depth].clone());
            }
            let feature = match &page.content {
                Content::Operations(functions) => {
                    functions.first().map(|function| feature(function.operation))
                }
                Content::Webhook(webhook) => Some(feature(webhook.operation)),
                Content::Moved { redirect, .. } => moved
                    .get(&redirect.page)
                    .and_then(|moved| moved.feature(&products)),
            };
            let webhook = page.module.first().is_some_and(|name| name == "webhook");
            let switch = if webhook { 3 } else { 2 };
            let switch = page.module[..switch.min(page.module.len())].to_vec();
            tree.features.entry(switch).or_default().extend(feature);
        }
        tree.events = events(pages);
        tree
    }

    /// The files that only list modules; a page's own content is added by the caller.
    pub fn files(&self) -> GeneratedFiles {
        self.children
            .iter()
            .map(|(module, children)| (file(module), self.text(module, children)))
            .collect()
    }

    fn text(&self, module: &[String], children: &BTreeSet<String>) -> String {
        let folder = module
            .iter()
            .map(|name| name.trim_start_matches("r#"))
            .collect::<Vec<_>>()
            .join("/");
        let mut text = format!(
            "{MARK}the pages of this folder: {}. DO NOT EDIT.\n\n",
            if folder.is_empty() { "all" } else { &folder }
        );
        for child in children {
            let path: Vec<_> = module.iter().chain([child]).cloned().collect();
            match self
                .features
                .get(&path)
                .map(|features| features.iter().collect::<Vec<_>>())
            {
                Some(features) if features.len() == 1 => {
                    let _ = writeln!(text, "#[cfg(feature = \"{}\")]", features[0]);
                }
                Some(features) => {
                    let any: Vec<_> = features
                        .iter()
                        .map(|feature| format!("feature = \"{feature}\""))
                        .collect();
                    let _ = writeln!(text, "#[cfg(any({}))]", any.join(", "));
                }
                None => {}
            }
            let _ = writeln!(text, "pub mod {child};");
        }
        if module == ["webhook", "v3"] {
            self.events_text(&mut text);
        }
        text
    }

    fn events_text(&self, text: &mut String) {
        text.push_str("\nevents! {\n");
        for Event {
            event_type,
            module,
            feature,
        } in &self.events
        {
            let variant = ident::camel(event_type);
            let _ = writeln!(
                text,
                "    #[cfg(feature = \"{feature}\")] {event_type:?} => {variant}({module}),"
            );
        }
        text.push_str("}\n");
    }
}

fn events<'a>(pages: &'a [Page<'a>]) -> Vec<Event<'a>> {
    let events = pages.iter().filter_map(|page| match &page.content {
        Content::Webhook(webhook) if webhook.operation.protocol == Protocol::V3 => Some(Event {
            event_type: webhook.operation.event_type.as_deref()?,
            module: page.module.last()?,
            feature: feature(webhook.operation),
        }),
        _ => None,
    });
    events.collect()
}

/// The features of all operations and webhooks.
fn products(api: &Api) -> BTreeSet<String> {
    api.operations.iter().map(feature).collect()
}

/// Products that the payments of most merchants need.
const DEFAULT: &[&str] = &[
    "bill",
    "billdownload",
    "certificates",
    "combine-transactions",
    "pay",
    "payscore",
    "refund",
    "security",
];

/// The features of the client crate: one per product, `full` for all, and a small default.
pub fn features(api: &Api) -> String {
    let all = products(api);
    let moved = moved(api);
    let mut webhooks = BTreeSet::new();
    for operation in &api.operations {
        if operation.kind == Kind::Webhook
            && ["PAYSCORE.", "REFUND.", "SECURITY_ECHO.", "TRANSACTION."]
                .iter()
                .any(|start| {
                    operation
                        .event_type
                        .as_deref()
                        .is_some_and(|event| event.starts_with(start))
                })
        {
            webhooks.insert(feature(operation));
        }
    }
    let list = |names: &mut dyn Iterator<Item = &str>| {
        names
            .filter(|name| all.contains(*name))
            .map(|name| format!("    \"{name}\",\n"))
            .collect::<String>()
    };
    let mut text = format!(
        "default = [\n    \"serde\",\n{}]\n# Every documented operation and webhook.\nfull = [\n{}]\n",
        list(&mut DEFAULT.iter().copied().chain(webhooks.iter().map(String::as_str))),
        list(&mut all.iter().map(String::as_str)),
    );
    for name in &all {
        let mut needs = BTreeSet::new();
        if name.starts_with("v2-") {
            needs.insert("apiv2".to_owned());
        }
        let own = moved
            .iter()
            .filter(|moved| page_feature(&moved.redirect.page) == *name);
        needs.extend(own.flat_map(Moved::leads_to));
        needs.remove(name);
        let needs: Vec<_> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let _ = writeln!(text, "{name} = [{}]", needs.join(", "));
    }
    text
}
