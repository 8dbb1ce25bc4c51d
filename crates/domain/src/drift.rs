//! What differs between two syncs of one tenant: its settings, and what was found, with the causes.
//! Pure. Not here: where the two are kept (`store`), or one sync's effect on findings (`reconcile`).

mod findings;
mod settings;

pub use findings::{Cause, FindingChange, FindingChangeKind, ResultState};
pub use settings::{SettingChange, SettingChangeKind};

use crate::recorded_evaluation::RecordedEvaluation;
use crate::snapshot::Snapshot;
use crate::tenant::Tenant;

/// Changes of settings that are told.
pub const SETTINGS_MAX: usize = 500;
/// Changes of findings that are told.
pub const FINDINGS_MAX: usize = 1_000;

/// What differs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// By reading, resource and pointer.
    pub settings: Vec<SettingChange>,
    /// The worst first.
    pub findings: Vec<FindingChange>,
    /// There are more of either, or what each resource had was not kept.
    pub is_truncated: bool,
}

/// Why two syncs cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotComparable {
    /// The snapshot was too large to keep.
    TooLarge,
    /// The snapshot has something that this version does not know; in words.
    NotUnderstood(String),
}

/// From the earlier to the later. Takes them, because they may be large.
pub fn between(
    mut from: RecordedEvaluation,
    mut to: RecordedEvaluation,
) -> Result<Drift, NotComparable> {
    let (before, after) = (tenant(from.snapshot.take())?, tenant(to.snapshot.take())?);
    let mut settings = settings::between(&before, &after);
    // Without its resources a record would look as if everything were mended.
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
