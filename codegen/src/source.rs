//! The pages' text.
//!
//! In: a folder of pages: a workspace's `specs/`, a copy of the public site, or a folder with a
//! lone page. Out: one [`Source`] per `.md` file and one for `fixups.toml`, sorted by path.

use std::fs;
use std::io;
use std::path::Path;

use crate::diagnostic::{Code, Diagnostic};

/// A page larger than this is none.
pub const MAX_SIZE: u64 = 4 << 20;

/// The name of the corrections beside the pages.
pub const FIXUPS: &str = "fixups.toml";

/// One file. Paths are below the folder, with `/` on every system.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    pub path: String,
    /// Without a byte order mark; lines end with a line feed.
    pub text: String,
}

impl Source {
    /// A text from memory, with any of markdown's line ends.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        Self {
            path: path.into(),
            text,
        }
    }
}

/// All pages below `folder`, and what could not be read.
pub fn read(folder: &Path) -> io::Result<(Vec<Source>, Vec<Diagnostic>)> {
    let mut files = Vec::new();
    walk(folder, "", &mut files)?;
    files.sort();
    let mut sources = Vec::with_capacity(files.len());
    let mut diagnostics = Vec::new();
    for path in files {
        match read_file(&folder.join(&path)) {
            Ok(text) => sources.push(Source::new(path, text)),
            Err((code, message)) => diagnostics.push(Diagnostic::new(code, &path, 0..0, message)),
        }
    }
    Ok((sources, diagnostics))
}

/// Collects the paths of pages, and of the corrections at the top. Hidden folders and links to folders are not entered.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && name != "node_modules" {
                walk(&entry.path(), &path, files)?;
            }
        } else if name.ends_with(".md") || path == FIXUPS {
            files.push(path);
        }
    }
    Ok(())
}

fn read_file(file: &Path) -> Result<String, (Code, String)> {
    let unreadable = |error: io::Error| (Code::UnreadablePage, format!("cannot be read: {error}"));
    let size = fs::metadata(file).map_err(unreadable)?.len();
    if size > MAX_SIZE {
        return Err((
            Code::PageTooLarge,
            format!("{size} bytes are more than a page may have ({MAX_SIZE})"),
        ));
    }
    let bytes = fs::read(file).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (Code::UnreadablePage, format!("is not UTF-8 (byte {at})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("wechatpay-codegen-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("openapi/v3")).unwrap();
        fs::create_dir_all(folder.join(".vitepress")).unwrap();
        folder
    }

    #[test]
    fn pages_are_read_sorted_without_byte_order_mark_and_carriage_returns() {
        let folder = folder("read");
        fs::write(folder.join("openapi/v3/b.md"), "\u{feff}# b\r\n").unwrap();
        fs::write(folder.join("openapi/v3/a.md"), "# a\n").unwrap();
        fs::write(folder.join("openapi/v3/a.txt"), "no page").unwrap();
        fs::write(folder.join(".vitepress/c.md"), "no page").unwrap();
        fs::write(folder.join("fixups.toml"), "").unwrap();
        let (sources, diagnostics) = read(&folder).unwrap();
        let pages: Vec<_> = sources.iter().map(|s| (&*s.path, &*s.text)).collect();
        assert_eq!(
            pages,
            [
                ("fixups.toml", ""),
                ("openapi/v3/a.md", "# a\n"),
                ("openapi/v3/b.md", "# b\n")
            ]
        );
        assert_eq!(diagnostics, []);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_no_text_is_reported_and_does_not_stop_the_others() {
        let folder = folder("unreadable");
        fs::write(folder.join("a.md"), b"\xff\xfe").unwrap();
        fs::write(folder.join("b.md"), "# b\n").unwrap();
        fs::File::create(folder.join("c.md"))
            .unwrap()
            .set_len(MAX_SIZE + 1)
            .unwrap();
        let (sources, diagnostics) = read(&folder).unwrap();
        assert_eq!(sources.len(), 1);
        let codes: Vec<_> = diagnostics.iter().map(|d| (&*d.page, d.code)).collect();
        assert_eq!(
            codes,
            [("a.md", Code::UnreadablePage), ("c.md", Code::PageTooLarge)]
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(read(Path::new("/nowhere/at/all")).is_err());
    }
}
