//! Where a page's code stands: modules and cargo features, from the page's own path.

use super::ident::snake;
use crate::ir::{Kind, Operation, Protocol};

/// Module path of a page: `openapi/v3/pay/transactions/id/{transaction_id}.md` →
/// `v3::pay::transactions::id::by_transaction_id`.
pub fn module(page: &str) -> Vec<String> {
    let page = page.strip_suffix(".md").unwrap_or(page);
    let page = page.strip_prefix("openapi/").unwrap_or(page);
    // APIv2 has both `TRANSACTION.SUCCESS` and `transaction-success`.
    if let Some(event) = page.strip_prefix("webhook/v2/").filter(|name| name.contains('.')) {
        return vec![
            "webhook".to_owned(),
            "v2".to_owned(),
            part(&format!("event-{event}")),
        ];
    }
    page.split('/').map(part).collect()
}

/// The name of a module or feature: only ASCII, because it is also the name of a file.
fn part(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_ascii() {
            true => spelt.push(c),
            false => spelt.push_str(&format!("_u{:x}_", u32::from(c))),
        }
    }
    match snake(&spelt) {
        // `x/mod.rs` would be a second file of the module `x`.
        name if name == "r#mod" => "mod_".to_owned(),
        name => name,
    }
}

/// The page's place in the layout of the site. A page outside of it stands where its URL says.
fn place(operation: &Operation) -> String {
    let folders = ["openapi/v", "openapi/brand/", "webhook/v"];
    let in_layout = folders.iter().any(|folder| operation.page.starts_with(folder));
    match &operation.path {
        Some(path) if !in_layout => match operation.protocol {
            Protocol::V3 => format!("openapi{path}"),
            Protocol::V2 => format!("openapi/v2{path}"),
        },
        _ => operation.page.clone(),
    }
}

/// Module path of an operation's page.
pub fn operation_module(operation: &Operation) -> Vec<String> {
    module(&place(operation))
}

/// The path of what is generated for an operation, below the client crate:
/// `v3::pay::transactions::jsapi::post`, `webhook::v3::refund_success`.
pub fn rust_path(operation: &Operation) -> String {
    let mut path = operation_module(operation);
    if operation.kind == Kind::Api {
        path.push(operation.method.as_str().to_lowercase());
    }
    path.join("::")
}

/// The cargo feature of an operation.
pub fn feature(operation: &Operation) -> String {
    page_feature(&place(operation))
}

/// The cargo feature of a page: the first folder of its path, `v2-` before it for APIv2; for a
/// webhook `webhook-` and the first word of its event type.
pub fn page_feature(page: &str) -> String {
    let page = page.strip_suffix(".md").unwrap_or(page);
    let mut parts = page.split('/');
    let (kind, version, first) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let kebab = |text: &str| part(text).trim_start_matches("r#").replace('_', "-");
    match (kind, version) {
        (Some("webhook"), Some("v3")) => {
            format!("webhook-{}", kebab(first.split('.').next().unwrap_or_default()))
        }
        (Some("webhook"), Some(version)) => format!("{version}-webhook"),
        (_, Some("v3")) => kebab(first),
        (_, version) => format!("{}-{}", version.unwrap_or_default(), kebab(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::{module, page_feature};

    #[test]
    fn modules_and_features_follow_the_page() {
        for (page, path, feature) in [
            (
                "openapi/v3/pay/transactions/id/{transaction_id}.md",
                "v3::pay::transactions::id::by_transaction_id",
                "pay",
            ),
            ("openapi/v3/商户/x.md", "v3::u5546_u6237::x", "u5546-u6237"),
            ("openapi/v3/certificates.md", "v3::certificates", "certificates"),
            ("openapi/v3/shops/mod.md", "v3::shops::mod_", "shops"),
            (
                "openapi/brand/marketing/coupons.md",
                "brand::marketing::coupons",
                "brand-marketing",
            ),
            ("openapi/v3/shops/index.md", "v3::shops::index", "shops"),
            (
                "openapi/v3/mch_operate/risk.md",
                "v3::mch_operate::risk",
                "mch-operate",
            ),
            (
                "openapi/v2/pay/unifiedorder.md",
                "v2::pay::unifiedorder",
                "v2-pay",
            ),
            (
                "openapi/v2/cgi-bin/mch/customs.md",
                "v2::cgi_bin::mch::customs",
                "v2-cgi-bin",
            ),
            (
                "webhook/v3/REFUND.SUCCESS.md",
                "webhook::v3::refund_success",
                "webhook-refund",
            ),
            (
                "webhook/v2/CHECK.FAIL.md",
                "webhook::v2::event_check_fail",
                "v2-webhook",
            ),
            (
                "webhook/v2/refund-processed.md",
                "webhook::v2::refund_processed",
                "v2-webhook",
            ),
        ] {
            assert_eq!(module(page).join("::"), path);
            assert_eq!(page_feature(page), feature);
        }
    }
}
