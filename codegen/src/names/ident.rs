//! Identifiers: every Rust name is made here, from the page's own words.

use std::borrow::Cow;

/// Rust's keywords, strict and reserved, of all editions.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that cannot be written raw.
const UNRAWABLE: &[&str] = &["crate", "self", "super", "_"];

/// A field, module or function name: `Wechatpay-Serial` → `wechatpay_serial`, `type` → `r#type`,
/// `coupon_id_$n` → `coupon_id`, `{openid}` → `by_openid`.
pub fn snake(text: &str) -> String {
    let text = match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(parameter) => Cow::from(format!("by_{parameter}")),
        None => Cow::from(text),
    };
    let text = unnumbered(&text);
    let mut name = words(&text).join("_").to_lowercase();
    if name.is_empty() || name.starts_with(is_tail) {
        name.insert(0, '_');
    }
    if UNRAWABLE.contains(&name.as_str()) {
        name.push('_');
    } else if KEYWORDS.contains(&name.as_str()) {
        name.insert_str(0, "r#");
    }
    name
}

/// A type or variant name: `goods_detail` → `GoodsDetail`, `HMAC-SHA256` → `HmacSha256`, `3` → `N3`,
/// `-1` → `Minus1`.
pub fn camel(text: &str) -> String {
    let negative = text
        .strip_prefix('-')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let text = unnumbered(negative.unwrap_or(text));
    let mut name = if negative.is_some() {
        "Minus".to_owned()
    } else {
        String::new()
    };
    for word in words(&text) {
        // `1.0` and `10` must differ, so digits keep a line between them.
        let after_digit = name.ends_with(|c: char| c.is_ascii_digit());
        if after_digit && word.starts_with(|c: char| c.is_ascii_digit()) {
            name.push('_');
        }
        name.push_str(&capital(word));
    }
    if name.is_empty() {
        name.push_str("Empty");
    }
    if name.starts_with(is_tail) {
        name.insert(0, 'N');
    }
    if name == "Self" {
        "SelfValue".to_owned()
    } else {
        name
    }
}

/// The parts of a name: split at what no identifier holds, and where `camelCase` turns.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        let turns = before.is_some_and(|b: char| b.is_lowercase()) && c.is_uppercase();
        if turns || !is_part(c) {
            words.push(&text[start..at]);
            start = if is_part(c) { at } else { at + c.len_utf8() };
        }
        before = Some(c);
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// A name without the marks of a numbered field: `coupon_id_$n` → `coupon_id_`.
fn unnumbered(name: &str) -> Cow<'_, str> {
    match name.contains('$') {
        true => name.replace("$n", "").replace("$m", "").into(),
        false => name.into(),
    }
}

/// Whether a character may stand in an identifier: `²` and `①` are numbers, but may not.
fn is_part(c: char) -> bool {
    c != '_' && unicode_ident::is_xid_continue(c)
}

/// Whether a character may be in an identifier, but not at its start.
fn is_tail(c: char) -> bool {
    !unicode_ident::is_xid_start(c)
}

/// `WORD`, `word`, `Word` → `Word`.
fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first
            .to_uppercase()
            .chain(chars.as_str().to_lowercase().chars())
            .collect(),
        None => String::new(),
    }
}

/// The name of one element of the list `name`: `sub_orders` → `sub_order`, `coupon_list` → `coupon`.
///
/// It depends on the name alone, so that no other change moves it.
pub fn singular(name: &str) -> String {
    let list = ["_list", "List", "_array", "_lists"];
    if let Some(stem) = list.iter().find_map(|end| name.strip_suffix(end))
        && !stem.is_empty()
    {
        return singular(stem);
    }
    let (head, word) = name
        .rsplit_once('_')
        .map_or(("", name), |(head, word)| (head, word));
    let lower = word.to_ascii_lowercase();
    let kept = UNCHANGED.contains(&lower.as_str())
        || ["ss", "us", "is"].iter().any(|end| lower.ends_with(end))
        || word.len() < 4;
    let one = match word {
        _ if kept => word.to_owned(),
        _ if lower.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        _ if ["sses", "xes", "ches", "shes"]
            .iter()
            .any(|end| lower.ends_with(end)) =>
        {
            word[..word.len() - 2].to_owned()
        }
        _ if lower.ends_with('s') => word[..word.len() - 1].to_owned(),
        _ => word.to_owned(),
    };
    match head {
        "" => one,
        head => format!("{head}_{one}"),
    }
}

/// Words that end in `s` and mean one thing, or many in the same form.
const UNCHANGED: &[&str] = &[
    "goods", "news", "series", "species", "sms", "means", "gps", "pos", "os",
];

#[cfg(test)]
mod tests {
    use super::{camel, snake};

    #[test]
    fn snake_case_names() {
        for (page, rust) in [
            ("out_trade_no", "out_trade_no"),
            ("authorization-code", "authorization_code"),
            ("{authorization_code}", "by_authorization_code"),
            ("Wechatpay-Serial", "wechatpay_serial"),
            ("payAuthNo", "pay_auth_no"),
            ("setlLatlnt", "setl_latlnt"),
            ("addInstitutionsub", "add_institutionsub"),
            ("REFUND.SUCCESS", "refund_success"),
            ("coupon_id_$n", "coupon_id"),
            ("coupon_refund_fee_$n_$m", "coupon_refund_fee"),
            ("type", "r#type"),
            ("self", "self_"),
            ("payer _currency", "payer_currency"),
            ("3d", "_3d"),
            ("", "__"),
        ] {
            assert_eq!(snake(page), rust, "{page}");
        }
    }

    #[test]
    fn camel_case_names() {
        for (page, rust) in [
            ("goods_detail", "GoodsDetail"),
            ("NOTPAY", "Notpay"),
            ("HMAC-SHA256", "HmacSha256"),
            ("REFUND.SUCCESS", "RefundSuccess"),
            ("3", "N3"),
            ("-1", "Minus1"),
            ("1.0", "N1_0"),
            ("10", "N10"),
            ("20X", "N20x"),
            ("一级", "一级"),
            ("UTF-8", "Utf8"),
            ("self", "SelfValue"),
            ("", "Empty"),
        ] {
            assert_eq!(camel(page), rust, "{page}");
        }
    }

    #[test]
    fn an_element_is_named_in_the_singular() {
        for (list, element) in [
            ("sub_orders", "sub_order"),
            ("coupon_list", "coupon"),
            ("goods_detail", "goods_detail"),
            ("goods", "goods"),
            ("addresses", "address"),
            ("address", "address"),
            ("policies", "policy"),
            ("status", "status"),
            ("bonus", "bonus"),
            ("branches", "branch"),
            ("list", "list"),
            ("receivers", "receiver"),
            ("user_list_details", "user_list_detail"),
            ("pos", "pos"),
            ("sms", "sms"),
            ("images", "image"),
        ] {
            assert_eq!(super::singular(list), element);
        }
    }
}
