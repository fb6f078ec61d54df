//! XML in and out.
//!
//! In goes the raw body of an APIv2 response or notification, out comes a [`Document`]: every received
//! field as text, for the signature, and a way to fill a generated type. The other way round,
//! [`to_xml`] writes parameters as APIv2 sends them.
//!
//! What a document may hold is kept small on purpose: UTF-8, elements, text, CDATA, comments, the
//! five predefined entities and character references. A document type definition, any other entity
//! and processing instructions are refused, size, depth and the number of elements are capped, so
//! that no document costs more than a small multiple of its own length.
//!
//! The form of a value is decided by what comes, not by the type alone: a field that is an object or
//! a list takes nested elements (`hblist`, `mchinfo`) as well as JSON text (`sub_order_list`), because
//! the pages do not always say which of the two is sent.

mod fill;

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::deviation::{FieldPath, Found};
use super::{Deviation, FlatField, Mismatch, Object, Slot, Value};
use fill::fill;

/// The most bytes that a document may have.
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// How deep elements may be nested.
const DEEPEST: usize = 16;
/// The most elements that a document may have.
const MOST_ELEMENTS: usize = 20_000;
/// The longest start tag, in bytes: names are short, and attributes mean nothing here.
const LONGEST_TAG: usize = 1024;

/// A document that has been read, not yet decoded.
pub(crate) struct Document {
    elements: Vec<Element>,
}

/// An element with its text, or with the elements inside it.
#[derive(Default)]
struct Element {
    name: String,
    /// The clear text; of an element with children, its source.
    text: String,
    children: Vec<Element>,
    /// Where its content begins in the source.
    start: usize,
    /// Some of the text came as CDATA, so that white space around it means nothing.
    cdata: bool,
}

/// A document that was decoded, and what the type has no field for.
#[derive(Debug)]
pub(crate) struct Filled {
    /// Every field of the root as it was received, unknown ones too.
    pub fields: Vec<FlatField>,
    pub deviations: Vec<Deviation>,
}

/// Fills `object` from XML.
///
/// # Errors
/// When the text is not a well-formed document.
pub fn from_xml(xml: &[u8], object: &mut dyn Object) -> Result<Filled, Mismatch> {
    let document = Document::parse(xml)?;
    let deviations = document.fill(object);
    Ok(Filled {
        fields: document.into_fields(),
        deviations,
    })
}

/// Fills `value`, which must be an object, from XML.
pub(crate) fn fill_from_xml(xml: &[u8], value: &mut dyn Value) -> Result<Filled, Mismatch> {
    match value.slot() {
        Slot::Object(object) => from_xml(xml, object),
        _ => problem("expected no XML"),
    }
}

/// `<xml>` with an element for each of `fields`, in their order.
///
/// Text with markup goes as CDATA; a `]]>` in it is split over two sections, and a carriage return
/// goes as a character reference, since a parser would turn it into a line feed.
pub(crate) fn to_xml(fields: &[FlatField]) -> String {
    let mut xml = String::from("<xml>");
    for (name, value) in fields {
        xml.extend(["<", name, ">"]);
        if value.contains(['<', '>', '&', '"', '\'', '\r']) {
            let text = value.replace("]]>", "]]]]><![CDATA[>");
            xml.push_str("<![CDATA[");
            xml.push_str(&text.replace('\r', "]]>&#13;<![CDATA["));
            xml.push_str("]]>");
        } else {
            xml.push_str(value);
        }
        xml.extend(["</", name, ">"]);
    }
    xml.push_str("</xml>");
    xml
}

/// Whether XML has no way to write `character`, not even as a reference.
pub(crate) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// `text` as a parser that knows nothing but XML 1.0 hands it on: without forbidden characters.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(is_forbidden) {
        text.replace(is_forbidden, "").into()
    } else {
        text.into()
    }
}

fn problem<T>(problem: impl Into<String>) -> Result<T, Mismatch> {
    Err(Mismatch {
        path: String::new(),
        problem: problem.into(),
    })
}

impl Document {
    /// Reads a document; its root may have any name (`xml`, `root`).
    pub fn parse(xml: &[u8]) -> Result<Self, Mismatch> {
        if xml.len() > MOST_BYTES {
            return problem(format!("XML of more than {MOST_BYTES} bytes"));
        }
        let Ok(text) = std::str::from_utf8(xml) else {
            return problem("not UTF-8");
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match text.trim_start().chars().next() {
            Some('<') => {}
            Some(_) => return problem("not XML: it does not begin with an element"),
            None => return problem("no XML: the text is empty"),
        }
        Builder::new(text).build().map(|root| Self {
            elements: root.children,
        })
    }

    /// The text of the root's only element called `name`.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Mismatch> {
        let mut found = self.elements.iter().filter(|element| element.name == name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Mismatch {
                path: name.to_owned(),
                problem: "the field is there twice".to_owned(),
            });
        }
        Ok(first.map(|element| element.text.as_str()))
    }

    /// The root's elements, each as received; of nested ones, their source.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.elements
            .iter()
            .map(|element| (element.name.as_str(), element.text.as_str()))
    }

    /// [`Document::fields`], to keep.
    pub fn into_fields(self) -> Vec<FlatField> {
        self.elements
            .into_iter()
            .map(|element| (element.name, element.text))
            .collect()
    }

    /// Fills `object`; elements that it does not have are passed over.
    pub fn fill(&self, object: &mut dyn Object) -> Vec<Deviation> {
        let found = Found::with_digits();
        fill(object, &self.elements, &FieldPath::document(&found));
        found.into_deviations()
    }
}

/// Reads the events of one document.
struct Builder<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().expand_empty_elements = true;
        Self {
            source,
            reader,
            open: Vec::new(),
            root: None,
            elements: 0,
        }
    }

    fn build(mut self) -> Result<Element, Mismatch> {
        loop {
            let before = self.position();
            match self.reader.read_event() {
                Ok(Event::Start(tag)) => self.start(tag.name().into_inner(), tag.len())?,
                Ok(Event::End(_)) => self.end(before)?,
                Ok(Event::Text(text)) => self.text(&text, false)?,
                Ok(Event::CData(text)) => self.text(&text, true)?,
                Ok(Event::GeneralRef(reference)) => self.reference(&reference)?,
                Ok(Event::Comment(_)) => {}
                Ok(Event::Decl(_)) if self.source[..before].trim().is_empty() => {}
                Ok(Event::Decl(_) | Event::PI(_)) => return problem("XML with a processing instruction"),
                Ok(Event::DocType(doctype)) => {
                    let html = doctype
                        .trim_start()
                        .get(..4)
                        .is_some_and(|word| word.eq_ignore_ascii_case("html"));
                    return problem(if html {
                        "HTML instead of XML"
                    } else {
                        "XML with a document type definition"
                    });
                }
                Ok(Event::Eof) => break,
                // quick-xml's messages may quote names; the position is enough.
                Err(_) => {
                    return problem(format!(
                        "not well-formed XML at byte {}",
                        self.reader.error_position()
                    ));
                }
                Ok(Event::Empty(_)) => return problem("not well-formed XML"),
            }
        }
        match self.root {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => problem("XML that is cut off"),
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(self.source.len())
    }

    fn start(&mut self, name: &str, length: usize) -> Result<(), Mismatch> {
        if length > LONGEST_TAG {
            return problem(format!("XML with a tag of more than {LONGEST_TAG} bytes"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return problem("XML with more than one root");
        }
        if self.open.is_empty() && name.eq_ignore_ascii_case("html") {
            return problem("HTML instead of XML");
        }
        if self.open.len() >= DEEPEST {
            return problem(format!("XML with more than {DEEPEST} levels"));
        }
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return problem(format!("XML with more than {MOST_ELEMENTS} elements"));
        }
        self.open.push(Element {
            name: name.to_owned(),
            start: self.position(),
            ..Element::default()
        });
        Ok(())
    }

    fn end(&mut self, before: usize) -> Result<(), Mismatch> {
        let Some(mut element) = self.open.pop() else {
            return problem("not well-formed XML");
        };
        let blank = element.text.trim().is_empty();
        if !element.children.is_empty() {
            if !blank {
                return problem("XML with text between elements");
            }
            // An element that was written `<a/>` has no content at all.
            element.text = self
                .source
                .get(element.start..before)
                .unwrap_or_default()
                .to_owned();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, cdata: bool) -> Result<(), Mismatch> {
        match self.open.last_mut() {
            Some(element) => {
                let blank = text.trim().is_empty();
                match (cdata, element.cdata) {
                    (true, false) if element.text.trim().is_empty() => element.text.clear(),
                    (false, true) if blank => return Ok(()),
                    _ => {}
                }
                element.cdata |= cdata;
                element.text.push_str(text);
                Ok(())
            }
            None if text.trim().is_empty() && !cdata => Ok(()),
            None => problem("XML with text outside its root"),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Mismatch> {
        let character = match &**reference {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => match reference.resolve_char_ref() {
                Ok(Some(character)) => character,
                Ok(None) => return problem("XML with an entity that is not predefined"),
                Err(_) => return problem("XML with an impossible character reference"),
            },
        };
        let Some(element) = self.open.last_mut() else {
            return problem("XML with text outside its root");
        };
        element.text.push(character);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
