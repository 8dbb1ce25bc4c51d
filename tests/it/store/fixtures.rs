//! Fixtures with fixed times and ids.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::address::{AllowedOrigins, TenantAddress};
use domain::credential::{Credential, Role};
use domain::frequency::Frequency;
use domain::history::{Action, HistoryEntry, HistoryStatus};
use domain::integration::{Integration, Settings};
use domain::sync::{Stage, Sync, SyncResult, SyncState, Trigger};
use domain::{CredentialId, HistoryEntryId, IdSource, IntegrationId, OrganisationId, SyncId};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use store::{AuditEntry, Claim, ClaimRules, InsertOutcome, KeyRing, PageQuery, Store, Update};
use support::FromPool;
use uuid::Uuid;

pub const SECRET: &str = "planted-client-secret-5f2c";
/// A lease of a minute, and no caps.
pub const RULES: ClaimRules = ClaimRules {
    lease: SignedDuration::from_secs(60),
    per_organisation: u32::MAX,
    per_tenant: u32::MAX,
    attempts: u32::MAX,
    started_after: Timestamp::UNIX_EPOCH,
};

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

pub fn first<K>(limit: u32) -> PageQuery<K> {
    PageQuery { limit, after: None }
}

/// The sync that is next, if there is one.
pub async fn claim_one(
    store: &Store,
    at: Timestamp,
    rules: &ClaimRules,
    token: Uuid,
) -> Result<Option<Claim>, store::Error> {
    store.claim_syncs(at, rules, &[token]).await?.claims.pop().transpose()
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

impl FromPool for World {
    async fn from_pool(pool: PgPool) -> Self {
        Self::new(pool)
    }
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
            next_secret: None,
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

    /// A saved API credential.
    pub async fn credential(&self) -> Credential {
        let credential = Credential {
            organisation_id: self.org.clone(),
            id: CredentialId(self.ids.next()),
            name: "Nightly".to_owned(),
            role: Role::Viewer,
            created_at: t(0),
            created_by: "ada@acme.example".to_owned(),
            expires_at: t(days(90)),
            last_used_at: None,
            revoked_at: None,
        };
        let hash = self.store.hashing().hash(&SecretString::from(SECRET)).await.unwrap();
        let audit = self.audit("create_api_credential");
        assert!(self.store.insert_credential(&credential, &hash, &audit).await.unwrap());
        credential
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
            own_request_id: None,
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

    pub async fn ask_for_sync(&self, of: IntegrationId, at: Timestamp) -> (InsertOutcome, SyncId) {
        let (sync, entry) = self.sync(of, at);
        let inserted = self.store.insert_sync(&sync, &entry, None).await.unwrap();
        (inserted, sync.id)
    }

    pub async fn claim(&self, at: Timestamp) -> Option<Claim> {
        claim_one(&self.store, at, &RULES, self.ids.next()).await.unwrap()
    }

    /// A running sync of this integration.
    pub async fn running(&self, of: IntegrationId, at: Timestamp) -> Claim {
        assert_eq!(self.ask_for_sync(of, at).await.0, InsertOutcome::Done);
        let claim = self.claim(at).await.unwrap();
        assert_eq!(claim.integration.id, of);
        claim
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

/// Rows of a table that a plan read, those it passed over included.
pub fn rows_read(plan: &serde_json::Value, table: &str) -> f64 {
    let number = |name: &str| plan[name].as_f64().unwrap_or(0.0);
    let own = number("Actual Rows")
        + number("Rows Removed by Filter")
        + number("Rows Removed by Join Filter");
    let below = plan["Plans"].as_array().into_iter().flatten();
    let below = below.map(|plan| rows_read(plan, table)).sum::<f64>();
    below + if plan["Relation Name"] == table { own * number("Actual Loops") } else { 0.0 }
}

/// A change of an integration to these settings.
pub fn update<'a>(world: &'a World, of: &Integration, to: &'a Settings) -> Update<'a> {
    Update {
        org: &world.org,
        id: of.id,
        expected_version: of.version,
        settings: to,
        new_secret: None,
        promotion: None,
        next_sync_at: Some(t(900)),
        is_rescheduled: true,
        now: t(100),
    }
}
