//! Postgres and the secret key ring: the only user of sqlx. Functions are `find`, `get`, `list`,
//! `insert`, `update`, `delete`, `claim`; each is one short transaction, takes the organisation
//! first and the time as an argument. Not here: any decision about what a value means.

mod assets;
mod audit;
mod connect;
mod credentials;
mod error;
mod expiry;
mod findings;
mod fitness;
mod history;
mod idempotency;
mod integrations;
mod judgements;
mod keyring;
mod listen;
mod page;
mod policies;
mod readiness;
mod reminders;
mod reseal;
mod roles;
mod scope;
mod syncs;
mod value;

pub use assets::{Asset, AssetFilter, AssetView, SeverityCounts};
pub use audit::{AuditEntry, AuditEvent, AuditFilter, AuditPosition, Break, Verified};
pub use connect::{Options, Store};
pub use credentials::{Guarded, Hashing, SecretHash, TokenHash, new_secret, new_token};
pub use error::{Constraint, Error};
pub use expiry::Purged;
pub use findings::{
    Accept, Accepted, FindingExport, FindingFilter, FindingList, FindingPosition, FindingSort,
    FindingView, SortKey,
};
pub use fitness::Unfit;
pub use history::HistoryFilter;
pub use idempotency::{Begun, IdempotencyScope, StoredAnswer};
pub use integrations::{NextSecretPut, Promotion, Secrets, Update, Updated};
pub use judgements::{JudgedSync, Keep, Period, SyncScore};
pub use keyring::{KeyRing, KeyRingError, OpenError, Place};
pub use listen::Listener;
pub use page::{Page, Slice};
pub use policies::{KeptPolicy, PolicyPut};
pub use readiness::Readiness;
pub use reminders::Reminded;
pub use reseal::{KeyUse, Resealed};
pub use roles::{create_serving_role, migrate};
pub use scope::Across;
pub use syncs::{
    Claim, ClaimRules, Finish, Inserted, Progress, SecretExpires, SyncEvent, SyncEventKind,
};

/// The schema, from `migrations/` at the root of the repository.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
