//! Request and response schemas, each with its conversion from a domain type. Fields may be added but never
//! changed. Request bodies are parsed in `domain::form`, which reports all faults at once.

pub mod acceptance;
pub mod asset;
pub mod audit;
pub mod check;
pub mod connection_test;
pub mod coverage;
pub mod credential;
pub mod drift;
pub mod finding;
pub mod form;
pub mod history;
pub mod integration;
pub mod params;
pub mod policy;
pub mod policy_preview;
pub mod problem;
pub mod remediation;
pub mod request;
pub mod score;
pub mod signal;
pub mod sync;
mod timestamp;
pub mod transition;

pub use timestamp::Timestamp;

use serde::Serialize;
use utoipa::ToSchema;

/// Declares an enumeration of the API with its schema. The conversion is exhaustive: a new variant in
/// `domain` does not compile until it is listed here.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident of $domain:path { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$variant => Self::$variant,)*
                }
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// Severity of a finding.
    Severity of domain::checks::Severity { Critical, High, Medium, Low, Info }
}

wire_enum! {
    /// How certain a failure is, given what the granted scopes show.
    Confidence of domain::checks::Confidence { High, Medium, Low }
}

wire_enum! {
    /// Why a check or a reading has no conclusive result.
    UnknownReason of domain::inconclusive::UnknownReason {
        MissingScope, PlanUnavailable, RateLimited, TimedOut, Forbidden, ApiError, NotUnderstood,
        NotSupported, Truncated,
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// Items in the requested order.
    pub items: Vec<T>,
    /// `cursor` of the next page. Null: this is the last page.
    #[schema(example = "eyJ2IjoxLCJvZiI6IlBtS1ciLCJhdCI6IjAxOTkifQ")]
    pub next: Option<String>,
}
