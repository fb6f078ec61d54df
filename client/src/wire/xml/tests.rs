//! What documents give, and what attacks get.

use std::time::{Duration, Instant};

use super::*;
use crate::wire::{Json, JsonText};

struct Response {
    return_code: String,
    total: Option<i64>,
    note: Option<String>,
    coupon_ids: Vec<String>,
    fees: Vec<Vec<i64>>,
    hblist: Option<Records>,
    mchinfo: Vec<Record>,
    orders: Option<JsonText<Orders>>,
    any: Option<Json>,
}
object!(Response {
    return_code, total, note, coupon_ids "coupon_id_$n", fees "fee_$n_$m", hblist, mchinfo, orders, any
});

struct Records {
    hbinfo: Vec<Record>,
}
object!(Records { hbinfo });

struct Record {
    openid: String,
    amount: Option<i64>,
}
object!(Record { openid, amount });

struct Orders {
    order_list: Vec<Record>,
}
object!(Orders { order_list });

fn read(xml: &str) -> Result<(Response, Vec<FlatField>), Mismatch> {
    let mut response = Response::empty();
    from_xml(xml.as_bytes(), &mut response).map(|filled| (response, filled.fields))
}

fn deviations(xml: impl AsRef<[u8]>) -> Vec<String> {
    let filled = from_xml(xml.as_ref(), &mut Response::empty()).expect("is read");
    filled.deviations.iter().map(ToString::to_string).collect()
}

fn refused(xml: impl AsRef<[u8]>) -> String {
    let start = Instant::now();
    let mismatch = from_xml(xml.as_ref(), &mut Response::empty()).expect_err("must be refused");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "took {:?}",
        start.elapsed()
    );
    mismatch.to_string()
}

#[test]
fn flat_text_families_and_unknown_fields() {
    let (response, fields) = read(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<root>\n<!-- c --><return_code>\n<![CDATA[SUCCESS]]>\n</return_code>
        <total> 12 </total><note>a&amp;b &#x4f60;<![CDATA[<&]]>]]&gt;</note>
        <coupon_id_1>B</coupon_id_1><coupon_id_0>A</coupon_id_0>
        <fee_0_1>2</fee_0_1><fee_0_0>1</fee_0_0><fee_1_0>3</fee_1_0><new_field>x</new_field></root>\n",
    )
    .unwrap();
    assert_eq!(response.return_code, "SUCCESS");
    assert_eq!(response.total, Some(12));
    assert_eq!(response.note.as_deref(), Some("a&b 你<&]]>"));
    assert_eq!(response.coupon_ids, ["A", "B"]);
    assert_eq!(response.fees, [vec![1, 2], vec![3]]);
    assert!(fields.contains(&("new_field".to_owned(), "x".to_owned())));
    assert_eq!(fields.len(), 9);
}

#[test]
fn nested_elements_and_json_text_fill_the_same_types() {
    let nested = "<xml><return_code>SUCCESS</return_code>
        <hblist><hbinfo><openid>a</openid><amount>1</amount></hbinfo><hbinfo><openid>b</openid></hbinfo></hblist>
        <mchinfo><openid>c</openid></mchinfo><mchinfo><openid>d</openid></mchinfo>
        <orders><order_list><openid>e</openid></order_list></orders><any><x><y>1</y><y>2</y></x></any></xml>";
    let text = r#"<xml><return_code>SUCCESS</return_code>
        <hblist>{"hbinfo":[{"openid":"a","amount":1},{"openid":"b"}]}</hblist>
        <mchinfo>[{"openid":"c"},{"openid":"d"}]</mchinfo>
        <orders>{"order_list":[{"openid":"e"}]}</orders></xml>"#;
    for xml in [nested, text] {
        let (response, fields) = read(xml).unwrap();
        let records = response.hblist.unwrap().hbinfo;
        assert_eq!((records[0].openid.as_str(), records[0].amount), ("a", Some(1)));
        assert_eq!((records[1].openid.as_str(), records[1].amount), ("b", None));
        assert_eq!(response.mchinfo.len(), 2);
        assert_eq!(response.mchinfo[1].openid, "d");
        assert_eq!(response.orders.unwrap().order_list[0].openid, "e");
        let (_, source) = fields.iter().find(|(name, _)| name == "mchinfo").unwrap();
        assert!(source.contains("\"c\"") || source == "<openid>c</openid>");
    }
    let (response, _) = read(nested).unwrap();
    assert_eq!(response.any.unwrap(), serde_json::json!({"x": {"y": ["1", "2"]}}));
}

#[test]
fn empty_optional_fields_are_absent() {
    let (response, _) =
        read("<xml><return_code>SUCCESS</return_code><total/><note></note><hblist></hblist></xml>").unwrap();
    assert!(response.total.is_none() && response.note.is_none() && response.hblist.is_none());
}

#[test]
fn what_is_written_is_read_back() {
    for value in [
        "a]]>b",
        "]]>",
        "\r\n",
        "<x>&amp;",
        "plain",
        "",
        " ",
        "\"'",
        "]]]]>>",
        "你\r]]>\r",
    ] {
        let fields = [
            ("return_code".to_owned(), "SUCCESS".to_owned()),
            ("x".to_owned(), value.to_owned()),
        ];
        let (_, read) = read(&to_xml(&fields)).unwrap();
        assert_eq!(read, fields);
    }
    assert_eq!(to_xml(&[("a".to_owned(), "1".to_owned())]), "<xml><a>1</a></xml>");
    let (response, _) = read(
        "<xml><return_code>S</return_code><coupon_id_0>A</coupon_id_0><mchinfo><openid>c</openid></mchinfo>
        <fee_0_0>1</fee_0_0><hblist><hbinfo><openid>a</openid></hbinfo></hblist></xml>",
    )
    .unwrap();
    let fields = crate::wire::flatten(&response, &|_| true, None).unwrap();
    let (again, _) = read(&to_xml(&fields)).unwrap();
    assert_eq!(format!("{response:?}"), format!("{again:?}"));
}

#[test]
fn control_characters_do_not_reach_values() {
    let (response, fields) = read("<xml><return_code>A\u{1}B&#2;C</return_code></xml>").unwrap();
    assert_eq!(response.return_code, "ABC");
    // As it came, for the signature.
    assert_eq!(fields[0].1, "A\u{1}B\u{2}C");
}

#[test]
fn deviations_name_the_field_and_never_the_value() {
    let xml =
        "<xml><return_code>S</return_code><mchinfo><openid>o</openid><amount>secret</amount></mchinfo></xml>";
    assert_eq!(
        deviations(xml),
        ["mchinfo[0].amount: expected an integer, found text"]
    );
    assert_eq!(
        deviations("<xml><total>1</total></xml>"),
        ["return_code: expected text, found nothing"]
    );
    assert_eq!(
        deviations(
            "<xml><return_code>S</return_code><coupon_id_0><a>1</a></coupon_id_0><note>1</note><fee_0_900>1</fee_0_900></xml>"
        ),
        ["fee_0_900: expected a number up to the number of fields, found a higher one"]
    );
}

#[test]
fn a_failure_lacks_what_only_a_success_has() {
    for (codes, missing) in [
        ("<return_code>FAIL</return_code>", 0),
        (
            "<return_code>SUCCESS</return_code><result_code>FAIL</result_code>",
            0,
        ),
        (
            "<return_code>SUCCESS</return_code><result_code>SUCCESS</result_code>",
            1,
        ),
        ("", 1),
    ] {
        let xml = format!("<xml>{codes}</xml>");
        let filled = from_xml(xml.as_bytes(), &mut Record::empty()).expect("is read");
        assert_eq!(filled.deviations.len(), missing, "{codes}");
    }
}

#[test]
fn definitions_entities_and_instructions_are_refused() {
    let bomb = format!(
        "<!DOCTYPE x [<!ENTITY a0 \"ha\">{}]><xml><return_code>&a99;</return_code></xml>",
        (1..100)
            .map(|n| format!("<!ENTITY a{n} \"&a{0};&a{0};\">", n - 1))
            .collect::<String>()
    );
    assert_eq!(refused(bomb), "the document: XML with a document type definition");
    let external =
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><xml><return_code>&e;</return_code></xml>";
    assert_eq!(
        refused(external),
        "the document: XML with a document type definition"
    );
    assert_eq!(
        refused("<xml><!DOCTYPE x><return_code>S</return_code></xml>"),
        "the document: XML with a document type definition"
    );
    assert_eq!(
        refused("<xml><return_code>&e;</return_code></xml>"),
        "the document: XML with an entity that is not predefined"
    );
    assert_eq!(
        refused("<xml><return_code>&#xD800;</return_code></xml>"),
        "the document: XML with an impossible character reference"
    );
    assert_eq!(
        refused("<?evil run?><xml><return_code>S</return_code></xml>"),
        "the document: XML with a processing instruction"
    );
}

#[test]
fn size_and_depth_are_capped() {
    let depth = 100_000;
    assert_eq!(
        refused(format!(
            "<xml>{}{}</xml>",
            "<a>".repeat(depth),
            "</a>".repeat(depth)
        )),
        "the document: XML with more than 16 levels"
    );
    let attributes: String = (0..40_000).map(|n| format!(" a{n}=\"{n}\"")).collect();
    assert_eq!(
        refused(format!("<xml{attributes}><return_code>S</return_code></xml>")),
        "the document: XML with a tag of more than 1024 bytes"
    );
    assert_eq!(
        refused(format!("<xml>{}</xml>", " ".repeat(MOST_BYTES))),
        "the document: XML of more than 1048576 bytes"
    );
    assert_eq!(
        refused(format!("<xml>{}</xml>", "<a/>".repeat(100_000))),
        "the document: XML with more than 20000 elements"
    );
}

#[test]
fn what_is_no_xml_is_named() {
    assert_eq!(
        refused("<!DOCTYPE html><html><body>502</body></html>"),
        "the document: HTML instead of XML"
    );
    assert_eq!(
        refused("<HTML><body>502<br></body></HTML>"),
        "the document: HTML instead of XML"
    );
    assert_eq!(refused(b"<xml><a>\xff\xfe</a></xml>"), "the document: not UTF-8");
    assert_eq!(refused(" \n"), "the document: no XML: the text is empty");
    assert_eq!(
        refused("{\"code\":1}"),
        "the document: not XML: it does not begin with an element"
    );
    assert_eq!(
        refused("<xml><return_code>S</return_code>"),
        "the document: XML that is cut off"
    );
    assert_eq!(
        refused("<xml></xml><xml></xml>"),
        "the document: XML with more than one root"
    );
    assert_eq!(
        refused("<xml></xml>x"),
        "the document: XML with text outside its root"
    );
    assert!(refused("<xml><a></b></xml>").contains("not well-formed XML at byte"));
}

#[test]
fn of_a_field_that_repeats_no_value_counts() {
    let one = "<return_code>S</return_code>";
    let twice = format!("<xml>{one}{one}<total>1</total><total>2</total></xml>");
    assert_eq!(
        deviations(&twice),
        [
            "return_code: expected text, found the field twice",
            "total: expected an integer, found the field twice"
        ]
    );
    let (response, _) = read(&twice).unwrap();
    assert_eq!((response.return_code.as_str(), response.total), ("", None));
    let document = Document::parse(format!("<xml>{one}{one}</xml>").as_bytes()).unwrap();
    assert!(document.text("return_code").is_err());
}

/// Mutations of good documents: nothing panics, nothing takes long, and what is accepted can be
/// written and read again with the same result.
#[test]
fn mutations_never_panic() {
    let seeds = [
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><fee_0_1>2</fee_0_1></xml>",
        "<?xml version=\"1.0\"?><root><return_code>&lt;&#65;</return_code><hblist><hbinfo><openid>a</openid></hbinfo></hblist></root>",
        "<xml><return_code>S</return_code><orders>{\"order_list\":[{\"openid\":\"e\"}]}</orders><!-- x --></xml>",
    ];
    let pieces: Vec<&str> =
        "< > </ /> & ; &# ]]> <![CDATA[ <!-- --> <? ?> <!DOCTYPE \" ' = \0 \u{feff} é <a> </a> <xml> 0 1 {} [] <return_code>"
            .split(' ')
            .collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let start = Instant::now();
    let mut accepted = 0;
    for round in 0..20_000 {
        let mut xml = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..=next(4) {
            let at = next(xml.len() + 1);
            match next(3) {
                0 => drop(xml.splice(at..at, pieces[next(pieces.len())].bytes())),
                1 => drop(xml.drain(at..(at + next(9)).min(xml.len()))),
                _ => xml.extend_from_within(at..),
            }
            if xml.is_empty() {
                xml.push(b'<');
            }
        }
        let Ok(Filled { fields, .. }) = from_xml(&xml, &mut Response::empty()) else {
            continue;
        };
        accepted += 1;
        if fields
            .iter()
            .all(|(name, value)| !value.contains(is_forbidden) && name.is_ascii())
        {
            let written = to_xml(&fields);
            let again: Vec<_> = Document::parse(written.as_bytes()).unwrap().into_fields();
            assert_eq!(again, fields, "{written}");
        }
    }
    assert!(accepted > 100, "only {accepted} were accepted");
    assert!(start.elapsed() < Duration::from_secs(60));
}
