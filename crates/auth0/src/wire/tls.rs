//! What was wrong with a TLS handshake, from the rustls error below the HTTP client's.

use rustls::CertificateError as Certificate;

/// What an administrator can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsFault {
    Expired,
    NotYetValid,
    WrongName,
    UnknownIssuer,
    /// The certificate is wrong in another way.
    BadCertificate,
    /// Something answers that does not speak TLS.
    NotTls,
    /// The handshake failed, or was cut off.
    Handshake,
}

impl TlsFault {
    pub fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(fault) => match fault {
                Certificate::Expired | Certificate::ExpiredContext { .. } => Self::Expired,
                Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                    Self::NotYetValid
                }
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                    Self::WrongName
                }
                Certificate::UnknownIssuer => Self::UnknownIssuer,
                _ => Self::BadCertificate,
            },
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Handshake,
        }
    }

    /// What is wrong, to follow "The TLS connection to … failed: ".
    pub fn message(self) -> &'static str {
        match self {
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::WrongName => "its certificate is for another name",
            Self::UnknownIssuer => "its certificate is from an issuer that is not trusted here",
            Self::BadCertificate => "its certificate is not acceptable",
            Self::NotTls => "what answers there does not speak TLS",
            Self::Handshake => "the handshake was not completed",
        }
    }

    /// What to do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Expired => "Renew the certificate of this host, then test again.",
            Self::NotYetValid => {
                "Check the clock of the machine this service runs on and the certificate's start date."
            }
            Self::WrongName => {
                "Check the API Identifier for typing errors: it must be the name that the certificate is for."
            }
            Self::UnknownIssuer => {
                "If a proxy inspects TLS or the tenant has a private certificate authority, the operator \
                 of this service must add its root certificate (SAFE_AUTH0_EXTRA_CA_FILE)."
            }
            Self::BadCertificate => "Have the certificate of this host checked and replaced.",
            Self::NotTls => {
                "Check the API Identifier: it must be an https:// address of an Auth0 tenant."
            }
            Self::Handshake => {
                "A firewall or proxy may be cutting the connection. TLS 1.2 or 1.3 is needed."
            }
        }
    }
}
