//! The names of a struct's fields on the wire.

use std::sync::OnceLock;

/// The names of a struct's fields: the list in its `object!` line, split once.
///
/// `appid, r#type "type", amount` is one literal, because a list of names costs the compiler far more.
#[doc(hidden)]
pub struct Names {
    list: &'static str,
    split: OnceLock<Box<[&'static str]>>,
}

impl Names {
    /// The names in `list`.
    #[doc(hidden)]
    pub const fn new(list: &'static str) -> Self {
        Self {
            list,
            split: OnceLock::new(),
        }
    }

    /// The names, in the order of the fields.
    pub fn get(&self) -> &[&'static str] {
        self.split.get_or_init(|| split(self.list))
    }
}

/// The literal after each field, or else the field.
fn split(list: &'static str) -> Box<[&'static str]> {
    let names = list.split(',').map(|field| match field.split('"').nth(1) {
        Some(name) => name,
        None => field.trim(),
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_literal_stands_for_its_field() {
        let names = Names::new(r#"appid, r#type "type", amount, coupon_id "coupon_id_$n""#);
        assert_eq!(names.get(), ["appid", "type", "amount", "coupon_id_$n"]);
        assert!(Names::new("").get().is_empty());
    }
}
