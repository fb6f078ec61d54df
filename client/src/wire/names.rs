//! The names in the literal that `object!` writes, split once for each struct.

use std::ops::Deref;
use std::sync::OnceLock;

/// The names on the wire of a struct's fields, in their order.
pub(crate) struct Names {
    names: Box<[&'static str]>,
    /// A hash table: positions of names, and [`Names::NONE`].
    positions: Box<[u16]>,
}

impl Deref for Names {
    type Target = [&'static str];

    fn deref(&self) -> &[&'static str] {
        &self.names
    }
}

impl Names {
    const NONE: u16 = u16::MAX;

    /// Splits the literal after each field, or else the field.
    fn split(list: &'static str) -> Self {
        let name = |field: &'static str| match field.split('"').nth(1) {
            Some(name) => name,
            None => field.trim(),
        };
        let names: Box<[&str]> = match list {
            "" => Box::default(),
            list => list.split(',').map(name).collect(),
        };
        let mut positions = vec![Self::NONE; (2 * names.len()).next_power_of_two()];
        for (position, name) in (0..Self::NONE).zip(&names) {
            let mut at = hash(name);
            while positions[at % positions.len()] != Self::NONE {
                at += 1;
            }
            let length = positions.len();
            positions[at % length] = position;
        }
        Self {
            names,
            positions: positions.into(),
        }
    }

    /// The position of `name`, which is `next` in most documents: they have the order of the page.
    pub fn position(&self, name: &str, next: usize) -> Option<usize> {
        if self.names.get(next).is_some_and(|known| *known == name) {
            return Some(next);
        }
        let mut at = hash(name);
        loop {
            let position = usize::from(self.positions[at & (self.positions.len() - 1)]);
            // The table is never full, so the search ends.
            if *self.names.get(position)? == name {
                return Some(position);
            }
            at += 1;
        }
    }
}

/// Names of one struct mostly differ in their length, or in one of these bytes.
fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |at: usize| usize::from(bytes.get(at).copied().unwrap_or_default());
    let length = bytes.len();
    length
        + byte(0) * 3
        + byte(length / 2) * 5
        + byte(length.wrapping_sub(1)) * 7
        + byte(length.wrapping_sub(3)) * 11
}

/// A split literal, and the next one whose address falls into the same bucket.
struct Split {
    list: &'static str,
    names: Names,
    next: Bucket,
}

type Bucket = OnceLock<Box<Split>>;

static BUCKETS: [Bucket; 256] = [const { Bucket::new() }; 256];

/// The names in a list of fields.
///
/// A list is known by its address, so that the table has an entry for each struct that the program meets.
pub(crate) fn names(list: &'static str) -> &'static Names {
    let address = list.as_ptr().addr();
    let mut bucket = &BUCKETS[(address ^ (address >> 8)) % BUCKETS.len()];
    loop {
        let split = bucket.get_or_init(|| {
            Box::new(Split {
                list,
                names: Names::split(list),
                next: Bucket::new(),
            })
        });
        if std::ptr::eq(split.list, list) {
            return &split.names;
        }
        bucket = &split.next;
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_list_is_split_once() {
        static LIST: &str = "appid, r#type \"type\", amount";
        assert_eq!(**names(LIST), ["appid", "type", "amount"]);
        assert!(std::ptr::eq(names(LIST), names(LIST)));
        assert!(names("").is_empty());
        // More lists than buckets, and lists that begin at one address.
        let many: String = ('a'..='z').cycle().take(2000).collect();
        let many: &'static str = many.leak();
        for end in 1..=many.len() {
            assert_eq!(**names(&many[..end]), [&many[..end]]);
            assert_eq!(**names(&many[end - 1..end]), [&many[end - 1..end]]);
        }
    }

    #[test]
    fn a_name_is_found_wherever_it_is() {
        // Names that share all that is hashed, too.
        let names_of = |count: usize| (0..count).map(|at| format!("n{at:04}x{at:04}xyz"));
        for count in [0, 1, 2, 3, 64, 300] {
            let list: &'static str = names_of(count).collect::<Vec<_>>().join(", ").leak();
            let names = names(list);
            for (position, name) in names_of(count).enumerate() {
                for next in [0, position, position + 1, count, usize::MAX] {
                    assert_eq!(names.position(&name, next), Some(position));
                }
            }
            for unknown in ["", "n", "n0000x9999xyz", "中文"] {
                assert_eq!(names.position(unknown, 0), None);
            }
        }
    }
}
