//! What is received is read as far as its meaning is certain, and every deviation is recorded.

mod traffic;

use super::{Decimal, Encrypted, Json, JsonText, UrlEncoded, decode_json};

values! {
    pub enum State {
        Open = "OPEN",
    }
}

pub struct Item {
    id: String,
    fee: Option<i64>,
}
object!(Item { id, fee });

pub struct Document {
    text: Option<String>,
    name: String,
    total: i64,
    fee: Option<i64>,
    rate: Option<Decimal>,
    flag: bool,
    state: Option<State>,
    secret: Option<Encrypted>,
    payer: Option<Item>,
    amount: Item,
    items: Vec<Item>,
    tags: Option<Vec<String>>,
    detail: Option<JsonText<Vec<Item>>>,
    form: Option<UrlEncoded<Item>>,
    any: Option<Json>,
}
object!(Document {
    text: String, name, total, fee: i64, rate: Decimal, flag, state: State, secret: Encrypted, payer: Item,
    amount, items, tags: Vec<String>, detail: JsonText<Vec<Item>>, form: UrlEncoded<Item>, any: Json
});

/// A document in which everything is as documented, but for one field.
fn with(field: &str, value: &str) -> (Document, Vec<String>) {
    let fields = [
        ("name", r#""n""#),
        ("total", "100"),
        ("flag", "true"),
        ("amount", r#"{"id":"a"}"#),
        ("items", r#"[{"id":"i","fee":1}]"#),
    ];
    let mut text: Vec<_> = fields
        .iter()
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    if !value.is_empty() {
        text.push(format!("\"{field}\":{value}"));
    }
    let decoded = decode_json::<Document>(format!("{{{}}}", text.join(",")).as_bytes()).expect("is read");
    let deviations = decoded.deviations.iter().map(ToString::to_string).collect();
    (decoded.value, deviations)
}

#[track_caller]
fn deviates(field: &str, value: &str, expected: &[&str]) -> Document {
    let (document, deviations) = with(field, value);
    assert_eq!(deviations, expected, "{field}: {value}");
    document
}

#[test]
fn as_documented_nothing_deviates() {
    for (field, value) in [
        ("new_field", "{}"),
        ("text", "null"),
        ("state", "\"LATER\""),
        ("rate", "0.60"),
        ("any", "[1]"),
        ("detail", r#""[{\"id\":\"1\"}]""#),
        ("form", r#""id=1&fee=2""#),
        ("total", "100.0"),
    ] {
        deviates(field, value, &[]);
    }
    let (document, _) = with("state", "\"LATER\"");
    assert_eq!(document.state.unwrap().as_str(), "LATER");
}

#[test]
fn a_required_field_may_be_missing_or_null() {
    let document = deviates("total", "", &["total: expected an integer, found nothing"]);
    assert_eq!(document.total, 0);
    deviates("total", "null", &["total: expected an integer, found null"]);
    deviates("name", "", &["name: expected text, found nothing"]);
    deviates("amount", "", &["amount: expected an object, found nothing"]);
    deviates("amount", "{}", &["amount.id: expected text, found nothing"]);
    deviates("items", "null", &["items: expected a list, found null"]);
    deviates("flag", "", &["flag: expected a boolean, found nothing"]);
    let document = deviates(
        "items",
        r#"[{"fee":1},null]"#,
        &[
            "items[0].id: expected text, found nothing",
            "items[1]: expected an object, found null",
        ],
    );
    assert_eq!((document.items.len(), document.items[0].fee), (1, Some(1)));
}

#[test]
fn the_same_value_may_be_of_another_kind() {
    let document = deviates("total", "\"7\"", &["total: expected an integer, found text"]);
    assert_eq!(document.total, 7);
    let document = deviates("text", "7", &["text: expected text, found a number"]);
    assert_eq!(document.text.as_deref(), Some("7"));
    let document = deviates("rate", "\"0.60\"", &["rate: expected a number, found text"]);
    assert_eq!(document.rate.unwrap().as_str(), "0.60");
    for (value, flag) in [
        ("\"Y\"", true),
        ("\"true\"", true),
        ("1", true),
        ("\"N\"", false),
        ("0", false),
    ] {
        let kind = if value.starts_with('"') {
            "text"
        } else {
            "a number"
        };
        let expected = format!("flag: expected a boolean, found {kind}");
        assert_eq!(deviates("flag", value, &[&expected]).flag, flag, "{value}");
    }
    let document = deviates(
        "items",
        r#"{"id":"i"}"#,
        &["items: expected a list, found an object"],
    );
    assert_eq!(document.items[0].id, "i");
    let document = deviates(
        "amount",
        r#"[{"id":"i"}]"#,
        &["amount: expected an object, found a list"],
    );
    assert_eq!(document.amount.id, "i");
    let document = deviates("tags", "\"a\"", &["tags: expected a list, found text"]);
    assert_eq!(document.tags.unwrap(), ["a"]);
    deviates("text", r#"["a"]"#, &["text: expected text, found a list"]);
    let document = deviates(
        "payer",
        r#""{\"id\":\"1\"}""#,
        &["payer: expected an object, found text"],
    );
    assert_eq!(document.payer.unwrap().id, "1");
}

#[test]
fn what_does_not_fit_is_absent() {
    for (field, value, found) in [
        ("fee", "\"\"", "an integer, found empty text"),
        ("fee", "\"1.5\"", "an integer, found text"),
        ("fee", "1.5", "an integer, found a number with a fraction"),
        ("fee", "true", "an integer, found a boolean"),
        ("fee", "{}", "an integer, found an object"),
        ("fee", "[1,2]", "an integer, found a list"),
        (
            "fee",
            "99999999999999999999",
            "an integer, found a number with a fraction",
        ),
        ("rate", "{}", "a number, found an object"),
        ("payer", "\"\"", "an object, found empty text"),
        ("payer", "[]", "an object, found a list"),
        ("payer", "7", "an object, found a number"),
        ("tags", "\"\"", "a list, found empty text"),
        ("tags", "{}", "a list, found an object"),
        ("secret", "{}", "text, found an object"),
        ("detail", "\"\"", "JSON in text, found empty text"),
        ("detail", "\"no JSON\"", "a list, found text that is not JSON"),
        ("form", "[]", "a form in text, found a list"),
    ] {
        let document = deviates(field, value, &[&format!("{field}: expected {found}")]);
        let fields = (&document as &dyn super::Object).fields();
        let (_, value) = fields.iter().find(|(name, _)| *name == field).unwrap();
        assert!(matches!(value.view(), super::View::Absent), "{field}");
    }
    let document = deviates("total", "{}", &["total: expected an integer, found an object"]);
    assert_eq!(document.total, 0);
}

#[test]
fn a_list_in_text_may_be_wrapped_in_an_object() {
    let document = deviates(
        "detail",
        r#""{\"promotion_detail\":[{\"id\":\"1\"},{\"id\":\"2\"}]}""#,
        &["detail: expected a list, found an object"],
    );
    assert_eq!(document.detail.unwrap().len(), 2);
    let document = deviates("detail", r#""{\"detail\":[{\"id\":\"1\"}]}""#, &[]);
    assert_eq!(document.detail.unwrap().len(), 1);
    deviates("detail", r#""{}""#, &["detail: expected a list, found an object"]);
    let document = deviates(
        "detail",
        r#"[{"id":"1"}]"#,
        &["detail: expected JSON in text, found a list"],
    );
    assert_eq!(document.detail.unwrap()[0].id, "1");
}

#[test]
fn of_a_field_that_repeats_no_value_counts() {
    let json =
        br#"{"name":"n","total":1,"total":100,"fee":1,"fee":1,"flag":true,"amount":{"id":"a"},"items":[]}"#;
    let decoded = decode_json::<Document>(json).unwrap();
    assert_eq!((decoded.value.total, decoded.value.fee), (0, None));
    let deviations: Vec<_> = decoded.deviations.iter().map(ToString::to_string).collect();
    assert_eq!(
        deviations,
        [
            "total: expected an integer, found the field twice",
            "fee: expected an integer, found the field twice"
        ]
    );
}

#[test]
fn another_document_is_refused() {
    for (json, problem) in [
        ("[]", "expected an object, found a list"),
        ("[{}]", "expected an object, found a list"),
        ("\"{}\"", "expected an object, found text"),
        ("7", "expected an object, found a number"),
        ("null", "expected an object, found null"),
    ] {
        let mismatch = decode_json::<Document>(json.as_bytes()).err().unwrap();
        assert_eq!(mismatch.problem, problem, "{json}");
    }
    for json in ["", "{", "{}x", "<html>", "{\"name\":}"] {
        let mismatch = decode_json::<Document>(json.as_bytes()).err().unwrap();
        assert!(mismatch.problem.starts_with("not JSON: "), "{json}: {mismatch}");
    }
}

#[test]
fn deviations_are_counted_up_to_a_bound() {
    let json = format!("{{\"items\":[{}7]}}", "7,".repeat(100_000));
    let decoded = decode_json::<Document>(json.as_bytes()).unwrap();
    assert_eq!(decoded.deviations.len(), 1000);
}
