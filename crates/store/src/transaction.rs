//! Transactions and row-level security (RLS). The statement that begins a transaction also sets the serving role and the
//! organisation, or the reason to work across organisations. Postgres then shows only the rows that these allow. All
//! queries run in such a transaction.

use std::ops::{Deref, DerefMut};

use domain::OrganisationId;
use sqlx::error::DatabaseError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgTransactionManager;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, SqlSafeStr};
use sqlx_core::transaction::TransactionManager;
use tokio::sync::OwnedSemaphorePermit;

use crate::row_level_security::{CrossOrganisation, SERVING_ROLE};
use crate::{Error, Store};

/// An open transaction. One that only read need not be committed: dropped, it rolls back in the background, which saves
/// waiting for the answer. If it could not begin, the connection is closed instead of going back to the pool, since
/// its state is unknown.
#[derive(Debug)]
pub struct Tx {
    connection: PoolConnection<Postgres>,
    has_begun: bool,
    /// Of the connections that the organisation may use. Released last.
    share: Option<OwnedSemaphorePermit>,
}

impl Tx {
    async fn begin(pool: &PgPool, sql: String) -> Result<Self, sqlx::Error> {
        let connection = pool.acquire().await?;
        let mut tx = Self { connection, has_begun: false, share: None };
        let sql = AssertSqlSafe(sql).into_sql_str();
        PgTransactionManager::begin(&mut tx.connection, Some(sql)).await?;
        tx.has_begun = true;
        Ok(tx)
    }

    /// Undoes the changes and waits until they are undone.
    pub async fn rollback(mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::rollback(&mut self.connection).await
    }

    /// Makes the changes permanent.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        PgTransactionManager::commit(&mut self.connection).await
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.has_begun {
            PgTransactionManager::start_rollback(&mut self.connection);
        } else {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

const READ_COMMITTED: &str = "isolation level read committed";
const SNAPSHOT: &str = "isolation level repeatable read read only";
/// Plans each statement for its values. A plan for any values takes the organisation for one of average size, and would
/// sort all findings of a large one.
const PLAN_FOR_VALUES: &str = ", set_config('plan_cache_mode', 'force_custom_plan', true)";

/// A connection that breaks while its transaction begins has done nothing, so another one is tried.
const ATTEMPTS: u32 = 3;

impl Store {
    /// Begins a transaction for the rows of one organisation. Public for tests.
    pub async fn begin_for(&self, organisation: &OrganisationId) -> Result<Tx, Error> {
        self.begin(Some(organisation), None, READ_COMMITTED, "").await
    }

    /// For reads of many rows, whose best plan depends on the size of the organisation and on the filter: one snapshot for
    /// all statements; read-only.
    pub(crate) async fn begin_read_for(&self, organisation: &OrganisationId) -> Result<Tx, Error> {
        self.begin(Some(organisation), None, SNAPSHOT, PLAN_FOR_VALUES).await
    }

    /// The same with one snapshot for all statements; read-only.
    pub(crate) async fn begin_snapshot_for(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Tx, Error> {
        self.begin(Some(organisation), None, SNAPSHOT, "").await
    }

    /// Begins a transaction for the rows of all organisations, for this reason. Public for tests.
    pub async fn begin_cross_organisation(&self, across: CrossOrganisation) -> Result<Tx, Error> {
        self.begin(None, Some(across), READ_COMMITTED, "").await
    }

    /// The same, one at a time: waits for the transaction that holds this advisory lock.
    pub(crate) async fn begin_locked(
        &self,
        across: CrossOrganisation,
        lock: i64,
    ) -> Result<Tx, Error> {
        let lock = format!(", pg_advisory_xact_lock({lock})");
        self.begin(None, Some(across), READ_COMMITTED, &lock).await
    }

    /// Begins a transaction for the rows of one organisation and for rate limits of tenants.
    pub(crate) async fn begin_pacing_for(&self, of: &OrganisationId) -> Result<Tx, Error> {
        self.begin(Some(of), Some(CrossOrganisation::Pacing), READ_COMMITTED, "").await
    }

    /// One round trip without parameters: the organisation is passed in hexadecimal digits, which cannot end a
    /// literal. Each setting is set, so that none is left over, and each ends with the transaction.
    async fn begin(
        &self,
        organisation: Option<&OrganisationId>,
        across: Option<CrossOrganisation>,
        mode: &str,
        also: &str,
    ) -> Result<Tx, Error> {
        let share = match organisation {
            Some(organisation) => Some(self.share_of(organisation).await?),
            None => None,
        };
        let organisation = organisation.map_or_else(String::new, |of| hex::encode(of.as_str()));
        let across = across.map_or("", CrossOrganisation::name);
        let sql = format!(
            "/* store.begin */ begin {mode}; select set_config('role', '{SERVING_ROLE}', true),
            set_config('safe_auth0.organisation_id',
                convert_from(decode('{organisation}', 'hex'), 'UTF8'), true),
            set_config('safe_auth0.across', '{across}', true){also}"
        );
        let mut attempt = 1;
        loop {
            match Tx::begin(self.pool(), sql.clone()).await {
                Err(error) if attempt < ATTEMPTS && is_cut(&error) => attempt += 1,
                outcome => {
                    let mut tx = outcome?;
                    tx.share = share;
                    return Ok(tx);
                }
            }
        }
    }
}

fn is_cut(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(error, sqlx::Error::Io(_)) || code.is_some_and(|code| code.starts_with("57P"))
}
