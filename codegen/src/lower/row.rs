//! A table row → [`Property`].
//!
//! In: the rows of a table as a tree. Out: properties with everything the three cells say, and
//! findings. Every field row that comes in goes out as a property.

use crate::diagnostic::Code;
use crate::ir::{Encoding, Encryption, Origin, Property, Provenance, Schema, Type};
use crate::span::Span;
use crate::syntax::{Attribute, FIXUP, INDENT, REQUIRED, Row, Table};

use super::description::{self, Description};
use super::nest::{self, Tree};
use super::{Context, RowCount};

/// White space that gets into names.
const SPACES: [char; 4] = [' ', '\t', '\u{a0}', '\u{3000}'];

/// A table, nested.
pub struct Rows<'a> {
    rows: &'a [Row],
    pub tree: Tree,
    /// Whether an object without fields is a file: the table is that of a multipart form.
    pub form: bool,
}

impl<'a> Rows<'a> {
    pub fn new(table: &'a Table, cx: &mut Context<'_>) -> Self {
        let mut findings = Vec::new();
        let tree = nest::tree(&table.rows, &mut findings);
        for (code, row, message) in findings {
            let span = name_span(&table.rows[row]);
            cx.report(code, span, message, help(code));
        }
        Self {
            rows: &table.rows,
            tree,
            form: false,
        }
    }

    pub fn row(&self, index: usize) -> &'a Row {
        &self.rows[index]
    }

    /// The rows inside a row.
    pub fn inside(&self, index: usize, cx: &mut Context<'_>) -> Vec<Property> {
        self.tree.children[index]
            .iter()
            .map(|child| self.property(*child, cx))
            .collect()
    }

    /// All rows at level 0.
    pub fn all(&self, cx: &mut Context<'_>) -> Vec<Property> {
        self.tree
            .roots
            .iter()
            .map(|root| self.property(*root, cx))
            .collect()
    }

    pub fn property(&self, index: usize, cx: &mut Context<'_>) -> Property {
        let row = self.row(index);
        cx.counts.add(RowCount::Field);
        let description = description(row, cx);
        let name = name(row, cx);
        let mut schema = schema(row, &description, cx);
        schema.properties = self.inside(index, cx);
        if schema.ty == Type::Object && schema.properties.is_empty() {
            self.empty_object(row, cx);
        }
        Property {
            name,
            span: name_span(row),
            line: row.line,
            required: row.required(),
            schema,
            label: description.label,
            english: None,
            notes: description.notes,
            provenance: Provenance {
                origin: match row.attribute(FIXUP) {
                    Some(_) => Origin::Fixup,
                    None => Origin::Page,
                },
                ..Provenance::default()
            },
        }
    }

    fn empty_object(&self, row: &Row, cx: &mut Context<'_>) {
        let (code, what) = match self.form {
            true => (Code::FormFile, "is taken for the file to upload"),
            false => (Code::EmptyObject, "has no fields: any JSON value"),
        };
        cx.report(
            code,
            name_span(row),
            format!("the object `{}` {what}", row.name()),
            "",
        );
    }
}

/// The name without its attributes; for a separator the whole cell.
pub fn name_span(row: &Row) -> Span {
    row.cells
        .first()
        .map_or(row.span.clone(), |cell| match cell.text.is_empty() {
            true => row.span.clone(),
            false => cell.span.clone(),
        })
}

fn help(code: Code) -> &'static str {
    match code {
        Code::LevelJump => "correct `data-indent`, or move the row with a fixup `{ under = \"…\" }`",
        Code::ScalarWithFields => "correct `data-indent`, or move the row with a fixup `{ under = \"…\" }`",
        Code::ContentElsewhere => {
            "move the encrypted row right above the separator, or the content with fixups `{ under = \"…\" }`"
        }
        Code::TextWithFields => "it is taken for JSON text; say so with `{data-encoded=by-json_encode}`",
        _ => "",
    }
}

fn name(row: &Row, cx: &mut Context<'_>) -> String {
    let name = row.name();
    if name.is_empty() {
        cx.report(
            Code::NamelessRow,
            row.span.clone(),
            "the row has no name",
            "write the field's name into the first cell",
        );
    }
    if !may_have_space(name) {
        return name.to_owned();
    }
    let clean: String = name.split(SPACES).collect();
    if clean == name {
        return clean;
    }
    let help = "the space is left out; correct it with a fixup `{ rename = \"…\" }`";
    cx.report(
        Code::SpaceInName,
        name_span(row),
        format!("`{name}` has a space inside"),
        help,
    );
    clean
}

/// A plain loop, because build scripts are not optimised.
fn may_have_space(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at].is_ascii_graphic() {
        at += 1;
    }
    at < bytes.len()
}

fn description(row: &Row, cx: &mut Context<'_>) -> Description {
    if row.cells.len() == 2 {
        let message = format!("`{}` has no description", row.name());
        cx.report(Code::MissingDescription, row.span.clone(), message, "");
    }
    row.cells
        .get(2)
        .map(|cell| description::read(&cell.text))
        .unwrap_or_default()
}

fn schema(row: &Row, description: &Description, cx: &mut Context<'_>) -> Schema {
    let mut schema = Schema {
        values: description.values.clone(),
        constant: description.constant.clone(),
        default: description.default.clone(),
        ..Schema::new(Type::String)
    };
    set_type(row, &mut schema, cx);
    for (index, cell) in row.cells.iter().take(2).enumerate() {
        for attribute in &cell.attributes {
            set_attribute(attribute, index == 0, &mut schema, cx);
        }
    }
    schema
}

fn set_type(row: &Row, schema: &mut Schema, cx: &mut Context<'_>) {
    let written = row.ty();
    let base = written.strip_suffix("[]");
    schema.array = base.is_some();
    schema.ty = match base.unwrap_or(written) {
        "string" => Type::String,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "float" => {
            schema.decimal = true;
            Type::Number
        }
        "boolean" => Type::Boolean,
        "object" => Type::Object,
        "true" => {
            schema.constant = Some("true".to_owned());
            Type::Boolean
        }
        _ => {
            unknown_type(row, cx);
            Type::String
        }
    };
}

fn unknown_type(row: &Row, cx: &mut Context<'_>) {
    match row.cells.get(1) {
        Some(cell) => {
            let help = "write string, integer, number, float, boolean or object, or correct it with a fixup `{ type = \"…\" }`";
            let span = if cell.text.is_empty() {
                row.span.clone()
            } else {
                cell.span.clone()
            };
            cx.report(
                Code::UnknownType,
                span,
                format!("`{}` is not a type", cell.text),
                help,
            );
        }
        None => {
            let message = format!("`{}` has one cell only", row.name());
            let help = "write `| name | type | description`; a sentence over all columns has `{colspan=3}`";
            cx.report(Code::TypelessRow, row.span.clone(), message, help);
        }
    }
}

fn set_attribute(attribute: &Attribute, of_name: bool, schema: &mut Schema, cx: &mut Context<'_>) {
    let value = attribute.value.strip_prefix("by-").unwrap_or(&attribute.value);
    let known = match attribute.name.as_str() {
        FIXUP => true,
        REQUIRED | INDENT => {
            if !of_name {
                odd(attribute, "belongs to the name; it counts nevertheless", cx);
            }
            true
        }
        "data-tooltip" => {
            schema.max_length = max_length(&attribute.value).or(schema.max_length);
            true
        }
        "data-decimal" => {
            schema.decimal = true;
            true
        }
        "data-encrypted" | "data-encrypted-by" => {
            schema.encrypted = encryption(value);
            schema.encrypted.is_some()
        }
        "data-encoded" | "data-encoded-by" => {
            schema.encoded = encoding(value);
            schema.encoded.is_some()
        }
        "data-signed" | "data-signed-by" => {
            schema.signed = value == "rsa-privatekey";
            schema.signed
        }
        _ => {
            odd(attribute, "is not known here; it is left out of account", cx);
            true
        }
    };
    if !known {
        let help = "the generator must be taught the method first; a misspelt one is corrected on the page";
        let message = format!("`{}` is an unknown value of {}", attribute.value, attribute.name);
        cx.report(Code::UnknownMark, attribute.span.clone(), message, help);
    }
}

fn odd(attribute: &Attribute, what: &str, cx: &mut Context<'_>) {
    cx.report(
        Code::OddAttribute,
        attribute.span.clone(),
        format!("`{}` {what}", attribute.name),
        "",
    );
}

fn encryption(value: &str) -> Option<Encryption> {
    match value {
        "rsa-pubkey" => Some(Encryption::Rsa),
        "aes-gcm" => Some(Encryption::AesGcm),
        "aes-ecb" => Some(Encryption::AesEcb),
        _ => None,
    }
}

fn encoding(value: &str) -> Option<Encoding> {
    match value {
        "json_encode" => Some(Encoding::Json),
        "urlencode" => Some(Encoding::UrlEncode),
        _ => None,
    }
}

/// `最长32字符` → 32
fn max_length(tooltip: &str) -> Option<u32> {
    let (_, rest) = tooltip.split_once("最长")?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[end..]
        .starts_with("字符")
        .then(|| rest[..end].parse().ok())?
}
