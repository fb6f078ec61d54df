//! Where a page is right and a reading is not: `readings/decisions.toml`.
//!
//! ```toml
//! [[decision]]
//! reading = "skit"                  # one reading; left out: whichever says so
//! standing = "independent"          # readings of this standing; left out: any
//! operation = "POST /v3/a/{id}"     # or an event type, or "*"
//! part = "request"                  # or "response", "resource"; left out: any
//! field = "amount.total"            # "*.total" at any depth; left out: any
//! about = "kind"                    # required, added, kind, values, place, encrypted or operation
//! says = "string[]"                 # the kind that the reading has; left out: any
//! reason = "the official document has it as on the page"
//! ```
//!
//! A reading that is compared with `check --reading` has no name yet, so most decisions name none.

use std::sync::atomic::{AtomicBool, Ordering};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Part;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Reading, Standing};
use crate::source::Source;
use crate::span::Span;

/// What two sources can disagree about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// Whether the field may be missing.
    Required,
    /// A field that the page lacks.
    Added,
    Kind,
    /// Values that the page lacks.
    Values,
    /// Query or body.
    Place,
    Encrypted,
    /// An operation or event that no page has.
    Operation,
}

impl About {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Required, "required"),
        (Self::Added, "added"),
        (Self::Kind, "kind"),
        (Self::Values, "values"),
        (Self::Place, "place"),
        (Self::Encrypted, "encrypted"),
        (Self::Operation, "operation"),
    ];

    /// What `check` reports it as.
    pub fn code(self) -> Code {
        match self {
            Self::Required => Code::MayBeMissing,
            Self::Added => Code::ReadingHasField,
            Self::Kind => Code::KindsDiffer,
            Self::Values => Code::ReadingHasValues,
            Self::Place => Code::PlacesDiffer,
            Self::Encrypted => Code::EncryptionDiffers,
            Self::Operation => Code::NoPage,
        }
    }
}

#[derive(Debug)]
pub struct Decision {
    reading: Option<String>,
    standing: Option<Standing>,
    operation: String,
    part: Option<Part>,
    field: Option<String>,
    about: About,
    says: Option<String>,
    pub span: Span,
    used: AtomicBool,
}

/// All decisions, and whether each has decided something.
#[derive(Debug, Default)]
pub struct Decisions(Vec<Decision>);

/// One difference.
#[derive(Clone, Copy)]
pub struct Difference<'a> {
    pub about: About,
    pub reading: &'a Reading,
    pub subject: &'a str,
    pub part: Part,
    /// The path of the object that holds the field, and the field's name.
    pub parent: &'a str,
    pub name: &'a str,
    /// The kind that the reading has; empty where the difference is another.
    pub says: &'a str,
}

impl Decisions {
    /// Whether the page stands.
    pub fn settle(&self, difference: Difference<'_>) -> bool {
        let found = self.0.iter().find(|decision| decision.fits(difference));
        found
            .inspect(|decision| decision.used.store(true, Ordering::Relaxed))
            .is_some()
    }

    /// Those that have decided nothing.
    pub fn idle(&self) -> impl Iterator<Item = &Decision> {
        self.0
            .iter()
            .filter(|decision| !decision.used.load(Ordering::Relaxed))
    }
}

impl Decision {
    fn fits(&self, difference: Difference<'_>) -> bool {
        let Difference {
            about,
            reading,
            subject,
            part,
            parent,
            name,
            says,
        } = difference;
        let of_field = |field: &str| match (field.strip_prefix("*."), parent) {
            (Some(last), _) => last == name,
            (None, "") => field == name,
            (None, parent) => {
                field.strip_suffix(name).and_then(|rest| rest.strip_suffix('.')) == Some(parent)
            }
        };
        self.about == about
            && self.reading.as_deref().is_none_or(|own| own == reading.id)
            && self.standing.is_none_or(|own| own == reading.standing)
            && self.says.as_deref().is_none_or(|own| own == says)
            && (self.operation == "*" || self.operation == subject)
            && self.part.is_none_or(|own| own == part)
            && self.field.as_deref().is_none_or(of_field)
    }
}

pub fn read(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Decisions {
    let mut decisions = Vec::new();
    let mut report = |span, message: String| {
        let help = "the format is described at the top of codegen/src/readings/decisions.rs";
        diagnostics.push(Diagnostic::new(Code::BrokenDecision, &source.path, span, message).help(help));
    };
    match DeTable::parse(&source.text) {
        Err(error) => report(error.span().unwrap_or(0..0), error.message().to_owned()),
        Ok(document) => {
            for (key, value) in document.get_ref() {
                let tables = value.get_ref().as_array().filter(|_| key.get_ref() == "decision");
                match tables {
                    None => report(key.span(), "the file has `[[decision]]` only".to_owned()),
                    Some(tables) => tables.iter().for_each(|table| match decision(table) {
                        Ok(decision) => decisions.push(decision),
                        Err(message) => report(table.span(), message),
                    }),
                }
            }
        }
    }
    Decisions(decisions)
}

fn decision(value: &Spanned<DeValue<'_>>) -> Result<Decision, String> {
    let keys = [
        "reading",
        "standing",
        "operation",
        "part",
        "field",
        "about",
        "says",
        "reason",
    ];
    let table = value.get_ref().as_table().ok_or("a decision is a table")?;
    if let Some(unknown) = table.keys().find(|key| !keys.contains(&key.get_ref().as_ref())) {
        return Err(format!(
            "`{}` is unknown; known: {}",
            unknown.get_ref(),
            keys.join(", ")
        ));
    }
    let text = |wanted: &str| {
        let entry = table.iter().find(|(key, _)| key.get_ref() == wanted);
        entry.and_then(|(_, value)| value.get_ref().as_str())
    };
    let required = |wanted: &str| {
        text(wanted)
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| format!("`{wanted}` is missing"))
    };
    required("reason")?;
    let about = required("about")?;
    let about = About::ALL.iter().find(|(_, name)| *name == about);
    let part = match text("part") {
        None => None,
        Some("request") => Some(Part::Request),
        Some("response") => Some(Part::Response),
        Some("resource") => Some(Part::Resource),
        Some(other) => return Err(format!("`{other}` is not a part: request, response or resource")),
    };
    let standing = match text("standing") {
        None => None,
        Some(name) => Some(
            Standing::parse(name)
                .ok_or_else(|| format!("`{name}` is not a standing: official, independent or observed"))?,
        ),
    };
    Ok(Decision {
        reading: text("reading").map(str::to_owned),
        standing,
        says: text("says").map(str::to_owned),
        operation: super::without_names(required("operation")?),
        part,
        field: text("field").map(str::to_owned),
        about: about
            .ok_or("`about` is required, added, kind, values, place, encrypted or operation")?
            .0,
        span: value.span(),
        used: AtomicBool::new(false),
    })
}
