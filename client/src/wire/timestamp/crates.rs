//! Conversions to and from the types of other crates.

use super::calendar::{Read, read, written};
use super::{Timestamp, TimestampError, TimestampForm};

fn said(time: &Timestamp) -> Result<Read, TimestampError> {
    read(time.as_str()).ok_or(TimestampError(()))
}

/// In RFC 3339, in whole seconds, on a clock with an offset in whole minutes.
#[cfg(any(feature = "chrono", feature = "time"))]
fn rfc3339(seconds: i64, offset: i32) -> Timestamp {
    Timestamp(written(
        seconds,
        i64::from(offset) / 60 * 60,
        TimestampForm::Rfc3339,
    ))
}

#[cfg(feature = "time")]
mod with_time {
    use super::{Timestamp, TimestampError, rfc3339, said};
    use time::{OffsetDateTime, UtcOffset};

    /// With the offset that is written, or Beijing's.
    impl TryFrom<&Timestamp> for OffsetDateTime {
        type Error = TimestampError;

        fn try_from(time: &Timestamp) -> Result<Self, TimestampError> {
            let read = said(time)?;
            let failed = |_| TimestampError(());
            let offset = i32::try_from(read.offset).map_err(|_| TimestampError(()))?;
            let offset = UtcOffset::from_whole_seconds(offset).map_err(failed)?;
            let second = Self::from_unix_timestamp(read.seconds).map_err(failed)?;
            let local = second.checked_to_offset(offset).ok_or(TimestampError(()))?;
            local.replace_nanosecond(read.nanoseconds).map_err(failed)
        }
    }

    /// In RFC 3339 with the value's own offset, in whole seconds.
    impl From<OffsetDateTime> for Timestamp {
        fn from(time: OffsetDateTime) -> Self {
            rfc3339(time.unix_timestamp(), time.offset().whole_seconds())
        }
    }
}

#[cfg(feature = "jiff")]
mod with_jiff {
    use super::{Timestamp, TimestampError, said};

    impl TryFrom<&Timestamp> for jiff::Timestamp {
        type Error = TimestampError;

        fn try_from(time: &Timestamp) -> Result<Self, TimestampError> {
            let read = said(time)?;
            let nanoseconds = i32::try_from(read.nanoseconds).map_err(|_| TimestampError(()))?;
            Self::new(read.seconds, nanoseconds).map_err(|_| TimestampError(()))
        }
    }

    /// In RFC 3339, Beijing time, in whole seconds.
    impl From<jiff::Timestamp> for Timestamp {
        fn from(time: jiff::Timestamp) -> Self {
            std::time::SystemTime::from(time).into()
        }
    }
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use super::{Timestamp, TimestampError, rfc3339, said};
    use chrono::{DateTime, FixedOffset, Offset, TimeZone};

    /// With the offset that is written, or Beijing's.
    impl TryFrom<&Timestamp> for DateTime<FixedOffset> {
        type Error = TimestampError;

        fn try_from(time: &Timestamp) -> Result<Self, TimestampError> {
            let read = said(time)?;
            let offset = i32::try_from(read.offset).ok().and_then(FixedOffset::east_opt);
            let offset = offset.ok_or(TimestampError(()))?;
            let found = offset.timestamp_opt(read.seconds, read.nanoseconds).single();
            found.ok_or(TimestampError(()))
        }
    }

    /// In RFC 3339 with the value's own offset, in whole seconds.
    impl<Z: TimeZone> From<DateTime<Z>> for Timestamp {
        fn from(time: DateTime<Z>) -> Self {
            rfc3339(time.timestamp(), time.offset().fix().local_minus_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2018-06-08T10:34:56+08:00";
    const SECONDS: i64 = 1_528_425_296;

    #[cfg(feature = "time")]
    #[test]
    fn time_keeps_the_offset() {
        let there = time::OffsetDateTime::try_from(&Timestamp::from(TEXT)).unwrap();
        assert_eq!(
            (there.unix_timestamp(), there.offset().whole_hours()),
            (SECONDS, 8)
        );
        assert_eq!(Timestamp::from(there).as_str(), TEXT);
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn chrono_keeps_the_offset() {
        let there = chrono::DateTime::try_from(&Timestamp::from(TEXT)).unwrap();
        assert_eq!(
            (there.timestamp(), there.offset().local_minus_utc()),
            (SECONDS, 8 * 3600)
        );
        assert_eq!(Timestamp::from(there).as_str(), TEXT);
        assert_eq!(
            Timestamp::from(there.to_utc()).as_str(),
            "2018-06-08T02:34:56+00:00"
        );
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn jiff_is_an_instant() {
        let there = jiff::Timestamp::try_from(&Timestamp::from("2018-06-08T02:34:56.25Z")).unwrap();
        assert_eq!(
            (there.as_second(), there.subsec_nanosecond()),
            (SECONDS, 250_000_000)
        );
        assert_eq!(Timestamp::from(there).as_str(), TEXT);
    }

    #[test]
    fn other_texts_convert_to_nothing() {
        assert!(said(&"OnAccept".into()).is_err());
    }
}
