//! One request and its answer on the wire, with every fault told apart. Not here: what an answer means.

mod client_factory;
mod error;
mod exchange;
mod timing;
mod tls;

pub(crate) use client_factory::{ClientFactory, NewClient};
pub(crate) use error::TransportError;
pub(crate) use exchange::{Answer, BodyFault, Exchange, exchange, exchange_idempotent};
pub(crate) use tls::TlsFault;
