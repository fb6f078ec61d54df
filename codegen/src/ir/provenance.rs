//! Where rows come from: pages, fixups, and second readings of the API.

use std::sync::Arc;

/// Another source of the same API: where it is from and how far it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The file's name without `.txt`: `official-go`.
    pub id: String,
    /// As it reads in a sentence: `the official Go SDK`.
    pub title: String,
    /// Name and version of what was read.
    pub version: String,
    pub date: String,
    pub link: Option<String>,
    pub standing: Standing,
}

/// How far a reading counts, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Published by WeChat Pay.
    Official,
    /// Somebody else's reading of the official documents.
    Independent,
    /// Recorded messages: what they have exists, what they lack may be missing.
    Observed,
}

/// Where a row comes from, and what readings say about it that its page does not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Provenance {
    pub origin: Origin,
    /// Sorted by reading, then by effect.
    pub learned: Vec<Learned>,
    /// Which contents of a notification have the field, if not all do.
    pub variants: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    #[default]
    Page,
    /// A row that a fixup added or changed.
    Fixup,
    /// A path parameter that no row describes.
    Path,
    /// Readings only.
    Reading,
}

/// What one reading did to a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    pub reading: Arc<Reading>,
    pub effect: Effect,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The page does not have the field.
    Added,
    /// The page says required; the reading has it optional.
    Optional,
    /// The page says required; the reading does not have it.
    Lacking,
    /// The page says `number`.
    Integer,
    /// The page says `string`; it is a date and a time.
    Time,
    /// Values that the page does not have.
    Values(Vec<String>),
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Official, Self::Independent, Self::Observed];

    /// `official`, `independent`, `observed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Independent => "independent",
            Self::Observed => "observed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }
}

impl Origin {
    /// `page`, `fixup`, `path`, `reading`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Fixup => "fixup",
            Self::Path => "path",
            Self::Reading => "reading",
        }
    }
}

impl Effect {
    /// `added`, `optional`, `lacking`, `integer`, `time`, `values`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Optional => "optional",
            Self::Lacking => "lacking",
            Self::Integer => "integer",
            Self::Time => "time",
            Self::Values(_) => "values",
        }
    }
}
