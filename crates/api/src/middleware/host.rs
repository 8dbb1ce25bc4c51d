//! `Host` (RFC 9112 section 3.2): an HTTP/1.1 request has exactly one, and it names a host.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::Fault;
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Version};

use crate::problem::ApiError;

/// Refuses a request without a valid `Host`.
pub async fn require_host(request: Request, next: Next) -> Response {
    match check_host(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// HTTP/2 has `:authority` instead, and HTTP/1.0 may omit it.
fn check_host(request: &Request) -> Result<(), ApiError> {
    if request.version() != Version::HTTP_11 {
        return Ok(());
    }
    let mut values = request.headers().get_all(HOST).iter();
    let detail = match (values.next(), values.next()) {
        (Some(value), None) if names_a_host(value) => return Ok(()),
        (Some(_), None) => "is not the name of a host",
        (None, _) => "is required",
        (Some(_), Some(_)) => "must be given once",
    };
    Err(ApiError::Malformed(Fault::header("host", detail).into()))
}

/// Clients send an empty value if their target has no authority.
fn names_a_host(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    bytes.is_empty() || Authority::try_from(bytes).is_ok_and(|host| !host.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn is_accepted(version: Version, hosts: &[&str]) -> bool {
        let mut request = Request::builder().version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        check_host(&request.body(Body::empty()).unwrap()).is_ok()
    }

    #[test]
    fn a_request_of_http_1_1_names_exactly_one_host() {
        for host in ["", "safe.example", "safe.example:8080", "192.0.2.1", "[2001:db8::1]:80"] {
            assert!(is_accepted(Version::HTTP_11, &[host]), "{host}");
        }
        for hosts in [&[][..], &["a", "a"], &["a", "b"], &["a b"], &["ada@a"], &["a/b"]] {
            assert!(!is_accepted(Version::HTTP_11, hosts), "{hosts:?}");
        }
        assert!(is_accepted(Version::HTTP_10, &[]) && is_accepted(Version::HTTP_2, &[]));
    }
}
