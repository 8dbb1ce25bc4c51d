//! Fixtures that the tests of several modules share.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::checks::{Change, Evidence, Severity};
use crate::fault::{FaultLocation, Faults};
use crate::finding::{Finding, FindingKey, FindingState, LastResult, Ranking};
use crate::ids::{AssetId, FindingId, IntegrationId, OrganisationId, SyncId};
use crate::inconclusive::UnknownReason;
use crate::readings::ReadingKind;
use crate::reconcile::{ReconcileContext, TimesOfAsset};
use crate::tenant::{Outcome, Tenant};

/// The first sync, at this instant.
pub fn context(now: Timestamp) -> ReconcileContext {
    ReconcileContext {
        organisation_id: OrganisationId::parse("acme").unwrap(),
        integration_id: IntegrationId(Uuid::nil()),
        asset_id: AssetId(Uuid::nil()),
        sync_id: SyncId(Uuid::nil()),
        now,
        of_asset: TimesOfAsset::default(),
        policy_change: None,
    }
}

/// An open finding that was seen once.
pub fn finding(check_id: &str, resource: &str, at: Timestamp) -> Finding {
    let kind = ReadingKind::BruteForceProtection;
    Finding {
        organisation_id: OrganisationId::parse("acme").unwrap(),
        id: FindingId(Uuid::from_u128(1)),
        integration_id: IntegrationId(Uuid::from_u128(2)),
        asset_id: AssetId(Uuid::from_u128(3)),
        key: FindingKey { check_id: check_id.to_owned(), resource: resource.to_owned() },
        check_version: 1,
        title: "Brute-force protection is off".to_owned(),
        severity: Severity::Critical,
        object_name: None,
        ranking: Ranking::default(),
        confidence: None,
        state: FindingState::Open,
        result: LastResult::Fail,
        evidence: vec![Evidence::wrong(kind, "/enabled", json!(false), json!(true))],
        change: Some(Change { body: json!({"enabled": true}), undo: json!({"enabled": false}) }),
        first_seen_at: at,
        last_seen_at: at,
        last_evaluated_at: at,
        open_since: at,
        resolved_at: None,
        reopen_count: 0,
    }
}

/// Where the faults of a body are, sorted.
pub fn pointers(faults: Faults) -> Vec<String> {
    let pointer = |place| match place {
        FaultLocation::Pointer(pointer) => pointer,
        other => panic!("{other:?}"),
    };
    let mut found: Vec<_> = faults.0.into_iter().map(|fault| pointer(fault.place)).collect();
    found.sort();
    found
}

/// From here on a reading fails.
pub fn lose(tenant: &mut Tenant, kind: ReadingKind, reason: UnknownReason) {
    tenant.insert(kind, Outcome::Unreadable { reason, message: String::new() });
}
