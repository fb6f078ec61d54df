//! Lists that are split into pages.
//!
//! In: a call whose operation says how its pages are requested. Out: a stream of responses, from the
//! page that the request names to the last one; each is requested when it is polled for.

use std::collections::HashSet;
use std::future::{IntoFuture as _, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::Call;
use crate::error::Error;
use crate::exchange::Options;
use crate::operation::{Operation, Pages};
use crate::transport::BoxFuture;
use crate::wire::{Mismatch, Object, Value, View};

/// The responses of a list operation, page by page: a [`Stream`], or [`PageStream::next`] in a loop.
#[must_use = "no page is asked for until it is polled"]
pub struct PageStream<'a, T> {
    call: Call<'a, T>,
    position: Position,
    /// The tokens of the pages before.
    tokens: HashSet<String>,
    asking: Option<BoxFuture<'a, Result<T, Error>>>,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Position {
    /// As the request says.
    First,
    /// At a row, or at the page of this number.
    At(i64),
    /// Behind a token.
    Token(String),
    /// There is none.
    End,
}

impl<'a, T: Value + Object> Call<'a, T> {
    /// All pages from this one on.
    ///
    /// The stream's only item is an error where the documentation describes no pages for this operation.
    pub fn pages(self) -> PageStream<'a, T> {
        PageStream {
            call: self,
            position: Position::First,
            tokens: HashSet::new(),
            asking: None,
        }
    }
}

impl<'a, T: Value + Object + 'a> PageStream<'a, T> {
    #[cfg(feature = "blocking")]
    pub(crate) fn client(&self) -> &'a crate::client::Client {
        self.call.client
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn end(&mut self) {
        self.position = Position::End;
        self.asking = None;
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn has_ended(&self) -> bool {
        self.position == Position::End
    }

    /// The next page; `None` after the last one, or after an error.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<'a, T: Value + Object + 'a> Stream for PageStream<'a, T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.position == Position::End {
            return Poll::Ready(None);
        }
        let operation = this.call.operation;
        if operation.pages == Pages::None {
            this.position = Position::End;
            let error = Error::request("the documentation describes no pages for this operation");
            return Poll::Ready(Some(Err(error.with_operation(operation))));
        }
        let asking = this.asking.get_or_insert_with(|| {
            let mut call = this.call.again();
            put(operation, &this.position, &mut call.options);
            call.into_future()
        });
        let response = ready!(asking.as_mut().poll(context));
        this.asking = None;
        this.position = match &response {
            Ok(response) => following(operation, this.call.request, &this.position, response),
            Err(_) => Position::End,
        };
        if let Position::Token(token) = &this.position
            && !this.tokens.insert(token.clone())
        {
            this.position = Position::End;
            let (path, problem) = (
                "next_page_token".to_owned(),
                "it leads back to an earlier page".to_owned(),
            );
            let error = Error::decode(Mismatch { path, problem }, Bytes::new()).with_operation(operation);
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Ready(Some(response))
    }
}

/// The parameter that says where a page begins.
fn parameter(operation: &Operation) -> &'static str {
    const NAMES: [&str; 4] = ["offset", "page_index", "page_num", "page_token"];
    let named = operation.query.iter().find(|name| NAMES.contains(name));
    named.copied().unwrap_or(NAMES[0])
}

/// Writes where the page begins over the request's own parameter.
fn put(operation: &Operation, position: &Position, options: &mut Options) {
    let value = match position {
        Position::First | Position::End => return,
        Position::At(number) => number.to_string(),
        Position::Token(token) => token.clone(),
    };
    options.query.push((parameter(operation).to_owned(), value));
}

/// Where the page after `response` begins.
fn following(operation: &Operation, request: &dyn Object, at: &Position, response: &dyn Object) -> Position {
    if operation.pages == Pages::Token {
        return match text(response, "next_page_token") {
            Some(token) if !token.is_empty() && *at != Position::Token(token.clone()) => {
                Position::Token(token)
            }
            _ => Position::End,
        };
    }
    let rows = rows(response);
    if rows == 0 {
        return Position::End;
    }
    let numbered = operation.pages == Pages::Number;
    let asked = number(request, parameter(operation));
    let here = match at {
        Position::At(number) => *number,
        // Pages that are called by an index count from 1, by an offset from 0.
        _ => asked.unwrap_or(i64::from(numbered && parameter(operation) != "offset")),
    };
    let size = ["limit", "page_size"]
        .iter()
        .find_map(|name| number(request, name));
    let total = ["total_count", "total_num"]
        .iter()
        .find_map(|name| number(response, name))
        // A total that is missing is read as 0.
        .filter(|total| *total > 0);
    let first = i64::from(numbered && parameter(operation) != "offset");
    let seen = match numbered {
        true => (here - first)
            .saturating_add(1)
            .saturating_mul(size.unwrap_or(rows)),
        false => here.saturating_add(rows),
    };
    let more = match (total, size) {
        (Some(total), _) => seen < total,
        (None, Some(size)) => rows >= size,
        (None, None) => true,
    };
    match more {
        true if numbered => Position::At(here.saturating_add(1)),
        true => Position::At(seen),
        false => Position::End,
    }
}

/// How many rows a page has: the length of its first list.
fn rows(response: &dyn Object) -> i64 {
    let fields = response.fields();
    let lists = fields.iter().filter_map(|(_, value)| match value.view() {
        View::List(list) => i64::try_from(list.length()).ok(),
        _ => None,
    });
    lists.max().unwrap_or(0)
}

fn number(object: &dyn Object, name: &str) -> Option<i64> {
    let fields = object.fields();
    let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
    match value.view() {
        View::Integer(number) => Some(number),
        View::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn text(object: &dyn Object, name: &str) -> Option<String> {
    let fields = object.fields();
    let (_, value) = fields.iter().find(|(field, _)| *field == name)?;
    match value.view() {
        View::Text(text) => Some(text.to_owned()),
        _ => None,
    }
}
