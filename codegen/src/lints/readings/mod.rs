//! Where the API, combined with the readings, still disagrees with one of them.
//!
//! In: the API, readings (those it was combined with, or others), decisions. Out: [`Disagreement`]s, of
//! which `check` makes findings W0201 to W0207, and totals. What is decided in
//! `readings/decisions.toml` is left out. What a reading does not say is not a disagreement:
//!
//! * an object whose content it does not show, a kind it does not know;
//! * in models, path parameters and the two codes of every XML response;
//! * that a parameter of a request without a body is not in the query;
//! * that a field of a request is clear, if the reading marks no field as encrypted;
//! * kinds of XML, which has only text, and of recorded messages, which may be samples.

mod fields;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Api, BodyFormat, Method, Property, ResponseFormat};
use crate::readings::decisions::{About, Decisions, Difference};
use crate::readings::index::{Index, View, field};
use crate::readings::{self, Field, File, Part};

pub use fields::Disagreement;
use fields::Side;

/// All disagreements, in order of page and place.
pub fn compare(api: &Api, files: &[File], decisions: &Decisions) -> Vec<Disagreement> {
    let index = Index::new(files);
    let mut found = Vec::new();
    let mut subjects = BTreeSet::new();
    let marking = marking(files);
    for operation in &api.operations {
        if let Some(subject) = readings::subject_of(operation) {
            let side = Side {
                operation,
                subject: &subject,
                part: Part::Request,
                decisions,
                marking: &marking,
                found: &mut found,
            };
            compare_operation(side, &index);
            subjects.insert(subject);
        }
    }
    for file in files {
        found.extend(without_page(file, &subjects, decisions));
    }
    found.sort_by(|a, b| {
        let key = |d: &Disagreement| {
            (
                d.page.clone(),
                d.span.start,
                d.code,
                d.field.clone(),
                d.reading.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    found.dedup();
    found
}

/// The entries of a reading for operations that no page documents.
fn without_page(file: &File, subjects: &BTreeSet<String>, decisions: &Decisions) -> Vec<Disagreement> {
    let mut found = Vec::new();
    let mut last = "";
    for entry in &file.entries {
        let is_known = subjects.contains(&entry.subject) || entry.subject == last;
        last = &entry.subject;
        let difference = Difference {
            about: About::Operation,
            reading: &file.reading,
            subject: &entry.subject,
            part: entry.part,
            parent: "",
            name: "",
            says: "",
        };
        if !is_known && !decisions.settle(difference) {
            found.push(Disagreement {
                code: Code::NoPage,
                reading: file.reading.id.clone(),
                product: String::new(),
                subject: entry.subject.clone(),
                part: entry.part,
                field: String::new(),
                what: format!("no page documents {}", entry.subject),
                page: file.path.clone(),
                span: entry.span.clone(),
            });
        }
    }
    found
}

/// What `check` reports: the disagreements, and decisions that decide nothing.
pub fn run(api: &Api, files: &[File], decisions: &Decisions) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = compare(api, files, decisions).iter().map(report).collect();
    let idle = decisions.idle().map(|decision| {
        let message = "the decision decides nothing: page and reading agree, or have no such field";
        Diagnostic::new(
            Code::IdleDecision,
            crate::source::DECISIONS,
            decision.span.clone(),
            message,
        )
        .help("remove it")
    });
    diagnostics.extend(idle);
    diagnostics
}

pub fn report(found: &Disagreement) -> Diagnostic {
    let message = match found.field.as_str() {
        "" => format!("{} ({})", found.what, found.reading),
        field => format!(
            "`{field}` of the {}: {} ({})",
            found.part.as_str(),
            found.what,
            found.reading
        ),
    };
    let help = "compare both with the official document: if the reading is right, correct the row with a fixup; if the page is, say so in readings/decisions.toml";
    Diagnostic::new(found.code, &found.page, found.span.clone(), message).help(help)
}

/// How many disagreements of each code a reading has, in total and by product.
pub fn table(found: &[Disagreement]) -> String {
    use std::fmt::Write as _;
    let mut counts: BTreeMap<(&str, Code), BTreeMap<&str, usize>> = BTreeMap::new();
    for one in found {
        let products = counts.entry((&one.reading, one.code)).or_default();
        *products.entry(&one.product).or_default() += 1;
    }
    let mut text = String::new();
    for ((reading, code), products) in counts {
        let total: usize = products.values().sum();
        let list: Vec<String> = products
            .iter()
            .filter(|(product, _)| !product.is_empty())
            .map(|(product, count)| format!("{product} {count}"))
            .collect();
        let _ = write!(text, "{reading}: {total:>4}  {code} {}", code.title());
        let _ = writeln!(
            text,
            "{}{}",
            if list.is_empty() { "" } else { ": " },
            list.join(", ")
        );
    }
    text
}

/// The readings that mark which fields of requests are encrypted.
fn marking(files: &[File]) -> BTreeSet<&str> {
    fn any(fields: &[Field]) -> bool {
        fields
            .iter()
            .any(|field| field.encrypted || field.fields.as_deref().is_some_and(any))
    }
    let marks = |file: &&File| {
        let mut requests = file.entries.iter().filter(|entry| entry.part == Part::Request);
        requests.any(|entry| any(&entry.fields))
    };
    files
        .iter()
        .filter(marks)
        .map(|file| file.reading.id.as_str())
        .collect()
}

fn compare_operation(mut side: Side<'_, '_>, index: &Index<'_>) {
    let (operation, subject) = (side.operation, side.subject);
    if operation.event_type.is_some() {
        side.part = Part::Resource;
        if let Some(clear) = resource(&operation.request.body.properties) {
            side.level(&[clear], index.of(subject, Part::Resource), &[], "");
        }
        return;
    }
    let request = &operation.request;
    if request.body.format != BodyFormat::Multipart {
        let outside: Vec<&Property> = request.path.iter().chain(&request.headers).collect();
        let lists: [&[Property]; 2] = [&request.query, &request.body.properties];
        side.level(&lists, index.of(subject, Part::Request), &outside, "");
        places(&mut side, index);
    }
    side.part = Part::Response;
    let views = index.of(subject, Part::Response);
    if matches!(
        operation.response.format,
        ResponseFormat::Json | ResponseFormat::Xml
    ) {
        side.level(&[&operation.response.properties], views, &[], "");
        return;
    }
    for view in views.iter().filter(|view| !view.fields.is_empty()) {
        let what = format!("the response has no fields here, {} there", view.fields.len());
        side.report(About::Added, view, ("", ""), "", operation.span.clone(), what);
    }
}

/// The clear content of a notification of APIv3.
fn resource(body: &[Property]) -> Option<&[Property]> {
    let resource = body.iter().find(|property| property.name == "resource")?;
    let sealed = resource
        .schema
        .properties
        .iter()
        .find(|property| property.name == "ciphertext")?;
    Some(&sealed.schema.properties)
}

/// Query or body.
fn places(side: &mut Side<'_, '_>, index: &Index<'_>) {
    let request = &side.operation.request;
    let all = index.of(side.subject, Part::Request);
    let has_body = !matches!(side.operation.method, Method::Get | Method::Delete);
    for view in index.of(side.subject, Part::Query) {
        let fields = all.iter().find(|other| other.reading.id == view.reading.id);
        let knows = |name: &str| fields.is_some_and(|other: &View<'_>| field(other, name).is_some());
        for property in request.query.iter().filter(|_| has_body) {
            if field(view, &property.name).is_none() && knows(&property.name) {
                side.report(
                    About::Place,
                    view,
                    ("", &property.name),
                    "",
                    property.span.clone(),
                    "in the query here, in the body there".to_owned(),
                );
            }
        }
        for named in view.fields {
            let has = |list: &[Property]| list.iter().any(|property| property.name == named.name);
            if has(&request.query) || has(&request.path) {
                continue;
            }
            let what = if has(&request.body.properties) {
                "in the body here, in the query there"
            } else {
                "not here, in the query there"
            };
            let span = side.operation.span.clone();
            side.report(About::Place, view, ("", &named.name), "", span, what.to_owned());
        }
    }
}
