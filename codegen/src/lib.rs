//! Documentation pages in, a typed client out.
//!
//! # The stages
//!
//! ```text
//! source → parse → syntax → passes::fixups → lower → ir → passes → names → emit → output
//! ```
//!
//! * [`source`] reads the pages' text.
//! * [`parse`] makes [`syntax`] out of it: a page as it is written, lossless and with places.
//! * [`passes::fixups`] corrects rows that the documentation is known to have wrong.
//! * [`lower`] gives a page its meaning, the [`ir`], which speaks OpenAPI's words.
//! * The other [`passes`] set right what only the whole shows.
//! * [`names`] makes the words Rust's, [`emit`] the code.
//!
//! [`load`] runs all up to the IR and is what the command, the build script and the tests call.
//!
//! # The rules
//!
//! * Nothing after `lower` looks at markdown, nothing before `names` looks like Rust.
//! * Parsing and lowering find mistakes: [`diagnostic`]s as plain data, all collected, each with its
//!   place and a stable code. Emitting cannot fail. Nothing panics on input.
//! * Count in, count out: every row becomes a field or is accounted for otherwise
//!   ([`load::Counts`]), every page is an operation's, a redirect, or listed as skipped.
//! * Every mistake that is known in the real documentation is a warning with a defined outcome; an
//!   error is what makes a page unusable.
//! * The order of the pages does not matter; operations are in order of page path and place.

pub mod diagnostic;
pub mod diff;
pub mod emit;
pub mod index;
pub mod ir;
pub mod ir_json;
pub mod learn;
pub mod lints;
pub mod load;
pub mod lower;
pub mod names;
pub mod openapi;
pub mod output;
pub mod parse;
pub mod passes;
pub mod place;
pub mod readings;
pub mod render;
pub mod source;
pub mod span;
pub mod syntax;
