//! Markdown → [`syntax::Page`](crate::syntax::Page).
//!
//! In: one [`Source`]. Out: the page as it is written, and what is broken in its writing. Blocks
//! and their places come from pulldown-cmark; the cells of a table row are read from the row's own
//! text ([`table`]), because markdown pads and cuts rows, and because attribute lists
//! ([`attributes`]) are the dialect's own. Lines that look like rows and are in no table are found in
//! the text itself ([`outside`]).

mod attributes;
mod front_matter;
mod outside;
mod read_on;
mod table;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::{self, Container, Heading, Page, Row, Section, Table, TableKind, Text};

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES);

/// Longer front matter than this is not one.
const MAX_FRONT_MATTER: usize = 16 << 10;

/// Reads one page.
pub fn page(source: &Source) -> (Page, Vec<Diagnostic>) {
    let mut reader = Reader::new(source);
    for (event, span) in Parser::new_ext(&source.text, OPTIONS).into_offset_iter() {
        // Most events are the insides of table cells, which are read from the row's source.
        let inside_cell = matches!(reader.inside, Inside::Table)
            && !matches!(
                event,
                Event::Start(Tag::TableHead | Tag::TableRow) | Event::End(TagEnd::Table)
            );
        if !inside_cell {
            reader.event(event, span);
        }
    }
    reader.finish()
}

/// What the reader is inside of.
enum Inside {
    Nothing,
    FrontMatter {
        span: Option<Span>,
    },
    Heading(Heading),
    Code {
        language: Option<String>,
        span: Option<Span>,
    },
    Table,
}

/// Where a table is, and which one it is.
struct TablePlace {
    span: Span,
    section: usize,
    table: usize,
}

struct Reader<'a> {
    source: &'a Source,
    page: Page,
    diagnostics: Vec<Diagnostic>,
    /// What is wrong with rows, by section and table: only parameter tables are in the dialect.
    row_diagnostics: Vec<(usize, usize, Diagnostic)>,
    /// The tables, in order.
    tables: Vec<TablePlace>,
    /// The fenced blocks, in order.
    code: Vec<Span>,
    inside: Inside,
    lines: Lines<'a>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            page: Page {
                path: source.path.clone(),
                sections: vec![Section::default()],
                ..Page::default()
            },
            diagnostics: Vec::new(),
            row_diagnostics: Vec::new(),
            tables: Vec::new(),
            code: Vec::new(),
            inside: Inside::Nothing,
            lines: Lines {
                text: &source.text,
                offset: 0,
                line: 1,
            },
        }
    }

    /// The page and its diagnostics, without those about the rows of other tables than parameter tables.
    fn finish(mut self) -> (Page, Vec<Diagnostic>) {
        self.strays();
        let sections = &self.page.sections;
        let in_parameters = self
            .row_diagnostics
            .into_iter()
            .filter(|(section, table, _)| sections[*section].tables[*table].kind != TableKind::Unknown)
            .map(|(_, _, diagnostic)| diagnostic);
        self.diagnostics.extend(in_parameters);
        self.page.is_broken = self.diagnostics.iter().any(Diagnostic::is_error);
        (self.page, self.diagnostics)
    }

    fn text(&self, span: &Span) -> &'a str {
        &self.source.text[span.clone()]
    }

    fn section(&mut self) -> &mut Section {
        if self.page.sections.is_empty() {
            self.page.sections.push(Section::default());
        }
        let last = self.page.sections.len() - 1;
        &mut self.page.sections[last]
    }

    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.diagnostics
            .push(Diagnostic::new(code, &self.source.path, span, message).help(help));
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        match (&mut self.inside, event) {
            (_, Event::Start(tag)) => self.start(tag, span),
            (_, Event::End(tag)) => self.end(tag, span),
            (Inside::Heading(heading), Event::Text(text) | Event::Code(text)) => heading.text.push_str(&text),
            (Inside::Code { span: content, .. } | Inside::FrontMatter { span: content }, Event::Text(_)) => {
                let start = content.as_ref().map_or(span.start, |content| content.start);
                *content = Some(start..span.end);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Span) {
        match tag {
            Tag::MetadataBlock(_) => self.inside = Inside::FrontMatter { span: None },
            Tag::Heading { level, id, .. } => {
                let line = self.lines.of(span.start);
                let anchor = id.map(|id| id.to_string());
                let depth = depth(level);
                let span = span.start..span.start + self.text(&span).trim_ascii_end().len();
                self.inside = Inside::Heading(Heading {
                    depth,
                    text: String::new(),
                    anchor,
                    span,
                    line,
                });
            }
            Tag::Table(_) => {
                self.inside = Inside::Table;
                let section = self.page.sections.len().saturating_sub(1);
                let table = self.section().tables.len();
                self.tables.push(TablePlace { span, section, table });
            }
            Tag::TableHead => self.table_head(span),
            Tag::TableRow => self.table_row(span),
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        Some(info.split_whitespace().next().unwrap_or("").to_owned())
                    }
                    CodeBlockKind::Indented => None,
                };
                self.inside = Inside::Code { language, span: None };
            }
            Tag::Paragraph => self.paragraph(span),
            Tag::Link { dest_url, .. } => {
                let text = dest_url.to_string();
                self.section().links.push(Text { text, span });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        let ends_here = matches!(
            tag,
            TagEnd::MetadataBlock(_) | TagEnd::Heading(_) | TagEnd::Table | TagEnd::CodeBlock
        );
        if !ends_here {
            return;
        }
        match std::mem::replace(&mut self.inside, Inside::Nothing) {
            Inside::FrontMatter { span: Some(span) } => self.front_matter(span),
            Inside::Heading(heading) => {
                self.page.sections.push(Section {
                    heading: Some(heading),
                    ..Section::default()
                });
            }
            Inside::Code {
                language: Some(language),
                span: content,
            } => {
                self.code.push(span.clone());
                let span = content.unwrap_or(span.end..span.end);
                let text = self.text(&span).to_owned();
                self.section().code.push(syntax::Code { language, text, span });
            }
            _ => {}
        }
    }

    fn front_matter(&mut self, span: Span) {
        let text = self.text(&span);
        let read = if text.len() > MAX_FRONT_MATTER {
            Err(format!("{} bytes are too many", text.len()))
        } else {
            front_matter::read(text)
        };
        match read {
            Ok(read) => {
                let place = |text: String| Text {
                    text,
                    span: span.clone(),
                };
                self.page.title = read.title.map(place);
                self.page.redirect = read.redirect.map(place);
            }
            Err(message) => {
                self.report(
                    Code::BrokenFrontMatter,
                    span,
                    message,
                    "correct the YAML between the `---` lines",
                );
            }
        }
    }

    fn table_head(&mut self, span: Span) {
        let line = self.lines.of(span.start);
        let head = table::row(self.text(&span), span.start, line, &mut Vec::new());
        let kind = table::kind_of_header(head.name());
        self.count_line(self.text(&span).trim_end());
        let below = &self.source.text[span.end..];
        let delimiter = below.trim_start_matches(['\n', '\r']).split(['\n', '\r']).next();
        self.count_line(delimiter.unwrap_or(""));
        self.section().tables.push(Table {
            kind,
            span: head.span,
            line,
            rows: Vec::new(),
            moves: Vec::new(),
        });
    }

    fn table_row(&mut self, span: Span) {
        let line = self.lines.of(span.start);
        let text = self.text(&span);
        if self.table_attributes(text, span.start) || text.trim().is_empty() {
            return;
        }
        self.count_line(text);
        if let Some(place) = self.tables.last() {
            let (section, table) = (place.section, place.table);
            self.add_row(section, table, text, span.start, line);
        }
    }

    /// Adds the row on this line to a table.
    fn add_row(&mut self, section: usize, table: usize, text: &str, start: usize, line: usize) {
        let mut findings = Vec::new();
        let row: Row = table::row(text, start, line, &mut findings);
        for (code, span, message) in findings {
            let help = match code {
                Code::UnescapedPipe => "write `\\|` for a pipe inside the description",
                _ => "",
            };
            let diagnostic = Diagnostic::new(code, &self.source.path, span, message).help(help);
            self.row_diagnostics.push((section, table, diagnostic));
        }
        self.page.sections[section].tables[table].rows.push(row);
    }

    fn count_line(&mut self, line: &str) {
        if outside::looks_like_row(line) {
            self.page.lines.in_tables += 1;
        }
    }

    /// Takes a line `{.im-table #request}` as what it is: the attributes of the table above.
    fn table_attributes(&mut self, line: &str, start: usize) -> bool {
        if !line.starts_with([' ', '{']) {
            return false;
        }
        let line = line.trim_ascii();
        if !line.starts_with('{') || line.starts_with("{{") || line.contains('|') {
            return false;
        }
        let split = attributes::split(line, start);
        let kind = split
            .attributes
            .iter()
            .find_map(|attribute| match &*attribute.name {
                "#request" => Some(TableKind::Request),
                "#response" => Some(TableKind::Response),
                _ => None,
            });
        if let (Some(kind), Some(table)) = (kind, self.section().tables.last_mut())
            && table.kind == TableKind::Unknown
        {
            table.kind = kind;
        }
        split.error.is_none()
    }

    fn paragraph(&mut self, span: Span) {
        let mut start = span.start;
        for line in self.text(&span).split_inclusive('\n') {
            if let Some(container) = line.trim_ascii_start().strip_prefix(":::") {
                self.container(container, start..start + line.trim_ascii_end().len());
            } else {
                self.table_attributes(line, start);
            }
            start += line.len();
        }
    }

    /// `::: danger … {.im-deprecated}`; the closing `:::` says nothing.
    fn container(&mut self, line: &str, span: Span) {
        let open = line.rfind('{').unwrap_or(line.len());
        let classes: Vec<_> = attributes::split(&line[open..], 0)
            .attributes
            .into_iter()
            .filter_map(|attribute| attribute.name.strip_prefix('.').map(str::to_owned))
            .collect();
        if !classes.is_empty() {
            self.section().containers.push(Container { classes, span });
        }
    }
}

fn depth(level: HeadingLevel) -> usize {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Line numbers of offsets that are asked for in ascending order.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        self.line += self.text[self.offset..offset].matches('\n').count();
        self.offset = offset;
        self.line
    }
}

#[cfg(test)]
mod tests;
