//! [`Value`] for lists.

use super::{List, Slot, Value, View};

impl<T: Value> Value for Vec<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }
    fn empty() -> Self {
        Self::new()
    }
}

impl<T: Value> List for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
    fn item(&self, index: usize) -> Option<&dyn Value> {
        self.get(index).map(|item| item as &dyn Value)
    }
    fn item_mut(&mut self, index: usize) -> &mut dyn Value {
        if self.len() <= index {
            self.resize_with(index + 1, T::empty);
        }
        &mut self[index]
    }
    fn truncate(&mut self, length: usize) {
        self.truncate(length);
    }
}
