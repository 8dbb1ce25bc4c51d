//! Assets: tenants as SAFE shows them.

pub mod drift;
pub mod get;
pub mod list;
pub mod plan;
pub mod preview_plan;
pub mod score_history;
