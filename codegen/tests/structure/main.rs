//! The structure of the hand-written sources: which file imports which, and how long files are.

mod claims;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sources::{Edges, Sources};

/// Circles that are allowed, each with its reason.
const ALLOWED: &[&[&str]] = &[
    // A form may hold JSON text, and JSON may hold a form.
    &["client/src/wire/flat.rs", "client/src/wire/write.rs"],
    // The same on the way in.
    &[
        "client/src/wire/json.rs",
        "client/src/wire/read.rs",
        "client/src/wire/text.rs",
    ],
];

/// The client's modules from the bottom up: each imports only those before it.
const CLIENT: &[&str] = &[
    "wire",
    "operation",
    "clock",
    "error",
    "traffic",
    "crypto",
    "observe",
    "transport",
    "retry",
    "runtime",
    "credentials",
    "trust",
    "client",
    "exchange",
    "apiv3",
    "apiv2",
    "call",
    "download",
    "pay",
    "webhook",
    "store",
    "orders",
    "builder",
    "testing",
    "blocking",
];

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("codegen is in the workspace").to_owned()
}

fn client() -> Sources {
    Sources::read(&root(), "client/src/lib.rs", &["generated"])
}

#[test]
fn no_file_imports_another_in_a_circle() {
    let mut found = BTreeSet::new();
    for sources in [
        client(),
        Sources::read(&root(), "codegen/src/lib.rs", &[]),
        Sources::read(&root(), "sandbox/src/lib.rs", &[]),
    ] {
        found.extend(circles(&sources.edges()));
    }
    let allowed = ALLOWED
        .iter()
        .map(|files| files.iter().map(|file| (*file).to_owned()).collect())
        .collect();
    assert_eq!(found, allowed, "left: the circles found; right: those allowed");
}

/// The same, a level higher: the modules in a crate's root.
#[test]
fn no_module_imports_another_in_a_circle() {
    let crates: [(&str, &[&[&str]]); 3] = [
        ("client/src/lib.rs", &[]),
        ("codegen/src/lib.rs", &[]),
        ("sandbox/src/lib.rs", &[]),
    ];
    for (root_file, known) in crates {
        let folder = root_file.trim_end_matches("lib.rs");
        let module = |file: &String| {
            let inner = file.strip_prefix(folder).unwrap_or(file);
            inner.split(['/', '.']).next().unwrap_or(inner).to_owned()
        };
        let mut modules = Edges::new();
        for (from, targets) in Sources::read(&root(), root_file, &["generated"]).edges() {
            let from = module(&from);
            let targets = targets
                .iter()
                .map(module)
                .filter(|to| *to != from)
                .collect::<BTreeSet<_>>();
            modules.entry(from).or_default().extend(targets);
        }
        let known: BTreeSet<BTreeSet<String>> = known
            .iter()
            .map(|circle| circle.iter().map(|name| (*name).to_owned()).collect())
            .collect();
        assert_eq!(
            circles(&modules),
            known,
            "in {folder}; left: the circles found; right: those allowed"
        );
    }
}

#[test]
fn modules_of_the_client_import_only_modules_below_them() {
    let rank = |file: &str| {
        let inner = file.strip_prefix("client/src/")?;
        let module = inner.split(['/', '.']).next()?;
        CLIENT.iter().position(|name| *name == module)
    };
    let sources = client();
    let mut unlisted = BTreeSet::new();
    let mut upward = BTreeSet::new();
    for (from, targets) in sources.edges() {
        let Some(at) = rank(&from) else {
            if from != "client/src/lib.rs" {
                unlisted.insert(from);
            }
            continue;
        };
        for to in targets {
            if rank(&to).is_some_and(|below| below > at) {
                upward.insert(format!("{from} imports {to}"));
            }
        }
    }
    assert!(
        unlisted.is_empty(),
        "give these modules a place in CLIENT: {unlisted:#?}"
    );
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_hand_written_file_has_more_than_400_lines() {
    let mut long = BTreeMap::new();
    for part in ["client", "codegen", "sandbox"] {
        visit(&root().join(part), &mut |file| {
            let text = std::fs::read_to_string(file).expect("a source is readable");
            let lines = text.lines().count();
            if lines > 400
                && !text.starts_with("// Generated")
                && !file.to_string_lossy().contains("/golden/")
            {
                long.insert(
                    file.strip_prefix(root())
                        .expect("inside the workspace")
                        .to_owned(),
                    lines,
                );
            }
        });
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// Functions that are longer than the others may be, each with its reason.
const LONG: &[(&str, &str)] = &[
    // Tables of cases.
    ("client/src/apiv2/tests/surface.rs", "cases"),
    (
        "client/src/apiv2/tests/mod.rs",
        "codes_become_errors_before_anything_else_is_asked",
    ),
    ("client/src/tests/builder.rs", "each_mistake_is_named"),
];

#[test]
fn no_function_of_client_and_generator_has_more_than_60_lines() {
    let (mut long, mut used) = (BTreeSet::new(), 0);
    for part in ["client/src", "codegen/src"] {
        visit(&root().join(part), &mut |file| {
            let text = std::fs::read_to_string(file).expect("a source is readable");
            let path = file.strip_prefix(root()).expect("inside the workspace");
            for (name, lines) in functions(&text) {
                let known = LONG.contains(&(path.to_string_lossy().as_ref(), name));
                if lines > 60 && known {
                    used += 1;
                }
                if lines > 60 && !known {
                    long.insert(format!("{}: {name} has {lines} lines", path.display()));
                }
            }
        });
    }
    assert!(long.is_empty(), "{long:#?}");
    assert_eq!(used, LONG.len(), "an exception is no longer needed");
}

/// The functions of a formatted source, with their lines: from `fn` to the brace below it.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let Some((before, after)) = body.split_once("fn ") else {
            continue;
        };
        let words = ["pub", "pub(crate)", "pub(super)", "async", "const"];
        if !before.split_whitespace().all(|word| words.contains(&word)) {
            continue;
        }
        let name = after.split(['(', '<']).next().unwrap_or(after);
        let indent = line.len() - body.len();
        // A declaration ends before the block that it is in does.
        let end = lines[start..].iter().position(|line| {
            let shown = line.trim_start();
            line.len() - shown.len() == indent && (shown == "}" || shown.ends_with(['}', ';']))
        });
        found.extend(end.map(|end| (name, end + 1)));
    }
    found
}

#[test]
fn functions_are_measured() {
    let text = "impl A {\n    fn a();\n    pub fn b() {\n        c();\n    }\n}\nconst fn d() {}\n";
    assert_eq!(functions(text), [("a", 1), ("b", 3), ("d", 1)]);
}

fn visit(folder: &Path, found: &mut impl FnMut(&Path)) {
    let entries = std::fs::read_dir(folder).expect("a folder is readable");
    for entry in entries {
        let path = entry.expect("an entry is readable").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "generated" && name != "target" {
            visit(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found(&path);
        }
    }
}

/// The check finds what it is for, through re-exports, renamings, inline paths and macros.
#[test]
fn circles_are_found() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("structure");
    let files = [
        (
            "lib.rs",
            "mod a; mod b; mod c; mod d; mod e; #[macro_use] mod m; pub use a::A;",
        ),
        ("a/mod.rs", "mod inner; pub use inner::A;"),
        ("a/inner.rs", "use crate::b as other; pub struct A(other::B);"),
        ("b.rs", "pub struct B; fn f() -> crate::A { todo!() }"),
        ("c.rs", "use crate::d::*; pub struct C; m!(C);"),
        (
            "d.rs",
            "pub struct D; #[cfg(test)] mod tests { use crate::c::C; }",
        ),
        (
            "e.rs",
            "pub struct E; fn f() { println!(\"{}\", crate::m::text()) }",
        ),
        (
            "m.rs",
            "macro_rules! m { ($n:ident) => { crate::e::E } } pub fn text() {}",
        ),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder is made");
        std::fs::write(path, text).expect("a file is written");
    }
    let found = circles(&Sources::read(&folder, "lib.rs", &[]).edges());
    let circle = |files: [&str; 2]| files.map(ToOwned::to_owned).into_iter().collect();
    let expected: BTreeSet<BTreeSet<String>> = [circle(["a/inner.rs", "b.rs"]), circle(["e.rs", "m.rs"])]
        .into_iter()
        .collect();
    assert_eq!(found, expected);
}

/// The strongly connected components of more than one file.
fn circles(edges: &Edges) -> BTreeSet<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|from| (from, reachable(edges, from))).collect();
    let mutual = |from: &String, to: &String| {
        reached[from].contains(to) && reached.get(to).is_some_and(|back| back.contains(from))
    };
    edges
        .keys()
        .map(|from| -> BTreeSet<String> {
            edges
                .keys()
                .filter(|to| *to == from || mutual(from, to))
                .cloned()
                .collect()
        })
        .filter(|circle| circle.len() > 1)
        .collect()
}

fn reachable<'a>(edges: &'a Edges, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        for to in edges.get(file).into_iter().flatten() {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    seen
}
