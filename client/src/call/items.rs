//! The items of lists that come page by page.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::pagination::PageStream;
use crate::error::Error;
use crate::wire::{Object, Value};

/// The items of a list operation, one by one: a [`Stream`], or [`ItemStream::next`] in a loop.
#[must_use = "no page is asked for until it is polled"]
pub struct ItemStream<'a, T, L: IntoIterator> {
    pages: PageStream<'a, T>,
    list: fn(T) -> L,
    items: Option<L::IntoIter>,
}

impl<'a, T: Value + Object + 'a> PageStream<'a, T> {
    /// The items of all pages: `.items(|page| page.data)` says where a page has them.
    pub fn items<L: IntoIterator>(self, list: fn(T) -> L) -> ItemStream<'a, T, L> {
        ItemStream {
            pages: self,
            list,
            items: None,
        }
    }
}

impl<'a, T: Value + Object + 'a, L: IntoIterator<IntoIter: Unpin>> ItemStream<'a, T, L> {
    /// The next item; `None` after the last one, or after an error.
    pub async fn next(&mut self) -> Option<Result<L::Item, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<'a, T: Value + Object + 'a, L: IntoIterator<IntoIter: Unpin>> Stream for ItemStream<'a, T, L> {
    type Item = Result<L::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(item) = this.items.as_mut().and_then(Iterator::next) {
                return Poll::Ready(Some(Ok(item)));
            }
            this.items = None;
            match ready!(Pin::new(&mut this.pages).poll_next(context)) {
                Some(Ok(page)) => this.items = Some((this.list)(page).into_iter()),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
