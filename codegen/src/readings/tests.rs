//! The format, and merging.

use super::*;
use crate::diagnostic::Code;
use crate::source::Source;

const HEADER: &str = "title: the shop's SDK\nversion: shop 1.0\ndate: 2026-04\nstanding: official\n\n";

fn read(lines: &str) -> (Option<File>, Vec<String>) {
    let mut diagnostics = Vec::new();
    let source = Source::new("readings/shop.txt", format!("{HEADER}{lines}"));
    let file = parse(&source, &mut diagnostics);
    assert!(diagnostics.iter().all(|found| found.code == Code::BrokenReading));
    let place = |span: &Span| &source.text[span.clone()];
    let found = diagnostics
        .iter()
        .map(|found| format!("{}: {}", place(&found.span), found.message));
    (file, found.collect())
}

#[test]
fn what_is_printed_reads_back() {
    let lines = "\
GET /v3/shop/orders query limit offset
POST /v3/shop/orders/{} request \"a b\":any empty{} list?:integer[] none tags:string[](A \"B 1\")
POST /v3/shop/orders/{} response amount!{total!:integer} state!:string(CLOSED PAID) time?:time what:object
EVENT SHOP.PAID resource/partner goods[]{id!:string name?:string*} id
";
    let (file, found) = read(lines);
    assert_eq!(found, [] as [&str; 0]);
    let file = file.unwrap();
    assert_eq!(print_file(&file), format!("{HEADER}{lines}"));
    assert_eq!((file.reading.id.as_str(), file.entries.len()), ("shop", 4));
    let tags = file.entries[1].fields.last().unwrap();
    assert_eq!(
        (tags.array, &*tags.values),
        (true, &["A".to_owned(), "B 1".to_owned()][..])
    );
    assert_eq!(file.entries[1].fields[1].fields, Some(Vec::new()));
}

#[test]
fn a_broken_line_is_reported_at_its_place_and_left_out() {
    for (line, wrong) in [
        ("POST /a", "P: a line starts with"),
        ("FETCH /a request", "F: `FETCH` is neither"),
        ("POST /a answer", "a: `answer` is not a part"),
        ("POST /a resource", "r: `resource` is the part of an event"),
        ("EVENT A request", "r: the part of an event"),
        ("POST /a request b:text", "t: `text` is not a kind"),
        ("POST /a request b{c", ": `}` is missing"),
        ("POST /a request b a", "a: `a` is out of order"),
        ("POST /a request b a", "a: `a` is out of order"),
        ("POST /a request a*!", "!: a field ends here"),
        ("POST /a request a[", ": a list is written"),
        ("POST /a request \"a", "\": this is not a JSON string"),
        ("POST /a request ü", "ü: a name or value"),
    ] {
        let (file, found) = read(&format!("{line}\n"));
        assert!(
            found.len() == 1 && found[0].starts_with(wrong),
            "{line}: {found:?}"
        );
        assert_eq!(file.unwrap().entries, [], "{line}");
    }
    let (_, found) = read("POST /b request\nPOST /a request\nPOST /b request\n");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_header_says_where_a_reading_is_from() {
    for (text, wrong) in [
        ("title: x\n\nGET /a query\n", "the header lacks `version`"),
        ("title: x\nowner: y\n\n", "`owner` is unknown"),
        ("title: x\nstanding: best\n\n", "`standing` is official"),
    ] {
        let mut diagnostics = Vec::new();
        assert_eq!(
            parse(&Source::new("readings/x.txt", text), &mut diagnostics),
            None
        );
        assert!(diagnostics[0].message.starts_with(wrong), "{diagnostics:?}");
    }
}

#[test]
fn merging_does_not_depend_on_order_or_number() {
    let fields = |text: &str| {
        read(&format!("POST /a response {text}\n"))
            .0
            .unwrap()
            .entries
            .remove(0)
            .fields
    };
    let samples = [
        "a!:string b!:integer c!{d!:string} e!:string[]",
        "a!:string b!:number c!{} e![]",
        "a!:string b!:string c!{d!:time f!:object} e!:string",
        "b g!:boolean[]",
        "a!:time c!{f!{x!:any}} e!{y!:string}",
        "",
    ];
    for x in samples.map(fields) {
        assert_eq!(merge_fields(x.clone(), x.clone()), x);
        for y in samples.map(fields) {
            let xy = merge_fields(x.clone(), y.clone());
            assert_eq!(merge_fields(y.clone(), x.clone()), xy);
            assert_eq!(merge_fields(xy.clone(), y.clone()), xy);
            for z in samples.map(fields) {
                let yz = merge_fields(y.clone(), z.clone());
                assert_eq!(merge_fields(xy.clone(), z), merge_fields(x.clone(), yz));
            }
        }
    }
    let both = merge_fields(fields(samples[0]), fields(samples[1]));
    assert_eq!(both, fields("a!:string b!:number c!{d?:string} e!:string[]"));
}
