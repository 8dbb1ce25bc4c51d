//! How syncs end: with an asset and findings, or in failure.

use domain::checks::{self, Change, Evidence, Severity};
use domain::finding::{
    Finding, FindingKey, FindingState, LastResult, Ranking, Transition, TransitionKind,
};
use domain::integration::Integration;
use domain::policy::Policy;
use domain::readings::ReadingKind;
use domain::reconcile::Changes;
use domain::recorded_evaluation::RecordedEvaluation;
use domain::score::ScoreInputs;
use domain::sync::{Failure, SyncResult, SyncState, WhoMustAct};
use domain::tenant::{Outcome, Tenant};
use domain::{AssetId, FindingId, IdSource, SyncId, TransitionId};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Asset, Claim, Finish, NewEvaluation};

use super::fixtures::{World, t};

impl World {
    pub fn asset(&self, claim: &Claim, at: Timestamp) -> Asset {
        Asset {
            organisation_id: claim.sync.organisation_id.clone(),
            id: AssetId(self.ids.next()),
            integration_id: claim.integration.id,
            name: claim.integration.settings.asset_name.clone(),
            tenant_domain: claim.integration.settings.api_audience.domain(),
            score_basis: Some(basis("check-0")),
            coverage_percent: Some(100),
            unknown_checks: Vec::new(),
            active_users_30d: Some(1200),
            logins_30d: None,
            evaluated_at: at,
            sync_id: claim.sync.id,
        }
    }

    /// One finding of the asset.
    pub fn finding(
        &self,
        asset: &Asset,
        check: &str,
        severity: Severity,
        at: Timestamp,
    ) -> Finding {
        let evidence = Evidence::wrong(
            ReadingKind::BruteForceProtection,
            "/enabled",
            json!(false),
            json!(true),
        );
        Finding {
            organisation_id: asset.organisation_id.clone(),
            id: FindingId(self.ids.next()),
            integration_id: asset.integration_id,
            asset_id: asset.id,
            key: FindingKey { check_id: check.to_owned(), resource: "tenant".to_owned() },
            check_version: 1,
            title: format!("The check {check} fails"),
            severity,
            object_name: None,
            ranking: Ranking::default(),
            confidence: None,
            state: FindingState::Open,
            result: LastResult::Fail,
            evidence: vec![evidence],
            change: Some(Change {
                body: json!({"enabled": true}),
                undo: json!({"enabled": false}),
            }),
            first_seen_at: at,
            last_seen_at: at,
            last_evaluated_at: at,
            open_since: at,
            resolved_at: None,
            reopen_count: 0,
        }
    }

    pub fn opened(&self, findings: Vec<Finding>, by: SyncId) -> Changes {
        let transitions = findings.iter().map(|finding| Transition {
            id: TransitionId(self.ids.next()),
            finding_id: finding.id,
            kind: TransitionKind::Opened,
            at: finding.first_seen_at,
            sync_id: Some(by),
            before: Vec::new(),
            after: finding.evidence.clone(),
            cause: None,
            by: None,
            terms: None,
        });
        let transitions = transitions.collect();
        Changes { findings, transitions, ..Changes::default() }
    }

    /// Ends the sync well, with this asset and these findings.
    pub async fn succeed(
        &self,
        claim: &Claim,
        at: Timestamp,
        asset: &Asset,
        found: &Changes,
    ) -> bool {
        self.succeed_as(claim, at, asset, found, &tenant(false)).await
    }

    /// The same of this tenant.
    pub async fn succeed_as(
        &self,
        claim: &Claim,
        at: Timestamp,
        asset: &Asset,
        found: &Changes,
        tenant: &Tenant,
    ) -> bool {
        let result = SyncResult { calls: 13, ..SyncResult::default() };
        let details = json!({"calls": 13});
        let judgement =
            RecordedEvaluation::record(tenant, Policy::default(), &checks::evaluate(tenant));
        let keep = NewEvaluation::new(&judgement, at).unwrap();
        let finish = Finish {
            asset: Some(asset),
            reconciled: Some(found),
            keep: Some(&keep),
            ..finish(claim, SyncState::Succeeded, &result, at, &details)
        };
        self.store.finish_sync(finish).await.unwrap()
    }

    pub async fn fail(&self, claim: &Claim, at: Timestamp) -> bool {
        let result = SyncResult { failure: Some(failure()), ..SyncResult::default() };
        let details = json!({});
        let finish = finish(claim, SyncState::Failed, &result, at, &details);
        self.store.finish_sync(finish).await.unwrap()
    }

    /// A saved integration with one successful sync that opened a finding for each severity given.
    pub async fn synced(&self, name: &str, severities: &[Severity]) -> (Integration, Asset) {
        let integration = self.saved(name).await;
        let claim = self.running(integration.id, t(10)).await;
        let asset = self.asset(&claim, t(20));
        let findings = (severities.iter().enumerate())
            .map(|(n, severity)| self.finding(&asset, &format!("check-{n}"), *severity, t(20)))
            .collect();
        assert!(self.succeed(&claim, t(20), &asset, &self.opened(findings, claim.sync.id)).await);
        (integration, asset)
    }
}

/// One of which only this is known.
pub fn tenant(brute_force_protection: bool) -> Tenant {
    let kind = ReadingKind::BruteForceProtection;
    let reading = kind.decode(json!({"enabled": brute_force_protection})).unwrap();
    let mut tenant = Tenant::new("client", t(0));
    tenant.insert(kind, Outcome::Read(reading));
    tenant
}

pub fn finish<'a>(
    claim: &'a Claim,
    state: SyncState,
    result: &'a SyncResult,
    at: Timestamp,
    details: &'a Value,
) -> Finish<'a> {
    Finish {
        org: &claim.sync.organisation_id,
        integration_id: claim.integration.id,
        sync_id: claim.sync.id,
        lease_token: claim.lease_token,
        state,
        result,
        finished_at: at,
        message: "The sync is over.",
        asset: None,
        reconciled: None,
        keep: None,
        history_details: details,
        events: &[],
        pace: None,
        // A notice of this sync has an id of its own, and any unused one will do.
        health_message: |change| change.name(),
        health_entry_id: domain::HistoryEntryId(claim.lease_token),
    }
}

/// Of one check that fails on `tenant` and one as heavy that passes.
pub fn basis(failing: &str) -> ScoreInputs {
    let stored = json!([
        {"check": failing, "severity": "high", "failing": {"tenant": "high"}},
        {"check": "another", "severity": "high"},
    ]);
    serde_json::from_value(stored).unwrap()
}

pub fn failure() -> Failure {
    Failure {
        code: "invalid_client".to_owned(),
        who_must_act: WhoMustAct::Customer,
        message: "Auth0 refuses the client.".to_owned(),
        retryable: false,
    }
}
