//! Drift: differences between two syncs of a tenant in settings and results, with causes. `reconcile`
//! computes the effect of a sync on findings.

mod findings;
mod settings;

pub use findings::{Cause, FindingChange, FindingChangeKind, ResultState};
pub use settings::{SettingChange, SettingChangeKind};

use crate::recorded_evaluation::RecordedEvaluation;
use crate::snapshot::Snapshot;
use crate::tenant::Tenant;

/// Maximum number of setting changes reported.
pub const SETTINGS_MAX: usize = 500;
/// Maximum number of finding changes reported.
pub const FINDINGS_MAX: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// Ordered by reading, resource and pointer.
    pub settings: Vec<SettingChange>,
    /// Worst first.
    pub findings: Vec<FindingChange>,
    /// True if there are more changes, or if the results for each resource were not stored.
    pub is_truncated: bool,
}

/// Why two syncs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotComparable {
    /// The snapshot was too large to store.
    TooLarge,
    /// The snapshot has content that this version does not know.
    NotUnderstood(String),
}

/// Compares the earlier with the later evaluation. Takes ownership, because they can be large.
pub fn between(
    mut from: RecordedEvaluation,
    mut to: RecordedEvaluation,
) -> Result<Drift, NotComparable> {
    let (before, after) = (tenant(from.snapshot.take())?, tenant(to.snapshot.take())?);
    let mut settings = settings::between(&before, &after);
    // A record without resources would look as if everything were fixed.
    let is_cut = from.results.is_cut || to.results.is_cut;
    let mut findings =
        if is_cut { Vec::new() } else { findings::between((&from, &before), (&to, &after)) };
    let is_truncated = is_cut || settings.len() > SETTINGS_MAX || findings.len() > FINDINGS_MAX;
    settings.truncate(SETTINGS_MAX);
    findings.truncate(FINDINGS_MAX);
    Ok(Drift { settings, findings, is_truncated })
}

fn tenant(snapshot: Option<Snapshot>) -> Result<Tenant, NotComparable> {
    let snapshot = snapshot.ok_or(NotComparable::TooLarge)?;
    Tenant::try_from(snapshot).map_err(NotComparable::NotUnderstood)
}

#[cfg(test)]
mod tests;
