//! Rows that are in no table, and tables that are of no use.
//!
//! In: what parsing could not put into a table. Out: a diagnostic for each, or a count where the page
//! documents nothing and is listed as skipped.

use crate::diagnostic::Code;
use crate::diagnostic::counted;
use crate::syntax::{Page, Stray, StrayKind, Table};

use super::{Context, RowCount};

/// Reports the lines outside of tables, unless the page is `skipped`. Returns how many lines outside
/// code there are.
pub(super) fn strays(page: &Page, skipped: bool, cx: &mut Context<'_>) -> usize {
    if !skipped {
        page.strays.iter().for_each(|stray| report(stray, cx));
    }
    page.strays
        .iter()
        .filter(|stray| stray.kind != StrayKind::Code)
        .map(|stray| stray.lines)
        .sum()
}

fn report(stray: &Stray, cx: &mut Context<'_>) {
    let lines = counted(stray.lines, "line");
    let (code, message, help) = match stray.kind {
        StrayKind::Row => (
            Code::RowOutsideTable,
            format!("{lines} of a table outside of any table"),
            "put the rows directly below the table that they belong to, with nothing between",
        ),
        StrayKind::Table if stray.parameters => (
            Code::BrokenTable,
            format!("markdown does not recognize this table of {lines}"),
            "give header and delimiter row the same number of columns, unindented, after a blank line",
        ),
        StrayKind::Table => (
            Code::UnknownTable,
            format!("the table's kind is unknown; its {lines} are left out"),
            "",
        ),
        StrayKind::Comment => (
            Code::RowInComment,
            format!("{lines} of a table inside a comment"),
            "remove the comment marks if the fields exist, else the lines",
        ),
        StrayKind::Code => (
            Code::FencedTable,
            format!("{lines} of a parameter table inside a code block"),
            "close the code block above with a line ```",
        ),
    };
    cx.report(code, stray.span.clone(), message, help);
}

/// Counts the rows of a table of unknown kind. It is reported unless the page is `skipped` and the
/// table has nothing that only parameter tables have.
pub(super) fn unknown_table(table: &Table, skipped: bool, cx: &mut Context<'_>) {
    if skipped && !is_parameters(table) {
        table.rows.iter().for_each(|_| cx.counts.add(RowCount::Skipped));
        return;
    }
    let rows = counted(table.rows.len(), "row");
    let message = format!("the table's kind is unknown; its {rows} are left out");
    cx.report(Code::UnknownTable, table.span.clone(), message, "");
    table.rows.iter().for_each(|_| cx.counts.add(RowCount::Reported));
}

fn is_parameters(table: &Table) -> bool {
    let cells = table.rows.iter().flat_map(|row| &row.cells);
    cells
        .flat_map(|cell| &cell.attributes)
        .any(|attribute| attribute.name.starts_with("data-"))
}
