//! Compares a verified notification or a queried order with the merchant's own records.
//!
//! A valid signature only proves that WeChat Pay sent the message. The message may still be about another
//! merchant's order, or another amount.

use crate::wire::{Deviation, Object, View};
use crate::{Error, ErrorKind};

/// The values that a message must have. A missing or empty field never matches.
///
/// ```no_run
/// # async fn handle(
/// #     client: wechatpay_client::Client, headers: http::HeaderMap, body: Vec<u8>,
/// # ) -> Result<(), wechatpay_client::Error> {
/// # #[cfg(feature = "webhook-transaction")] {
/// use wechatpay_client::webhook::{Expectation, v3::transaction_success::Resource};
///
/// let payment = client.webhook::<Resource>(&headers, &body).await?;
/// Expectation::new()
///     .mchid("1900000001")
///     .out_trade_no("20240101-0001")
///     .total(100)
///     .currency("CNY")
///     .deviations(&payment.deviations)
///     .check(&payment.resource)?;
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "an expectation does nothing until it is checked"]
pub struct Expectation {
    fields: Vec<(&'static [&'static str], String)>,
    deviations: Vec<String>,
}

impl Expectation {
    /// Expects nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of the merchant, the service provider, or the merchant that combined the orders.
    pub fn mchid(self, mchid: impl Into<String>) -> Self {
        self.field(&["mchid", "sp_mchid", "combine_mchid", "mch_id"], mchid)
    }

    /// The number of the merchant that a service provider acts for.
    pub fn sub_mchid(self, mchid: impl Into<String>) -> Self {
        self.field(&["sub_mchid", "sub_mch_id"], mchid)
    }

    /// The app or account.
    pub fn appid(self, appid: impl Into<String>) -> Self {
        self.field(&["appid", "sp_appid", "combine_appid"], appid)
    }

    /// The merchant's order number.
    pub fn out_trade_no(self, number: impl Into<String>) -> Self {
        self.field(
            &["out_trade_no", "combine_out_trade_no", "req_info.out_trade_no"],
            number,
        )
    }

    /// The merchant's refund number.
    pub fn out_refund_no(self, number: impl Into<String>) -> Self {
        self.field(&["out_refund_no", "req_info.out_refund_no"], number)
    }

    /// The order's amount, in fen.
    pub fn total(self, fen: i64) -> Self {
        self.field(
            &["amount.total", "total_fee", "req_info.total_fee"],
            fen.to_string(),
        )
    }

    /// The refund's amount, in fen.
    pub fn refund(self, fen: i64) -> Self {
        self.field(
            &["amount.refund", "refund_fee", "req_info.refund_fee"],
            fen.to_string(),
        )
    }

    /// The order's currency: `CNY`. APIv2 leaves its `fee_type` out for `CNY`; then this never matches.
    pub fn currency(self, currency: impl Into<String>) -> Self {
        self.field(&["amount.currency", "fee_type"], currency)
    }

    /// The state: `SUCCESS`.
    pub fn trade_state(self, state: impl Into<String>) -> Self {
        self.field(&["trade_state"], state)
    }

    /// The deviations of the message that is checked. A field that deviates from its documentation never
    /// matches then, even if its meaning is certain: an amount that was received as text, for example.
    pub fn deviations(mut self, deviations: &[Deviation]) -> Self {
        let paths = deviations.iter().map(|deviation| deviation.path.clone());
        self.deviations.extend(paths);
        self
    }

    fn field(mut self, names: &'static [&'static str], value: impl Into<String>) -> Self {
        self.fields.push((names, value.into()));
        self
    }

    /// Compares the fields.
    ///
    /// # Errors
    /// [`ErrorKind::Unexpected`] if a field is missing, has another value, or deviates from its
    /// documentation (see [`Expectation::deviations`]): do not deliver. A field that was not received, or
    /// could not be read, is empty or 0, so an expectation of either never matches. The check also fails
    /// if nothing is expected, and if the message is one of APIv2 that reports a failure.
    pub fn check(&self, message: &impl Object) -> Result<(), Error> {
        if self.fields.is_empty() {
            return Err(Error::new(ErrorKind::Unexpected, "nothing is expected"));
        }
        for name in ["return_code", "result_code"] {
            if text_at(message, name).is_some_and(|code| code != "SUCCESS") {
                return Err(unexpected(name, "reports a failure"));
            }
        }
        for (names, wanted) in &self.fields {
            let found = names
                .iter()
                .find_map(|name| Some((*name, text_at(message, name)?)));
            match found {
                Some((name, _)) if self.deviates(name) => {
                    return Err(unexpected(name, "deviates from its documentation"));
                }
                Some((_, found)) if found == *wanted => {}
                Some((name, _)) => return Err(unexpected(name, "has another value")),
                None => return Err(unexpected(names[0], "is missing")),
            }
        }
        Ok(())
    }

    /// Whether the field at `path`, or an object that it is in, deviates.
    fn deviates(&self, path: &str) -> bool {
        self.deviations.iter().any(|deviation| {
            // A notification's deviations begin at the notification.
            let deviation = deviation.strip_prefix("resource.").unwrap_or(deviation);
            path.strip_prefix(deviation)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
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
        (View::Sealed(seal), Some(rest)) => match seal.content()?.view() {
            View::Object(inner) => text_at(inner, rest),
            _ => None,
        },
        (View::Text(text), None) if !text.is_empty() => Some(text.to_owned()),
        (View::Integer(number), None) if number != 0 => Some(number.to_string()),
        _ => None,
    }
}
