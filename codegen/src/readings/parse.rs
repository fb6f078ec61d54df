//! The text of a reading → [`File`].

use std::sync::Arc;

use super::{Entry, Field, File, Kind, Part};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Reading, Standing};
use crate::source::Source;

/// Reads a file. A line that cannot be read is left out, with an error.
pub fn parse(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Option<File> {
    let mut report = |at: usize, length: usize, message: String| {
        let help = "the format is described at the top of codegen/src/readings/mod.rs";
        diagnostics
            .push(Diagnostic::new(Code::BrokenReading, &source.path, at..at + length, message).help(help));
    };
    let name = source.path.rsplit('/').next().unwrap_or(&source.path);
    let mut header = Header {
        id: name.strip_suffix(".txt").unwrap_or(name).to_owned(),
        ..Header::default()
    };
    let mut entries: Vec<Entry> = Vec::new();
    let (mut at, mut in_header) = (0, true);
    for line in source.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            in_header &= header.is_empty();
        } else if in_header {
            if let Err(message) = header.line(line) {
                report(start, line.len(), message);
            }
        } else {
            match entry(line, start) {
                Ok(entry) => match entries.last().filter(|last| last.key() >= entry.key()) {
                    Some(last) => {
                        let same = last.key() == entry.key();
                        let message = if same {
                            "this part is already above"
                        } else {
                            "lines are sorted by path, method, part and variant"
                        };
                        report(start, line.len(), message.to_owned());
                    }
                    None => entries.push(entry),
                },
                Err((offset, message)) => {
                    let length = line[offset..].chars().next().map_or(0, char::len_utf8);
                    report(start + offset, length, message);
                }
            }
        }
    }
    match header.finish() {
        Ok(reading) => Some(File {
            path: source.path.clone(),
            reading: Arc::new(reading),
            entries,
        }),
        Err(message) => {
            report(0, 0, message);
            None
        }
    }
}

#[derive(Default)]
struct Header {
    id: String,
    title: Option<String>,
    version: Option<String>,
    date: Option<String>,
    link: Option<String>,
    standing: Option<Standing>,
}

impl Header {
    fn is_empty(&self) -> bool {
        self.title.is_none() && self.version.is_none() && self.date.is_none() && self.standing.is_none()
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (key, value) = line
            .split_once(": ")
            .ok_or("the header has `key: value` on each line, and an empty line after it")?;
        let text = Some(value.trim().to_owned());
        match key {
            "title" => self.title = text,
            "version" => self.version = text,
            "date" => self.date = text,
            "link" => self.link = text,
            "standing" => {
                let standing = Standing::parse(value.trim());
                self.standing = Some(standing.ok_or("`standing` is official, independent or observed")?);
            }
            _ => {
                return Err(format!(
                    "`{key}` is unknown; the header has title, version, date, link and standing"
                ));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Reading, String> {
        let missing = |key: &str| format!("the header lacks `{key}`");
        Ok(Reading {
            id: self.id,
            title: self.title.ok_or_else(|| missing("title"))?,
            version: self.version.ok_or_else(|| missing("version"))?,
            date: self.date.ok_or_else(|| missing("date"))?,
            link: self.link,
            standing: self.standing.ok_or_else(|| missing("standing"))?,
        })
    }
}

/// What is wrong, and at which byte of the line.
type Wrong = (usize, String);

/// One line; `start` is its place in the file.
fn entry(line: &str, start: usize) -> Result<Entry, Wrong> {
    let mut words = line.splitn(4, ' ');
    let (method, name, part) = (words.next(), words.next(), words.next());
    let (Some(method), Some(name), Some(part)) = (method, name, part) else {
        return Err((
            0,
            "a line starts with a method and a path, or `EVENT` and an event type, and a part".to_owned(),
        ));
    };
    let (part, variant) = match part.split_once('/') {
        Some((part, variant)) => (part, Some(variant.to_owned())),
        None => (part, None),
    };
    let at = method.len() + name.len() + 2;
    let known = [Part::Query, Part::Request, Part::Resource, Part::Response];
    let part = known
        .into_iter()
        .find(|known| known.as_str() == part)
        .ok_or_else(|| {
            (
                at,
                format!("`{part}` is not a part: request, response, query or resource"),
            )
        })?;
    let subject = match (method, part) {
        ("EVENT", Part::Resource) => name.to_owned(),
        ("EVENT", _) => return Err((at, "the part of an event is `resource`".to_owned())),
        ("GET" | "POST" | "PUT" | "PATCH" | "DELETE", part) if part != Part::Resource => {
            super::subject_of_text(method, name)
        }
        ("GET" | "POST" | "PUT" | "PATCH" | "DELETE", _) => {
            return Err((at, "`resource` is the part of an event".to_owned()));
        }
        _ => return Err((0, format!("`{method}` is neither a method nor `EVENT`"))),
    };
    let mut cursor = Cursor {
        line,
        at: line.len() - words.next().map_or(0, str::len),
    };
    let fields = cursor.fields(None, 0)?;
    Ok(Entry {
        subject,
        part,
        variant,
        fields,
        span: start..start + line.len(),
    })
}

/// An object deeper than this is not read.
const MAX_DEPTH: usize = 32;

struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn spaces(&mut self) {
        while self.eat(b' ') {}
    }

    fn wrong<T>(&self, message: impl Into<String>) -> Result<T, Wrong> {
        let mut at = self.at.min(self.line.len());
        while !self.line.is_char_boundary(at) {
            at -= 1;
        }
        Err((at, message.into()))
    }

    /// The fields up to `end`, or to the line's end.
    fn fields(&mut self, end: Option<u8>, depth: usize) -> Result<Vec<Field>, Wrong> {
        let mut fields: Vec<Field> = Vec::new();
        loop {
            self.spaces();
            match (self.peek(), end) {
                (None, None) => return Ok(fields),
                (None, Some(_)) => return self.wrong("`}` is missing"),
                (Some(byte), Some(end)) if byte == end => {
                    self.at += 1;
                    return Ok(fields);
                }
                _ => {}
            }
            let at = self.at;
            let field = self.field(depth)?;
            if fields.last().is_some_and(|last| last.name >= field.name) {
                return Err((
                    at,
                    format!("`{}` is out of order: fields are sorted by name", field.name),
                ));
            }
            fields.push(field);
        }
    }

    fn field(&mut self, depth: usize) -> Result<Field, Wrong> {
        let mut field = Field::named(self.word()?);
        if self.eat(b'!') {
            field.required = Some(true);
        } else if self.eat(b'?') {
            field.required = Some(false);
        }
        if self.eat(b':') {
            let at = self.at;
            let kind = self.word()?;
            field.kind = Kind::parse(&kind);
            if field.kind.is_none() {
                return Err((
                    at,
                    format!("`{kind}` is not a kind: string, time, integer, number, boolean, object or any"),
                ));
            }
        }
        if self.eat(b'[') {
            if !self.eat(b']') {
                return self.wrong("a list is written `[]`");
            }
            field.array = true;
        }
        field.encrypted = self.eat(b'*');
        if self.eat(b'(') {
            loop {
                self.spaces();
                if self.eat(b')') {
                    break;
                }
                field.values.push(self.word()?);
            }
        }
        if self.eat(b'{') {
            if depth == MAX_DEPTH {
                return self.wrong("objects are nested too deeply");
            }
            field.kind = Some(Kind::Object);
            field.fields = Some(self.fields(Some(b'}'), depth + 1)?);
        }
        match self.peek() {
            None | Some(b' ' | b'}') => Ok(field),
            _ => self.wrong("a field ends here, or goes on in the order `name!:kind[]*(values){fields}`"),
        }
    }

    /// A plain word, or a JSON string.
    fn word(&mut self) -> Result<String, Wrong> {
        let rest = &self.line[self.at..];
        if rest.starts_with('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let Some(Ok(text)) = texts.next() else {
                return self.wrong("this is not a JSON string");
            };
            self.at += texts.byte_offset();
            return Ok(text);
        }
        let length = rest.bytes().take_while(|byte| is_plain(*byte)).count();
        if length == 0 {
            return self.wrong("a name or value is expected here");
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }
}

/// Whether a byte stands in names and values without quotes.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')
}
