//! Ids in paths and filters. Only hyphenated UUIDs are valid.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use domain::{AssetId, CredentialId, Fault, FindingId, HistoryEntryId, IntegrationId, SyncId};
use http::request::Parts;

use super::encoding::{EncodingError, has_sound_escapes};
use crate::problem::ApiError;

/// The one path parameter of a route.
pub struct Id<T>(pub T);

/// An id that can stand in a path.
pub trait PathId: Sized {
    /// Parses the id; none when invalid.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! named_by_uuid {
    ($($id:ty),*) => {
        $(impl PathId for $id {
            fn read(text: &str) -> Option<Self> {
                // The parser also accepts braces, a URN prefix and no hyphens: allow one spelling only.
                if text.len() == HYPHENATED { text.parse().ok() } else { None }
            }
        })*
    };
}

/// The length of a UUID with its hyphens.
const HYPHENATED: usize = 36;

named_by_uuid!(AssetId, CredentialId, FindingId, HistoryEntryId, IntegrationId, SyncId);

impl PathId for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl<S: Send + Sync, T: PathId> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if let Some(name) = broken_parameter(parts) {
            let fault = Fault::parameter(name, EncodingError::BrokenEscape.detail());
            return Err(ApiError::Malformed(fault.into()));
        }
        let params = RawPathParams::from_request_parts(parts, state).await;
        // A path that is not UTF-8 has no valid id.
        let params = params.map_err(|_| ApiError::NotFound)?;
        let named = params.iter().next().and_then(|(_, text)| T::read(text));
        named.map(Self).ok_or(ApiError::NotFound)
    }
}

/// The path parameter with broken percent-encoding.
fn broken_parameter(parts: &Parts) -> Option<&str> {
    let template = parts.extensions.get::<MatchedPath>()?.as_str();
    let mut pairs = template.split('/').zip(parts.uri.path().split('/'));
    pairs.find_map(|(name, segment)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        (!has_sound_escapes(segment)).then_some(name)
    })
}
