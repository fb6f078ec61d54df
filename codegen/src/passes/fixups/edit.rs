//! One correction on the rows of one table.
//!
//! In: the rows and a [`Fixup`]. Out: the rows corrected, or why that is not possible.

use crate::diagnostic::Code;
use crate::lower::{description, nest};
use crate::syntax::{Cell, FIXUP, INDENT, Move, REQUIRED, Row, RowKind, Table};

use super::Edited;
use super::file::{Change, Fixup};

type Outcome = Result<(), (Code, String)>;

/// Corrects the table, and notes what the examples have to follow.
pub fn edit(table: &mut Table, fixup: &Fixup, edited: &mut Edited) -> Outcome {
    edit_rows(&mut table.rows, fixup, edited)?;
    let names = |path: &str| -> Vec<String> {
        let parts = path.split('.').filter(|part| !part.is_empty());
        let name = |part: &str| part.split_once('#').map_or(part, |(name, _)| name).to_owned();
        parts.map(name).collect()
    };
    let from = names(&fixup.row);
    let Some((name, parent)) = from.split_last() else {
        return Ok(());
    };
    let to = match &fixup.change {
        Change::Rename(new) => [parent, std::slice::from_ref(new)].concat(),
        Change::Under(parent) => [names(parent), vec![name.clone()]].concat(),
        Change::Remove => Vec::new(),
        _ => return Ok(()),
    };
    // Another row of the same name may be left.
    if find(&table.rows, &from.join(".")).is_none() {
        table.moves.push(Move { from, to });
    }
    Ok(())
}

fn edit_rows(rows: &mut Vec<Row>, fixup: &Fixup, edited: &mut Edited) -> Outcome {
    if let Change::Add { ty, required, label } = &fixup.change {
        return add(rows, fixup, (ty, *required, label), edited);
    }
    let Some(index) = find(rows, &fixup.row) else {
        return Err(is_corrected(rows, fixup).unwrap_or_else(|| lost(fixup)));
    };
    if let Some(cell) = rows[index].cells.first_mut() {
        cell.set(FIXUP, "");
    }
    match &fixup.change {
        Change::Add { .. } => Ok(()),
        Change::Rename(name) => rename(&mut rows[index], name),
        Change::Type(ty) => retype(&mut rows[index], ty),
        Change::Required(required) => require(&mut rows[index], *required),
        Change::Decimal => {
            changes(
                rows[index].attribute("data-decimal").is_none() && rows[index].ty() != "float",
                "is decimal",
            )?;
            type_cell(&mut rows[index]).set("data-decimal", "");
            Ok(())
        }
        Change::Encrypted(encrypted) => encrypt(&mut rows[index], encrypted.as_deref()),
        Change::Values(values) => enumerate(&mut rows[index], values),
        Change::Remove => {
            let (_, removed) = take(rows, index);
            edited.removed += removed;
            Ok(())
        }
        Change::Under(parent) => move_under(rows, index, parent, edited),
    }
}

fn lost(fixup: &Fixup) -> (Code, String) {
    (
        Code::LostFixup,
        format!("{} has no row `{}`", fixup.page, fixup.row),
    )
}

/// The row that a correction would make is there instead of the one that it corrects.
fn is_corrected(rows: &[Row], fixup: &Fixup) -> Option<(Code, String)> {
    let (parent, name) = fixup.row.rsplit_once('.').unwrap_or(("", &fixup.row));
    let (parent, name) = match &fixup.change {
        Change::Rename(new) => (parent, new.as_str()),
        Change::Under(parent) => (parent.as_str(), name),
        _ => return None,
    };
    let there = match parent {
        "" => name.to_owned(),
        parent => format!("{parent}.{name}"),
    };
    find(rows, &there)?;
    Some((Code::IdleFixup, format!("the page already has `{there}` instead")))
}

fn changes(something: bool, already: &str) -> Outcome {
    if something {
        Ok(())
    } else {
        Err((Code::IdleFixup, format!("the row already {already}")))
    }
}

fn rename(row: &mut Row, name: &str) -> Outcome {
    changes(row.name() != name, &format!("is named `{name}`"))?;
    if let Some(cell) = row.cells.first_mut() {
        cell.text = name.to_owned();
    }
    Ok(())
}

fn retype(row: &mut Row, ty: &str) -> Outcome {
    changes(row.ty() != ty, &format!("is of type `{ty}`"))?;
    type_cell(row).text = ty.to_owned();
    Ok(())
}

fn require(row: &mut Row, required: bool) -> Outcome {
    changes(
        row.required() != required,
        if required { "is required" } else { "is optional" },
    )?;
    row.cells.iter_mut().for_each(|cell| cell.unset(REQUIRED));
    if required && let Some(cell) = row.cells.first_mut() {
        cell.set(REQUIRED, "");
    }
    Ok(())
}

fn encrypt(row: &mut Row, method: Option<&str>) -> Outcome {
    let marks = ["data-encrypted", "data-encrypted-by"];
    let mark = marks.iter().find_map(|mark| row.attribute(mark));
    let now = mark.map(|mark| mark.value.strip_prefix("by-").unwrap_or(&mark.value));
    let already = match method {
        Some(method) => format!("is encrypted by {method}"),
        None => "is clear".to_owned(),
    };
    changes(now != method, &already)?;
    for cell in &mut row.cells {
        marks.iter().for_each(|mark| cell.unset(mark));
    }
    if let Some(method) = method {
        type_cell(row).set(marks[0], &format!("by-{method}"));
    }
    Ok(())
}

fn enumerate(row: &mut Row, values: &[String]) -> Outcome {
    let cell = cell(row, 2);
    let read = description::read(&cell.text);
    changes(read.values != values, "has these values")?;
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    let lines = [read.label, format!("{} 枚举值之一", values.join(r" \| "))];
    cell.text = lines
        .into_iter()
        .chain(read.notes)
        .collect::<Vec<_>>()
        .join("<br/>");
    Ok(())
}

fn type_cell(row: &mut Row) -> &mut Cell {
    cell(row, 1)
}

fn cell(row: &mut Row, index: usize) -> &mut Cell {
    if row.cells.len() <= index {
        row.cells.resize(
            index + 1,
            Cell {
                span: row.span.clone(),
                ..Cell::default()
            },
        );
    }
    &mut row.cells[index]
}

/// The row of a path such as `json.amount.total` or `body.detail#2`.
fn find(rows: &[Row], path: &str) -> Option<usize> {
    let parents = nest::parents(rows);
    let mut parent = None;
    for part in path.split('.') {
        let (name, number) = match part.split_once('#') {
            Some((name, number)) => (name, number.parse::<usize>().ok()?.checked_sub(1)?),
            None => (part, 0),
        };
        let mut named = (0..rows.len())
            .filter(|row| is_field(&rows[*row]) && parents[*row] == parent && rows[*row].name() == name);
        parent = Some(named.nth(number)?);
    }
    parent
}

fn is_field(row: &Row) -> bool {
    row.kind == RowKind::Field
}

/// Where the rows inside row `index` end.
fn end_of(rows: &[Row], index: usize) -> usize {
    let level = rows[index].level();
    let inside = rows[index + 1..]
        .iter()
        .take_while(|row| !is_field(row) || row.level() > level);
    let deeper = inside.enumerate().filter(|(_, row)| is_field(row)).last();
    deeper.map_or(index + 1, |(offset, _)| index + offset + 2)
}

/// Takes out a row with all inside it, and the separator above if nothing else is below it.
/// Tells how many rows the table lost.
fn take(rows: &mut Vec<Row>, index: usize) -> (Vec<Row>, usize) {
    let end = end_of(rows, index);
    let level = rows[index].level();
    let more_content = rows
        .get(end)
        .is_some_and(|row| is_field(row) && row.level() >= level);
    let separated = index > 0 && rows[index - 1].kind == RowKind::Separator && !more_content;
    let taken: Vec<Row> = rows.drain(index..end).collect();
    if separated {
        rows.remove(index - 1);
    }
    let lost = taken.len() + usize::from(separated);
    (taken, lost)
}

fn move_under(rows: &mut Vec<Row>, index: usize, parent: &str, edited: &mut Edited) -> Outcome {
    let lost = |what: &str| {
        (
            Code::LostFixup,
            format!("`{parent}`, which the row is to be under, {what}"),
        )
    };
    let target = match parent {
        "" => None,
        _ => Some(find(rows, parent).ok_or_else(|| lost("is not there"))?),
    };
    let end = end_of(rows, index);
    if target.is_some_and(|target| (index..end).contains(&target)) {
        return Err(lost("is the row itself, or inside it"));
    }
    changes(nest::parents(rows)[index] != target, "is there")?;
    let (mut taken, lost_rows) = take(rows, index);
    edited.removed += lost_rows - taken.len();
    let target = target.map(|target| {
        if target > index {
            target - lost_rows
        } else {
            target
        }
    });
    relevel(&mut taken, target.map_or(0, |target| rows[target].level() + 1));
    insert(rows, target, taken, edited);
    Ok(())
}

/// Gives the first row a level, and those inside it the levels that follow, without gaps.
fn relevel(rows: &mut [Row], level: usize) {
    let parents = nest::parents(rows);
    let mut levels = vec![level; rows.len()];
    for index in 0..rows.len() {
        if let Some(parent) = parents[index] {
            levels[index] = levels[parent] + 1;
        }
        if is_field(&rows[index]) {
            set_level(&mut rows[index], levels[index]);
        }
    }
}

fn set_level(row: &mut Row, level: usize) {
    row.cells.iter_mut().for_each(|cell| cell.unset(INDENT));
    if level > 0
        && let Some(cell) = row.cells.first_mut()
    {
        cell.set(INDENT, &level.to_string());
    }
}

/// Puts rows behind all that is inside `parent`; below a separator if that is a scalar's first content.
fn insert(rows: &mut Vec<Row>, parent: Option<usize>, mut new: Vec<Row>, edited: &mut Edited) {
    let at = parent.map_or(rows.len(), |parent| end_of(rows, parent));
    if let Some(parent) = parent
        && at == parent + 1
        && !rows[parent].ty().starts_with("object")
    {
        let separator = Row {
            kind: RowKind::Separator,
            cells: vec![Cell::default()],
            ..rows[parent].clone()
        };
        new.insert(0, separator);
        edited.added += 1;
    }
    rows.splice(at..at, new);
}

fn add(rows: &mut Vec<Row>, fixup: &Fixup, cells: (&str, bool, &str), edited: &mut Edited) -> Outcome {
    changes(find(rows, &fixup.row).is_none(), "exists")?;
    let (parent, name) = match fixup.row.rsplit_once('.') {
        Some((parent, name)) => (Some(find(rows, parent).ok_or_else(|| lost(fixup))?), name),
        None => (None, fixup.row.as_str()),
    };
    let (ty, required, label) = cells;
    // An added row has no place of its own; findings point to the row it belongs to, or to the last.
    let near = parent.or(rows.len().checked_sub(1)).map(|row| &rows[row]);
    let (span, line) = near.map_or((0..0, 1), |row| (row.span.clone(), row.line));
    let cell = |text: &str| Cell {
        text: text.to_owned(),
        span: span.clone(),
        attributes: Vec::new(),
    };
    let mut row = Row {
        kind: RowKind::Field,
        span: span.clone(),
        line,
        cells: vec![cell(name), cell(ty), cell(label)],
    };
    set_level(&mut row, parent.map_or(0, |parent| rows[parent].level() + 1));
    row.cells[0].set(FIXUP, "");
    if required {
        row.cells[0].set(REQUIRED, "");
    }
    // A sentence such as "no content" is no longer true.
    if rows.iter().all(|row| row.kind == RowKind::Note) {
        edited.removed += rows.len();
        rows.clear();
    }
    insert(rows, parent, vec![row], edited);
    edited.added += 1;
    Ok(())
}
