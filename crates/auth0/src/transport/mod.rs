//! One request and its answer on the wire, with every fault told apart. Not here: what an answer means.

mod dial;
mod exchange;
mod fault;
mod timing;
mod tls;

pub(crate) use dial::{ClientFactory, NewClient};
pub(crate) use exchange::{Answer, BodyFault, Exchange, exchange, exchange_idempotent};
pub(crate) use fault::TransportError;
pub(crate) use tls::TlsFault;
