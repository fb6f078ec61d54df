//! `fixups.toml` as data.
//!
//! In: the text of the file. Out: its [`Fixup`]s with their places; an error for each that is not
//! complete or has something unknown in it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Method;
use crate::source::Source;
use crate::span::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct Fixup {
    pub page: String,
    pub method: Option<Method>,
    pub table: Which,
    pub row: String,
    pub change: Change,
    /// The place of `row` in the file.
    pub span: Span,
    /// The place of the whole entry.
    pub entry: Span,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Which {
    Request,
    Response,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Add {
        ty: String,
        required: bool,
        label: String,
    },
    Rename(String),
    Type(String),
    /// The path of the row that is to hold this one; empty for level 0.
    Under(String),
    Remove,
    Required(bool),
    Decimal,
    /// How the value is encrypted, as in `data-encrypted=by-…`; `None` if it is clear.
    Encrypted(Option<String>),
    /// What the enumeration has instead.
    Values(Vec<String>),
}

/// A place and what is wrong there.
type Wrong = (Span, String);

pub fn read(source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Vec<Fixup> {
    let mut fixups = Vec::new();
    let mut report = |code, (span, message): Wrong| {
        let help = "`wechatpay-codegen explain E0021` lists what a fixup is made of";
        diagnostics.push(Diagnostic::new(code, &source.path, span, message).help(help));
    };
    let document = match DeTable::parse(&source.text) {
        Ok(document) => document,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            report(Code::BrokenFixups, (span, error.message().to_owned()));
            return fixups;
        }
    };
    for (key, value) in document.get_ref() {
        let tables = value.get_ref().as_array().filter(|_| key.get_ref() == "fixup");
        let Some(tables) = tables else {
            report(
                Code::BrokenFixups,
                (
                    key.span(),
                    format!("`{}` is unknown; the file has `[[fixup]]` only", key.get_ref()),
                ),
            );
            continue;
        };
        for table in tables.iter() {
            match fixup(table) {
                Ok(fixup) => fixups.push(fixup),
                Err(wrong) => report(Code::IncompleteFixup, wrong),
            }
        }
    }
    fixups
}

fn fixup(value: &Spanned<DeValue<'_>>) -> Result<Fixup, Wrong> {
    let keys = Keys::new(
        value,
        &["page", "method", "table", "row", "change", "reason", "link"],
    )?;
    keys.text("reason")?
        .filter(|(_, reason)| !reason.trim().is_empty())
        .ok_or_else(|| keys.missing("reason"))?;
    keys.text("link")?;
    let (_, page) = keys.text("page")?.ok_or_else(|| keys.missing("page"))?;
    let (span, row) = keys.text("row")?.ok_or_else(|| keys.missing("row"))?;
    let method = match keys.text("method")? {
        Some((span, name)) => {
            Some(Method::from_name(name).ok_or_else(|| (span, format!("`{name}` is not a method")))?)
        }
        None => None,
    };
    let table = match keys.text("table")? {
        None | Some((_, "request")) => Which::Request,
        Some((_, "response")) => Which::Response,
        Some((span, other)) => return Err((span, format!("`{other}` is not a table: request or response"))),
    };
    let change = change(keys.get("change").ok_or_else(|| keys.missing("change"))?)?;
    Ok(Fixup {
        page: page.to_owned(),
        method,
        table,
        row: row.to_owned(),
        change,
        span,
        entry: value.span(),
    })
}

fn change(value: &Spanned<DeValue<'_>>) -> Result<Change, Wrong> {
    let keys = Keys::new(
        value,
        &[
            "add",
            "rename",
            "type",
            "under",
            "remove",
            "required",
            "decimal",
            "values",
            "encrypted",
        ],
    )?;
    if keys.table.len() != 1 {
        return Err((value.span(), "a fixup makes exactly one change".to_owned()));
    }
    if let Some((span, name)) = keys.text("rename")? {
        return named(span, name).map(Change::Rename);
    }
    if let Some((span, ty)) = keys.text("type")? {
        return named(span, ty).map(Change::Type);
    }
    if let Some((_, parent)) = keys.text("under")? {
        return Ok(Change::Under(parent.to_owned()));
    }
    if let Some((_, required)) = keys.flag("required")? {
        return Ok(Change::Required(required));
    }
    if let Some((span, method)) = keys.text("encrypted")? {
        return match method {
            "none" => Ok(Change::Encrypted(None)),
            "rsa-pubkey" | "aes-gcm" | "aes-ecb" => Ok(Change::Encrypted(Some(method.to_owned()))),
            _ => Err((
                span,
                "`encrypted` is rsa-pubkey, aes-gcm, aes-ecb or none".to_owned(),
            )),
        };
    }
    if let Some(values) = keys.texts("values")? {
        return Ok(Change::Values(values));
    }
    for (name, change) in [("remove", Change::Remove), ("decimal", Change::Decimal)] {
        match keys.flag(name)? {
            Some((_, true)) => return Ok(change),
            Some((span, false)) => return Err((span, format!("`{name}` can only be true"))),
            None => {}
        }
    }
    match keys.get("add") {
        Some(row) => add(row),
        None => Err((value.span(), "a fixup makes exactly one change".to_owned())),
    }
}

fn named(span: Span, name: &str) -> Result<String, Wrong> {
    if name.trim().is_empty() {
        Err((span, "this must not be empty".to_owned()))
    } else {
        Ok(name.to_owned())
    }
}

fn add(value: &Spanned<DeValue<'_>>) -> Result<Change, Wrong> {
    let keys = Keys::new(value, &["type", "required", "label"])?;
    let (span, ty) = keys.text("type")?.ok_or_else(|| keys.missing("type"))?;
    let (_, required) = keys.flag("required")?.ok_or_else(|| keys.missing("required"))?;
    let (_, label) = keys.text("label")?.ok_or_else(|| keys.missing("label"))?;
    Ok(Change::Add {
        ty: named(span, ty)?,
        required,
        label: label.to_owned(),
    })
}

/// A table with known keys only.
struct Keys<'a, 'i> {
    table: &'a DeTable<'i>,
    span: Span,
}

impl<'a, 'i> Keys<'a, 'i> {
    fn new(value: &'a Spanned<DeValue<'i>>, known: &[&str]) -> Result<Self, Wrong> {
        let Some(table) = value.get_ref().as_table() else {
            return Err((
                value.span(),
                format!("this is a table: {{ {} }}", known.join(", ")),
            ));
        };
        match table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
            Some(key) => Err((
                key.span(),
                format!("`{}` is unknown; known: {}", key.get_ref(), known.join(", ")),
            )),
            None => Ok(Self {
                table,
                span: value.span(),
            }),
        }
    }

    fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Result<Option<(Span, &'a str)>, Wrong> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some((value.span(), text))),
            None => Err((value.span(), format!("`{key}` is a string"))),
        }
    }

    fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Wrong> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let items = value.get_ref().as_array().into_iter().flatten();
        let texts: Option<Vec<_>> = items
            .map(|item| Some(item.get_ref().as_str()?.to_owned()))
            .collect();
        match texts.filter(|texts| !texts.is_empty()) {
            Some(texts) => Ok(Some(texts)),
            None => Err((value.span(), format!("`{key}` is a list of strings"))),
        }
    }

    fn flag(&self, key: &str) -> Result<Option<(Span, bool)>, Wrong> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match value.get_ref().as_bool() {
            Some(flag) => Ok(Some((value.span(), flag))),
            None => Err((value.span(), format!("`{key}` is true or false"))),
        }
    }

    fn missing(&self, key: &str) -> Wrong {
        (self.span.clone(), format!("`{key}` is missing"))
    }
}
