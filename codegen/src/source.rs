//! The pages' text.
//!
//! In: a folder of pages: a workspace's `specs/`, a copy of the public site, or a folder with a
//! lone page. Out: one [`Source`] per `.md` file and one for `fixups.toml`, sorted by path.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::diagnostic::{Code, Diagnostic};

/// A larger file is not a page.
pub const MAX_SIZE: u64 = 4 << 20;

/// The name of the corrections beside the pages.
pub const FIXUPS: &str = "fixups.toml";

/// The folder of second readings beside the pages.
pub const READINGS: &str = "readings";

/// Where pages stand against readings.
pub const DECISIONS: &str = "readings/decisions.toml";

/// The official terms in English, and the official products, beside the pages.
pub const GLOSSARY: &str = "glossary.txt";
pub const PRODUCTS: &str = "products.txt";

/// Whether a path below the folder of pages is that of a second reading, or of the decisions about them.
pub fn is_reading(path: &str) -> bool {
    let name = path
        .strip_prefix(READINGS)
        .and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| name.ends_with(".txt") && !name.contains('/')) || path == DECISIONS
}

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

/// All pages below `folder`, and a diagnostic for each file that could not be read.
pub fn read(folder: &Path) -> io::Result<(Vec<Source>, Vec<Diagnostic>)> {
    let mut found = Found::default();
    found.walk(fs::read_dir(folder)?, "");
    found.files.sort();
    let mut sources = Vec::with_capacity(found.files.len());
    for path in std::mem::take(&mut found.files) {
        match read_file(&folder.join(&path)) {
            Ok(text) => sources.push(Source::new(path, text)),
            Err((code, message)) => found.report(code, &path, message),
        }
    }
    Ok((sources, found.diagnostics))
}

#[derive(Default)]
struct Found {
    /// Paths of pages, and of the corrections at the top.
    files: Vec<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Found {
    /// Hidden files and folders and `node_modules` are not the pages' and left alone.
    fn walk(&mut self, entries: fs::ReadDir, prefix: &str) {
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, prefix),
                Err(error) => {
                    let folder = if prefix.is_empty() { "." } else { prefix };
                    self.report(
                        Code::UnreadablePage,
                        folder,
                        format!("the folder cannot be listed: {error}"),
                    );
                }
            }
        }
    }

    fn entry(&mut self, entry: &fs::DirEntry, prefix: &str) {
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        if shown.starts_with('.') || shown == "node_modules" {
            return;
        }
        let path = match prefix {
            "" => shown.to_string(),
            _ => format!("{prefix}/{shown}"),
        };
        let is_page = Path::new(&*shown)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        // Follows links; what a dead link leads to is found out when it is read.
        let is_folder = fs::metadata(entry.path()).is_ok_and(|data| data.is_dir());
        if !is_folder && !is_page && ![FIXUPS, GLOSSARY, PRODUCTS].contains(&&*path) && !is_reading(&path) {
            return;
        }
        if name.to_str().is_none() {
            self.report(Code::UnreadablePage, &path, "the name is not UTF-8; rename it");
        } else if !is_folder && is_page && !shown.ends_with(".md") {
            self.report(
                Code::UnreadablePage,
                &path,
                "the name does not end in `.md` in lower case; rename it",
            );
        } else if !is_folder {
            self.files.push(path);
        } else if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
            let message = "links to folders are not followed; copy the folder, or name it with --specs";
            self.report(Code::UnreadablePage, &path, message);
        } else {
            match fs::read_dir(entry.path()) {
                Ok(entries) => self.walk(entries, &path),
                Err(error) => {
                    self.report(
                        Code::UnreadablePage,
                        &path,
                        format!("the folder cannot be listed: {error}"),
                    );
                }
            }
        }
    }

    fn report(&mut self, code: Code, path: &str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(code, path, 0..0, message));
    }
}

fn read_file(file: &Path) -> Result<String, (Code, String)> {
    let unreadable = |error: io::Error| (Code::UnreadablePage, format!("cannot be read: {error}"));
    let data = fs::metadata(file).map_err(unreadable)?;
    // Reading a pipe would wait forever.
    if !data.is_file() {
        return Err((Code::UnreadablePage, "is not a regular file".to_owned()));
    }
    let mut bytes = Vec::with_capacity(data.len().min(MAX_SIZE) as usize + 1);
    let mut limited = fs::File::open(file).map_err(unreadable)?.take(MAX_SIZE + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        let size = data.len().max(MAX_SIZE + 1);
        let message = format!("{size} bytes are more than a page may have ({MAX_SIZE})");
        return Err((Code::PageTooLarge, message));
    }
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
    fn what_is_not_text_is_reported_and_does_not_stop_the_others() {
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

    #[cfg(unix)]
    #[test]
    fn nothing_is_skipped_in_silence() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        let folder = folder("odd");
        let pages = folder.join("openapi/v3");
        fs::write(pages.join(OsStr::from_bytes(b"\xff.md")), "").unwrap();
        fs::create_dir(pages.join(OsStr::from_bytes(b"\xfe"))).unwrap();
        fs::write(pages.join("upper.MD"), "").unwrap();
        fs::write(pages.join(".hidden.md"), "").unwrap();
        symlink("..", pages.join("loop")).unwrap();
        symlink("gone.md", pages.join("dead.md")).unwrap();
        symlink("/dev/zero", pages.join("endless.md")).unwrap();
        let fifo = std::process::Command::new("mkfifo")
            .arg(pages.join("pipe.md"))
            .status();
        let (sources, mut diagnostics) = read(&folder).unwrap();
        assert_eq!(sources, []);
        crate::diagnostic::sort(&mut diagnostics);
        let mut expected = vec![
            "dead.md",
            "endless.md",
            "loop",
            "pipe.md",
            "upper.MD",
            "\u{fffd}",
            "\u{fffd}.md",
        ];
        if !fifo.is_ok_and(|status| status.success()) {
            expected.retain(|name| *name != "pipe.md");
        }
        let found: Vec<_> = diagnostics
            .iter()
            .map(|found| found.page.strip_prefix("openapi/v3/").unwrap())
            .collect();
        assert_eq!(found, expected);
        assert!(diagnostics.iter().all(Diagnostic::is_error));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(read(Path::new("/nowhere/at/all")).is_err());
    }
}
