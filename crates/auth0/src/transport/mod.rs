//! HTTP exchanges, with classified faults. The meaning of a response is in `reading` and `token`.

mod client_factory;
mod error;
mod exchange;
mod timing;
mod tls;

pub(crate) use client_factory::{ClientFactory, NewClient};
pub(crate) use error::{BodyFault, TransportError};
pub(crate) use exchange::{Answer, BodyLimit, Exchange, exchange, exchange_idempotent};
pub(crate) use tls::TlsFault;
