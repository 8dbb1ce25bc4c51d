//! From the wire to domain types. Everything wrong with one request is told at once.
//! Not here: what a value means; bodies are read by `domain::form`.

mod accept;
mod authenticator;
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

pub use authenticator::Authenticator;
pub use basic::Program;
pub use caller::{Admin, Caller, Viewer};
pub use etag::{entity_tag, matches_none};
pub use headers::WAIT_MAX;
pub use id::{Id, PathId};
pub use input::RequestInput;

/// The media types of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`.
    Json,
    /// That, and `application/merge-patch+json` (RFC 7396).
    MergePatch,
    /// `application/x-www-form-urlencoded`, of a request for a token.
    Form,
}

/// Largest body, in bytes.
pub const BODY_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
