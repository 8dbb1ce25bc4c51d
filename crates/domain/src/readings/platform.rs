//! Log streams, network access rules, domains, e-mail provider and signing keys. Never the address or token
//! of a sink, the credentials of a provider or a certificate.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::field::Field;
use super::object_id::ObjectId;
use super::record::{Text, lists, records};

lists! {
    /// `log-streams`.
    LogStreams of LogStream by id;
    /// `network-acls`.
    NetworkAcls of NetworkAcl by id;
    /// `custom-domains`.
    CustomDomains of CustomDomain by custom_domain_id;
    /// `keys/signing`.
    SigningKeys of SigningKey by kid;
}

records! {
    /// Where logs are sent.
    LogStream {
        id: ObjectId,
        /// Its name.
        name: Text,
        /// Whether it flows.
        status: LogStreamStatus,
    }

    /// A rule on who may reach the tenant.
    NetworkAcl {
        id: ObjectId,
        /// What people call it.
        description: Text,
        /// Whether it holds.
        active: bool,
        /// What it does.
        rule: NetworkAclRule,
    }

    /// What a rule does.
    NetworkAclRule {
        /// What it protects.
        scope: NetworkAclScope,
        /// What happens to a request.
        action: NetworkAclAction,
    }

    /// What happens to a request; one of them is there.
    NetworkAclAction {
        /// Refused.
        block: bool,
        /// Let through.
        allow: bool,
        /// Written to the log, no more.
        log: bool,
        /// Sent elsewhere.
        redirect: bool,
    }

    /// A domain of the tenant's own.
    CustomDomain {
        custom_domain_id: ObjectId,
        /// The host.
        domain: Text,
        /// How far it is.
        status: CustomDomainStatus,
        /// Which versions of TLS it takes. Absent where its certificates are the customer's, who ends TLS then, and on
        /// domains of before the policy, which were created with this one (recordings).
        tls_policy: TlsPolicy = Certain(TlsPolicy::Recommended),
    }

    /// `emails/provider`.
    EmailProvider {
        /// Which; empty: none of the tenant's own.
        name: Text,
        /// Whether it is used.
        enabled: bool,
    }

    /// A key that signs tokens.
    SigningKey {
        kid: ObjectId,
        /// Whether it signs now.
        current: bool,
        /// Since when.
        current_since: Timestamp,
        /// Whether it has been revoked.
        revoked: bool,
    }
}

impl EmailProvider {
    /// What Auth0 says by 404: the tenant has no provider of its own.
    pub fn none() -> Self {
        Self { name: Field::Known(Text::empty()), enabled: Field::Known(false) }
    }
}

/// Whether a log stream flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogStreamStatus {
    Active,
    Paused,
    Suspended,
}

/// What a rule by network protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkAclScope {
    Management,
    Authentication,
    Tenant,
    DynamicClientRegistration,
}

/// How far a domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomDomainStatus {
    /// As an older schema has it.
    Disabled,
    Pending,
    PendingVerification,
    Ready,
    Failed,
}

/// Which versions of TLS a domain takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsPolicy {
    /// 1.2 and later.
    Recommended,
    /// 1.0 and later.
    Compatible,
}
