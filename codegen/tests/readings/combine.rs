//! What readings change.

use wechatpay_codegen::ir::{Effect, Encryption, Origin, Type};
use wechatpay_codegen::load::load_sources;
use wechatpay_codegen::source::Source;

use crate::support::{PAGE, combined, effects, find, independent, official, one, reading};

#[test]
fn a_field_is_required_only_if_nobody_does_without() {
    let loaded = combined(&[official(), independent()]);
    let request = &one(&loaded).request;
    assert!(find(&request.path, "id").required, "a path parameter stays");
    assert!(find(&request.body.properties, "name").required);
    let note = find(&request.body.properties, "note");
    assert!(!note.required);
    let both = [
        ("port".to_owned(), Effect::Optional),
        ("sdk".to_owned(), Effect::Lacking),
    ];
    assert_eq!(effects(note), both);
    let response = &one(&loaded).response.properties;
    assert!(find(response, "state").required);
    let payer = find(response, "payer");
    assert_eq!(
        (payer.required, payer.schema.properties[0].required),
        (false, false)
    );
    assert!(
        find(response, "extra").schema.properties[0].required,
        "an object that is not shown proves nothing"
    );
}

#[test]
fn what_a_page_lacks_is_added_as_far_as_the_reading_counts() {
    let loaded = combined(&[official(), independent()]);
    let body = &one(&loaded).request.body.properties;
    let names: Vec<_> = body.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(
        names,
        ["name", "note"],
        "the path's parameter may be `added` there"
    );
    let response = &one(&loaded).response.properties;
    let paid = find(response, "paid");
    assert_eq!(
        (paid.schema.ty, paid.required, paid.provenance.origin),
        (Type::Boolean, false, Origin::Reading)
    );
    let more = find(response, "more");
    assert_eq!(
        (more.schema.ty, more.schema.array, more.schema.properties.len()),
        (Type::Object, true, 1)
    );
    assert_eq!(loaded.counts.learned, 3);

    let named = official()
        .text
        .replace("added:string name", "added:string id:string name");
    let loaded = combined(&[Source::new("readings/sdk.txt", named)]);
    assert_eq!(one(&loaded).request.body.properties[2].name, "added");
}

#[test]
fn kinds_times_and_values_are_taken_over_where_the_page_is_vague() {
    let loaded = combined(&[official(), independent()]);
    let response = &one(&loaded).response.properties;
    assert_eq!(find(response, "sum").schema.ty, Type::Integer);
    assert!(find(response, "time").schema.time);
    let state = find(response, "state");
    assert_eq!(
        state.schema.values,
        ["A", "B", "C"],
        "values count from official readings"
    );
    assert_eq!(
        effects(state),
        [("sdk".to_owned(), Effect::Values(vec!["C".to_owned()]))]
    );
}

#[test]
fn the_order_of_the_readings_does_not_matter() {
    let one_way = combined(&[official(), independent()]);
    let other_way = combined(&[independent(), official()]);
    assert!(one_way.api == other_way.api);
}

#[test]
fn an_added_field_is_encrypted_as_the_reading_has_it() {
    let lines = "POST /v3/shop/{} response name?:string*\n";
    let loaded = combined(&[reading("port", "independent", lines)]);
    let name = find(&one(&loaded).response.properties, "name");
    assert_eq!(name.schema.encrypted, Some(Encryption::Rsa));
}

#[test]
fn an_added_field_of_unknown_kind_has_the_usual_type_of_its_name() {
    let lines = "POST /v3/shop/{} response more{sum?} note?\n";
    let loaded = combined(&[reading("traffic", "observed", lines)]);
    let response = &one(&loaded).response.properties;
    let sum = &find(response, "more").schema.properties[0];
    assert_eq!(sum.schema.ty, Type::Number, "as in the row `sum` of the page");
    assert_eq!(find(response, "note").schema.ty, Type::String);
}

#[test]
fn a_constant_with_another_value_is_an_enumeration() {
    let page = PAGE.replace("`A` \\| `B` 枚举值之一", "`A` 枚举值");
    let state = |lines: &str| {
        let sources = vec![
            Source::new("openapi/v3/shop/{id}.md", page.clone()),
            reading("sdk", "official", lines),
        ];
        let loaded = load_sources(sources);
        let schema = find(&one(&loaded).response.properties, "state").schema.clone();
        (schema.constant, schema.values)
    };
    let same = state("POST /v3/shop/{} response state:string(A)\n");
    assert_eq!(same, (Some("A".to_owned()), Vec::new()));
    let more = state("POST /v3/shop/{} response state:string(A B)\n");
    assert_eq!(more, (None, vec!["A".to_owned(), "B".to_owned()]));
}
