//! Extensions that run at Auth0, and the login pages. Never their code.

use serde::{Deserialize, Serialize};

use super::clients::Configured;
use super::object_id::ObjectId;
use super::record::{Text, lists, objects, records};

lists! {
    /// `actions/actions`.
    Actions of Action by id;
    /// `rules`.
    Rules of Rule by id;
    /// `hooks`.
    Hooks of Hook by id;
}

/// The points of a flow that an Action is written for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionTriggers(#[serde(deserialize_with = "objects")] pub Vec<ActionTrigger>);

records! {
    /// A function that runs at some point of a flow.
    Action {
        id: ObjectId,
        /// Its name.
        name: Text,
        /// The version of Node.js, such as `node22`.
        runtime: Text,
        /// How far it is built.
        status: ActionStatus,
        /// Whether what runs is what is shown.
        all_changes_deployed: bool,
        /// The version that runs, if any does.
        deployed_version: Configured,
        /// The points of a flow that it is written for.
        supported_triggers: ActionTriggers,
    }

    /// A point of a flow.
    ActionTrigger {
        /// Such as `post-login`.
        id: Text,
    }

    /// Legacy extensions of the login, before Actions.
    Rule {
        id: ObjectId,
        /// Its name.
        name: Text,
        /// Whether it runs.
        enabled: bool,
    }

    /// Legacy extensions of other flows, before Actions.
    Hook {
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
pub enum LoginExperience {
    New,
    Classic,
}
