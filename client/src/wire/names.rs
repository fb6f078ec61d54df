//! The names in the literal that `object!` writes, split once for each struct.

use std::sync::OnceLock;

/// A split literal, and the next one whose address falls into the same bucket.
struct Split {
    list: &'static str,
    names: Box<[&'static str]>,
    next: Bucket,
}

type Bucket = OnceLock<Box<Split>>;

static BUCKETS: [Bucket; 256] = [const { Bucket::new() }; 256];

/// The names on the wire in a list of fields: the literal after the field, or else the field.
///
/// A list is known by its address, so that the table has an entry for each struct that the program meets.
pub(super) fn names(list: &'static str) -> &'static [&'static str] {
    let address = list.as_ptr().addr();
    let mut bucket = &BUCKETS[(address ^ (address >> 8)) % BUCKETS.len()];
    loop {
        let split = bucket.get_or_init(|| {
            Box::new(Split {
                list,
                names: split(list),
                next: Bucket::new(),
            })
        });
        if std::ptr::eq(split.list, list) {
            return &split.names;
        }
        bucket = &split.next;
    }
}

fn split(list: &'static str) -> Box<[&'static str]> {
    if list.is_empty() {
        return Box::default();
    }
    let name = |field: &'static str| match field.split('"').nth(1) {
        Some(name) => name,
        None => field.trim(),
    };
    list.split(',').map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_list_is_split_once() {
        static LIST: &str = "appid, r#type \"type\", amount";
        assert_eq!(names(LIST), ["appid", "type", "amount"]);
        assert!(std::ptr::eq(names(LIST), names(LIST)));
        assert!(names("").is_empty());
        // More lists than buckets, and lists that begin at one address.
        let many: String = ('a'..='z').cycle().take(2000).collect();
        let many: &'static str = many.leak();
        for end in 1..=many.len() {
            assert_eq!(names(&many[..end]), [&many[..end]]);
            assert_eq!(names(&many[end - 1..end]), [&many[end - 1..end]]);
        }
    }
}
