//! What a generated type is followed by: one line that lists its fields, or its values.

// Implementations that every generated type has are hidden in the docs, where each costs a kilobyte or two a
// type; the crate's front page names them.

/// The fields of a struct, in page order: `object!(Amount { total, r#type "type", currency: String })`.
///
/// A literal gives the name on the wire where it is not the field's; a type after a colon gives an
/// optional field a setter.
macro_rules! object {
    ($name:ident { $($field:ident $($wire:literal)? $(: $ty:ty)?),* $(,)? }) => {
        impl crate::wire::Object for $name {
            #[inline]
            fn list<'a>(&'a self, read: crate::wire::Fields<'a, '_>) {
                read(stringify!($($field $($wire)?),*), &[$(&self.$field),*])
            }
            #[inline]
            fn list_mut<'a>(&'a mut self, fill: crate::wire::FieldsMut<'a, '_>) {
                fill(stringify!($($field $($wire)?),*), &mut [$(&mut self.$field),*])
            }
            #[inline]
            fn blank() -> Self {
                Self { $($field: crate::wire::Value::empty()),* }
            }
        }
        #[doc(hidden)]
        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                crate::wire::copy(self)
            }
        }
        #[doc(hidden)]
        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::wire::debug(stringify!($name), self, f)
            }
        }
        #[cfg(feature = "serde")]
        #[doc(hidden)]
        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::wire::serialize(self, serializer)
            }
        }
        #[cfg(feature = "serde")]
        #[doc(hidden)]
        impl<'de> serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::wire::deserialize(deserializer)
            }
        }
        #[allow(dead_code)]
        impl $name {
            $($(
                /// Sets the optional field of this name.
                #[must_use]
                #[inline]
                pub fn $field(mut self, $field: impl Into<$ty>) -> Self {
                    crate::wire::set(&mut self.$field, $field);
                    self
                }
            )?)*
        }
    };
}

/// A struct from its required fields: `init!(AmountInit => Amount { total, kind = "CNY".into() })`.
///
/// What has a value here is a constant of the page.
macro_rules! init {
    ($init:ident => $name:ident { $($field:ident $(= $value:expr)?),* $(,)? }) => {
        impl From<$init> for $name {
            #[inline]
            fn from(init: $init) -> Self {
                #[allow(unused_mut)]
                let mut made: Self = crate::wire::Value::empty();
                $(made.$field = init!(@ init $field $($value)?);)*
                made
            }
        }
    };
    (@ $init:ident $field:ident) => { $init.$field };
    (@ $init:ident $field:ident $value:expr) => { $value };
}

/// A struct from its required fields, given one by one:
/// `new!(Request { id: impl Into<String>, amount: Amount; kind = "CNY".into() })`.
///
/// What has a value here is a constant of the page.
macro_rules! new {
    ($name:ident { $(; $($preset:ident = $value:expr),+)? }) => {
        impl $name {
            /// Creates a value; all of its fields are optional or constant.
            #[inline]
            pub fn new() -> Self {
                #[allow(unused_mut)]
                let mut made: Self = crate::wire::Value::empty();
                $($(made.$preset = $value;)+)?
                made
            }
        }
        impl Default for $name {
            #[inline]
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($name:ident { $($field:ident : $ty:ty),+ $(; $($preset:ident = $value:expr),+)? }) => {
        impl $name {
            /// Creates a value from its required fields.
            #[allow(clippy::useless_conversion)]
            #[inline]
            pub fn new($($field: $ty),+) -> Self {
                let mut made: Self = crate::wire::Value::empty();
                $(made.$field = $field.into();)+
                $($(made.$preset = $value;)+)?
                made
            }
        }
    };
}

/// What open enumerations of texts and of numbers have in common: everything goes through the value.
macro_rules! open_enumeration {
    ($name:ident: $view:ident, $slot:ident, $get:ident, $unknown:ident, $empty:literal) => {
        #[doc(hidden)]
        impl Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                Self::from(self.$get())
            }
        }
        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.$get() == other.$get()
            }
        }
        #[doc(hidden)]
        impl Eq for $name {}
        #[doc(hidden)]
        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.$get(), f)
            }
        }
        #[doc(hidden)]
        impl crate::wire::Value for $name {
            #[inline]
            fn view(&self) -> crate::wire::View<'_> {
                crate::wire::View::$view(self.$get())
            }
            #[inline]
            fn slot(&mut self) -> crate::wire::Slot<'_> {
                crate::wire::Slot::$slot(self)
            }
            #[inline]
            fn empty() -> Self {
                Self::Unknown(crate::wire::$unknown::new($empty))
            }
        }
    };
}

/// An open enumeration of texts: `values! { pub enum Currency { Cny = "CNY", } }`.
macro_rules! values {
    ($(#[$attribute:meta])* pub enum $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$attribute])*
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A value that this version does not know, verbatim.
            Unknown(crate::wire::Unknown),
        }
        impl $name {
            /// The value as it is written on the wire.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(unknown) => unknown.as_str(),
                }
            }
        }
        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(crate::wire::Unknown::new(text)),
                }
            }
        }
        open_enumeration!($name: Text, Choice, as_str, Unknown, "");
    };
}

/// An open enumeration of numbers: `integers! { pub enum Months { N3 = 3, } }`.
macro_rules! integers {
    ($(#[$attribute:meta])* pub enum $name:ident { $($variant:ident = $number:literal),* $(,)? }) => {
        $(#[$attribute])*
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $number, "`")] $variant,)*
            /// A value that this version does not know.
            Unknown(crate::wire::UnknownInteger),
        }
        impl $name {
            /// The value as it is written on the wire.
            #[inline]
            pub fn get(&self) -> i64 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Unknown(unknown) => unknown.get(),
                }
            }
        }
        impl From<i64> for $name {
            #[inline]
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    _ => Self::Unknown(crate::wire::UnknownInteger::new(number)),
                }
            }
        }
        open_enumeration!($name: Integer, IntegerChoice, get, UnknownInteger, 0);
    };
}
