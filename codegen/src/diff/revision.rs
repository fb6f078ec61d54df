//! The pages of a folder, or of a git revision.
//!
//! In: `FOLDER` or `REV:FOLDER`, the latter as git has it: from the top of the repository, or with
//! `./` from here. Out: the sources. Git's own command reads the objects: nothing is checked out.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::load::{self, Loaded};
use crate::source::{self, FIXUPS, MAX_SIZE, Source};

/// Loads `FOLDER` or `REV:FOLDER`, the latter from the repository of the current folder.
pub fn load(what: &str) -> Result<Loaded, String> {
    load_in(Path::new("."), what)
}

/// Loads `FOLDER`, or `REV:FOLDER` from the repository that holds the folder `here`.
pub fn load_in(here: &Path, what: &str) -> Result<Loaded, String> {
    let folder = Path::new(what);
    if folder.is_dir() {
        return load::load(folder).map_err(|error| format!("{what}: {error}"));
    }
    if !what.contains(':') {
        return Err(format!(
            "`{what}` is not a folder; a git revision's pages are written REV:FOLDER, as in `HEAD:specs`"
        ));
    }
    let sources = sources(here, what)?;
    if sources.is_empty() {
        return Err(format!("`{what}` holds no pages"));
    }
    Ok(load::load_sources(sources))
}

/// The folder's name without the revision, for paths in reports.
pub fn folder(what: &str) -> &str {
    match what.split_once(':') {
        Some((_, folder)) if !Path::new(what).is_dir() => folder.trim_start_matches("./"),
        _ => what,
    }
}

fn sources(here: &Path, tree: &str) -> Result<Vec<Source>, String> {
    if tree.starts_with('-') {
        return Err(format!("`{tree}` is not a git revision"));
    }
    let listing = git(here, &["ls-tree", "-r", "-z", "--full-tree", tree])?;
    let files = listing
        .split(|byte| *byte == 0)
        .filter_map(entry)
        .collect::<Vec<_>>();
    blobs(here, &files)
}

/// `100644 blob <id>\t<path>` → id and path, of pages, corrections and readings.
fn entry(line: &[u8]) -> Option<(String, String)> {
    let (facts, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    let hidden = path
        .split('/')
        .rev()
        .skip(1)
        .any(|part| part.starts_with('.') || part == "node_modules");
    let mut facts = facts.split(' ');
    let (mode, id) = (facts.next()?, facts.nth(1)?);
    let page = mode.starts_with("100")
        && !hidden
        && (path.ends_with(".md")
            || [FIXUPS, source::GLOSSARY, source::PRODUCTS].contains(&path)
            || source::is_reading(path));
    page.then(|| (id.to_owned(), path.to_owned()))
}

/// What git prints, run in the folder `here`.
pub(super) fn git(here: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .current_dir(here)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(missing)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("git {}: {}", arguments.join(" "), said.trim()))
}

fn missing(error: std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "a git revision is read with the command `git`, which is not there; install it, or give two folders".to_owned()
        }
        _ => format!("git cannot be run: {error}"),
    }
}

/// All texts, by one `git cat-file`.
fn blobs(here: &Path, files: &[(String, String)]) -> Result<Vec<Source>, String> {
    let mut child = Command::new("git")
        .current_dir(here)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(missing)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("git cat-file has no input or output".to_owned());
    };
    let ids: String = files.iter().map(|(id, _)| format!("{id}\n")).collect();
    let read = std::thread::scope(|scope| {
        // Git answers before it has read all: writing must not wait for reading. A failure shows when reading.
        scope.spawn(move || drop(input.write_all(ids.as_bytes())));
        let mut output = BufReader::new(output);
        files
            .iter()
            .map(|(_, path)| blob(&mut output, path))
            .collect::<Result<Vec<_>, _>>()
    });
    let _ = child.wait();
    read
}

/// `<id> blob <size>\n<bytes>\n`
fn blob(output: &mut impl BufRead, path: &str) -> Result<Source, String> {
    let failed = |error: std::io::Error| format!("git cat-file: {path}: {error}");
    let mut header = String::new();
    output.read_line(&mut header).map_err(failed)?;
    let size = header
        .trim_end()
        .rsplit(' ')
        .next()
        .and_then(|size| size.parse::<u64>().ok());
    let size = size.ok_or_else(|| format!("git cat-file: {path}: {}", header.trim_end()))?;
    if size > MAX_SIZE {
        return Err(format!(
            "{path}: {size} bytes are more than a page may have ({MAX_SIZE})"
        ));
    }
    let mut bytes = vec![0; size as usize + 1];
    output.read_exact(&mut bytes).map_err(failed)?;
    bytes.pop();
    let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8"))?;
    Ok(Source::new(path, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_corrections_are_read() {
        let page = |path: &str| entry(format!("100644 blob abc\t{path}").as_bytes()).map(|(_, path)| path);
        assert_eq!(page("openapi/v3/a.md").as_deref(), Some("openapi/v3/a.md"));
        assert_eq!(page("fixups.toml").as_deref(), Some("fixups.toml"));
        for path in [
            "a.txt",
            "openapi/fixups.toml",
            ".vitepress/a.md",
            "node_modules/a.md",
        ] {
            assert_eq!(page(path), None, "{path}");
        }
        assert_eq!(entry(b"120000 blob abc\ta.md"), None, "a symbolic link");
        assert_eq!(entry(b""), None);
    }

    #[test]
    fn what_is_neither_folder_nor_revision_says_so() {
        assert!(load("nowhere").unwrap_err().contains("REV:FOLDER"));
        assert!(load("--upload-pack=x:y").is_err());
        assert_eq!(
            (folder("HEAD:specs"), folder("HEAD:./specs"), folder("specs")),
            ("specs", "specs", "specs")
        );
    }
}
