//! `Clone` of every generated struct, through the same lists as everything else: a derive costs the
//! compiler a call per field of the whole surface.

use super::{Object, Slot, Value, View};

/// A copy of `object`.
pub(crate) fn copy<T: Object>(object: &T) -> T {
    let mut copy = T::blank();
    fill(object, &mut copy);
    copy
}

fn fill(from: &dyn Object, to: &mut dyn Object) {
    from.list(&mut |_, from| {
        to.list_mut(&mut |_, to| {
            for (from, to) in from.iter().zip(to) {
                fill_value(*from, &mut **to);
            }
        });
    });
}

/// What is absent stays as it was made, absent: asking for its slot would put an empty value there.
fn fill_value(from: &dyn Value, to: &mut dyn Value) {
    match from.view() {
        View::Absent => {}
        view => put(view, to.slot()),
    }
}

/// Both sides are of one type, so each view meets its own slot.
fn put(view: View<'_>, slot: Slot<'_>) {
    match (view, slot) {
        (View::Object(from), Slot::Object(to)) => fill(from, to),
        (View::UrlEncoded(from), Slot::UrlEncoded(to)) => fill(from, to),
        (View::JsonText(from), Slot::JsonText(to)) => fill_value(from, to),
        (View::List(from), Slot::List(to)) => {
            for (index, item) in from.items().enumerate() {
                fill_value(item, to.item_mut(index));
            }
        }
        (View::Sealed(from), Slot::Sealed(to)) => {
            to.close(from.ciphertext());
            if let Some(content) = from.content() {
                fill_value(content, to.open());
            }
        }
        (view, slot) => {
            let fits = put_plain(view, slot);
            debug_assert!(fits, "a value's view and slot are of two kinds");
        }
    }
}

/// Copies a value that holds no others; `false` if the slot is for another kind.
pub(super) fn put_plain(view: View<'_>, slot: Slot<'_>) -> bool {
    match (view, slot) {
        (View::Text(from), Slot::Text(to)) => from.clone_into(to),
        (View::Text(from), Slot::Choice(to)) => to.choose(from),
        (View::Integer(from), Slot::Integer(to)) => *to = from,
        (View::Integer(from), Slot::IntegerChoice(to)) => to.choose(from),
        (View::Decimal(from), Slot::Decimal(to)) => to.clone_from(from),
        (View::Boolean(from), Slot::Boolean(to)) => *to = from,
        (View::Json(from), Slot::Json(to)) => to.clone_from(from),
        (View::Encrypted(from), Slot::Encrypted(to)) => to.clone_from(from),
        (View::File(from), Slot::File(to)) => to.clone_from(from),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::{Decimal, Encrypted, Json, JsonText, Seal, Sealed, UrlEncoded};
    use crate::wire::Upload;

    values! {
        pub enum Currency {
            Cny = "CNY",
        }
    }

    integers! {
        pub enum Months {
            N3 = 3,
        }
    }

    pub struct Inner {
        id: String,
    }
    object!(Inner { id });

    pub struct Whole {
        text: String,
        absent: Option<String>,
        known: Currency,
        unknown: Currency,
        months: Months,
        flag: bool,
        rate: Decimal,
        json: Json,
        clear: Encrypted,
        cipher: Encrypted,
        file: Upload,
        inner: Inner,
        empty: Option<Vec<Inner>>,
        list: Vec<Vec<i64>>,
        numbered: Vec<Option<String>>,
        in_text: JsonText<Vec<Inner>>,
        form: UrlEncoded<Inner>,
        sealed: Sealed<Inner>,
    }
    object!(Whole {
        text, absent: String, known, unknown, months, flag, rate, json, clear, cipher, file, inner,
        empty: Vec<Inner>, list, numbered, in_text, form, sealed
    });

    fn inner() -> Inner {
        Inner { id: "1".into() }
    }

    #[test]
    fn every_kind_of_value_is_copied() {
        let mut sealed: Sealed<Inner> = super::Value::empty();
        Seal::close(&mut sealed, "c2VhbGVk");
        super::fill_value(&inner(), Seal::open(&mut sealed));
        let whole = Whole {
            text: "文".into(),
            absent: None,
            known: Currency::Cny,
            unknown: "XXX".into(),
            months: 3.into(),
            flag: true,
            rate: "0.60".parse().unwrap(),
            json: serde_json::json!({"a": [1]}),
            clear: "张三".into(),
            cipher: Encrypted::from_ciphertext("Y2lwaGVy"),
            file: Upload::from_bytes("a.png", *b"png"),
            inner: inner(),
            empty: Some(Vec::new()),
            list: vec![vec![1, 2], vec![], vec![3]],
            numbered: vec![None, Some("1".into()), None],
            in_text: vec![inner(), inner()].into(),
            form: inner().into(),
            sealed,
        };
        let copy = whole.clone();
        assert_eq!(format!("{copy:?}"), format!("{whole:?}"));
        // What Debug does not show.
        assert!(copy.absent.is_none());
        assert_eq!(copy.numbered, whole.numbered);
        assert!(matches!(copy.known, Currency::Cny) && matches!(copy.months, Months::N3));
        assert_eq!((copy.clear, copy.cipher), (whole.clear, whole.cipher));
        assert_eq!(
            copy.sealed.content().map(|content| content.id.as_str()),
            Some("1")
        );
        assert!(matches!(copy.file.content, crate::wire::Content::Bytes(ref bytes) if **bytes == *b"png"));
    }
}
