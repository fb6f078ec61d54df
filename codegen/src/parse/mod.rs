//! Markdown → [`syntax::Page`](crate::syntax::Page).
//!
//! In: one [`Source`]. Out: the page as it is written, and what is broken in its writing. Blocks
//! and their places come from pulldown-cmark; the cells of a table row are read from the row's own
//! text ([`table`]), because markdown pads and cuts rows, and because attribute lists
//! ([`attributes`]) are the dialect's own.

mod attributes;
mod front_matter;
mod table;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::{self, Container, Heading, Page, Section, Table, TableKind, Text};

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
    Html,
}

struct Reader<'a> {
    source: &'a Source,
    page: Page,
    diagnostics: Vec<Diagnostic>,
    /// What is wrong with rows, by section and table: only parameter tables are in the dialect.
    row_diagnostics: Vec<(usize, usize, Diagnostic)>,
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
        let sections = &self.page.sections;
        let in_parameters = self
            .row_diagnostics
            .into_iter()
            .filter(|(section, table, _)| sections[*section].tables[*table].kind != TableKind::Unknown)
            .map(|(_, _, diagnostic)| diagnostic);
        self.diagnostics.extend(in_parameters);
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
            Tag::Table(_) => self.inside = Inside::Table,
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
            Tag::HtmlBlock => {
                self.inside = Inside::Html;
                self.lost_table(&span);
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
            TagEnd::MetadataBlock(_)
                | TagEnd::Heading(_)
                | TagEnd::Table
                | TagEnd::CodeBlock
                | TagEnd::HtmlBlock
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
                let span = content.unwrap_or(span.end..span.end);
                let text = self.text(&span).to_owned();
                self.section().code.push(syntax::Code { language, text, span });
            }
            Inside::Code { language: None, .. } => self.lost_table(&span),
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
                    "mend the YAML between the `---` lines",
                );
            }
        }
    }

    fn table_head(&mut self, span: Span) {
        let line = self.lines.of(span.start);
        let head = table::row(self.text(&span), span.start, line, &mut Vec::new());
        let kind = table::kind_of_header(head.name());
        self.section().tables.push(Table {
            kind,
            span: head.span,
            line,
            rows: Vec::new(),
        });
    }

    fn table_row(&mut self, span: Span) {
        let line = self.lines.of(span.start);
        let text = self.text(&span);
        if self.table_attributes(text, span.start) {
            return;
        }
        let mut findings = Vec::new();
        let row = table::row(text, span.start, line, &mut findings);
        let section = self.page.sections.len().saturating_sub(1);
        let Some(table) = self.section().tables.len().checked_sub(1) else {
            return;
        };
        self.section().tables[table].rows.push(row);
        for (code, span, message) in findings {
            let help = match code {
                Code::UnescapedPipe => "write `\\|` for a pipe inside the description",
                _ => "",
            };
            let diagnostic = Diagnostic::new(code, &self.source.path, span, message).help(help);
            self.row_diagnostics.push((section, table, diagnostic));
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
        self.lost_table(&span);
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

    /// Reports lines that were to be a parameter table and are none.
    fn lost_table(&mut self, span: &Span) {
        let mut above: Option<(usize, &str)> = None;
        let mut start = span.start;
        for line in self.text(span).split_inclusive('\n') {
            if let Some((at, header)) = above
                && table::is_delimiter(line)
            {
                let head = table::row(header, at, 0, &mut Vec::new());
                if table::kind_of_header(head.name()) != TableKind::Unknown {
                    let message = format!("the table `{}` is not one to markdown", head.name());
                    let help = "give header and delimiter row the same number of columns, unindented, after an empty line";
                    self.report(Code::BrokenTable, head.span, message, help);
                }
            }
            above = Some((start, line));
            start += line.len();
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
