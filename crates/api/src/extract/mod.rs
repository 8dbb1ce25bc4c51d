//! Extractors: from a request to domain types. They report all faults of a request at once.
//! Not here: what values mean; `domain::form` parses bodies.

mod accept;
mod basic;
mod body;
mod caller;
mod encoding;
mod etag;
mod headers;
mod id;
mod input;
mod json;
mod query;

use http::Extensions;

use crate::operation::Operation;
use crate::problem::ApiError;

pub use basic::Program;
pub use caller::Caller;
pub use etag::{Caches, entity_tag, matches_none, parse as parse_tags, revalidate};
pub use id::{Id, PathId};
pub use input::{NoInput, RequestInput};

/// What the route table declares about the request's operation.
fn matched_operation(extensions: &Extensions) -> Result<&'static Operation, ApiError> {
    let matched = Operation::matched(extensions);
    matched.ok_or_else(|| ApiError::internal("the route is not in the route table"))
}

/// The media types of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// That, and `application/merge-patch+json` (RFC 7396).
    MergePatch,
    /// `application/x-www-form-urlencoded`, for a token request.
    Form,
}

#[cfg(test)]
mod tests;
