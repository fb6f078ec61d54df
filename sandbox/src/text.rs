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
    }
}
