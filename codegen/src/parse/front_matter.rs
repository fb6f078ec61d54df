//! The front matter: title, and where a moved page has gone.
//!
//! In: the YAML text between the two `---` lines. Out: what of it matters here.

use saphyr_parser::{Event, Parser};

#[derive(Debug, Default, PartialEq)]
pub struct FrontMatter {
    pub title: Option<String>,
    /// The address of a `<meta http-equiv="refresh">`, or what the title says: `Moved to …`.
    pub redirect: Option<String>,
}

/// Reads the block; an error is the parser's own message.
pub fn read(text: &str) -> Result<FrontMatter, String> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        reader.event(event);
    }
    let title = reader.title.take();
    let moved = title.as_deref().and_then(|title| title.strip_prefix("Moved to "));
    let redirect = reader.refresh().or(moved).map(|to| to.trim().to_owned());
    Ok(FrontMatter { title, redirect })
}

/// A mapping or list that is being read.
enum Inside {
    /// With the key whose value comes next.
    Mapping(Option<String>),
    List,
}

/// Takes what matters out of YAML's events, without building a tree: nesting costs no stack.
#[derive(Default)]
struct Reader {
    stack: Vec<Inside>,
    title: Option<String>,
    /// `http-equiv` and `content` of each element of `head`.
    elements: Vec<[Option<String>; 2]>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Scalar(text, ..) => self.scalar(&text),
            Event::MappingStart(..) => {
                if self.is_in("head") && self.stack.len() == 3 {
                    self.elements.push([None, None]);
                }
                self.stack.push(Inside::Mapping(None));
            }
            Event::SequenceStart(..) => self.stack.push(Inside::List),
            Event::MappingEnd | Event::SequenceEnd => {
                self.stack.pop();
                self.value_ends();
            }
            Event::Alias(_) => self.value_ends(),
            _ => {}
        }
    }

    fn scalar(&mut self, text: &str) {
        if let Some(Inside::Mapping(key @ None)) = self.stack.last_mut() {
            *key = Some(text.to_owned());
            return;
        }
        match (self.stack.as_slice(), self.elements.last_mut()) {
            ([Inside::Mapping(Some(key))], _) if key == "title" => self.title = Some(text.to_owned()),
            ([_, _, _, Inside::Mapping(Some(key))], Some(element)) if key == "http-equiv" => {
                element[0] = Some(text.to_owned());
            }
            ([_, _, _, Inside::Mapping(Some(key))], Some(element)) if key == "content" => {
                element[1] = Some(text.to_owned());
            }
            _ => {}
        }
        self.value_ends();
    }

    /// After a value comes a key again; a mapping or list as a key has no name of its own.
    fn value_ends(&mut self) {
        if let Some(Inside::Mapping(key)) = self.stack.last_mut() {
            *key = if key.is_some() { None } else { Some(String::new()) };
        }
    }

    /// Whether the outermost mapping is at the value of this key.
    fn is_in(&self, name: &str) -> bool {
        matches!(self.stack.first(), Some(Inside::Mapping(Some(key))) if key == name)
    }

    /// The address in `- - meta` / `http-equiv: refresh` / `content: 0;url=…`.
    fn refresh(&self) -> Option<&str> {
        self.elements.iter().find_map(|element| match element {
            [Some(name), Some(content)] if name == "refresh" => Some(content.split_once("url=")?.1),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_and_refresh() {
        let text = "title: Moved to /a\nhead:\n  - - meta\n    - http-equiv: refresh\n      content: 0;url=/openapi/v3/b\nnavbar: false\n";
        let read = read(text).unwrap();
        assert_eq!(read.title.as_deref(), Some("Moved to /a"));
        assert_eq!(read.redirect.as_deref(), Some("/openapi/v3/b"));
    }

    #[test]
    fn the_title_alone_tells_a_move() {
        assert_eq!(
            read("title: Moved to /a").unwrap().redirect.as_deref(),
            Some("/a")
        );
    }

    #[test]
    fn other_keys_and_shapes_are_left_alone() {
        assert_eq!(read("").unwrap(), FrontMatter::default());
        assert_eq!(read("- a\n- b").unwrap(), FrontMatter::default());
        assert_eq!(
            read("title: 2024\nhead: x").unwrap().title.as_deref(),
            Some("2024")
        );
        assert_eq!(read("head:\n  - - link\n    - rel: x").unwrap().redirect, None);
    }

    #[test]
    fn only_the_element_in_its_place_counts() {
        let elsewhere = "head:\n  http-equiv: refresh\n  content: 0;url=/a\nx:\n  - - meta\n    - http-equiv: refresh\n      content: 0;url=/b\n";
        assert_eq!(read(elsewhere).unwrap().redirect, None);
        let keys = "? [a, b]\n: c\n? {d: e}\n: f\ntitle: 题\nx: &x 1\ny: *x\n";
        assert_eq!(read(keys).unwrap().title.as_deref(), Some("题"));
    }

    #[test]
    fn nesting_is_no_problem() {
        assert!(read(&"- ".repeat(5_000)).is_ok());
    }

    #[test]
    fn broken_yaml_is_an_error() {
        assert!(read("title: \"a").is_err());
        assert!(read("a: b: c").is_err());
    }
}
