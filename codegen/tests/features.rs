//! Each product compiles without the others: what its code refers to comes with its feature.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use wechatpay_codegen::load::load;
use wechatpay_codegen::{emit, names};

/// Features by name, with the features that each brings.
fn features(block: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut features = BTreeMap::new();
    for line in block.lines() {
        let Some((name, needs)) = line.split_once(" = [") else {
            continue;
        };
        let needs = needs.trim_end_matches(']').split(", ");
        let needs = needs.map(|need| need.trim_matches('"').to_owned());
        features.insert(name.to_owned(), needs.filter(|need| !need.is_empty()).collect());
    }
    features
}

/// `name` and all that it brings.
fn closure(name: &str, features: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        open.extend(features.get(&name).into_iter().flatten().cloned());
        all.insert(name);
    }
    all
}

/// The page modules that `text` refers to: `crate::v2::pay::unifiedorder` → `["v2", "pay"]`.
fn references(text: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let path: String = text[at + "crate::".len()..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || "_#:".contains(*c))
            .collect();
        let parts: Vec<_> = path.split("::").map(str::to_owned).collect();
        let depth = match parts[0].as_str() {
            "v2" | "v3" | "brand" => 2,
            "webhook" if parts.get(1).is_some_and(|part| ["v2", "v3"].contains(&&**part)) => 3,
            _ => continue,
        };
        found.insert(parts[..depth.min(parts.len())].to_vec());
    }
    found
}

#[test]
fn what_a_product_refers_to_comes_with_its_feature() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let api = load(&specs).expect("the pages can be read").api;
    let features = features(&emit::features(&api));
    // Each product's modules, at the depth where a feature switches them.
    let mut homes: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for operation in &api.operations {
        let module = names::path::operation_module(operation);
        let depth = if module[0] == "webhook" { 3 } else { 2 };
        let home = module[..depth.min(module.len())].to_vec();
        homes.entry(home).or_default().insert(names::feature(operation));
    }
    let mut seen = 0;
    for (file, text) in emit::emit(&api) {
        let module: Vec<_> = file
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        let depth = if module[0] == "webhook" { 3 } else { 2 };
        let Some(own) = module.get(..depth).and_then(|home| homes.get(home)) else {
            continue;
        };
        for target in references(&text) {
            seen += 1;
            let needed = homes
                .get(&target)
                .unwrap_or_else(|| panic!("{file}: no page has {target:?}"));
            for feature in own {
                assert!(
                    !needed.is_disjoint(&closure(feature, &features)),
                    "{file} refers to {target:?}, and `{feature}` brings none of {needed:?}"
                );
            }
        }
    }
    assert!(seen >= 5, "the moved pages refer to others: {seen}");
}
