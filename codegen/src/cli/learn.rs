//! `learn`: recorded messages become a reading.

use std::fs;
use std::path::Path;

use wechatpay_codegen::learn;
use wechatpay_codegen::readings::{self, File};

use super::{Failure, Outcome};

pub fn run(specs: &Path, traffic: &str, source: &str, quiet: bool) -> Outcome {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if source.is_empty() || !source.bytes().all(is_plain) {
        return Err(format!(
            "`--source {source}`: a reading's name is made of small letters, digits and `-`"
        )
        .into());
    }
    let text = fs::read_to_string(traffic).map_err(|error| format!("{traffic}: {error}"))?;
    let loaded = super::load(specs, quiet)?;
    super::stop_on_errors(&loaded, specs)?;
    let known = loaded.readings.iter().find(|file| file.reading.id == source);
    let mut file = known.cloned().unwrap_or_else(|| learn::file(source, &today()));
    let before = file.clone();
    if let Err(problems) = learn::learn(&mut file, &text, &loaded.api) {
        for problem in &problems {
            eprintln!("{traffic}:{}: {}", problem.line, problem.message);
        }
        return Err(format!(
            "{} of {traffic} cannot be read; nothing was learned",
            lines(problems.len())
        )
        .into());
    }
    let report = taught(&before, &file);
    if known.is_none() || file.entries != before.entries {
        let path = specs.join(&file.path);
        let wrong = |error| Failure::Message(format!("{}: {error}", path.display()));
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(wrong)?;
        let draft = path.with_extension("new");
        fs::write(&draft, readings::print_file(&file)).map_err(wrong)?;
        fs::rename(&draft, &path).map_err(wrong)?;
    }
    let unknown = |entry: &&readings::Entry| {
        let mut operations = loaded.api.operations.iter();
        !operations
            .any(|operation| readings::subject_of(operation).as_deref() == Some(entry.subject.as_str()))
    };
    let mut text = report;
    for entry in file.entries.iter().filter(unknown) {
        text.push_str(&format!("no page documents {}\n", entry.subject));
    }
    super::write(&text)
}

/// The lines that are new or different.
fn taught(before: &File, after: &File) -> String {
    let mut text = String::new();
    let mut changed = 0;
    for entry in &after.entries {
        let old = before.entries.iter().find(|old| old.key() == entry.key());
        let sign = match old {
            Some(old) if old.fields == entry.fields => continue,
            Some(_) => '~',
            None => '+',
        };
        changed += 1;
        text.push_str(&format!("{sign} {}\n", readings::print_entry(entry)));
    }
    match changed {
        0 => "nothing new\n".to_owned(),
        _ => format!("{text}{} of {}\n", lines(changed), after.path),
    }
}

fn lines(count: usize) -> String {
    wechatpay_codegen::diagnostic::counted(count, "line")
}

/// The day in UTC, as `2026-04-30`.
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = now.map_or(0, |now| now.as_secs() / 86_400) as i64;
    // Days to a date of the Gregorian calendar, in years that start on 1 March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}
