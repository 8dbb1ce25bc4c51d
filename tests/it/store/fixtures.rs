//! Rows to begin with, and instants and ids that are the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::address::{AllowedOrigins, TenantAddress};
use domain::checks::{Change, Evidence, Severity};
use domain::finding::{Finding, FindingKey, FindingState, LastResult, Transition, TransitionKind};
use domain::frequency::Frequency;
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::integration::{Integration, Settings};
use domain::readings::ReadingKind;
use domain::reconcile::Reconciled;
use domain::sync::{Failure, Stage, Sync, SyncResult, SyncState, Trigger, WhoMustAct};
use domain::{
    AssetId, FindingId, HistoryEntryId, IdSource, IntegrationId, OrganisationId, SyncId,
    TransitionId,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;
use store::{Asset, AuditEntry, Claim, Finish, Inserted, KeyRing, Slice, Store};
use uuid::Uuid;

pub const SECRET: &str = "planted-client-secret-5f2c";
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// This many seconds after the tests' beginning of time.
pub fn t(seconds: i64) -> Timestamp {
    let zero: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
    zero + SignedDuration::from_secs(seconds)
}

pub fn days(days: i64) -> i64 {
    days * 24 * 3600
}

pub fn org(name: &str) -> OrganisationId {
    OrganisationId::parse(name).unwrap()
}

pub fn first<K>(limit: u32) -> Slice<K> {
    Slice { limit, after: None }
}

/// Ids that count up, so that they sort by creation as real ones do.
pub struct Ids(AtomicU64);

impl IdSource for Ids {
    fn next(&self) -> Uuid {
        Uuid::from_u128((7 << 76) | u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// A store and one organisation's way to fill it.
pub struct World {
    pub store: Store,
    pub ids: Ids,
    pub org: OrganisationId,
}

impl World {
    pub fn new(pool: PgPool) -> Self {
        let store = Store::new(pool, KeyRing::generate("test").0);
        Self { store, ids: Ids(AtomicU64::new(1)), org: org("acme") }
    }

    pub fn integration(&self, name: &str) -> Integration {
        let address = format!("https://{name}.eu.auth0.com/api/v2/");
        let parsed = TenantAddress::parse(&address, &AllowedOrigins::default()).unwrap();
        Integration {
            organisation_id: self.org.clone(),
            id: IntegrationId(self.ids.next()),
            settings: Settings {
                name: format!("{name} production"),
                api_identifier: parsed.address.clone(),
                api_audience: parsed.address,
                client_id: format!("{name}-client"),
                asset_name: name.to_owned(),
                auto_sync_frequency: Frequency::parse(&json!({"every": "1h"})).unwrap(),
                client_secret_expires_at: Some(t(days(30))),
                enabled: true,
            },
            client_secret_updated_at: t(0),
            version: 1,
            paused_at: None,
            failing_since: None,
            deleted_at: None,
            next_sync_at: Some(t(3600)),
            last_sync: None,
            last_succeeded_at: None,
            created_at: t(0),
            updated_at: t(0),
        }
    }

    pub async fn insert(&self, integration: &Integration) -> Result<(), store::Error> {
        let entry = self.entry(integration.id, Action::Update, t(0));
        let secret = SecretString::from(SECRET);
        self.store.insert_integration(integration, &secret, &entry, &self.audit("create")).await
    }

    /// A saved integration of this name.
    pub async fn saved(&self, name: &str) -> Integration {
        let integration = self.integration(name);
        self.insert(&integration).await.unwrap();
        integration
    }

    pub fn entry(&self, of: IntegrationId, action: Action, at: Timestamp) -> HistoryEntry {
        HistoryEntry {
            organisation_id: self.org.clone(),
            id: HistoryEntryId(self.ids.next()),
            integration_id: of,
            action,
            started_at: at,
            started_by: "ada@acme.example".to_owned(),
            status: HistoryStatus::Success,
            stage: Stage::Completed,
            error: None,
            message: "Done.".to_owned(),
            last_completed_at: Some(at),
            sync_id: None,
            details: json!({"fields": ["name"]}),
        }
    }

    pub fn audit(&self, action: &'static str) -> AuditEntry {
        AuditEntry {
            organisation_id: self.org.clone(),
            at: t(0),
            actor_subject: "user-1".to_owned(),
            actor_email: "ada@acme.example".to_owned(),
            source_address: Some("[2001:db8::1]:4711".parse().unwrap()),
            action,
            target: None,
            outcome: "done",
            request_id: "request-1".to_owned(),
            details: json!({}),
        }
    }

    pub fn sync(&self, of: IntegrationId, at: Timestamp) -> (Sync, HistoryEntry) {
        let id = SyncId(self.ids.next());
        let sync = Sync {
            organisation_id: self.org.clone(),
            id,
            integration_id: of,
            state: SyncState::Queued,
            trigger: Trigger::OnDemand,
            started_by: "ada@acme.example".to_owned(),
            queued_at: at,
            started_at: None,
            finished_at: None,
            attempts: 0,
            result: SyncResult::default(),
        };
        let mut entry = self.entry(of, Action::Sync, at);
        entry.status = HistoryStatus::InProgress;
        entry.stage = Stage::Started;
        entry.last_completed_at = None;
        entry.sync_id = Some(id);
        (sync, entry)
    }

    pub async fn ask_for_sync(&self, of: IntegrationId, at: Timestamp) -> (Inserted, SyncId) {
        let (sync, entry) = self.sync(of, at);
        let inserted = self.store.insert_sync(&sync, &entry, None).await.unwrap();
        (inserted, sync.id)
    }

    pub async fn claim(&self, at: Timestamp) -> Option<Claim> {
        self.store.claim_sync(at, LEASE, self.ids.next()).await.unwrap()
    }

    /// A running sync of this integration.
    pub async fn running(&self, of: IntegrationId, at: Timestamp) -> Claim {
        assert_eq!(self.ask_for_sync(of, at).await.0, Inserted::Done);
        let claim = self.claim(at).await.unwrap();
        assert_eq!(claim.integration.id, of);
        claim
    }

    pub fn asset(&self, claim: &Claim, at: Timestamp) -> Asset {
        Asset {
            organisation_id: claim.sync.organisation_id.clone(),
            id: AssetId(self.ids.next()),
            integration_id: claim.integration.id,
            name: claim.integration.settings.asset_name.clone(),
            tenant_domain: claim.integration.settings.api_audience.domain(),
            score: Some(73),
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
        let evidence = Evidence {
            reading: ReadingKind::BruteForceProtection,
            pointer: "/enabled".to_owned(),
            found: json!(false),
            expected: json!(true),
        };
        Finding {
            organisation_id: asset.organisation_id.clone(),
            id: FindingId(self.ids.next()),
            integration_id: asset.integration_id,
            asset_id: asset.id,
            key: FindingKey { check_id: check.to_owned(), resource: "tenant".to_owned() },
            check_version: 1,
            title: format!("The check {check} fails"),
            severity,
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

    pub fn opened(&self, findings: Vec<Finding>, by: SyncId) -> Reconciled {
        let transitions = findings.iter().map(|finding| Transition {
            id: TransitionId(self.ids.next()),
            finding_id: finding.id,
            kind: TransitionKind::Opened,
            at: finding.first_seen_at,
            sync_id: Some(by),
            before: Vec::new(),
            after: finding.evidence.clone(),
        });
        let transitions = transitions.collect();
        Reconciled { findings, transitions, ..Reconciled::default() }
    }

    /// Ends the sync well, with this asset and these findings.
    pub async fn succeed(
        &self,
        claim: &Claim,
        at: Timestamp,
        asset: &Asset,
        found: &Reconciled,
    ) -> bool {
        let result = SyncResult { calls: 13, ..SyncResult::default() };
        let details = json!({"calls": 13});
        let finish = Finish {
            asset: Some(asset),
            reconciled: Some(found),
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

    pub async fn find(&self, id: IntegrationId, at: Timestamp) -> Option<Integration> {
        self.store.find_integration(&self.org, id, at).await.unwrap()
    }

    pub async fn delete(&self, id: IntegrationId, at: Timestamp) -> bool {
        let audit = self.audit("delete");
        self.store.delete_integration(&self.org, id, at, &audit).await.unwrap()
    }

    /// As the machine does after days of failures.
    pub async fn pause(&self, id: IntegrationId) {
        let sql = "update integrations
            set paused_at = created_at, failing_since = created_at, next_sync_at = null
            where id = $1";
        sqlx::query(sql).bind(id.0).execute(self.store.pool()).await.unwrap();
    }

    pub async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql).fetch_one(self.store.pool()).await.unwrap()
    }
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
        history_details: details,
    }
}

pub fn failure() -> Failure {
    Failure {
        code: "invalid_client".to_owned(),
        who_must_act: WhoMustAct::Customer,
        message: "Auth0 refuses the client.".to_owned(),
        retryable: false,
    }
}
