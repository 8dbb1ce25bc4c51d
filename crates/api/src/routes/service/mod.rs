//! For whoever runs the service. No token is needed.

pub mod livez;
pub mod metrics;
pub mod readyz;

use serde::Serialize;
use utoipa::ToSchema;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
}
