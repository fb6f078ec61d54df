//! The forms in which times are written: from text to seconds since 1970, and back.

use super::TimestampForm;

/// Seconds east of Greenwich where no offset is written.
pub(super) const BEIJING: i64 = 8 * 3600;

const DAY: i64 = 86_400;

/// What a text says.
pub(super) struct Read {
    pub form: TimestampForm,
    pub seconds: i64,
    pub nanoseconds: u32,
    /// Seconds east of Greenwich.
    #[cfg_attr(not(any(feature = "chrono", feature = "time")), allow(dead_code))]
    pub offset: i64,
}

/// Reads a text in any form.
pub(super) fn read(text: &str) -> Option<Read> {
    use TimestampForm::{Compact, CompactDate, Date, Rfc3339, Spaced, Unix};
    let text = text.trim();
    let made = |form, days: i64, second: i64, offset: i64| Read {
        form,
        seconds: days * DAY + second - offset,
        nanoseconds: 0,
        offset,
    };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.len() {
            8 => Some(made(CompactDate, day(text, ["", ""])?, 0, BEIJING)),
            14 => Some(made(
                Compact,
                day(&text[..8], ["", ""])?,
                second(&text[8..], "")?,
                BEIJING,
            )),
            1..=10 => Some(made(Unix, 0, text.parse().ok()?, 0)),
            _ => None,
        };
    }
    let date = day(text.get(..10)?, ["-", "-"])?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(made(Date, date, 0, BEIJING));
    }
    let form = match rest.as_bytes()[0] {
        b'T' | b't' => Rfc3339,
        b' ' => Spaced,
        _ => return None,
    };
    let clock = second(rest.get(1..9)?, ":")?;
    let rest = &rest[9..];
    let (nanoseconds, rest) = fraction(rest)?;
    let offset = offset(rest)?;
    Some(Read {
        nanoseconds,
        ..made(form, date, clock, offset)
    })
}

/// Days since 1970 of `yyyy-MM-dd` with the given separators.
fn day(text: &str, separators: [&str; 2]) -> Option<i64> {
    let (year, rest) = text.split_at_checked(4)?;
    let rest = rest.strip_prefix(separators[0])?;
    let (month, rest) = rest.split_at_checked(2)?;
    let rest = rest.strip_prefix(separators[1])?;
    let (year, month, day) = (number(year)?, number(month)?, number(rest)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=length).contains(&day) && rest.len() == 2).then(|| days(year, month, day))
}

/// Days since 1970, by years that begin in March, so that the day of a leap year is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Year, month and day of a day since 1970: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The second of the day in `HH:mm:ss`; a leap second is the first of the next minute.
fn second(text: &str, separator: &str) -> Option<i64> {
    let (hour, rest) = text.split_at_checked(2)?;
    let (minute, rest) = rest.strip_prefix(separator)?.split_at_checked(2)?;
    let second = rest.strip_prefix(separator)?;
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let fits = hour <= 23 && minute <= 59 && second <= 60 && rest.len() == separator.len() + 2;
    fits.then_some(hour * 3600 + minute * 60 + second)
}

/// Nanoseconds of `.123`, and what follows.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(digits) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at(length);
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    (length > 0).then(|| Some((nine.parse().ok()?, rest)))?
}

/// Seconds of `+08:00`, `+0800` or `Z`; nothing is Beijing's.
fn offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes() {
        [] => return Some(BEIJING),
        [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let digits = text[1..].replacen(':', "", 1);
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 23 && minutes <= 59 && digits.len() == 4).then(|| sign * (hours * 3600 + minutes * 60))
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// A second since 1970 as text, read off a clock with the given offset.
pub(super) fn written(seconds: i64, offset: i64, form: TimestampForm) -> String {
    let local = seconds.saturating_add(offset);
    let (year, month, day) = civil(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let sign = if offset < 0 { '-' } else { '+' };
    let (east, of_hour) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    match form {
        TimestampForm::Rfc3339 => format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{east:02}:{of_hour:02}"
        ),
        TimestampForm::Compact => format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"),
        TimestampForm::Spaced => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
        TimestampForm::Date => format!("{year:04}-{month:02}-{day:02}"),
        TimestampForm::CompactDate => format!("{year:04}{month:02}{day:02}"),
        TimestampForm::Unix => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for day in (-800_000..800_000).step_by(37) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day, "{year}-{month}-{of_month}");
        }
        assert_eq!((civil(0), civil(19_782)), ((1970, 1, 1), (2024, 2, 29)));
    }

    #[test]
    fn every_form_is_read_and_written() {
        let forms = [
            (TimestampForm::Rfc3339, "2018-06-08T10:34:56+08:00", 1_528_425_296),
            (TimestampForm::Compact, "20180608103456", 1_528_425_296),
            (TimestampForm::Spaced, "2018-06-08 10:34:56", 1_528_425_296),
            (TimestampForm::Date, "2018-06-08", 1_528_387_200),
            (TimestampForm::CompactDate, "20180608", 1_528_387_200),
            (TimestampForm::Unix, "1528425296", 1_528_425_296),
        ];
        for (form, text, seconds) in forms {
            let read = read(text).unwrap();
            assert_eq!((read.form, read.seconds), (form, seconds), "{text}");
            assert_eq!(written(seconds, BEIJING, form), text);
        }
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        for (text, seconds, nanoseconds) in [
            ("2018-06-08T02:34:56Z", 1_528_425_296, 0),
            ("2018-06-08T02:34:56.5z", 1_528_425_296, 500_000_000),
            (
                "2018-06-07T22:34:56.123456789123-0400",
                1_528_425_296,
                123_456_789,
            ),
            ("2018-06-08T10:34:56", 1_528_425_296, 0),
            ("1969-12-31T23:59:59Z", -1, 0),
        ] {
            let read = read(text).unwrap();
            assert_eq!((read.seconds, read.nanoseconds), (seconds, nanoseconds), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_time() {
        for text in [
            "",
            "OnAccept",
            "长期",
            "[\"2018-06-08\",\"长期\"]",
            "2018-02-30",
            "2018-13-01",
            "2018-06-08T",
            "2018-06-08T10:34",
            "2018-06-08T24:00:00Z",
            "2018-06-08T10:34:56.Z",
            "2018-06-08T10:34:56+8",
            "2018-06-08T10:34:56+08:00x",
            "2018/06/08",
            "2018-6-8",
            "201806081034",
            "二〇一八年六月八日",
            "2018-06-0八",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
