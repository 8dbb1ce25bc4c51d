//! The results of the stages of a sync: read, evaluated, to be written.

use std::sync::Arc;

use domain::reconcile::Changes;
use domain::sync::{Failure, SyncResult};
use domain::tenant::{RateLimitSnapshot, Tenant};
use store::{Asset, NewEvaluation, Progress};

/// A tenant that was read, or why not.
pub(crate) struct ReadResult {
    pub result: SyncResult,
    pub tenant: Option<Arc<Tenant>>,
    pub pace: Option<RateLimitSnapshot>,
    /// Not recorded yet.
    pub events: Vec<Progress>,
}

/// What to write.
pub(crate) struct SyncEnd {
    pub result: SyncResult,
    pub judged: Option<Evaluated>,
}

pub(crate) struct Evaluated {
    pub asset: Asset,
    pub reconciled: Changes,
    pub keep: NewEvaluation,
}

impl ReadResult {
    /// A sync that ends without a tenant.
    pub fn failed(failure: Failure, result: SyncResult) -> Self {
        Self {
            result: SyncResult { failure: Some(failure), ..result },
            tenant: None,
            pace: None,
            events: Vec::new(),
        }
    }
}
