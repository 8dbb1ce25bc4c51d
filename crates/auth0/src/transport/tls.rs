//! Classifies failed TLS handshakes by the rustls error in the causes of the HTTP client's error.

use rustls::CertificateError as Certificate;

/// What an administrator can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsFault {
    Expired,
    NotYetValid,
    WrongName,
    UnknownIssuer,
    /// A certificate of an authority, such as OpenSSL creates by default.
    OfAnAuthority,
    Revoked,
    /// Not for a server.
    WrongPurpose,
    /// The signature is wrong, or its algorithm is not accepted.
    BadSignature,
    Malformed,
    /// Another fault of the certificate.
    BadCertificate,
    /// The host responds, but not with TLS.
    NotTls,
    /// The handshake failed or was cut off.
    Handshake,
}

impl TlsFault {
    pub fn from_rustls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(fault) => Self::of_certificate(fault),
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Handshake,
        }
    }

    fn of_certificate(fault: &Certificate) -> Self {
        match fault {
            Certificate::Expired | Certificate::ExpiredContext { .. } => Self::Expired,
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => Self::NotYetValid,
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            Certificate::UnknownIssuer => Self::UnknownIssuer,
            Certificate::Revoked => Self::Revoked,
            Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => {
                Self::WrongPurpose
            }
            Certificate::BadSignature
            | Certificate::UnsupportedSignatureAlgorithmContext { .. }
            | Certificate::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                Self::BadSignature
            }
            Certificate::BadEncoding => Self::Malformed,
            // The verifier's own error, which has no public type; it is formatted as its variant.
            Certificate::Other(fault) if fault.to_string() == "CaUsedAsEndEntity" => {
                Self::OfAnAuthority
            }
            _ => Self::BadCertificate,
        }
    }

    /// Follows "The TLS connection to … failed: ".
    pub fn message(self) -> &'static str {
        match self {
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::WrongName => "its certificate is for another name",
            Self::UnknownIssuer => "its certificate is from an issuer that is not trusted here",
            Self::OfAnAuthority => {
                "its certificate is that of a certificate authority itself (often self-signed) and not one \
                 for a server"
            }
            Self::Revoked => "its certificate has been revoked",
            Self::WrongPurpose => "its certificate is not one for a server",
            Self::BadSignature => {
                "its certificate has a wrong signature, or one of a kind that is not accepted"
            }
            Self::Malformed => "its certificate cannot be read",
            Self::BadCertificate => {
                "its certificate is not acceptable, for a reason that is neither its dates nor its name \
                 nor its issuer"
            }
            Self::NotTls => "what answers there does not speak TLS",
            Self::Handshake => "the handshake was not completed",
        }
    }

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
                "If the host has a private certificate authority, or a proxy inspects TLS, only the operator \
                 of this service can have that authority trusted (SAFE_AUTH0_EXTRA_CA_FILE). Else look \
                 whether the host sends its intermediate certificates."
            }
            Self::OfAnAuthority => {
                "Give the host a certificate of its own, issued for its name. If a private certificate \
                 authority issues it, only the operator of this service can have that authority trusted \
                 (SAFE_AUTH0_EXTRA_CA_FILE)."
            }
            Self::Revoked | Self::WrongPurpose | Self::BadSignature | Self::Malformed => {
                "Give this host another certificate, issued for a server of this name."
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
