//! Values that travel as text inside a string, or encrypted inside one.

use std::ops::{Deref, DerefMut};

use super::{Object, Seal, Slot, Value, View};

/// A typed value that travels as JSON text inside a string.
#[derive(Clone)]
pub struct JsonText<T>(pub T);

/// A typed value that travels as `application/x-www-form-urlencoded` text inside a string.
#[derive(Clone)]
pub struct UrlEncoded<T>(pub T);

/// XML that travels encrypted under the APIv2 key: the text as received, and the clear content once
/// the notification that contains it has been opened.
#[derive(Clone)]
pub struct Sealed<T> {
    ciphertext: String,
    content: Option<Box<T>>,
}

impl<T> Sealed<T> {
    /// The text as received, base64.
    pub fn ciphertext(&self) -> &str {
        &self.ciphertext
    }

    /// The clear content; `None` when it was decoded without a key.
    pub fn content(&self) -> Option<&T> {
        self.content.as_deref()
    }
}

impl<T: Value> Value for JsonText<T> {
    fn view(&self) -> View<'_> {
        View::JsonText(&self.0)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::JsonText(&mut self.0)
    }
    fn empty() -> Self {
        Self(T::empty())
    }
}

impl<T: Object> Value for UrlEncoded<T> {
    fn view(&self) -> View<'_> {
        View::UrlEncoded(&self.0)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::UrlEncoded(&mut self.0)
    }
    fn empty() -> Self {
        Self(T::empty())
    }
}

impl<T: Object> Value for Sealed<T> {
    fn view(&self) -> View<'_> {
        View::Sealed(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Sealed(self)
    }
    fn empty() -> Self {
        Self {
            ciphertext: String::new(),
            content: None,
        }
    }
}

impl<T: Object> Seal for Sealed<T> {
    fn ciphertext(&self) -> &str {
        &self.ciphertext
    }
    fn content(&self) -> Option<&dyn Value> {
        self.content.as_deref().map(|content| content as &dyn Value)
    }
    fn close(&mut self, text: &str) {
        self.ciphertext = text.to_owned();
    }
    fn open(&mut self) -> &mut dyn Value {
        &mut **self.content.get_or_insert_with(|| Box::new(T::blank()))
    }
}

impl<T> From<T> for JsonText<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> From<T> for UrlEncoded<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for JsonText<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for JsonText<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> Deref for UrlEncoded<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for UrlEncoded<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
