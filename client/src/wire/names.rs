//! What is known of a struct's fields without a value: found out once for each type.

use std::sync::OnceLock;

use super::Value;

/// The names of a struct's fields: the list in its `object!` line, split once.
///
/// `appid, r#type "type", amount` is one literal, because a list of names costs the compiler far more.
#[doc(hidden)]
pub struct Names {
    list: &'static str,
    split: OnceLock<Box<[&'static str]>>,
    special: OnceLock<Special>,
}

/// The fields, by their position, that a decoder treats in a special way.
pub(super) struct Special {
    /// Those that must not be missing.
    pub required: Box<[usize]>,
    /// Those that are read digit for digit.
    pub decimals: Box<[usize]>,
}

impl Names {
    /// The names in `list`.
    #[doc(hidden)]
    pub const fn new(list: &'static str) -> Self {
        Self {
            list,
            split: OnceLock::new(),
            special: OnceLock::new(),
        }
    }

    /// The names, in the order of the fields.
    pub fn get(&self) -> &[&'static str] {
        self.split.get_or_init(|| split(self.list))
    }

    /// The special ones of `values`, which are the fields of any value of the type.
    pub(super) fn special(&self, values: &[&mut dyn Value]) -> &Special {
        let those = |is: &dyn Fn(&dyn Value) -> bool| {
            let positions = values.iter().enumerate().filter(|(_, value)| is(&***value));
            positions.map(|(at, _)| at).collect()
        };
        self.special.get_or_init(|| Special {
            required: those(&|value| !value.is_optional()),
            decimals: those(&|value| value.is_decimal()),
        })
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
