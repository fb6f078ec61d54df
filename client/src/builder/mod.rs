//! Setting up a client.
//!
//! In: what the merchant platform gives a merchant, as text, and what the caller wants different.
//! Out: a [`Client`], or an error that names the one thing that is wrong. Setters take anything;
//! everything is checked in [`Builder::build`].

#[cfg(feature = "apiv2")]
mod apiv2;
#[cfg(feature = "apiv2")]
mod apiv2_setters;
mod brand;
mod build;
mod check;
#[cfg(feature = "p12")]
mod p12;
mod pair;
mod setters;
mod text;

pub use brand::Brand;
pub use setters::Builder;
