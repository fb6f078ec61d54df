//! APIv2's XML. In: a body. Out: the root's elements as pairs of name and text, in their order, nested
//! ones as their source; no document type, no entities but the five. And back.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Deeper or more than any page has.
const DEEPEST: usize = 16;

/// The fields of a document, or what is wrong with it.
pub fn parse(xml: &[u8]) -> Result<Vec<(String, String)>, String> {
    let source = std::str::from_utf8(xml).map_err(|_| "the body is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(source);
    reader.config_mut().expand_empty_elements = true;
    let position = |reader: &Reader<&[u8]>| usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let mut depth = 0;
    let mut fields: Vec<(String, String)> = Vec::new();
    let (mut start, mut nested, mut root) = (0, false, false);
    loop {
        let before = position(&reader);
        match reader
            .read_event()
            .map_err(|_| format!("the body is not well-formed XML at byte {before}"))?
        {
            Event::Start(tag) => {
                depth += 1;
                match depth {
                    1 if root => return Err("the body has more than one root".into()),
                    1 => root = true,
                    2 => {
                        fields.push((tag.name().into_inner().to_owned(), String::new()));
                        (start, nested) = (position(&reader), false);
                    }
                    DEEPEST.. => return Err("the body has too many levels".into()),
                    _ => nested = true,
                }
            }
            Event::End(_) => {
                if depth == 2
                    && nested
                    && let Some((_, text)) = fields.last_mut()
                {
                    *text = source.get(start..before).unwrap_or_default().trim().to_owned();
                }
                depth -= 1;
            }
            Event::Text(text) if depth == 2 && !nested => push(&mut fields, &text),
            Event::CData(text) if depth == 2 && !nested => push(&mut fields, &text),
            Event::GeneralRef(reference) if depth == 2 && !nested => {
                let text = match &*reference {
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "amp" => "&".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    _ => match reference.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => return Err("the body has an entity that is not predefined".into()),
                    },
                };
                push(&mut fields, &text);
            }
            Event::DocType(_) => return Err("the body has a document type definition".into()),
            Event::PI(_) => return Err("the body has a processing instruction".into()),
            Event::Text(text) if depth == 0 && !text.trim().is_empty() => {
                return Err("the body is not XML".into());
            }
            Event::Eof if depth == 0 && root => return Ok(fields),
            Event::Eof => return Err("the body is cut off, or empty".into()),
            _ => {}
        }
    }
}

fn push(fields: &mut [(String, String)], text: &str) {
    if let Some((_, last)) = fields.last_mut() {
        last.push_str(text);
    }
}

/// A document of these fields, every text as CDATA.
pub fn write(root: &str, fields: &[(String, String)]) -> String {
    let mut xml = format!("<{root}>");
    for (name, value) in fields {
        let value = value.replace("]]>", "]]]]><![CDATA[>");
        xml.push_str(&format!("<{name}><![CDATA[{value}]]></{name}>"));
    }
    xml.push_str(&format!("</{root}>"));
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let xml =
            "<?xml version=\"1.0\"?><xml>\n<a>1 &lt;&#50;</a><b><![CDATA[<x>]]></b><c/><d><e>1</e></d></xml>";
        let fields = parse(xml.as_bytes()).unwrap();
        assert_eq!(
            fields,
            [
                pair("a", "1 <2"),
                pair("b", "<x>"),
                pair("c", ""),
                pair("d", "<e>1</e>")
            ]
        );
        let written = write("xml", &[pair("a", "]]>&")]);
        assert_eq!(parse(written.as_bytes()).unwrap(), [pair("a", "]]>&")]);
        for bad in [
            "",
            "x",
            "<xml>",
            "<!DOCTYPE a><xml></xml>",
            "<xml><a>&b;</a></xml>",
            "<xml></xml><xml></xml>",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
