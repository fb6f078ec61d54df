//! Pages that moved: which operations they lead to, over any number of redirects.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Target;
use super::path::{feature, operation_module, page_feature};
use super::types;
use crate::ir::{Api, Kind, Operation, Redirect};

/// A redirect and the operations of the page where it ends.
pub struct Moved<'a> {
    pub redirect: &'a Redirect,
    pub operations: Vec<&'a Operation>,
}

/// All redirects that lead to an operation.
pub fn moved(api: &Api) -> Vec<Moved<'_>> {
    let mut operations: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &api.operations {
        operations.entry(&operation.page).or_default().push(operation);
    }
    let redirects = api.redirects.iter();
    let redirects: BTreeMap<&str, &Redirect> = redirects.map(|moved| (moved.page.as_str(), moved)).collect();
    let end = |redirect: &Redirect| {
        let mut seen = BTreeSet::from([redirect.page.as_str()]);
        let mut page = *redirects.get(redirect.page.as_str())?;
        while !operations.contains_key(page.to.as_str()) {
            page = *redirects.get(page.to.as_str())?;
            if !seen.insert(&page.page) {
                return None;
            }
        }
        operations.get(page.to.as_str()).cloned()
    };
    let moved = |redirect| {
        Some(Moved {
            redirect,
            operations: end(redirect)?,
        })
    };
    api.redirects.iter().filter_map(moved).collect()
}

impl<'a> Moved<'a> {
    /// What the old path stands for.
    pub(super) fn targets(&self) -> Vec<Target<'a>> {
        let target = |operation: &&'a Operation| Target {
            operation,
            module: operation_module(operation),
            types: match operation.kind {
                Kind::Api => Vec::new(),
                Kind::Webhook => types::webhook(operation)
                    .iter()
                    .map(|def| def.name().to_owned())
                    .collect(),
            },
        };
        self.operations.iter().map(target).collect()
    }

    /// The features of the pages that it leads to.
    pub fn leads_to(&self) -> BTreeSet<String> {
        self.operations
            .iter()
            .map(|operation| feature(operation))
            .collect()
    }

    /// A moved page stays in its own product, which then brings the product that it moved to; a product
    /// of which nothing else is left is that one.
    pub fn feature(&self, products: &BTreeSet<String>) -> Option<String> {
        let own = page_feature(&self.redirect.page);
        match products.contains(&own) {
            true => Some(own),
            false => self.leads_to().pop_first(),
        }
    }
}
