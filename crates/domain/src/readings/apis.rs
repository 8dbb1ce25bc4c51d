//! `client-grants` and `resource-servers`: which APIs a tenant protects, and who may call them.

use serde::{Deserialize, Serialize};

use super::clients::SigningAlgorithm;
use super::field::{Count, Field};
use super::object_id::ObjectId;
use super::record::{Text, Texts, lists, records};

lists! {
    /// `client-grants`.
    ClientGrants of ClientGrant by id;
    /// `resource-servers`.
    ResourceServers of ResourceServer by id;
}

records! {
    /// What one application, or all of a kind by default, may do at one API.
    ClientGrant {
        id: ObjectId,
        /// The application; absent where it is a default.
        client_id: Text,
        /// Whose default it is.
        default_for: GrantDefault,
        /// The API's identifier.
        audience: Text,
        /// What may be done.
        scope: Texts,
        /// Everything, also what is added later, whatever `scope` lists.
        allow_all_scopes: bool = Certain(false),
    }

    /// One API. Never its signing secret.
    ResourceServer {
        id: ObjectId,
        /// Its name.
        name: Text,
        /// The audience of its tokens.
        identifier: Text,
        /// Auth0's own: the Management API among them. Mostly absent where it is not.
        is_system: bool,
        /// How its tokens are signed.
        signing_alg: SigningAlgorithm,
        /// Seconds that its tokens live.
        token_lifetime: Count,
        /// The same of those that browsers get by the implicit and the hybrid flow ("API Settings": two hours).
        token_lifetime_for_web: Count = Likely(Count(7_200)),
        /// Whether it gives refresh tokens.
        allow_offline_access: bool,
        /// Whether applications of the tenant's own get tokens without asking the user.
        skip_consent_for_verifiable_first_party_clients: bool,
        /// Whether roles decide what a user's token may do.
        enforce_policies: bool = Certain(false),
        /// Whether its tokens are bound to a key of the caller's. Absent or null: nothing is set up (Auth0's schema).
        proof_of_possession: ProofOfPossession = Certain(ProofOfPossession::none()),
        /// Who may request its tokens. Older releases, to September 2025, do not show it; the same APIs then answered
        /// these two (recordings).
        subject_type_authorization: SubjectTypeAuthorization = Likely(SubjectTypeAuthorization::older()),
    }

    /// How tokens are bound to the caller. All members, because Auth0 replaces the whole object.
    ProofOfPossession {
        /// By a certificate or by `DPoP` (RFC 9449).
        mechanism: Text,
        /// Whether they must be.
        required: bool,
        /// Of whom it is required.
        required_for: Text,
    }

    /// Who may request tokens. Both members, because Auth0 replaces the whole object.
    SubjectTypeAuthorization {
        /// Applications on behalf of users.
        user: AccessPolicy,
        /// Applications on their own behalf.
        client: AccessPolicy,
    }

    /// A policy.
    AccessPolicy {
        policy: AccessRule,
    }
}

impl ProofOfPossession {
    fn none() -> Self {
        Self { required: Field::Known(false), ..Self::default() }
    }
}

impl SubjectTypeAuthorization {
    fn older() -> Self {
        let of = |policy| Field::Known(AccessPolicy { policy: Field::Known(policy) });
        Self { user: of(AccessRule::AllowAll), client: of(AccessRule::RequireClientGrant) }
    }
}

/// Which applications a grant without one of its own is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantDefault {
    ThirdPartyClients,
}

/// Who may request tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRule {
    AllowAll,
    DenyAll,
    RequireClientGrant,
}
