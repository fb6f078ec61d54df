//! The book of operations, and which of them a request is for.
//!
//! In: the pages packed into the crate, or a folder of them; then a method and a path. Out: the
//! operation with the values of its path parameters. An operation is read when it is first needed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use percent_encoding::percent_decode_str;

use crate::convert;
use crate::model::Operation;

/// All operations and webhooks.
pub struct Pages {
    entries: Vec<Entry>,
    /// Paths without parameters: `GET /v3/certificates`.
    exact: HashMap<String, Vec<usize>>,
    /// Paths with parameters, by method and number of segments.
    templates: HashMap<(String, usize), Vec<Template>>,
    webhooks: BTreeMap<String, usize>,
}

struct Entry {
    name: String,
    text: &'static str,
    parsed: OnceLock<Option<Arc<Operation>>>,
}

struct Template {
    segments: Vec<String>,
    entry: usize,
}

/// An operation and the values that a path has for it, still percent-encoded ones decoded.
pub type Match = (Arc<Operation>, Vec<(String, String)>);

impl Pages {
    /// The pages that the crate was built with.
    pub fn built_in() -> Arc<Self> {
        static PAGES: OnceLock<Arc<Pages>> = OnceLock::new();
        let text = include_str!(concat!(env!("OUT_DIR"), "/pages.tsv"));
        PAGES
            .get_or_init(|| {
                let mut pages = Self::empty();
                for line in text.lines() {
                    let mut cells = line.splitn(3, '\t');
                    if let (Some(kind), Some(name), Some(text)) = (cells.next(), cells.next(), cells.next()) {
                        pages.add(kind, name, text, OnceLock::new());
                    }
                }
                Arc::new(pages)
            })
            .clone()
    }

    /// The pages of a folder: a copy of the public site's `openapi/` and `webhook/`.
    ///
    /// # Errors
    /// When it can't be read, or holds an error; the text says where.
    pub fn load(folder: &Path) -> Result<Arc<Self>, String> {
        let loaded = wechatpay_codegen::load::load(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        if let Some(error) = loaded.diagnostics.iter().find(|found| found.is_error()) {
            return Err(format!("{}: {}", error.page, error.message));
        }
        let mut pages = Self::empty();
        for operation in convert::operations(&loaded.api) {
            let kind = if operation.webhook {
                "WEBHOOK"
            } else {
                &operation.method
            }
            .to_owned();
            let name = if operation.webhook {
                operation.name()
            } else {
                operation.path.clone()
            };
            pages.add(&kind, &name, "", OnceLock::from(Some(Arc::new(operation))));
        }
        Ok(Arc::new(pages))
    }

    fn empty() -> Self {
        Self {
            entries: Vec::new(),
            exact: HashMap::new(),
            templates: HashMap::new(),
            webhooks: BTreeMap::new(),
        }
    }

    fn add(&mut self, kind: &str, name: &str, text: &'static str, parsed: OnceLock<Option<Arc<Operation>>>) {
        let entry = self.entries.len();
        let full = if kind == "WEBHOOK" {
            name.to_owned()
        } else {
            format!("{kind} {name}")
        };
        if kind == "WEBHOOK" {
            self.webhooks.insert(name.to_owned(), entry);
        } else if name.contains('{') {
            let segments: Vec<String> = name.split('/').map(str::to_owned).collect();
            let key = (kind.to_owned(), segments.len());
            let list = self.templates.entry(key).or_default();
            list.push(Template { segments, entry });
            // Literal segments come before parameters.
            list.sort_by_key(|template| {
                template
                    .segments
                    .iter()
                    .map(|segment| segment.starts_with('{'))
                    .collect::<Vec<_>>()
            });
        } else {
            self.exact.entry(full.clone()).or_default().push(entry);
        }
        self.entries.push(Entry {
            name: full,
            text,
            parsed,
        });
    }

    fn get(&self, entry: usize) -> Option<Arc<Operation>> {
        let entry = self.entries.get(entry)?;
        entry
            .parsed
            .get_or_init(|| serde_json::from_str(entry.text).ok().map(Arc::new))
            .clone()
    }

    /// Every operation and webhook, in page order.
    pub fn all(&self) -> impl Iterator<Item = Arc<Operation>> + '_ {
        (0..self.entries.len()).filter_map(|entry| self.get(entry))
    }

    /// The names of all webhooks: event types, and page names for APIv2.
    pub fn webhooks(&self) -> impl Iterator<Item = &str> {
        self.webhooks.keys().map(String::as_str)
    }

    /// A webhook by its name.
    pub fn webhook(&self, name: &str) -> Option<Arc<Operation>> {
        self.get(*self.webhooks.get(name)?)
    }

    /// An operation by its name: `GET /v3/certificates`.
    pub fn by_name(&self, name: &str) -> Option<Arc<Operation>> {
        self.get(self.entries.iter().position(|entry| entry.name == name)?)
    }

    /// The operations that a request can be for, the most specific first. Two pages share a path but
    /// for the parameter's name, so there can be more than one.
    pub fn find(&self, method: &str, path: &str) -> Vec<Match> {
        if let Some(found) = self.exact.get(&format!("{method} {path}")) {
            return found
                .iter()
                .filter_map(|entry| Some((self.get(*entry)?, Vec::new())))
                .collect();
        }
        let segments: Vec<&str> = path.split('/').collect();
        let Some(templates) = self.templates.get(&(method.to_owned(), segments.len())) else {
            return Vec::new();
        };
        let mut found: Vec<Match> = Vec::new();
        let mut best: Option<Vec<bool>> = None;
        for template in templates {
            let Some(values) = fit(&template.segments, &segments) else {
                continue;
            };
            let shape: Vec<bool> = template
                .segments
                .iter()
                .map(|segment| segment.starts_with('{'))
                .collect();
            if best.as_ref().is_some_and(|best| *best != shape) {
                break;
            }
            best = Some(shape);
            found.extend(self.get(template.entry).map(|operation| (operation, values)));
        }
        found
    }

    /// Whether another method is documented for a path.
    pub fn has_path(&self, path: &str) -> bool {
        ["GET", "POST", "PUT", "PATCH", "DELETE"]
            .iter()
            .any(|method| !self.find(method, path).is_empty())
    }
}

fn fit(template: &[String], segments: &[&str]) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    for (expected, found) in template.iter().zip(segments) {
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                let value = percent_decode_str(found).decode_utf8().ok()?;
                if value.is_empty() {
                    return None;
                }
                values.push((name.to_owned(), value.into_owned()));
            }
            None if expected == found => {}
            None => return None,
        }
    }
    Some(values)
}
