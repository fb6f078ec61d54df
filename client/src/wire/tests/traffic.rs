//! Shapes that recorded traffic has and no page documents: numbers in other notations, text around a
//! document, objects and lists that are empty.

use super::{Document, deviates, with};
use crate::wire::decode_json;

#[test]
fn a_whole_number_may_have_another_notation() {
    for (value, total) in [
        ("100.0", 100),
        ("1e2", 100),
        ("-0", 0),
        ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854775807", i64::MAX),
    ] {
        assert_eq!(deviates("total", value, &[]).total, total, "{value}");
    }
    for value in ["\"100\"", "\" 100 \"", "\"100.00\""] {
        let document = deviates("total", value, &["total: expected an integer, found text"]);
        assert_eq!(document.total, 100, "{value}");
    }
    for value in ["\"1e2\"", "\"0x10\"", "\"1,000\"", "\"100.01\"", "\".\"", "1.5"] {
        let (document, deviations) = with("total", value);
        assert_eq!((document.total, deviations.len()), (0, 1), "{value}");
    }
}

#[test]
fn an_identifier_may_be_a_number_of_any_length() {
    for number in [
        "7",
        "1217752501201407033233368018",
        "-5",
        "0.60",
        "123456789012345678901234567890.5",
    ] {
        let document = deviates("text", number, &["text: expected text, found a number"]);
        assert_eq!(document.text.as_deref(), Some(number));
    }
    let document = deviates(
        "state",
        "1217752501201407033233368018",
        &["state: expected text, found a number"],
    );
    assert_eq!(document.state.unwrap().as_str(), "1217752501201407033233368018");
    // What was read before the number is read again.
    let json =
        br#"{"name":12345678901234567890123,"total":1,"flag":true,"amount":{"id":7},"items":[{"id":"a"}]}"#;
    let decoded = decode_json::<Document>(json).unwrap();
    assert_eq!(
        (decoded.value.name.as_str(), decoded.value.items.len()),
        ("12345678901234567890123", 1)
    );
    assert_eq!(decoded.deviations.len(), 2);
}

#[test]
fn a_boolean_may_be_written_in_many_ways() {
    for (value, flag) in [
        ("\"TRUE\"", true),
        ("\"False\"", false),
        ("\"n\"", false),
        ("\"1\"", true),
    ] {
        let document = deviates("flag", value, &["flag: expected a boolean, found text"]);
        assert_eq!(document.flag, flag, "{value}");
    }
    for value in ["2", "1.5", "\"perhaps\"", "[]", "{}"] {
        let (document, deviations) = with("flag", value);
        assert_eq!((document.flag, deviations.len()), (false, 1), "{value}");
    }
}

#[test]
fn an_object_or_list_may_be_empty_or_the_other() {
    let document = deviates("payer", "[]", &["payer: expected an object, found a list"]);
    assert!(document.payer.is_none());
    let document = deviates("items", "{}", &["items: expected a list, found an object"]);
    assert!(document.items.is_empty());
    let document = deviates("items", "\"[]\"", &["items: expected a list, found text"]);
    assert!(document.items.is_empty());
    let document = deviates(
        "items",
        r#""[{\"id\":\"1\"}]""#,
        &["items: expected a list, found text"],
    );
    assert_eq!(document.items[0].id, "1");
    deviates("payer", "{}", &["payer.id: expected text, found nothing"]);
    deviates("payer", "{\"id\":\"\"}", &[]);
    for value in ["[[[]]]", "[{\"id\":[{\"id\":{}}]}]", "[null]", "[\"\"]"] {
        let (document, deviations) = with("payer", value);
        assert!(document.payer.is_none_or(|payer| payer.id.is_empty()), "{value}");
        assert!(!deviations.is_empty(), "{value}");
    }
}

#[test]
fn what_surrounds_a_document_does_not_matter() {
    let json = r#"{"name":"n","total":1,"flag":true,"amount":{"id":"a"},"items":[]}"#;
    for text in [
        format!("\u{feff}{json}"),
        format!("{json}\n"),
        format!("\r\n\t {json} \r\n\r\n"),
        json.replace(':', " :\n").replace(',', "\r\n, "),
    ] {
        let decoded = decode_json::<Document>(text.as_bytes()).unwrap();
        assert_eq!(
            (decoded.value.name.as_str(), decoded.deviations.len()),
            ("n", 0),
            "{text:?}"
        );
    }
    for text in [
        format!("{json}{json}"),
        format!("{json},"),
        format!("x{json}"),
        json.replace('}', ""),
    ] {
        assert!(decode_json::<Document>(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn text_may_hold_what_is_not_quite_json() {
    for (value, text) in [
        (&b"\"a\\ud83dz\""[..], "a\u{fffd}z"),
        (b"\"a\\udc4d\"", "a\u{fffd}"),
        (b"\"\\ud83d\\udc4d\"", "\u{1f44d}"),
        (b"\"a\tb\nc\"", "a\tb\nc"),
        (b"\"a\xff\xfe\"", "a\u{fffd}\u{fffd}"),
        (b"\"a\\/\\u002f\"", "a//"),
        (b"\"\\\\ud83d\"", "\\ud83d"),
    ] {
        let mut json = br#"{"total":1,"flag":true,"amount":{"id":"a"},"items":[],"name":"#.to_vec();
        json.extend_from_slice(value);
        json.push(b'}');
        let decoded = decode_json::<Document>(&json).unwrap();
        assert_eq!(decoded.value.name, text, "{}", value.escape_ascii());
        let expected = usize::from(text.contains(['\u{fffd}', '\n']));
        assert_eq!(decoded.deviations.len(), expected, "{:?}", decoded.deviations);
    }
}

#[test]
fn json_may_be_as_deep_as_the_library_allows() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    deviates("any", &nested(100), &[]);
    for (field, is_read) in [("new", true), ("any", false)] {
        let json = format!("{{\"{field}\":{}}}", nested(100_000));
        assert_eq!(
            decode_json::<Document>(json.as_bytes()).is_ok(),
            is_read,
            "{field}"
        );
    }
}

/// A list that counts how often it is asked.
struct Counted {
    rows: Vec<super::Item>,
    asked: std::sync::atomic::AtomicUsize,
}

impl Counted {
    fn count(&self) {
        self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

impl crate::wire::List for Counted {
    fn length(&self) -> usize {
        self.count();
        self.rows.len()
    }
    fn item(&self, index: usize) -> Option<&dyn crate::wire::Value> {
        self.count();
        crate::wire::List::item(&self.rows, index)
    }
    fn item_mut(&mut self, index: usize) -> &mut dyn crate::wire::Value {
        self.count();
        crate::wire::List::item_mut(&mut self.rows, index)
    }
    fn truncate(&mut self, length: usize) {
        self.count();
        self.rows.truncate(length);
    }
}

impl crate::wire::Value for Counted {
    fn view(&self) -> crate::wire::View<'_> {
        crate::wire::View::List(self)
    }
    fn slot(&mut self) -> crate::wire::Slot<'_> {
        crate::wire::Slot::List(self)
    }
    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            asked: Default::default(),
        }
    }
}

struct Page {
    rows: Counted,
}
object!(Page { rows });

/// How often a list of `rows` is asked while it is read, copied, printed and written.
fn asked(rows: usize, row: &str) -> usize {
    let json = format!("{{\"rows\":[{}]}}", vec![row; rows].join(","));
    let page = decode_json::<Page>(json.as_bytes()).unwrap().value;
    let copy = page.clone();
    assert!(format!("{copy:?}").starts_with("Page"));
    crate::wire::to_json(&page, &|_| true, None).unwrap();
    let flat = crate::wire::flatten(&page, &|_| true, None).unwrap();
    assert_eq!(flat.len(), page.rows.rows.len());
    [page, copy].map(|page| page.rows.asked.into_inner()).iter().sum()
}

#[test]
fn long_lists_cost_in_proportion() {
    for row in [r#"{"id":"1","fee":1}"#, r#"{"id":1}"#, "7"] {
        let (thousand, ten_thousand) = (asked(1_000, row), asked(10_000, row));
        assert!(thousand >= 1_000, "{row}: {thousand}");
        assert!(ten_thousand <= thousand * 10, "{row}: {thousand}, {ten_thousand}");
    }
}
