//! Tables that are interrupted.
//!
//! In: a page of which markdown's tables are read. Out: the rows outside of tables, read into the table
//! above where it plainly goes on, else listed on the page.

use crate::diagnostic::Code;
use crate::diagnostic::counted;
use crate::span::Span;
use crate::syntax::{Stray, StrayKind};

use super::{Reader, outside};

impl Reader<'_> {
    /// Finds the rows outside of tables; those by which a table plainly goes on are read into it.
    pub(super) fn strays(&mut self) {
        let tables: Vec<Span> = self.tables.iter().map(|place| place.span.clone()).collect();
        let found = outside::find(&self.source.text, &tables, &self.code);
        self.page.lines.in_text = found.lines;
        for stray in found.strays {
            let after = self
                .tables
                .partition_point(|place| place.span.start < stray.span.start);
            let interrupted = after.checked_sub(1).filter(|table| {
                let gap = self.tables[*table].span.end..stray.span.start;
                stray.kind == StrayKind::Row && outside::is_plain(self.source.text.get(gap).unwrap_or("…"))
            });
            match interrupted {
                Some(table) => self.read_on(table, &stray),
                None => self.page.strays.push(stray),
            }
        }
    }

    /// Reads rows into the table above, of which a blank line, a comment or a rule separates them.
    fn read_on(&mut self, table: usize, rows: &Stray) {
        let place = &mut self.tables[table];
        place.span.end = rows.span.end;
        let (section, table) = (place.section, place.table);
        let text = self.text(&rows.span);
        for line in outside::lines(text) {
            self.count_line(line.text);
            let (start, number) = (rows.span.start + line.start, rows.line + line.number);
            self.add_row(section, table, line.text, start, number);
        }
        let message = format!(
            "the table of line {} is interrupted; {} after it {} read as its rows",
            self.page.sections[section].tables[table].line,
            counted(rows.lines, "line"),
            if rows.lines == 1 { "is" } else { "are" },
        );
        self.report(
            Code::InterruptedTable,
            rows.span.clone(),
            message,
            "remove what separates the rows from the table: a blank line, a comment, a rule",
        );
    }
}
