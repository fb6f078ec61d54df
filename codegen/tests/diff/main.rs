//! Each kind of change to a page: what is said about it, and how much generated code it changes.

mod cases;
mod elements;
mod lines;
mod protocol;
mod release;
mod report;
mod repository;
mod stability;
mod support;
