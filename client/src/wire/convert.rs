//! Conversion between generated types that have the same fields.

use super::copy::put_plain;
use super::kind::kind;
use super::{Mismatch, Object, Slot, Value, View, names};

/// Converts between two generated types by the names of their fields: the refund that was made into the type of
/// a refund that is queried, so that one function handles both.
///
/// Operations have types of their own even where WeChat Pay sends the same object, so that a change of one page
/// does not change the others. Every value of `from` must have a place in the result, and every required field of
/// the result a value; nothing is dropped and nothing is invented. Enumerations are converted by the value on the
/// wire. Nothing is encrypted or decrypted.
///
/// # Errors
/// The first field that does not fit, with its path.
///
/// ```
/// # #[cfg(feature = "refund")]
/// use wechatpay_client::v3::refund::domestic::refunds::{by_out_refund_no, post};
///
/// # #[cfg(feature = "refund")]
/// fn same_type(made: &post::Response) -> Result<by_out_refund_no::get::Response, wechatpay_client::Mismatch> {
///     wechatpay_client::convert(made)
/// }
/// ```
pub fn convert<A: Object, B: Object>(from: &A) -> Result<B, Mismatch> {
    let mut to = B::blank();
    object(from, &mut to)?;
    Ok(to)
}

fn object(from: &dyn Object, to: &mut dyn Object) -> Result<(), Mismatch> {
    let from = from.fields();
    let mut result = Ok(());
    to.list_mut(&mut |list, fields| result = fill(&from, names(list), fields));
    result
}

fn fill(
    from: &[(&'static str, &dyn Value)],
    names: &[&'static str],
    to: &mut [&mut dyn Value],
) -> Result<(), Mismatch> {
    for (name, value) in from {
        let present = !matches!(value.view(), View::Absent);
        if present && !names.contains(name) {
            return Err(Mismatch::document("the result has no such field").below(name));
        }
    }
    for (name, to) in names.iter().zip(to) {
        let from = from.iter().find(|(other, _)| other == name);
        match from.map(|(_, from)| from.view()) {
            Some(View::Absent) | None if to.is_optional() => {}
            Some(View::Absent) | None => {
                return Err(Mismatch::document("the result requires a value, and there is none").below(name));
            }
            Some(view) => put(view, to.slot()).map_err(|error| error.below(name))?,
        }
    }
    Ok(())
}

fn value(from: &dyn Value, to: &mut dyn Value) -> Result<(), Mismatch> {
    match from.view() {
        View::Absent => Ok(()),
        view => put(view, to.slot()),
    }
}

fn put(view: View<'_>, slot: Slot<'_>) -> Result<(), Mismatch> {
    match (view, slot) {
        (View::Object(from), Slot::Object(to)) | (View::UrlEncoded(from), Slot::UrlEncoded(to)) => {
            object(from, to)
        }
        (View::JsonText(from), Slot::JsonText(to)) => value(from, to),
        (View::List(from), Slot::List(to)) => {
            for (index, item) in from.items().enumerate() {
                value(item, to.item_mut(index)).map_err(|error| error.below(&format!("[{index}]")))?;
            }
            Ok(())
        }
        (View::Sealed(from), Slot::Sealed(to)) => {
            to.close(from.ciphertext());
            match from.content() {
                Some(content) => value(content, to.open()),
                None => Ok(()),
            }
        }
        (view, slot) => {
            let expected = kind(&slot);
            match put_plain(view, slot) {
                true => Ok(()),
                false => Err(Mismatch::document(format!("the result takes {expected}"))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::convert;
    use crate::{Encrypted, Timestamp};

    values! {
        pub enum Status {
            Success = "SUCCESS",
        }
    }

    values! {
        pub enum State {
            Success = "SUCCESS",
            Closed = "CLOSED",
        }
    }

    pub struct Amount {
        total: i64,
        fee: Option<i64>,
    }
    object!(Amount { total, fee: i64 });

    pub struct Made {
        id: String,
        status: Status,
        amounts: Vec<Amount>,
        name: Option<Encrypted>,
        note: Option<String>,
    }
    object!(Made {
        id,
        status,
        amounts,
        name: Encrypted,
        note: String
    });

    pub struct Total {
        total: i64,
    }
    object!(Total { total });

    /// Other names of types, another order, one more optional field.
    pub struct Queried {
        time: Option<Timestamp>,
        amounts: Vec<Total>,
        status: State,
        name: Option<Encrypted>,
        id: String,
    }
    object!(Queried {
        time: Timestamp,
        amounts,
        status,
        name: Encrypted,
        id
    });

    fn made() -> Made {
        Made {
            id: "1".into(),
            status: "CLOSED".into(),
            amounts: vec![Amount { total: 5, fee: None }, Amount { total: 6, fee: None }],
            name: Some(Encrypted::from_ciphertext("Y2lwaGVy")),
            note: None,
        }
    }

    fn refused<B: super::Object>(made: &Made) -> String {
        match convert::<_, B>(made) {
            Ok(_) => "converted".to_owned(),
            Err(mismatch) => mismatch.to_string(),
        }
    }

    #[test]
    fn fields_are_found_by_name() {
        let queried: Queried = convert(&made()).unwrap();
        assert!(
            matches!(queried.status, State::Closed),
            "known here, unknown there"
        );
        assert_eq!((queried.id.as_str(), queried.amounts[1].total), ("1", 6));
        assert_eq!(queried.name, made().name);
        assert!(queried.time.is_none());
    }

    #[test]
    fn what_has_no_place_is_refused_with_its_path() {
        let mut more = made();
        more.amounts[1].fee = Some(1);
        assert_eq!(
            refused::<Queried>(&more),
            "amounts[1].fee: the result has no such field"
        );
        more = made();
        more.note = Some("a".into());
        assert_eq!(refused::<Queried>(&more), "note: the result has no such field");
    }

    #[test]
    fn a_required_field_without_a_value_and_another_kind_are_refused() {
        pub struct Strict {
            id: String,
            note: String,
        }
        object!(Strict { id, note });
        pub struct Number {
            id: i64,
        }
        object!(Number { id });
        let from = Number { id: 1 };
        let missing = convert::<_, Strict>(&Total { total: 1 }).err().unwrap();
        assert_eq!(missing.path, "total");
        assert_eq!(
            convert::<_, Number>(&Id { id: "1".into() })
                .err()
                .unwrap()
                .to_string(),
            "id: the result takes an integer"
        );
        assert_eq!(
            convert::<_, Strict>(&Id { id: "1".into() })
                .err()
                .unwrap()
                .to_string(),
            "note: the result requires a value, and there is none"
        );
        assert_eq!(convert::<_, Number>(&from).unwrap().id, 1);
    }

    pub struct Id {
        id: String,
    }
    object!(Id { id });
}
