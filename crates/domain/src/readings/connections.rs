//! `connections`: where users come from. Of their options only the named ones; never a secret.

use serde::{Deserialize, Serialize};

use super::field::Count;
use super::object_id::ObjectId;
use super::record::{Text, lists, records};

lists! {
    /// `connections`.
    Connections of Connection by id;
}

records! {
    /// One connection.
    Connection {
        id: ObjectId,
        /// Its name.
        name: Text,
        /// The kind of source: `auth0` is Auth0's own database.
        strategy: Text,
        /// How it is set up.
        options: ConnectionOptions,
    }

    /// How a connection is set up; each strategy uses some of the fields.
    ConnectionOptions {
        /// How strong passwords must be.
        #[serde(rename = "passwordPolicy")]
        password_policy: PasswordPolicy,
        /// Finer rules for passwords.
        password_complexity_options: PasswordComplexity,
        /// Whether old passwords are refused.
        password_history: Switch,
        /// Whether common passwords are refused.
        password_dictionary: Switch,
        /// Whether passwords with personal data are refused.
        password_no_personal_info: Switch,
        /// True: nobody can sign up.
        disable_signup: bool,
        /// Whether guessing is counted.
        brute_force_protection: bool,
        /// Authentication methods of users.
        authentication_methods: AuthenticationMethods,
        /// Client id at the provider, which is public. Empty: Auth0's shared one.
        client_id: Text,
    }

    /// Finer rules for passwords.
    PasswordComplexity {
        /// Characters at least.
        min_length: Count,
    }

    /// Something that can be on or off.
    Switch {
        enable: bool,
    }

    /// Authentication methods of users.
    AuthenticationMethods {
        /// By a passkey.
        passkey: AuthenticationMethod,
    }

    /// An authentication method.
    AuthenticationMethod {
        /// Whether it is on.
        enabled: bool,
    }
}

/// Auth0's names for how strong passwords must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    None,
    Low,
    Fair,
    Good,
    Excellent,
}
