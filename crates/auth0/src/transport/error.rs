//! Why there is no complete response: reqwest's errors classified by their causes.

use std::error::Error;
use std::io;

use crate::ssrf_guard::{DnsTimeout, NotPublic};
use crate::transport::tls::TlsFault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// The outgoing guard refused an address of the name; nothing was contacted.
    NotPublic(NotPublic),
    /// The name does not resolve.
    UnknownName,
    /// The name servers did not respond.
    NoNameServer,
    /// The connection was refused, or closed at once.
    Refused,
    /// No route to the host.
    NoRoute,
    Tls(TlsFault),
    /// No connection in time.
    ConnectTimeout,
    /// Connected, but no response in time.
    AnswerTimeout,
    /// Connected, but closed before the response.
    Closed,
    /// The response is not HTTP, or its head is too large.
    NotHttp,
    /// The body is incomplete.
    Body(BodyFault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLong,
    /// It does not fit beside the other answers in memory.
    NoRoom,
    Cut,
    TimedOut,
    /// Decoded, it would take far more memory than this resource can.
    TooManyValues,
}

impl From<BodyFault> for TransportError {
    fn from(fault: BodyFault) -> Self {
        Self::Body(fault)
    }
}

impl TransportError {
    /// Whether a later attempt can succeed without any change.
    pub fn is_transient(self) -> bool {
        match self {
            Self::UnknownName
            | Self::NoNameServer
            | Self::Refused
            | Self::NoRoute
            | Self::ConnectTimeout
            | Self::AnswerTimeout
            | Self::Closed
            | Self::Body(BodyFault::Cut | BodyFault::NoRoom | BodyFault::TimedOut) => true,
            Self::NotPublic(_)
            | Self::Tls(_)
            | Self::NotHttp
            | Self::Body(BodyFault::TooLong | BodyFault::TooManyValues) => false,
        }
    }

    /// From an error before the head of the response.
    pub fn from_reqwest(error: &reqwest::Error) -> Self {
        if let Some(refusal) = find::<NotPublic>(error) {
            return Self::NotPublic(*refusal);
        }
        if find::<DnsTimeout>(error).is_some() {
            return Self::NoNameServer;
        }
        if error.is_dns() {
            return Self::UnknownName;
        }
        if let Some(fault) = find::<rustls::Error>(error) {
            return Self::Tls(TlsFault::from_rustls(fault));
        }
        if error.is_connect() { Self::of_connect(error) } else { Self::of_answer(error) }
    }

    fn of_connect(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::ConnectTimeout;
        }
        match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
                Self::NoRoute
            }
            Some(io::ErrorKind::UnexpectedEof) => Self::Tls(TlsFault::Handshake),
            _ => Self::Refused,
        }
    }

    fn of_answer(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::AnswerTimeout;
        }
        // hyper's parse errors have no public type; these are the forms of their texts.
        let is_parse = chain(error).any(|cause| {
            let text = cause.to_string();
            text.starts_with("invalid HTTP") || text.starts_with("message head is too large")
        });
        if is_parse { Self::NotHttp } else { Self::Closed }
    }

    /// Whether a request was sent: only those count as calls.
    pub fn was_sent(self) -> bool {
        matches!(self, Self::AnswerTimeout | Self::Closed | Self::NotHttp | Self::Body(_))
    }
}

/// The causes of an error. `io::Error::source` skips the inner error, so that is taken from `get_ref`.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|cause| cause.downcast_ref::<E>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let inner = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let outer = io::Error::new(io::ErrorKind::InvalidData, inner.clone());
        assert_eq!(find::<rustls::Error>(&outer), Some(&inner));
        assert_eq!(TlsFault::from_rustls(&inner), TlsFault::Expired);
    }
}
