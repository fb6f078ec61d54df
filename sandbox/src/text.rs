//! Times, numbers and ids as WeChat Pay writes them. In: the clock. Out: text.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Year, month and day of a number of days since 1970 (Howard Hinnant's algorithm).
pub fn civil(days: u64) -> (i64, u8, u8) {
    let days = days as i64 + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted + 2) / 5 + 1) as u8;
    let month = (if shifted < 10 { shifted + 3 } else { shifted - 9 }) as u8;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The number of days since 1970, the inverse of [`civil`].
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let year_of_era = year - era * 400;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

/// Year, month, day, hour, minute and second as a moment, if there is such a time.
fn moment(parts: [i64; 6], offset_minutes: i64) -> Option<u64> {
    let [year, month, day, hour, minute, second] = parts;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || hour > 23 || minute > 59 || second > 59
    {
        return None;
    }
    let day_number = days(year, month, day);
    // A day that the month does not have comes back as one of the next month.
    if civil(u64::try_from(day_number).ok()?) != (year, u8::try_from(month).ok()?, u8::try_from(day).ok()?) {
        return None;
    }
    let seconds = day_number * 86_400 + hour * 3600 + minute * 60 + second - offset_minutes * 60;
    u64::try_from(seconds).ok()
}

/// Reads `2026-01-31T08:00:00+08:00`, also with a fraction or `Z`.
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let (date_time, rest) = (text.get(..19)?, text.get(19..)?);
    let mut parts = [0; 6];
    for (part, (range, separator)) in parts.iter_mut().zip([
        (0..4, ""),
        (5..7, "-"),
        (8..10, "-"),
        (11..13, "T"),
        (14..16, ":"),
        (17..19, ":"),
    ]) {
        *part = number(date_time.get(range.clone())?)?;
        if !separator.is_empty() && date_time.get(range.start - 1..range.start)? != separator {
            return None;
        }
    }
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    let offset = match zone {
        "Z" => 0,
        zone => {
            let sign = match zone.get(..1)? {
                "+" => 1,
                "-" => -1,
                _ => return None,
            };
            if zone.len() != 6 || zone.get(3..4)? != ":" {
                return None;
            }
            sign * (number(zone.get(1..3)?)? * 60 + number(zone.get(4..6)?)?)
        }
    };
    moment(parts, offset)
}

/// Reads APIv2's `20260131080000`, which is in Beijing.
pub fn from_compact(text: &str) -> Option<u64> {
    if text.len() != 14 {
        return None;
    }
    let mut parts = [0; 6];
    for (part, range) in parts.iter_mut().zip([0..4, 4..6, 6..8, 8..10, 10..12, 12..14]) {
        *part = number(text.get(range)?)?;
    }
    moment(parts, 8 * 60)
}

/// Digits as a number.
fn number(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn beijing(unix: u64) -> ((i64, u8, u8), (u64, u64, u64)) {
    let local = unix + 8 * 3600;
    let second = local % 86_400;
    (
        civil(local / 86_400),
        (second / 3600, second / 60 % 60, second % 60),
    )
}

/// `2026-01-31T08:00:00+08:00`.
pub fn rfc3339(unix: u64) -> String {
    let ((year, month, day), (hour, minute, second)) = beijing(unix);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
}

/// `20260131080000`.
pub fn compact(unix: u64) -> String {
    let ((year, month, day), (hour, minute, second)) = beijing(unix);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// `2026-01-31 08:00:00`, as bills write it.
pub fn spaced(unix: u64) -> String {
    rfc3339(unix)[..19].replace('T', " ")
}

/// `2026-01-31` in Beijing.
pub fn today() -> String {
    date(now())
}

/// The day of a moment, in Beijing.
pub fn date(unix: u64) -> String {
    rfc3339(unix)[..10].to_owned()
}

/// A number that has not been before in this process, at least so many digits.
pub fn digits(length: usize) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let micros = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as u64);
    let number = NEXT
        .fetch_add(1, Ordering::Relaxed)
        .wrapping_mul(7_919)
        .wrapping_add(micros);
    let text = format!("{number:020}");
    match length {
        ..20 => text[20 - length..].to_owned(),
        _ => format!("{}{text}", "0".repeat(length - 20)),
    }
}

/// A WeChat Pay order number: 28 digits.
pub fn transaction_id() -> String {
    format!("4200{}{}", &compact(now())[..8], digits(16))
}

#[cfg(test)]
mod tests {
    #[test]
    fn times() {
        assert_eq!(super::rfc3339(0), "1970-01-01T08:00:00+08:00");
        assert_eq!(super::rfc3339(1_709_222_399), "2024-02-29T23:59:59+08:00");
        assert_eq!(super::compact(1_709_222_400), "20240301000000");
        assert_eq!(super::transaction_id().len(), 28);
        for unix in [0, 951_782_400, 1_709_222_399, 4_102_444_800] {
            assert_eq!(super::from_rfc3339(&super::rfc3339(unix)), Some(unix));
            assert_eq!(super::from_compact(&super::compact(unix)), Some(unix));
        }
        assert_eq!(super::from_rfc3339("1970-01-01T00:00:01.5Z"), Some(1));
        for wrong in [
            "tomorrow",
            "2024-02-30T00:00:00+08:00",
            "2024-02-01 00:00:00+08:00",
            "2024-02-01T00:00:00",
            "",
        ] {
            assert_eq!(super::from_rfc3339(wrong), None, "{wrong}");
        }
    }
}
