//! Points in time.

mod calendar;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod crates;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Slot, Value, View};
use calendar::{BEIJING, read, written};

/// A point in time, exactly as it is written: `2018-06-08T10:34:56+08:00`.
///
/// WeChat Pay writes times in several [forms](TimestampForm), and the form of a field is not always
/// documented. So the text is kept and sent as it is, and reading a response never fails because of it; what
/// it says is read on demand: [`Timestamp::to_system_time`], or `TryFrom` into the types of the crates
/// `time`, `jiff` and `chrono` with the feature of that name.
///
/// In a request give the text (`"2018-06-08T10:34:56+08:00".into()`) or any of those types, which are
/// written in RFC 3339 as APIv3 wants it. For other forms there is [`Timestamp::new`].
///
/// Two timestamps are equal if their texts are equal or if they mean the same point in time, whatever their forms.
/// They are ordered where both can be read. A text without an offset is Beijing time (UTC+8); a date
/// is its first second.
///
/// ```
/// use wechatpay_client::Timestamp;
///
/// let paid: Timestamp = "2018-06-08T10:34:56+08:00".into();
/// assert_eq!(paid, Timestamp::from("20180608103456"));
/// assert!(paid > Timestamp::from("2018-06-08"));
/// assert!(Timestamp::from("OnAccept").to_system_time().is_err());
/// ```
#[derive(Clone)]
pub struct Timestamp(String);

/// How a [`Timestamp`] is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimestampForm {
    /// `2018-06-08T10:34:56+08:00`: APIv3.
    Rfc3339,
    /// `20180608103456`, Beijing time: APIv2, and the service periods of WeChat Pay Score.
    Compact,
    /// `2018-06-08 10:34:56`, Beijing time.
    Spaced,
    /// `2018-06-08`: bills, validity of documents.
    Date,
    /// `20180608`: bills of APIv2.
    CompactDate,
    /// `1528425296`: seconds since 1970.
    Unix,
}

/// The text of a [`Timestamp`] is in none of the [forms](TimestampForm), or names no day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampError(());

impl Timestamp {
    /// A point in time in the form that the field wants. Fractions of a second are dropped.
    pub fn new(time: SystemTime, form: TimestampForm) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => {
                let before = before.duration();
                let whole = before.as_secs() + u64::from(before.subsec_nanos() > 0);
                i64::try_from(whole).map_or(i64::MIN, |seconds| -seconds)
            }
        };
        Self(written(seconds, BEIJING, form))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form of the text; `None` for a text that is no time, such as `OnAccept` or `长期`.
    pub fn form(&self) -> Option<TimestampForm> {
        read(&self.0).map(|read| read.form)
    }

    /// What the text says.
    ///
    /// # Errors
    /// When it is in none of the forms, or names no day of the calendar.
    pub fn to_system_time(&self) -> Result<SystemTime, TimestampError> {
        let read = read(&self.0).ok_or(TimestampError(()))?;
        let distance = Duration::from_secs(read.seconds.unsigned_abs());
        let second = match read.seconds < 0 {
            true => UNIX_EPOCH.checked_sub(distance),
            false => UNIX_EPOCH.checked_add(distance),
        };
        second
            .and_then(|second| second.checked_add(Duration::from_nanos(read.nanoseconds.into())))
            .ok_or(TimestampError(()))
    }

    /// Seconds since 1970; `None` where [`Timestamp::to_system_time`] fails.
    pub fn unix_seconds(&self) -> Option<i64> {
        read(&self.0).map(|read| read.seconds)
    }

    fn key(&self) -> Option<(i64, u32)> {
        read(&self.0).map(|read| (read.seconds, read.nanoseconds))
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// In RFC 3339, Beijing time.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self::new(time, TimestampForm::Rfc3339)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.key().is_some_and(|key| other.key() == Some(key))
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.0 == other.0 {
            true => Some(Ordering::Equal),
            false => Some(self.key()?.cmp(&other.key()?)),
        }
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.key() {
            Some(key) => key.hash(state),
            None => self.0.hash(state),
        }
    }
}

/// Compares the text.
impl PartialEq<str> for Timestamp {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

/// Compares the text.
impl PartialEq<&str> for Timestamp {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a time: expected a form like 2018-06-08T10:34:56+08:00, 20180608103456 or 2018-06-08",
        )
    }
}

impl std::error::Error for TimestampError {}

impl Value for Timestamp {
    fn view(&self) -> View<'_> {
        View::Text(&self.0)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(&mut self.0)
    }
    fn empty() -> Self {
        Self(String::new())
    }
}

impl TryFrom<&Timestamp> for SystemTime {
    type Error = TimestampError;

    fn try_from(time: &Timestamp) -> Result<Self, TimestampError> {
        time.to_system_time()
    }
}
