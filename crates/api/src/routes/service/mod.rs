//! Probes and metrics, without a token.

pub mod livez;
pub mod metrics;
pub mod readyz;

use serde::Serialize;
use utoipa::ToSchema;

/// The result of a probe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
    /// What an operator needs to know although requests are served. Absent: nothing.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub warnings: &'static [&'static str],
}
