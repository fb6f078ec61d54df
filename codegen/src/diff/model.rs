//! What a comparison finds, as plain data.

/// All changes, by product (cargo feature), then page, then place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    pub operations: Vec<OperationDiff>,
}

/// What changed about one operation, or about one page that moved.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDiff {
    /// The new page, or the old one of what is gone; with the line of the heading.
    pub page: String,
    pub line: usize,
    pub side: Side,
    /// `POST /v3/…`, or a webhook's event type or page name.
    pub operation: String,
    pub title: String,
    pub feature: String,
    pub rust_path: String,
    pub generated: Option<Generated>,
    pub changes: Vec<Change>,
}

/// A place in the generated code of the new side.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Below the workspace.
    pub path: String,
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kind: Kind,
    pub part: Part,
    /// `json.amount.total`; empty for the operation itself.
    pub field: String,
    /// The official term.
    pub term: String,
    /// What happened: `` `string` → `integer` ``.
    pub what: String,
    /// What it does to a caller, in a phrase.
    pub reason: String,
    pub verdict: Verdict,
    pub bump: Bump,
    pub side: Side,
    pub page: String,
    pub line: usize,
    /// The struct and the identifier of the field, for finding it in the generated code.
    pub rust: Option<(String, String)>,
    pub generated: Option<Generated>,
}

/// In order of gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Compatible,
    RunTime,
    CompileTime,
}

/// In order of size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bump {
    None,
    Patch,
    Minor,
    Major,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    Old,
    New,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Operation,
    Request,
    Response,
    Notification,
    Acknowledgement,
}

macro_rules! kinds {
    ($($name:ident = $id:literal, $term:literal;)*) => {
        /// What kind of change it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($name,)* }

        impl Kind {
            /// The name in JSON: stable.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The name for people.
            pub fn term(self) -> &'static str {
                match self { $(Self::$name => $term,)* }
            }
        }
    };
}

kinds! {
    OperationAdded = "operation-added", "added";
    OperationRemoved = "operation-removed", "removed";
    OperationMoved = "operation-moved", "moved";
    RedirectAdded = "redirect-added", "redirect added";
    RedirectRemoved = "redirect-removed", "redirect removed";
    RedirectChanged = "redirect-changed", "redirect leads elsewhere";
    Method = "method", "method";
    Feature = "feature", "cargo feature";
    EventType = "event-type", "event type";
    Title = "title", "title";
    Hosts = "hosts", "hosts";
    Marks = "marks", "marks";
    Documents = "documents", "links to the official documents";
    MutualTls = "mutual-tls", "mutual TLS";
    Nonce = "nonce", "nonce";
    BodyFormat = "body-format", "format of the body";
    ResponseFormat = "response-format", "format of the response";
    ResponseSigned = "response-signed", "signature of the response";
    Idempotency = "idempotency", "repetition";
    FieldAdded = "field-added", "added";
    FieldRemoved = "field-removed", "removed";
    FieldRenamed = "field-renamed", "renamed";
    FieldMoved = "field-moved", "moved";
    FieldRequired = "field-required", "newly required";
    FieldOptional = "field-optional", "no longer required";
    FieldType = "field-type", "type";
    FieldContent = "field-content", "content";
    Decimal = "decimal", "fraction";
    Time = "time", "date and time";
    ValueAdded = "value-added", "new value";
    ValueRemoved = "value-removed", "value removed";
    EnumerationAdded = "enumeration-added", "values for a plain field";
    EnumerationRemoved = "enumeration-removed", "no enumeration any more";
    Constant = "constant", "constant";
    Default = "default", "default";
    MaxLength = "max-length", "longest value";
    Encryption = "encryption", "encryption";
    Encoding = "encoding", "encoding";
    Signature = "signature", "signature";
    Term = "term", "official term";
    Description = "description", "description";
    RustType = "rust-type", "generated type";
    ArgumentOrder = "argument-order", "order of arguments";
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CompileTime => "compile",
            Self::RunTime => "run",
            Self::Compatible => "compatible",
        }
    }
}

impl Bump {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The version after `version` (`1.2.3`). Below 1.0 each step is one place further right.
    pub fn apply(self, version: &str) -> String {
        let numbers: Vec<u64> = version
            .split(['.', '-', '+'])
            .take(3)
            .map_while(|part| part.parse().ok())
            .collect();
        let [major, minor, patch] = numbers[..] else {
            return version.to_owned();
        };
        let (major, minor, patch) = match (self, major) {
            (Self::None, _) => (major, minor, patch),
            (Self::Major, 1..) => (major + 1, 0, 0),
            (Self::Major, 0) | (Self::Minor, 1..) => (major, minor + 1, 0),
            _ => (major, minor, patch + 1),
        };
        format!("{major}.{minor}.{patch}")
    }
}

impl Part {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Request => "request",
            Self::Response => "response",
            Self::Notification => "notification",
            Self::Acknowledgement => "acknowledgement",
        }
    }
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

impl OperationDiff {
    pub fn verdict(&self) -> Verdict {
        self.changes
            .iter()
            .map(|change| change.verdict)
            .max()
            .unwrap_or(Verdict::Compatible)
    }

    pub fn bump(&self) -> Bump {
        self.changes
            .iter()
            .map(|change| change.bump)
            .max()
            .unwrap_or(Bump::None)
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.changes
            .iter()
            .filter(|change| change.verdict == verdict)
            .count()
    }
}

impl Diff {
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.operations.iter().flat_map(|operation| &operation.changes)
    }

    pub fn verdict(&self) -> Verdict {
        self.operations
            .iter()
            .map(OperationDiff::verdict)
            .max()
            .unwrap_or(Verdict::Compatible)
    }

    pub fn bump(&self) -> Bump {
        self.operations
            .iter()
            .map(OperationDiff::bump)
            .max()
            .unwrap_or(Bump::None)
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.operations
            .iter()
            .map(|operation| operation.count(verdict))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Bump;

    #[test]
    fn a_bump_below_one_is_one_place_further_right() {
        assert_eq!(Bump::Major.apply("0.1.7"), "0.2.0");
        assert_eq!(Bump::Minor.apply("0.1.7"), "0.1.8");
        assert_eq!(Bump::Patch.apply("0.1.7"), "0.1.8");
        assert_eq!(Bump::Major.apply("1.2.3"), "2.0.0");
        assert_eq!(Bump::Minor.apply("1.2.3"), "1.3.0");
        assert_eq!(Bump::None.apply("1.2.3"), "1.2.3");
        assert_eq!(Bump::Major.apply("odd"), "odd");
    }
}
