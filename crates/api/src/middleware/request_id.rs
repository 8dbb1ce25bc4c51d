//! `X-Request-Id`: a valid id of the client is kept, any other is replaced.

use std::sync::Arc;

use axum::extract::Request;
use domain::IdSource;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_http::request_id::{MakeRequestId, RequestId};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of a client's id.
const LENGTH_MAX: usize = 128;

/// The id of this service beside a client's.
#[derive(Clone)]
pub struct OwnRequestId(pub String);

/// Removes invalid ids before tower-http's `SetRequestIdLayer`, which keeps any value. A valid one gets a generated id
/// beside it.
pub fn check(ids: Arc<dyn IdSource>) -> impl Fn(Request) -> Request + Clone {
    move |mut request| {
        if is_valid(request.headers()) {
            request.extensions_mut().insert(OwnRequestId(ids.next().to_string()));
        } else {
            request.headers_mut().remove(X_REQUEST_ID);
        }
        request
    }
}

/// Exactly one id of 1 to 128 visible ASCII characters.
fn is_valid(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(X_REQUEST_ID).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let bytes = value.as_bytes();
    (1..=LENGTH_MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

/// New ids from the process's id source.
#[derive(Clone)]
pub struct NewRequestId(pub Arc<dyn IdSource>);

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        HeaderValue::try_from(self.0.next().to_string()).ok().map(RequestId::new)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use domain::clock::SystemIds;

    use super::*;

    fn is_kept(values: &[&str]) -> bool {
        let mut request = Request::new(Body::empty());
        for value in values {
            request.headers_mut().append(X_REQUEST_ID, value.parse().unwrap());
        }
        let request = check(Arc::new(SystemIds))(request);
        let is_kept = request.headers().contains_key(X_REQUEST_ID);
        assert_eq!(request.extensions().get::<OwnRequestId>().is_some(), is_kept);
        is_kept
    }

    #[test]
    fn valid_request_ids_are_kept_and_others_dropped() {
        assert!(is_kept(&["req-42/a"]) && is_kept(&[&"x".repeat(128)]));
        for unsound in [vec![], vec![""], vec!["two words"], vec!["a", "b"], vec!["é"]] {
            assert!(!is_kept(&unsound), "{unsound:?}");
        }
        assert!(!is_kept(&[&"x".repeat(129)]));
    }
}
