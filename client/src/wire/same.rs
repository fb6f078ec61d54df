//! Whether two values have the same content.

use super::upload::Content;
use super::{Object, Value, View};

/// Whether two values of one type have the same content, field by field: `PartialEq` for all generated structs,
/// which costs nothing to compile.
///
/// Encrypted fields are the same if both hold the same clear text or the same ciphertext, uploads if they have the
/// same name and bytes or path, times if their texts are.
pub fn same<T: Object>(a: &T, b: &T) -> bool {
    objects(a, b)
}

fn objects(a: &dyn Object, b: &dyn Object) -> bool {
    let (a, b) = (a.fields(), b.fields());
    a.len() == b.len() && a.iter().zip(&b).all(|((_, a), (_, b))| values(*a, *b))
}

fn values(a: &dyn Value, b: &dyn Value) -> bool {
    match (a.view(), b.view()) {
        (View::Absent, View::Absent) => true,
        (View::Text(a), View::Text(b)) => a == b,
        (View::Integer(a), View::Integer(b)) => a == b,
        (View::Decimal(a), View::Decimal(b)) => a == b,
        (View::Boolean(a), View::Boolean(b)) => a == b,
        (View::Json(a), View::Json(b)) => a == b,
        (View::Encrypted(a), View::Encrypted(b)) => a == b,
        (View::Object(a), View::Object(b)) => objects(a, b),
        (View::UrlEncoded(a), View::UrlEncoded(b)) => objects(a, b),
        (View::JsonText(a), View::JsonText(b)) => values(a, b),
        (View::Sealed(a), View::Sealed(b)) => a.ciphertext() == b.ciphertext(),
        (View::List(a), View::List(b)) => {
            a.length() == b.length() && a.items().zip(b.items()).all(|(a, b)| values(a, b))
        }
        (View::File(a), View::File(b)) => {
            a.name == b.name
                && match (&a.content, &b.content) {
                    (Content::Bytes(a), Content::Bytes(b)) => a == b,
                    (Content::Path(a), Content::Path(b)) => a == b,
                    _ => false,
                }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use crate::{Encrypted, JsonText, Timestamp};

    pub struct Inner {
        id: i64,
    }
    object!(Inner { id });

    pub struct Outer {
        name: Encrypted,
        time: Option<Timestamp>,
        inner: JsonText<Inner>,
        list: Vec<Inner>,
    }
    object!(Outer {
        name,
        time: Timestamp,
        inner,
        list
    });

    fn outer() -> Outer {
        Outer {
            name: "张三".into(),
            time: None,
            inner: Inner { id: 1 }.into(),
            list: vec![Inner { id: 2 }],
        }
    }

    #[test]
    fn one_difference_anywhere_is_found() {
        assert!(same(&outer(), &outer()));
        let others = [
            Outer {
                name: "李四".into(),
                ..outer()
            },
            Outer {
                time: Some("2018-06-08".into()),
                ..outer()
            },
            Outer {
                inner: Inner { id: 2 }.into(),
                ..outer()
            },
            Outer {
                list: vec![Inner { id: 3 }],
                ..outer()
            },
            Outer {
                list: vec![],
                ..outer()
            },
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(!same(&outer(), other), "{index}");
        }
    }
}
