//! Which file of a crate imports which.
//!
//! A file imports another when it names something that is defined there: in a `use`, in any other
//! path, inside a macro call, or by calling a macro. Re-exports are followed to the definition and do
//! not count as imports themselves. A folder's `mod.rs` and the files below it are one module: they
//! may use what `mod.rs` defines. Code under `cfg(test)` does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item, UseTree, Visibility};

/// The files that each file imports.
pub type Edges = BTreeMap<String, BTreeSet<String>>;

/// The modules of a crate.
pub struct Sources {
    modules: Vec<Module>,
    /// Macros by name, with the file that defines them.
    macros: BTreeMap<String, String>,
}

#[derive(Default)]
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// Names defined here.
    items: BTreeSet<String>,
    /// Names brought in, with their paths; `pub` ones are re-exports.
    uses: Vec<Use>,
    /// Everything else.
    tokens: Vec<TokenStream>,
}

struct Use {
    /// `*` for all names.
    name: String,
    path: Vec<String>,
    public: bool,
}

impl Sources {
    /// Reads a crate from its root file, without the modules in `skipped`.
    pub fn read(workspace: &Path, root: &str, skipped: &[&str]) -> Self {
        let mut sources = Self {
            modules: Vec::new(),
            macros: BTreeMap::new(),
        };
        let file = workspace.join(root);
        let folder = file.parent().expect("a file is in a folder").to_owned();
        sources.file(workspace, &file, &folder, None, skipped);
        sources
    }

    fn file(
        &mut self,
        workspace: &Path,
        file: &Path,
        folder: &Path,
        parent: Option<usize>,
        skipped: &[&str],
    ) -> usize {
        let text =
            std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let name = file.strip_prefix(workspace).expect("inside the workspace");
        let name = name.to_string_lossy().replace('\\', "/");
        self.items(workspace, &name, folder, parent, parsed.items, skipped)
    }

    fn items(
        &mut self,
        workspace: &Path,
        file: &str,
        folder: &Path,
        parent: Option<usize>,
        items: Vec<Item>,
        skipped: &[&str],
    ) -> usize {
        let at = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        for item in items {
            match item {
                Item::Mod(module) if is_test(&module.attrs) => {}
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    if skipped.contains(&name.as_str()) {
                        continue;
                    }
                    let inner = folder.join(&name);
                    let child = match module.content {
                        Some((_, items)) => self.items(workspace, file, &inner, Some(at), items, &[]),
                        None => {
                            let (file, folder) = locate(&workspace.join(file), folder, &name, &module.attrs);
                            self.file(workspace, &file, &folder, Some(at), &[])
                        }
                    };
                    self.modules[at].children.insert(name, child);
                }
                Item::Use(item) if is_test(&item.attrs) => {}
                Item::Use(item) => {
                    let public = !matches!(item.vis, Visibility::Inherited);
                    flatten(&item.tree, &mut Vec::new(), public, &mut self.modules[at].uses);
                }
                item => self.other(at, item),
            }
        }
        at
    }

    fn other(&mut self, at: usize, item: Item) {
        let (attributes, name) = match &item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, None),
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        let module = &mut self.modules[at];
        module.items.extend(name.map(ToString::to_string));
        if let Item::Macro(definition) = &item
            && let Some(name) = &definition.ident
        {
            self.macros.insert(name.to_string(), module.file.clone());
        }
        module.tokens.push(item.into_token_stream());
    }

    /// The files that each file imports.
    pub fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (at, module) in self.modules.iter().enumerate() {
            let mut targets = BTreeSet::new();
            let mut words = BTreeSet::new();
            for tokens in &module.tokens {
                self.scan(at, tokens.clone(), &mut words, &mut targets);
            }
            for import in &module.uses {
                if !import.public || words.contains(&import.name) {
                    targets.extend(self.resolve(at, &import.path, 0));
                }
            }
            targets.remove(&module.file);
            targets.retain(|target| !is_above(target, &module.file));
            edges.entry(module.file.clone()).or_default().extend(targets);
        }
        edges
    }

    /// Finds paths and macro calls; `words` are all names.
    fn scan(
        &self,
        at: usize,
        tokens: TokenStream,
        words: &mut BTreeSet<String>,
        targets: &mut BTreeSet<String>,
    ) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        targets.extend(self.path(at, &path));
                        path.clear();
                    }
                    path.push(ident.to_string());
                    words.insert(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    if colons == 2 && !path.is_empty() {
                        self.group(at, &path, group.stream(), targets);
                    }
                    targets.extend(self.path(at, &path));
                    path.clear();
                    colons = 0;
                    self.scan(at, group.stream(), words, targets);
                }
                token => {
                    if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!')
                        && let [name] = path.as_slice()
                    {
                        targets.extend(self.macros.get(name).cloned());
                    }
                    targets.extend(self.path(at, &path));
                    path.clear();
                    colons = 0;
                }
            }
        }
        targets.extend(self.path(at, &path));
    }

    /// `use a::{b, c}` inside a function.
    fn group(&self, at: usize, path: &[String], names: TokenStream, targets: &mut BTreeSet<String>) {
        for token in names {
            if let TokenTree::Ident(name) = token {
                targets.extend(self.path(at, &[path, &[name.to_string()]].concat()));
            }
        }
    }

    fn path(&self, at: usize, path: &[String]) -> Option<String> {
        if path.len() < 2 {
            return None;
        }
        self.resolve(at, path, 0)
    }

    /// The file that defines what `path` names in module `at`; `None` for other crates and for a
    /// module alone, whose use is found where something of it is named.
    fn resolve(&self, mut at: usize, path: &[String], depth: usize) -> Option<String> {
        if depth > 16 {
            return None;
        }
        for (index, segment) in path.iter().enumerate() {
            let module = &self.modules[at];
            at = match segment.as_str() {
                "crate" => 0,
                "self" => at,
                "super" => module.parent?,
                "*" => return Some(module.file.clone()),
                name if module.children.contains_key(name) => module.children[name],
                name if module.items.contains(name) => return Some(module.file.clone()),
                name => {
                    let rest = &path[index + 1..];
                    let mut through = module.uses.iter().filter(|import| import.name == name);
                    let mut globs = module.uses.iter().filter(|import| import.name == "*");
                    return through
                        .find_map(|import| {
                            self.resolve(at, &[import.path.as_slice(), rest].concat(), depth + 1)
                        })
                        .or_else(|| {
                            globs.find_map(|import| {
                                let (_, module) = import.path.split_last()?;
                                let inner = [module, &path[index..]].concat();
                                (inner != path).then(|| self.resolve(at, &inner, depth + 1))?
                            })
                        });
                }
            };
        }
        None
    }
}

/// Whether `parent` is the `mod.rs` or `lib.rs` of a folder that holds `file`.
fn is_above(parent: &str, file: &str) -> bool {
    parent
        .strip_suffix("mod.rs")
        .or(parent.strip_suffix("lib.rs"))
        .is_some_and(|folder| file.starts_with(folder))
}

fn locate(file: &Path, folder: &Path, name: &str, attributes: &[Attribute]) -> (PathBuf, PathBuf) {
    let given = attributes.iter().find_map(|attribute| {
        let value = &attribute.meta.require_name_value().ok()?.value;
        let text = value.to_token_stream().to_string();
        attribute
            .path()
            .is_ident("path")
            .then(|| text.trim_matches('"').to_owned())
    });
    let inner = folder.join(name);
    match given {
        Some(path) => (file.with_file_name(path), inner),
        None if inner.join("mod.rs").exists() => (inner.join("mod.rs"), inner),
        None => (folder.join(format!("{name}.rs")), inner),
    }
}

/// Whether code is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && text
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == "test")
    })
}

fn flatten(tree: &UseTree, path: &mut Vec<String>, public: bool, uses: &mut Vec<Use>) {
    let mut add = |name: String, last: Option<String>| {
        let path = path.iter().cloned().chain(last).collect();
        uses.push(Use { name, path, public });
    };
    match tree {
        UseTree::Name(name) if name.ident == "self" => add(path.last().cloned().unwrap_or_default(), None),
        UseTree::Name(name) => add(name.ident.to_string(), Some(name.ident.to_string())),
        UseTree::Rename(name) if name.ident == "self" => add(name.rename.to_string(), None),
        UseTree::Rename(name) => add(name.rename.to_string(), Some(name.ident.to_string())),
        UseTree::Glob(_) => add("*".to_owned(), Some("*".to_owned())),
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, public, uses);
            path.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path, public, uses);
            }
        }
    }
}
