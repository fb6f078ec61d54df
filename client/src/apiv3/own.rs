//! The caller's own merchant id in a request.

use crate::client::Client;
use crate::error::Error;
use crate::operation::Operation;
use crate::wire::{Fields, FieldsMut, Object, View, names};

/// What names the caller: a merchant, a service provider or institution, the payee of a combined order.
const NAMES: [&str; 3] = ["mchid", "sp_mchid", "combine_mchid"];

/// A request in which the fields `names` have the value `mchid`.
pub(super) struct Completed<'a> {
    request: &'a dyn Object,
    names: &'static [&'static str],
    mchid: String,
}

impl<'a> Completed<'a> {
    /// Fills in what `operation` says, unless the request names the caller itself.
    pub fn new(client: &Client, operation: &Operation, request: &'a dyn Object) -> Result<Self, Error> {
        let mut named = false;
        request.each(&mut |name, value| {
            named |= NAMES.contains(&name) && !matches!(value.view(), View::Absent);
        });
        let names = if named { &[] } else { operation.filled_by_client };
        if let Some(name) = names.first()
            && client.mchid().is_empty()
        {
            return Err(Error::request(format!(
                "`{name}` is missing: the client has no merchant id, so set it in the request"
            )));
        }
        Ok(Self {
            request,
            names,
            mchid: client.mchid().to_owned(),
        })
    }
}

impl Object for Completed<'_> {
    fn list<'a>(&'a self, read: Fields<'a, '_>) {
        self.request.list(&mut |list, values| {
            if self.names.is_empty() {
                return read(list, values);
            }
            let mut values = values.to_vec();
            for (name, value) in names(list).iter().zip(&mut values) {
                if self.names.contains(name) {
                    *value = &self.mchid;
                }
            }
            read(list, &values);
        });
    }
    /// Requests are only read.
    fn list_mut<'a>(&'a mut self, _fill: FieldsMut<'a, '_>) {}
    fn blank() -> Self {
        Self {
            request: &crate::wire::Empty {},
            names: &[],
            mchid: String::new(),
        }
    }
}
