//! The evidence of a finding.

use domain::checks;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A value that fails the check.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// Reading that has the value.
    pub reading: &'static str,
    /// JSON Pointer (RFC 6901) into the Auth0 resource. Empty for aggregates.
    pub pointer: String,
    /// Value found. Null: the member is absent, see `assumed`.
    #[schema(value_type = Value)]
    pub found: Value,
    /// The literal value expected, or exactly one of `{"at_most": n}`, `{"at_least": n}`, `{"contains":
    /// […]}`, `{"one_of": […]}`.
    #[schema(value_type = Value)]
    pub expected: Value,
    /// What an absent value was taken for, because Auth0 leaves it out at its default. Absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub assumed: Option<Value>,
    /// True for a setting that may compensate for the failure, such as a Rule that may require MFA. Nothing
    /// is expected of it, and it lowers the confidence. Absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub may_compensate: bool,
}

impl From<checks::Evidence> for Evidence {
    fn from(evidence: checks::Evidence) -> Self {
        let checks::Evidence { reading, pointer, found, expected, assumed, may_compensate, .. } =
            evidence;
        Self { reading: reading.name(), pointer, found, expected, assumed, may_compensate }
    }
}
