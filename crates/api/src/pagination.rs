//! Pagination: `{"items": […], "next": "opaque-or-null"}`, a `Link` header, and the cursor. There is no total.
//! The cursor is not secret: it holds a position and a fingerprint of its list. A forged cursor shows nothing that
//! the list itself does not show.

use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::OrganisationId;
use http::HeaderValue;
use http::header::LINK;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::PageQuery;

/// Items on a page unless the client says otherwise.
const PAGE_DEFAULT: u32 = 50;
/// Items on a page at the most.
const PAGE_MAX: u32 = 200;
/// How many items a page has.
#[derive(Debug, Clone, Copy)]
pub struct PageLimits {
    /// Unless the client says otherwise.
    pub default: u32,
    /// At the most.
    pub max: u32,
}

/// Of every list that says nothing else.
pub const PAGE_LIMITS: PageLimits = PageLimits { default: PAGE_DEFAULT, max: PAGE_MAX };
/// Longest cursor that is looked at, in bytes.
const CURSOR_MAX: usize = 512;
/// Raised when positions change their shape; older cursors are then malformed.
const VERSION: u8 = 1;
/// Bytes of the fingerprint: enough to tell lists apart.
const FINGERPRINT_LENGTH: usize = 12;

/// Which page of which list.
pub struct PageRequest<P> {
    /// Items at most.
    pub limit: u32,
    /// The last item of the page before.
    pub after: Option<P>,
    /// The fingerprint of the list.
    pub scope: String,
}

impl<P: Clone> PageRequest<P> {
    /// The query for `store`.
    pub fn query(&self) -> PageQuery<P> {
        PageQuery { limit: self.limit, after: self.after.clone() }
    }
}

/// A position with the list it belongs to.
#[derive(Serialize, Deserialize)]
pub struct Cursor<P> {
    v: u8,
    of: String,
    at: P,
}

/// Why a cursor is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum CursorError {
    /// Not a cursor of this service.
    Malformed,
    /// A valid cursor of a list with another filter, sort or owner.
    OfAnotherList,
}

impl<P: Serialize> Cursor<P> {
    /// The opaque text.
    pub fn write(at: &P, scope: &str) -> String {
        let cursor = Cursor { v: VERSION, of: scope.to_owned(), at };
        let text = serde_json::to_vec(&cursor).expect("positions are made of plain JSON types");
        URL_SAFE_NO_PAD.encode(text)
    }
}

impl<P: DeserializeOwned> Cursor<P> {
    /// The position, if the text is a cursor of this list.
    pub fn read(text: &str, scope: &str) -> Result<P, CursorError> {
        if text.len() > CURSOR_MAX {
            return Err(CursorError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError::Malformed)?;
        // The list is compared first: another list's positions may have another shape.
        let cursor: Cursor<serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(|_| CursorError::Malformed)?;
        if cursor.v != VERSION {
            return Err(CursorError::Malformed);
        }
        if cursor.of != scope {
            return Err(CursorError::OfAnotherList);
        }
        serde_json::from_value(cursor.at).map_err(|_| CursorError::Malformed)
    }
}

/// Identifies a list. The path contains the ids that restrict it.
pub fn fingerprint(
    organisation: &OrganisationId,
    operation: &str,
    sort: &str,
    filters: &[(String, String)],
    path: &str,
) -> String {
    let text = json!([organisation, operation, sort, filters, path]).to_string();
    let hash = digest(&SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..FINGERPRINT_LENGTH])
}

/// `wire::Page` as it is written; that one is its schema.
#[derive(Serialize)]
struct Page<'a, T> {
    items: &'a [T],
    next: Option<&'a str>,
}

/// The answer.
pub fn page_response<T: Serialize>(
    items: &[T],
    next: Option<&str>,
    link: Option<&str>,
) -> Response {
    let mut response = Json(Page { items, next }).into_response();
    let value =
        link.and_then(|target| HeaderValue::from_str(&format!("<{target}>; rel=\"next\"")).ok());
    if let Some(value) = value {
        response.headers_mut().insert(LINK, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct At {
        value: i64,
        id: uuid::Uuid,
    }

    fn scope(sort: &str) -> String {
        let organisation = OrganisationId::parse("acme").unwrap();
        fingerprint(&organisation, "list_findings", sort, &[], "/v1/findings")
    }

    #[test]
    fn a_cursor_of_another_sort_is_distinguished_from_garbage() {
        let at = At { value: 1, id: uuid::Uuid::nil() };
        let cursor = Cursor::write(&at, &scope("-severity"));
        assert_eq!(
            Cursor::<At>::read(&cursor, &scope("severity")),
            Err(CursorError::OfAnotherList)
        );
        assert_eq!(
            Cursor::<At>::read(&cursor[1..], &scope("-severity")),
            Err(CursorError::Malformed)
        );
        let of_another_shape = Cursor::write(&"text", &scope("-severity"));
        assert_eq!(
            Cursor::<At>::read(&of_another_shape, &scope("-severity")),
            Err(CursorError::Malformed)
        );
    }

    proptest! {
        #[test]
        fn a_cursor_round_trips(value: i64, id: u128) {
            let at = At { value, id: uuid::Uuid::from_u128(id) };
            let cursor = Cursor::write(&at, &scope("x"));
            prop_assert!(cursor.len() < CURSOR_MAX);
            prop_assert_eq!(Cursor::<At>::read(&cursor, &scope("x")), Ok(at));
        }

        #[test]
        fn garbage_is_malformed_and_never_panics(text in "\\PC{0,600}") {
            prop_assert_eq!(Cursor::<At>::read(&text, &scope("x")), Err(CursorError::Malformed));
        }

        #[test]
        fn encoded_garbage_never_panics(bytes: Vec<u8>) {
            let text = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert!(Cursor::<At>::read(&text, &scope("x")).is_err());
        }
    }
}
