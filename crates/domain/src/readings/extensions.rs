//! Code of the customer's that runs at Auth0, and the look of the login. Never the code itself.

use serde::{Deserialize, Serialize};

use super::field::ObjectId;
use super::record::{Text, lists, records};

lists! {
    /// `actions/actions`.
    Actions of Action by id;
    /// `rules`.
    Rules of Rule by id;
    /// `hooks`.
    Hooks of Hook by id;
}

records! {
    /// A function that runs at some point of a flow.
    Action {
        /// Its id.
        id: ObjectId,
        /// Its name.
        name: Text,
        /// The version of Node.js, such as `node22`.
        runtime: Text,
        /// How far it is built.
        status: ActionStatus,
        /// Whether what runs is what is shown.
        all_changes_deployed: bool,
    }

    /// The way before Actions, at login.
    Rule {
        /// Its id.
        id: ObjectId,
        /// Its name.
        name: Text,
        /// Whether it runs.
        enabled: bool,
    }

    /// The way before Actions, elsewhere.
    Hook {
        /// Its id.
        id: ObjectId,
        /// Its name.
        name: Text,
        /// Whether it runs.
        enabled: bool,
    }

    /// `prompts`.
    Prompts {
        /// Which login users see.
        universal_login_experience: LoginExperience,
    }
}

/// How far an Action is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ActionStatus {
    Pending,
    Building,
    Packaged,
    Built,
    Retrying,
    Failed,
}

/// Which login users see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are Auth0's")]
pub enum LoginExperience {
    New,
    Classic,
}
