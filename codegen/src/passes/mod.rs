//! What is set right between parsing and emitting: one pass a file.
//!
//! [`fixups`] runs on syntax, before lowering; the others on the IR, in the order of [`load`](crate::load).

pub mod decimals;
pub mod duplicates;
mod examples;
pub mod fixups;
pub mod glossary;
pub mod merchants;
pub mod path_parameters;
pub mod readings;
pub mod states;
pub mod times;
pub mod uniqueness;
