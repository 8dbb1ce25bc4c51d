//! Preflight checks at start: the schema is current, and row-level security applies. Each error says how to fix it.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use sqlx::error::DatabaseError;

use crate::row_level_security::SERVING_ROLE;
use crate::{CrossOrganisation, Error, MIGRATOR, Store};

#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// The role or tables are missing or outdated.
    #[error("the schema is older than this version of the service: run `safe-auth0 migrate`")]
    SchemaBehind,
    /// The login is not a member of the role.
    #[error(
        "the database login may not act as {SERVING_ROLE}: an administrator must run \
         `grant {SERVING_ROLE} to \"{login}\"`"
    )]
    NotGranted { login: String },
    /// Row-level security does not apply to the role.
    #[error(
        "the database role {SERVING_ROLE} bypasses row-level security: an administrator must run \
         `alter role {SERVING_ROLE} nosuperuser nobypassrls`"
    )]
    Unbound,
    /// Row-level security is disabled.
    #[error(
        "row-level security is not forced on {table}: its owner must run \
         `alter table {table} enable row level security, force row level security`"
    )]
    NotForced {
        /// The first such table.
        table: String,
    },
    /// The query failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<sqlx::Error> for PreflightError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

#[derive(sqlx::FromRow)]
struct Role {
    login: String,
    is_there: bool,
    is_granted: bool,
    is_unbound: bool,
}

impl Store {
    /// Fails if the service must not use this database.
    pub async fn check_fitness(&self) -> Result<(), PreflightError> {
        // As the login itself, which may not be a member of any role.
        let sql = "/* store.check_fitness: role */
            select current_user::text as login, r.oid is not null as is_there,
                coalesce(pg_has_role(r.oid, case
                    when current_setting('server_version_num')::int >= 160000 then 'SET'
                    else 'MEMBER' end), false) as is_granted,
                coalesce(r.rolsuper or r.rolbypassrls, false) as is_unbound
            from (values ($1::text)) as wanted (name) left join pg_roles r on r.rolname = wanted.name";
        let role: Role = sqlx::query_as(sql).bind(SERVING_ROLE).fetch_one(self.pool()).await?;
        if !role.is_there {
            return Err(PreflightError::SchemaBehind);
        }
        if !role.is_granted {
            return Err(PreflightError::NotGranted { login: role.login });
        }
        if role.is_unbound {
            return Err(PreflightError::Unbound);
        }
        let mut tx = self.begin_cross_organisation(CrossOrganisation::Claiming).await?;
        check_schema(&mut tx).await?;
        check_forced(&mut tx).await
    }
}

/// A newer schema is accepted: replicas may restart while a newer version is rolled out.
async fn check_schema(connection: &mut PgConnection) -> Result<(), PreflightError> {
    let sql = "/* store.check_fitness: schema */
        select version from _sqlx_migrations where success";
    let applied: Vec<i64> = match sqlx::query_scalar(sql).fetch_all(connection).await {
        Ok(applied) => applied,
        Err(error) => {
            let code = error.as_database_error().and_then(DatabaseError::code);
            // The table is missing, or the role has no privilege on it.
            let is_behind = code.is_some_and(|code| matches!(&*code, "42P01" | "42501"));
            return Err(if is_behind { PreflightError::SchemaBehind } else { error.into() });
        }
    };
    let applied: BTreeSet<i64> = applied.into_iter().collect();
    let is_whole = MIGRATOR.iter().all(|migration| applied.contains(&migration.version));
    if is_whole { Ok(()) } else { Err(PreflightError::SchemaBehind) }
}

async fn check_forced(connection: &mut PgConnection) -> Result<(), PreflightError> {
    let sql = "/* store.check_fitness: forced */
        select c.oid::regclass::text from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and not (c.relrowsecurity and c.relforcerowsecurity)
            and exists (
                select from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped
            )
        order by 1 limit 1";
    let table: Option<String> = sqlx::query_scalar(sql).fetch_optional(connection).await?;
    table.map_or(Ok(()), |table| Err(PreflightError::NotForced { table }))
}
