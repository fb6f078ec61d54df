//! APIv2, as its users meet it.
