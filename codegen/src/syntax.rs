//! A page as it is written.
//!
//! In: nothing but types. `parse` makes a [`Page`] out of a text, `passes::fixups` corrects its
//! rows, `lower` gives it a meaning. Every table row of the page is in it; every part has its place.

use crate::span::Span;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Below the specs folder, with `.md`.
    pub path: String,
    pub title: Option<Text>,
    /// Where the front matter says that the page has moved to.
    pub redirect: Option<Text>,
    /// What stands before the first heading, then one section per heading.
    pub sections: Vec<Section>,
    /// Lines that look like rows and are in no table.
    pub strays: Vec<Stray>,
    pub lines: LineCounts,
    /// Whether an error was found in its writing.
    pub is_broken: bool,
}

/// Lines outside code that look like rows of a table, counted twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// As found in the text.
    pub in_text: usize,
    /// As found in the tables: headers, delimiters and rows.
    pub in_tables: usize,
}

/// Adjacent lines that look like rows and are in no table.
#[derive(Debug, Clone, PartialEq)]
pub struct Stray {
    pub kind: StrayKind,
    pub span: Span,
    /// 1-based number of the first line.
    pub line: usize,
    /// How many lines there are.
    pub lines: usize,
    /// Whether they can only be part of a parameter table.
    pub parameters: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrayKind {
    Row,
    /// With a delimiter row: a table that markdown does not recognize.
    Table,
    /// In an HTML comment.
    Comment,
    /// In a code block.
    Code,
}

/// A piece of text and its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Text {
    pub text: String,
    pub span: Span,
}

/// A heading and what follows it, up to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    pub heading: Option<Heading>,
    pub tables: Vec<Table>,
    pub code: Vec<Code>,
    pub containers: Vec<Container>,
    pub links: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// 1 for `#`.
    pub depth: usize,
    pub text: String,
    /// `get` in `{#get}`.
    pub anchor: Option<String>,
    pub span: Span,
    pub line: usize,
}

/// What a table is about, after its first header cell or its `{#request}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// 请求参数
    Request,
    /// 返回字典
    Response,
    /// 应答规范: what a webhook must respond with.
    Acknowledgement,
    /// 异常字典: what comes instead of a file.
    Error,
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub kind: TableKind,
    /// The header row.
    pub span: Span,
    pub line: usize,
    pub rows: Vec<Row>,
    /// Rows that fixups renamed, moved or removed, in this order: the examples follow.
    pub moves: Vec<Move>,
}

/// Where a row was and where it is now, by name from level 0. `to` is empty for a row that is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    pub from: Vec<String>,
    pub to: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    Field,
    /// `{colspan=3 .im-table-line}`: what follows is the clear content of the row above.
    Separator,
    /// A sentence over all columns: no content, a redirect, a file.
    Note,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub kind: RowKind,
    pub span: Span,
    pub line: usize,
    /// At least one; as many as the row really has.
    pub cells: Vec<Cell>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// Without the attribute list, trimmed.
    pub text: String,
    pub span: Span,
    pub attributes: Vec<Attribute>,
}

/// `data-indent=1`; a class is `.im-table`, an id `#request`, both without a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub value: String,
    pub span: Span,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq)]
pub struct Code {
    /// `json` in ```` ```json [示例] ````.
    pub language: String,
    pub text: String,
    /// The content's place.
    pub span: Span,
}

/// `::: danger … {.im-deprecated}`
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    pub classes: Vec<String>,
    pub span: Span,
}

/// Deeper levels than this are a mistake.
pub const MAX_LEVEL: usize = 32;
/// The name of the attribute that holds a row's level.
pub const INDENT: &str = "data-indent";
/// The name of the attribute that marks a row as required.
pub const REQUIRED: &str = "data-required";

/// The attribute of a row that a fixup added or changed; no page has it.
pub const FIXUP: &str = "data-fixup";

impl LineCounts {
    pub fn add(&mut self, other: Self) {
        self.in_text += other.in_text;
        self.in_tables += other.in_tables;
    }
}

impl Cell {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Sets or adds an attribute.
    pub fn set(&mut self, name: &str, value: &str) {
        let span = self.span.clone();
        self.unset(name);
        self.attributes.push(Attribute {
            name: name.into(),
            value: value.into(),
            span,
        });
    }

    pub fn unset(&mut self, name: &str) {
        self.attributes.retain(|attribute| attribute.name != name);
    }
}

impl Row {
    pub fn name(&self) -> &str {
        self.cells.first().map_or("", |cell| &cell.text)
    }

    /// The type as written; empty when the row has one cell.
    pub fn ty(&self) -> &str {
        self.cells.get(1).map_or("", |cell| &cell.text)
    }

    /// An attribute of the name or of the type.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.cells.iter().find_map(|cell| cell.attribute(name))
    }

    /// How deep the row is nested. A `data-indent` that is not a level is reported when parsed and counts as 0.
    pub fn level(&self) -> usize {
        self.attribute(INDENT)
            .and_then(|attribute| attribute.value.parse().ok())
            .filter(|level| *level <= MAX_LEVEL)
            .unwrap_or(0)
    }

    pub fn required(&self) -> bool {
        self.attribute(REQUIRED).is_some()
    }
}

impl Page {
    /// All rows of all tables.
    pub fn row_count(&self) -> usize {
        self.sections
            .iter()
            .flat_map(|section| &section.tables)
            .map(|table| table.rows.len())
            .sum()
    }
}
