//! Postgres and the encryption of secrets; the only user of sqlx. Functions are named `find`, `get`, `list`, `insert`,
//! `update`, `delete` or `claim`. Each is one short transaction, and takes the organisation first and the time as an
//! argument. Decisions about values are in `domain`.

mod assets;
mod audit;
mod connect;
mod convert;
mod credentials;
mod database_roles;
mod error;
mod evaluation_inputs;
mod findings;
mod history;
mod idempotency;
mod integrations;
mod judgements;
mod key_rotation;
mod keyring;
mod notifications;
mod organisation_semaphores;
mod page;
mod policies;
mod preflight;
mod readiness;
mod reminders;
mod retention;
mod row_level_security;
mod secret_hash;
mod sync_cancellation;
mod syncs;
mod transaction;

pub use assets::{Asset, AssetFilter, AssetView, SeverityCounts};
pub use audit::{AuditEntry, AuditEvent, AuditFilter, AuditPosition, ChainBreak, Verified};
pub use connect::{Options, Store};
pub use credentials::CredentialWithHash;
pub use database_roles::{create_serving_role, migrate};
pub use error::{Constraint, Error};
pub use evaluation_inputs::EvaluationInputs;
pub use findings::{
    Accept, AcceptOutcome, FindingFilter, FindingList, FindingPosition, FindingSort, FindingView,
    SortKey,
};
pub use history::HistoryFilter;
pub use idempotency::{IdempotencyScope, KeyState, StoredAnswer};
pub use integrations::{NextSecretPut, Promotion, Secrets, Update, UpdateOutcome};
pub use judgements::{JudgedSync, NewEvaluation, Period, SyncScore};
pub use key_rotation::{KeyUse, Resealed};
pub use keyring::{DecryptError, Header, KeyRing, KeyRingError, SealContext};
pub use notifications::Listener;
pub use organisation_semaphores::OrganisationSemaphores;
pub use page::{Page, PageQuery};
pub use policies::{PutPolicyOutcome, StoredPolicy};
pub use preflight::PreflightError;
pub use readiness::Readiness;
pub use reminders::{ExpiringSecret, ReminderEntry};
pub use retention::{Purged, Retention};
pub use row_level_security::CrossOrganisation;
pub use secret_hash::{HashQueue, Hashing, SecretHash, TokenHash, new_secret, new_token};
pub use syncs::{
    Claim, ClaimRules, Claims, Finish, InsertOutcome, Progress, SecretExpires, SyncEvent,
    SyncEventKind,
};
pub use transaction::Tx;

/// The schema, from `migrations/` at the root of the repository.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
