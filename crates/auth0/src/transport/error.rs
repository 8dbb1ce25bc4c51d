//! Why a request got no answer: reqwest's errors classified by the error that caused them.

use std::error::Error;
use std::io;

use crate::guard::{DnsTimeout, NotPublic};
use crate::transport::exchange::BodyFault;
use crate::transport::tls::TlsFault;

/// Why there is no answer, or not all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// The outgoing guard refuses an address of the name; nothing was contacted.
    NotPublic(NotPublic),
    /// The name has no address.
    UnknownName,
    /// The name servers do not answer.
    NoNameServer,
    /// Nothing listens, or it closed at once.
    Refused,
    /// There is no way to the network or the host.
    NoRoute,
    /// TLS failed.
    Tls(TlsFault),
    /// No connection in time.
    ConnectTimeout,
    /// Connected, and no answer in time.
    AnswerTimeout,
    /// Connected, and closed before the answer.
    Closed,
    /// What came is not HTTP, or its head is too large.
    NotHttp,
    /// The head came, and not the whole body.
    Body(BodyFault),
}

impl From<BodyFault> for TransportError {
    fn from(fault: BodyFault) -> Self {
        Self::Body(fault)
    }
}

impl TransportError {
    /// Whether the same request may succeed later by itself.
    pub fn is_transient(self) -> bool {
        match self {
            Self::UnknownName
            | Self::NoNameServer
            | Self::Refused
            | Self::NoRoute
            | Self::ConnectTimeout
            | Self::AnswerTimeout
            | Self::Closed
            | Self::Body(BodyFault::Cut | BodyFault::TimedOut) => true,
            Self::NotPublic(_) | Self::Tls(_) | Self::NotHttp | Self::Body(BodyFault::TooLong) => {
                false
            }
        }
    }

    /// Of a request that never got an answer's head.
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
        // hyper's parse errors have no public type here; their texts are all of these forms.
        let is_parse = chain(error).any(|cause| {
            let text = cause.to_string();
            text.starts_with("invalid HTTP") || text.starts_with("message head is too large")
        });
        if is_parse { Self::NotHttp } else { Self::Closed }
    }

    /// Whether a request went out: only those are counted as calls.
    pub fn was_sent(self) -> bool {
        matches!(self, Self::AnswerTimeout | Self::Closed | Self::NotHttp | Self::Body(_))
    }
}

/// The errors below an error. An `io::Error` hides the one inside from `source`, so it is opened.
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
