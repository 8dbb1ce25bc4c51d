//! Members of Auth0 objects that need a separate scope. Auth0 leaves them out of responses to a token
//! without it, so their absence says nothing about the object.

use super::{Reading, ReadingKind};
use crate::scope::Scopes;

/// A member of the objects of a collection, and its scopes.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    pub reading: ReadingKind,
    pub member: &'static str,
    /// Any one of these suffices. The first is the narrowest, and the one to grant.
    pub scopes: &'static [&'static str],
    /// True if Auth0 refuses the whole request (403) when the token lacks the scope and `fields` names the
    /// member. False: it responds without the member.
    pub is_refused: bool,
    /// True if the checks are never conclusive without it. False: it decides for some objects only.
    pub is_decisive: bool,
    /// Checks that read it. A test compares this with their behaviour.
    pub feeds: &'static [&'static str],
    /// What else the scope allows, shown before it is granted.
    pub note: &'static str,
}

/// Tenants that Auth0 has not migrated yet return `options` whatever the token's scopes ("Migrate to
/// Management API Connection Options Scopes" in its documentation).
pub const CONNECTION_OPTIONS: Part = Part {
    reading: ReadingKind::Connections,
    member: "options",
    scopes: &["read:connections_options"],
    is_refused: false,
    is_decisive: true,
    feeds: &[
        "connection-password-policy-weak",
        "connection-password-checks-missing",
        "connection-public-signup",
        "connection-brute-force-protection-off",
        "connection-no-passkey",
        "connection-developer-keys",
        "connection-mfa-off",
        "connection-custom-scripts",
        "connection-import-mode-on",
    ],
    note: "Without it Auth0 leaves the options out of connections. They hold the secrets of some \
           connections too; this service keeps none of them.",
};

/// Auth0's documentation of `GET /clients` lists the members with these scopes; its response to a request
/// that names such a member is "You cannot read the following fields".
pub const CLIENT_AUTHENTICATION_METHODS: Part = Part {
    reading: ReadingKind::Clients,
    member: "client_authentication_methods",
    scopes: &["read:client_credentials", "read:client_keys"],
    is_refused: true,
    is_decisive: false,
    feeds: &["application-shared-secret"],
    note: "Only for applications that prove themselves by a key or a certificate, or have no method set. \
           It opens the client secrets too; this service never asks for them.",
};

impl Part {
    pub const ALL: &'static [&'static Self] =
        &[&CONNECTION_OPTIONS, &CLIENT_AUTHENTICATION_METHODS];

    /// The scope to grant.
    pub const fn scope(&self) -> &'static str {
        self.scopes[0]
    }

    /// Whether a token with these scopes receives the member.
    pub fn is_given_to(&self, granted: &Scopes) -> bool {
        self.scopes.iter().any(|scope| granted.contains(scope))
    }

    /// Whether any object of the reading has it.
    pub fn is_in(&self, reading: &Reading) -> bool {
        let body = reading.to_json();
        body.as_array().into_iter().flatten().any(|object| object.get(self.member).is_some())
    }

    /// The parts of one kind of resource.
    pub fn for_kind(kind: ReadingKind) -> impl Iterator<Item = &'static Self> {
        Self::ALL.iter().copied().filter(move |part| part.reading == kind)
    }
}
