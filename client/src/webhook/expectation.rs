//! Whether a genuine notification, or a queried order, is about what the merchant sold.
//!
//! In: what the merchant's own records say. Out: nothing, or the first field that differs. A valid
//! signature only says that WeChat Pay sent it; it may still be about another merchant's order, or
//! another amount.

use crate::wire::{Object, View};
use crate::{Error, ErrorKind};

/// What a resource must say. Each expectation must be met by a field that is there.
///
/// ```
/// use wechatpay_client::webhook::Expectation;
/// let expectation = Expectation::new()
///     .mchid("1900000001")
///     .out_trade_no("20240101-0001")
///     .total(100)
///     .currency("CNY");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "an expectation does nothing until it is checked"]
pub struct Expectation {
    fields: Vec<(&'static [&'static str], String)>,
}

impl Expectation {
    /// Expects nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The merchant, or the service provider, or who combined the orders.
    pub fn mchid(self, mchid: impl Into<String>) -> Self {
        self.field(&["mchid", "sp_mchid", "combine_mchid"], mchid)
    }

    /// The merchant that a service provider acts for.
    pub fn sub_mchid(self, mchid: impl Into<String>) -> Self {
        self.field(&["sub_mchid"], mchid)
    }

    /// The app or account.
    pub fn appid(self, appid: impl Into<String>) -> Self {
        self.field(&["appid", "sp_appid", "combine_appid"], appid)
    }

    /// The merchant's number of the order.
    pub fn out_trade_no(self, number: impl Into<String>) -> Self {
        self.field(&["out_trade_no", "combine_out_trade_no"], number)
    }

    /// The merchant's number of the refund.
    pub fn out_refund_no(self, number: impl Into<String>) -> Self {
        self.field(&["out_refund_no"], number)
    }

    /// The order's amount, in fen.
    pub fn total(self, fen: i64) -> Self {
        self.field(&["amount.total"], fen.to_string())
    }

    /// The refund's amount, in fen.
    pub fn refund(self, fen: i64) -> Self {
        self.field(&["amount.refund"], fen.to_string())
    }

    /// The order's currency: `CNY`.
    pub fn currency(self, currency: impl Into<String>) -> Self {
        self.field(&["amount.currency"], currency)
    }

    /// The state: `SUCCESS`.
    pub fn trade_state(self, state: impl Into<String>) -> Self {
        self.field(&["trade_state"], state)
    }

    fn field(mut self, names: &'static [&'static str], value: impl Into<String>) -> Self {
        self.fields.push((names, value.into()));
        self
    }

    /// Compares.
    ///
    /// # Errors
    /// When a field is missing or says something else ([`ErrorKind::Unexpected`]): do not deliver.
    /// A field that was not received, or not as documented, is empty or 0, so an expectation of either
    /// is never met. Neither is an expectation of nothing at all, nor any by a message of APIv2 that
    /// reports a failure.
    pub fn check(&self, resource: &impl Object) -> Result<(), Error> {
        if self.fields.is_empty() {
            return Err(Error::new(ErrorKind::Unexpected, "nothing is expected"));
        }
        for name in ["return_code", "result_code"] {
            if text_at(resource, name).is_some_and(|code| code != "SUCCESS") {
                return Err(unexpected(name, "reports a failure"));
            }
        }
        for (names, wanted) in &self.fields {
            let found = names.iter().find_map(|name| text_at(resource, name));
            match found {
                Some(found) if found == *wanted => {}
                Some(_) => return Err(unexpected(names[0], "is another one")),
                None => return Err(unexpected(names[0], "is missing")),
            }
        }
        Ok(())
    }
}

fn unexpected(name: &str, problem: &str) -> Error {
    Error::new(ErrorKind::Unexpected, format!("`{name}` {problem}"))
}

/// The text of the field at a path like `amount.total`.
fn text_at(object: &dyn Object, path: &str) -> Option<String> {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let fields = object.fields();
    let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
    match (value.view(), rest) {
        (View::Object(inner), Some(rest)) => text_at(inner, rest),
        (View::Text(text), None) if !text.is_empty() => Some(text.to_owned()),
        (View::Integer(number), None) if number != 0 => Some(number.to_string()),
        _ => None,
    }
}
