//! APIv2 against gateways on loopback, as its users meet it: generated operations, real HTTP, real
//! TLS with a client certificate demanded.

mod families;
mod gateway;
mod money;
mod mutual_tls;
mod notifications;
mod params;
mod recorded;
