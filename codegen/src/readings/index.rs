//! Readings by operation and part.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Field, File, Part};
use crate::ir::Reading;

/// What one reading says at one place: the fields of an object.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub reading: &'a Arc<Reading>,
    pub variant: Option<&'a str>,
    pub fields: &'a [Field],
}

/// All that readings say, by operation and part, the best reading first.
pub struct Index<'a> {
    views: HashMap<(&'a str, Part), Vec<View<'a>>>,
}

impl<'a> Index<'a> {
    pub fn new(files: &'a [File]) -> Self {
        let mut files: Vec<&File> = files.iter().collect();
        // Newer before older; the id decides between equals.
        let key = |file: &&File| {
            let reading = &file.reading;
            (
                reading.standing,
                Reverse(reading.date.clone()),
                reading.id.clone(),
            )
        };
        files.sort_by_key(key);
        let mut views: HashMap<_, Vec<View<'_>>> = HashMap::new();
        for file in files {
            for entry in &file.entries {
                views
                    .entry((entry.subject.as_str(), entry.part))
                    .or_default()
                    .push(View {
                        reading: &file.reading,
                        variant: entry.variant.as_deref(),
                        fields: &entry.fields,
                    });
            }
        }
        Self { views }
    }

    pub fn of<'b>(&'b self, subject: &'b str, part: Part) -> &'b [View<'b>] {
        let views: &HashMap<(&'b str, Part), Vec<View<'b>>> = &self.views;
        views.get(&(subject, part)).map_or(&[], Vec::as_slice)
    }
}

/// The field of a name.
pub fn field<'a>(view: &View<'a>, name: &str) -> Option<&'a Field> {
    let at = view
        .fields
        .binary_search_by(|field| field.name.as_str().cmp(name))
        .ok()?;
    Some(&view.fields[at])
}

/// What the readings say about the content of one field.
pub fn inside<'a>(views: &[View<'a>], name: &str) -> Vec<View<'a>> {
    let shown = |view: &View<'a>| {
        Some(View {
            fields: field(view, name)?.fields.as_deref()?,
            ..*view
        })
    };
    views.iter().filter_map(shown).collect()
}
