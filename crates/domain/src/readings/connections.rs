//! `connections`: where users come from. Of their options only the named ones; never a secret.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};
use super::object_id::ObjectId;
use super::record::{Text, Texts, lists, records};

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
        /// The applications that it is enabled for. Newer tenants answer them elsewhere.
        enabled_clients: Texts,
        /// How it is set up.
        options: ConnectionOptions,
    }

    /// How a connection is set up; each strategy uses some of the fields.
    ConnectionOptions {
        /// The rules for passwords of newer tenants: where they are present the older ones below are ignored
        /// ("Configure the Flexible Password Policy for Auth0 Database Connections").
        password_options: PasswordOptions,
        /// How strong passwords must be. Absent after a change of the options as a whole: no policy.
        password_policy as "passwordPolicy": PasswordPolicy = Likely(PasswordPolicy::None),
        /// Finer rules for passwords. Absent: by the policy.
        password_complexity_options: PasswordComplexity = Certain(PasswordComplexity::default()),
        /// Whether old passwords are refused.
        password_history: Switch = Certain(Switch::off()),
        /// Whether common passwords are refused.
        password_dictionary: Switch = Certain(Switch::off()),
        /// Whether passwords with personal data are refused.
        password_no_personal_info: Switch = Certain(Switch::off()),
        /// True: nobody can sign up.
        disable_signup: bool = Certain(false),
        /// Whether guessing is counted.
        brute_force_protection: bool,
        /// Authentication methods of users. Absent on releases of before passkeys.
        authentication_methods: AuthenticationMethods = Certain(AuthenticationMethods::without_passkey()),
        /// Client id at the provider, which is public. Empty or absent: Auth0's shared one ("Test Social Connections
        /// with Auth0 Developer Keys").
        client_id: Text = Certain(Text::empty()),
        /// Whether the tenant's factors apply to its users. On after each creation (recordings).
        mfa: ConnectionMfa = Likely(ConnectionMfa::on()),
        /// Whether scripts of the customer read and write the users.
        enabled_database_customization as "enabledDatabaseCustomization": bool = Likely(false),
        /// Whether users are copied from the customer's database at their first login.
        import_mode: bool = Likely(false),
    }

    /// Rules for passwords.
    PasswordOptions {
        complexity: PasswordComplexity,
        history: ActiveSwitch,
        dictionary: ActiveSwitch,
        /// Passwords with personal data.
        profile_data: ActiveSwitch,
    }

    /// Something that can be active or not.
    ActiveSwitch {
        active: bool,
    }

    /// Whether the tenant's factors apply to the users of a connection.
    ConnectionMfa {
        active: bool = Likely(true),
    }

    /// Finer rules for passwords.
    PasswordComplexity {
        /// Characters at least.
        min_length: Count,
    }

    /// Something that can be on or off.
    Switch {
        enable: bool = Certain(false),
    }

    /// Authentication methods of users.
    AuthenticationMethods {
        /// By a passkey.
        passkey: AuthenticationMethod = Certain(AuthenticationMethod::off()),
    }

    /// An authentication method.
    AuthenticationMethod {
        /// Whether it is on.
        enabled: bool = Certain(false),
    }
}

impl Switch {
    fn off() -> Self {
        Self { enable: Field::Known(false) }
    }
}

impl AuthenticationMethod {
    fn off() -> Self {
        Self { enabled: Field::Known(false) }
    }
}

impl AuthenticationMethods {
    fn without_passkey() -> Self {
        Self { passkey: Field::Known(AuthenticationMethod::off()) }
    }
}

impl ConnectionMfa {
    fn on() -> Self {
        Self { active: Field::Known(true) }
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

impl PasswordPolicy {
    /// The shortest password where no length is set ("Password Strength in Auth0 Database Connections").
    pub const fn min_length(self) -> u64 {
        match self {
            Self::None => 1,
            Self::Low => 6,
            Self::Fair | Self::Good => 8,
            Self::Excellent => 10,
        }
    }
}
