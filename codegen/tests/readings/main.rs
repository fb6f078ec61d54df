//! Second readings: how they change the API, where they disagree with it, and how they are learned.

mod combine;
mod command;
mod compare;
mod documentation;
mod foreign;
mod learn;
mod support;
