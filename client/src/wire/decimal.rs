//! Numbers with a fraction, without rounding.

use std::fmt;
use std::str::FromStr;

use super::{Slot, Value, View};

/// A decimal number exactly as it is written: `1.5`, `0.60`, `-3`.
///
/// Rates and quantities may have a fraction; money never has and is an `i64` in fen. Arithmetic is
/// left to the decimal type of your choice: `rate.as_str().parse()`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// The number as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is not a number as JSON writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseDecimalError(());

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a decimal number: expected a form like 12, -3 or 1.5")
    }
}

impl std::error::Error for ParseDecimalError {}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str::<serde_json::Number>(text).map_err(|_| ParseDecimalError(()))?;
        Ok(Self(text.trim().into()))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(number.to_string().into())
    }
}

impl PartialEq<i64> for Decimal {
    fn eq(&self, other: &i64) -> bool {
        self.0.parse() == Ok(*other)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Value for Decimal {
    fn view(&self) -> View<'_> {
        View::Decimal(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Decimal(self)
    }
    fn empty() -> Self {
        Self::from(0)
    }
}
