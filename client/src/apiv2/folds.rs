//! Fields that were folded into others.
//!
//! An APIv2 signature covers `a=1&b=2` without any escaping, so that a message in which `b` is missing
//! and `a` is `1&b=2` has the same signature. In: the received fields, the names that the type documents.
//! Out: nothing, or the field whose value hides another one.

use crate::error::Error;
use crate::wire::FlatField;

/// Fields that decide about success and money, whether or not the type documents them.
const ALWAYS: [&str; 18] = [
    "appid",
    "cash_fee",
    "coupon_fee",
    "err_code",
    "error_code",
    "fee_type",
    "mch_id",
    "nonce_str",
    "openid",
    "refund_fee",
    "result_code",
    "retcode",
    "return_code",
    "settlement_total_fee",
    "sub_mch_id",
    "total_fee",
    "trade_state",
    "trade_type",
];

/// Refuses a message in which a documented field may have been folded into the value before it.
///
/// A fold keeps the order of the signed text, so a name in a value is suspicious only if it sorts
/// between its field and the next one. `&key=` is refused anywhere: it ends the signed text.
pub(super) fn check_folds(fields: &[FlatField], documented: &[&str]) -> Result<(), Error> {
    let mut sorted: Vec<_> = fields
        .iter()
        .filter(|(name, value)| name != "sign" && !value.is_empty())
        .collect();
    sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    for (at, (name, value)) in sorted.iter().enumerate() {
        let next = sorted.get(at + 1).map(|(next, _)| next.as_str());
        for hidden in value.split('&').skip(1).filter_map(|part| part.split('=').next()) {
            let is_known = documented.contains(&hidden) || ALWAYS.contains(&hidden);
            let fits = name.as_str() < hidden && next.is_none_or(|next| hidden < next);
            if hidden == "key" || (is_known && fits) {
                return Err(Error::verification(format!(
                    "`{name}` contains another field, `{hidden}`: its signature does not say which of the two is \
                     genuine"
                )));
            }
        }
    }
    Ok(())
}
