//! Every kind of finding: stable id, title, explanation.
//!
//! In: nothing. Out: the [`Code`] table. An id is never reused for something else.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The page cannot be used; nothing is generated.
    Error,
    /// Known to happen in the documentation; the outcome is defined.
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $name,)* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// `E0001`, `W0001`: stable.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it is about, in a phrase.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What it means, what the generator does about it, and how to fix it.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)* }
            }
        }
    };
}

codes! {
    UnreadablePage = "E0001", "unreadable page",
        "The file cannot be read as a page: it is not UTF-8 text, not a regular file, its name is not UTF-8 or does not end in `.md`, or it is a link to a folder. Pages are UTF-8 text, with or without a byte order mark, with any line ends.";
    PageTooLarge = "E0002", "page too large",
        "The file is larger than 4 MiB; the largest real page is about a tenth of that. It is probably not a page.";
    BrokenFrontMatter = "E0003", "broken front matter",
        "The block between the two `---` lines at the top is not valid YAML. Quote values that contain `: ` or start with a special character.";
    BrokenTable = "E0004", "broken table",
        "These lines look like a parameter table, but markdown does not recognize it: the delimiter row has another number of columns than the header, or the table is indented or inside HTML. Its rows would be lost. Give header and delimiter three columns each and put a blank line before the table.";
    BrokenAttributes = "E0005", "broken attribute list",
        "An attribute list is `{data-required data-indent=1 data-tooltip=\"…\" .class #id}`, closed by `}` at the end of its cell, with closed quotes and a `data-indent` from 1 to 32.";
    NamelessRow = "E0006", "row without a name",
        "Every row of a parameter table names a field in its first cell. Only separators and no-content rows, which span all columns, have none.";
    TypelessRow = "E0007", "row without a type",
        "The row has one cell and does not span the table (`{colspan=3}`). A field has a name, a type and a description.";
    UnknownType = "E0008", "unknown type",
        "A type is one of `string`, `integer`, `number`, `float`, `boolean`, `object`, `true`, each also as a list with `[]`. If the documentation is wrong, correct it in fixups.toml: `change = { type = \"object\" }`.";
    UnknownMark = "E0009", "unknown encryption or encoding",
        "Known are `data-encrypted` by-rsa-pubkey, by-aes-gcm, by-aes-ecb; `data-encoded` by-json_encode, by-urlencode; `data-signed` by-rsa-privatekey. Teach the generator another value first: ignoring it would send a secret in clear text.";
    MethodWithoutTable = "E0010", "operation without tables",
        "The heading names a method, so it documents an operation, but no parameter table follows. Add the tables, or remove the anchor.";
    UnknownPath = "E0011", "unknown path",
        "A page's path follows from its place (`openapi/v3/….md`, `openapi/v2/….md`) or, elsewhere, by a sample: `chain('v3/…')` or `$instance['v3/…']`. This page has neither. Move it to its place.";
    BrokenPath = "E0012", "broken path",
        "A path is made of parts between slashes; a placeholder is a whole `{name}`, and no placeholder comes twice.";
    BrokenExample = "E0013", "broken example",
        "A ```json block holds an example request: one JSON object keyed like the request table, or a list of such objects.";
    TableTwice = "E0014", "second table of a kind",
        "Below one heading there is one request table and one response table. A heading with a method anchor is probably missing between the two operations.";
    SeveralBodies = "E0015", "several bodies",
        "A request has one body: one row of `json`, `xml` or `body` at level 0, of type `object`.";
    PathParameterTwice = "E0016", "path parameter twice",
        "Two rows at level 0 describe the same placeholder of the path. Remove one, or correct it in fixups.toml: `change = { remove = true }`.";
    OperationTwice = "E0017", "operation documented twice",
        "Two headings document the same method of the same path, or the same event type. Remove one of them.";
    BrokenRedirect = "E0018", "broken redirect",
        "A moved page names its new place in the front matter, as the site's path: `content: 0;url=/openapi/v3/…`.";
    BrokenFixups = "E0020", "broken fixups.toml",
        "The file is not valid TOML, or holds something other than `[[fixup]]` tables.";
    IncompleteFixup = "E0021", "incomplete fixup",
        "A fixup has `page`, `row`, `change` and `reason`, where needed `method` and `table` (\"request\" or \"response\"), and may have `link`. `change` is one of `{ add = { type, required, label } }`, `{ rename = \"x\" }`, `{ type = \"object\" }`, `{ under = \"json.amount\" }`, `{ remove = true }`, `{ required = false }`, `{ decimal = true }`, `{ encrypted = \"rsa-pubkey\" }`, `{ values = [\"A\", \"B\"] }`.";
    LostFixup = "E0022", "fixup without a target",
        "The page, table or row that the fixup corrects does not exist (any more). Rows are named from level 0, joined by dots, `name#2` for the second row of that name; earlier fixups are already applied. If the documentation was corrected, remove the fixup.";
    IdleFixup = "E0023", "fixup without an effect",
        "The page already says what the fixup wants. The documentation was corrected: remove the fixup.";
    BrokenReading = "E0030", "broken reading",
        "A line of a file in `readings/` cannot be read. The format is described at the top of codegen/src/readings/mod.rs: a header, then one line per operation and part, such as `POST /v3/a/{} response amount!{total!:integer} state?:string(A B)`, sorted. Recorded traffic becomes such a file with `wechatpay-codegen learn`.";
    BrokenDecision = "E0031", "broken decision",
        "`readings/decisions.toml` is valid TOML and holds `[[decision]]` tables with `operation`, `about` and `reason`, and where needed `reading`, `part` and `field`. The format is described at the top of codegen/src/readings/decisions.rs.";
    RowOutsideTable = "E0040", "row outside of a table",
        "The line looks like a row of a table, but no table above goes on with it: something else stands between, or the table was closed by its `{.im-table …}`. The field would be lost. Put the line into its table, directly below the row before it.";
    FencedTable = "E0041", "table inside a code block",
        "A code block holds lines of a parameter table. Most likely the fence above (```) is not closed. Close it with a line of its own that has as many backticks and nothing else.";
    BrokenGlossary = "E0042", "broken glossary",
        "A line of `glossary.txt` or `products.txt` cannot be read, or says what a line above says. The formats are described in codegen/src/passes/glossary.rs.";
    MissingDescription = "W0001", "row without a description",
        "The row has two cells. The field is generated without an official term.";
    UnescapedPipe = "W0002", "unescaped pipe",
        "The row has more than three cells: a `|` in the description is not written `\\|`. Everything from the third cell on is read as the description.";
    DuplicateName = "W0003", "name used twice",
        "Two rows beside each other have the same name, mostly two shapes of one field. Both stay, in page order. Correct it in fixups.toml where one is a mistake.";
    LevelJump = "W0004", "level skips a step",
        "A row is more than one level deeper than the row it belongs to. It belongs to the nearest row above with a smaller level.";
    TextWithFields = "W0005", "fields inside an unmarked string",
        "Rows below a separator are the clear content of the row above it, and that row says neither `data-encoded` nor `data-encrypted`. It is read as JSON text with these fields.";
    ScalarWithFields = "W0006", "fields inside a scalar",
        "A row is one level below a row that is not an object, with no separator between. It becomes a field of the nearest object above.";
    EmptyObject = "W0007", "object without fields",
        "The table shows nothing inside the object. It is any JSON value.";
    FormFile = "W0008", "file of a form",
        "An object without fields in a multipart form is the file to upload.";
    MissingPathParameter = "W0009", "path parameter without a row",
        "The path has a placeholder that the request table does not describe. It is added as a required string. Describe it, or add it in fixups.toml: `change = { add = { type = \"string\", required = true, label = \"…\" } }`.";
    SpaceInName = "W0010", "space inside a name",
        "No field of the API has a space in its name; it is left out. Correct it in fixups.toml: `change = { rename = \"…\" }`.";
    EmptyTable = "W0011", "table without rows",
        "The table has a header and nothing else. There are no fields to generate; the content of a response is kept as raw JSON.";
    MissingResponse = "W0012", "request without a response table",
        "Nothing says what the operation responds with. The response is JSON (v3) or XML (v2) without known fields, kept raw.";
    HeadingWithoutMethod = "W0013", "heading without a method",
        "The heading above the request table has no anchor such as `{#post}`. The method is that of the samples; without samples POST for a request with a body and for a webhook, else GET.";
    UnknownRow = "W0014", "unknown row of a request",
        "At level 0 of a request table stand `json`, `xml`, `query`, `body`, `headers`, `base_uri`, `security`, `nonceless`, `fragment`, `timeout`, and the path's parameters. Another row becomes a field of the notification's body, a query parameter of GET and DELETE, else a field of the body. Mostly a path parameter is misspelt: correct it in fixups.toml with `rename`.";
    PathsDisagree = "W0015", "place and samples disagree",
        "The page's place and the path in its samples are different. The place wins.";
    ContentElsewhere = "W0016", "clear content after the wrong row",
        "Rows below a separator do not follow the encrypted or encoded row that they are the content of. They are read as the content of the encrypted or encoded row beside.";
    StraySeparator = "W0017", "separator without content",
        "A separator announces the clear content of the row above it, but no deeper row follows, or that row is an object. The separator is ignored.";
    OddAttribute = "W0018", "unexpected attribute",
        "The attribute is not known in this cell. `data-required` and `data-indent` belong to the name, the others to the type. A known one still counts, an unknown one is ignored.";
    UnknownTable = "W0019", "table of unknown kind",
        "A parameter table is announced by its first header cell: 请求参数, 返回字典, 应答规范 or 异常字典, or by `{#request}` or `{#response}` below. The rows of this table are left out.";
    UnknownNote = "W0020", "sentence row not understood",
        "A row over all columns says that there is no content, a redirect or a file. This one is not understood and left out.";
    MissingTitle = "W0021", "operation without a title",
        "Neither the heading nor the front matter has a title. The path stands in for it.";
    EventTypesDisagree = "W0022", "page name and event type disagree",
        "The page's name and its row `event_type` are different. The name wins.";
    MissingRequest = "W0023", "response without a request table",
        "Nothing says what the request holds. It has the parameters of its path only.";
    HostWithoutUrl = "W0024", "base_uri without an address",
        "The row `base_uri` has no `https://…/` in backticks. The default host stays.";
    DeadRedirect = "W0025", "redirect to nowhere",
        "The page has moved to one that does not exist among these pages.";
    RedirectWithTables = "W0026", "moved page with tables",
        "The front matter says that the page has moved, and yet it documents an operation. The operation counts, the redirect does not.";
    InterruptedTable = "W0040", "interrupted table",
        "A blank line, an HTML comment or a rule separates the rows from their table, which ends there for markdown. The table is not closed, so the rows are read as the rest of it. Remove what separates them.";
    RowInComment = "W0041", "row inside a comment",
        "The line looks like a row of a table and is inside an HTML comment. It is left out. If the field exists, remove the comment marks; if not, remove the line.";
    RowOfThePath = "W0042", "row repeats the path",
        "The row describes a part of the path that is constant: its only value is that part. There is nothing for the caller to give, so no field is generated. Remove the row, on the page or in fixups.toml: `change = { remove = true }`.";
    TypesDiffer = "W0101", "one field, two types",
        "Pages of one product give a field of the same name, place and official term different types. One of them is probably wrong: compare with the official document, correct the page, or fixups.toml: `change = { type = \"…\" }`. Found by `check` only; each page is generated as it says.";
    ValueMissing = "W0102", "enumeration lacks a value",
        "Another page of the product has the same field with all of these values and more. Enumerations are open, so nothing is lost but the name of the value: look it up in the official document and add it to the page. Found by `check` only.";
    RequiredInTwin = "W0103", "required in one of two twins",
        "A page for merchants and its twin for partners (the same path with `/partner/`) describe the same field, and it is required in one only. Compare with the official documents, correct the page, or fixups.toml: `change = { required = true }` or `{ required = false }`. Found by `check` only.";
    ExampleBreaksTable = "W0104", "example breaks its table",
        "An example request holds a key that the table does not have, lacks a required one, or gives a value of another type. Either is wrong: correct the example, or the row (on the page, or in fixups.toml). Found by `check` only.";
    DeadLink = "W0105", "link to nowhere",
        "A link leads to a page below `/openapi/` or `/webhook/` that is not there. Correct the link, or leave a page there that redirects. Found by `check` only.";
    NoPage = "W0201", "a reading's operation has no page",
        "A reading in `readings/` knows an operation or event that no page documents. Add a page of your own if the operation exists; if the reading's address is wrong or old, say so in readings/decisions.toml with `about = \"operation\"`. Found by `check` only.";
    MayBeMissing = "W0202", "required here, not in a reading",
        "The field is required, and a reading that knows the operation has it optional or not at all. Where the reading is one of those in `readings/`, the field is made optional; this is about a reading that was compared only, with `check --reading`. Found by `check` only.";
    ReadingHasField = "W0203", "a reading has a field more",
        "A reading has a field that neither the page nor another reading has. Readings in `readings/` add it where they may; this is about one that was compared only, or a field that could not be placed. Found by `check` only.";
    KindsDiffer = "W0204", "kind differs from a reading's",
        "Page and reading give the field different kinds. Compare with the official document: correct the row in fixups.toml with `change = { type = \"…\" }`, or let the page stand in readings/decisions.toml with `about = \"kind\"`. Found by `check` only.";
    ReadingHasValues = "W0205", "a reading has more values",
        "An official reading has values of an enumeration that are not here. Those in `readings/` are taken over; this is about a field that is not text, or a reading that was compared only. Found by `check` only.";
    PlacesDiffer = "W0206", "place differs from a reading's",
        "A parameter travels in the query on one side and in the body, or not at all, on the other. Compare with the official document: move or add the row in fixups.toml with `change = { under = \"query\" }` or `{ add = … }`, or let the page stand in readings/decisions.toml with `about = \"place\"`. Found by `check` only.";
    EncryptionDiffers = "W0207", "encrypted in a reading, clear here",
        "A reading has the field encrypted. A clear field that should be encrypted is a leak: compare with the official document, correct the row in fixups.toml, or let the page stand in readings/decisions.toml with `about = \"encrypted\"`. Found by `check` only.";
    IdleDecision = "W0208", "decision without an effect",
        "A decision in readings/decisions.toml fits no difference: page and reading agree by now, or the operation or field is not named as there. Correct or remove it. Found by `check` only.";
}

impl Code {
    pub fn severity(self) -> Severity {
        if self.id().starts_with('E') {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// The code of this id, in any case.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_tell_the_severity() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for code in Code::ALL {
            let (letter, number) = code.id().split_at(1);
            assert!(number.len() == 4 && number.parse::<u16>().is_ok(), "{code}");
            assert_eq!(letter == "E", code.severity() == Severity::Error, "{code}");
            assert!(
                !code.title().is_empty() && code.explanation().ends_with('.'),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_found_by_its_id() {
        assert_eq!(Code::find("w0003"), Some(Code::DuplicateName));
        assert_eq!(Code::find("W9999"), None);
    }
}
