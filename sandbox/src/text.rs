//! Times, numbers and ids as WeChat Pay writes them. In: the clock. Out: text.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Unix seconds.
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A moment in Beijing; what is behind the year 9999 is 1970.
fn beijing(unix: u64) -> OffsetDateTime {
    let eight = UtcOffset::from_whole_seconds(8 * 3600).unwrap_or(UtcOffset::UTC);
    let moment = i64::try_from(unix).map(OffsetDateTime::from_unix_timestamp);
    let moment = moment.ok().and_then(Result::ok);
    let local = moment.and_then(|moment| moment.checked_to_offset(eight));
    local.unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Year, month and day of a moment, in Beijing.
pub fn civil(unix: u64) -> (i32, u8, u8) {
    let (year, month, day) = beijing(unix).to_calendar_date();
    (year, month.into(), day)
}

/// Reads `2026-01-31T08:00:00+08:00`, also with a fraction or `Z`.
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    // The library takes a space there too.
    text.get(10..11).filter(|separator| *separator == "T")?;
    u64::try_from(moment.unix_timestamp()).ok()
}

/// Reads APIv2's `20260131080000`, which is in Beijing.
pub fn from_compact(text: &str) -> Option<u64> {
    let (date, time) = (text.get(..8)?, text.get(8..)?);
    let dashed = format!("{}-{}-{}", date.get(..4)?, date.get(4..6)?, date.get(6..)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..)?);
    from_rfc3339(&format!("{dashed}T{hour}:{minute}:{second}+08:00")).filter(|_| text.len() == 14)
}

/// `2026-01-31T08:00:00+08:00`.
pub fn rfc3339(unix: u64) -> String {
    beijing(unix).format(&Rfc3339).unwrap_or_default()
}

/// `20260131080000`.
pub fn compact(unix: u64) -> String {
    spaced(unix).replace(['-', ' ', ':'], "")
}

/// `2026-01-31 08:00:00`, as bills write it.
pub fn spaced(unix: u64) -> String {
    rfc3339(unix).get(..19).unwrap_or_default().replace('T', " ")
}

/// `2026-01-31` in Beijing.
pub fn today() -> String {
    date(now())
}

/// The day of a moment, in Beijing.
pub fn date(unix: u64) -> String {
    rfc3339(unix).get(..10).unwrap_or_default().to_owned()
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
            "2024030100000",
            "20240230000000",
            "2024-301000000",
            "tomorrow",
            "",
        ] {
            assert_eq!(super::from_compact(wrong), None, "{wrong}");
        }
        assert_eq!(super::rfc3339(u64::MAX), "1970-01-01T00:00:00Z");
        for wrong in [
            "tomorrow",
            "2024-02-30T00:00:00+08:00",
            "2024-02-01 00:00:00+08:00",
            "2024-02-01T00:00:00",
            "2024-02-01T24:00:00Z",
            "1969-12-31T00:00:00Z",
            "",
        ] {
            assert_eq!(super::from_rfc3339(wrong), None, "{wrong}");
        }
    }
}
