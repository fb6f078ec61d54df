//! [`Value`] for the plain types: text, numbers, booleans, JSON, and `Option` of all.

use super::{Json, Slot, Value, View};
use crate::wire::Upload;

impl Value for String {
    fn view(&self) -> View<'_> {
        View::Text(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Text(self)
    }
    fn empty() -> Self {
        Self::new()
    }
}

impl Value for i64 {
    fn view(&self) -> View<'_> {
        View::Integer(*self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Integer(self)
    }
    fn empty() -> Self {
        0
    }
}

impl Value for bool {
    fn view(&self) -> View<'_> {
        View::Boolean(*self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Boolean(self)
    }
    fn empty() -> Self {
        false
    }
}

impl Value for Json {
    fn view(&self) -> View<'_> {
        View::Json(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Json(self)
    }
    fn empty() -> Self {
        Self::Null
    }
}

impl Value for Upload {
    fn view(&self) -> View<'_> {
        View::File(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::File(self)
    }
    fn empty() -> Self {
        Self::from_bytes("", [])
    }
    fn is_optional(&self) -> bool {
        true
    }
}

impl<T: Value> Value for Option<T> {
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, T::view)
    }
    fn slot(&mut self) -> Slot<'_> {
        self.get_or_insert_with(T::empty).slot()
    }
    fn empty() -> Self {
        None
    }
    fn is_optional(&self) -> bool {
        true
    }
    fn clear(&mut self) {
        *self = None;
    }
}
