//! The front matter: title, and where a moved page has gone.
//!
//! In: the YAML text between the two `---` lines. Out: what of it matters here.

use saphyr::{LoadableYamlNode, Yaml};

#[derive(Debug, Default, PartialEq)]
pub struct FrontMatter {
    pub title: Option<String>,
    /// The address of a `<meta http-equiv="refresh">`, or what the title says: `Moved to …`.
    pub redirect: Option<String>,
}

/// Reads the block; an error is the parser's own message.
pub fn read(text: &str) -> Result<FrontMatter, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    let Some(document) = documents.first() else {
        return Ok(FrontMatter::default());
    };
    let title = document.as_mapping_get("title").and_then(scalar);
    let refresh = document.as_mapping_get("head").and_then(refresh);
    let moved = title
        .as_deref()
        .and_then(|title| title.strip_prefix("Moved to "))
        .map(|to| to.trim().to_owned());
    Ok(FrontMatter {
        redirect: refresh.or(moved),
        title,
    })
}

/// A title may look like a number or a date to YAML.
fn scalar(value: &Yaml<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    value.as_integer().map(|number| number.to_string())
}

/// The address in `- - meta` / `http-equiv: refresh` / `content: 0;url=…`.
fn refresh(head: &Yaml<'_>) -> Option<String> {
    head.as_sequence()?.iter().find_map(|element| {
        let attributes = element.as_sequence()?.get(1)?;
        let is_refresh = attributes.as_mapping_get("http-equiv")?.as_str()? == "refresh";
        let content = attributes.as_mapping_get("content")?.as_str()?;
        let (_, url) = content.split_once("url=")?;
        is_refresh.then(|| url.trim().to_owned())
    })
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
    fn broken_yaml_is_an_error() {
        assert!(read("title: \"a").is_err());
        assert!(read("a: b: c").is_err());
    }
}
