//! Setup as the login that owns the schema or as an administrator of the cluster. The service itself needs neither.

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use crate::connect::address;
use crate::row_level_security::SERVING_ROLE;
use crate::{Error, MIGRATOR};

/// Applies the migrations, as the login that owns the schema. Replicas that start together wait here for each other,
/// so this connection has no timeouts. Row-level security applies to the owner too; a migration that changes rows
/// must disable it.
pub async fn migrate(url: &str) -> Result<(), Error> {
    let options = [
        ("statement_timeout", "0"),
        ("lock_timeout", "0"),
        ("safe_auth0.across", "administration"),
    ];
    let mut connection = address(url)?.options(options).connect().await?;
    let outcome = MIGRATOR.run(&mut connection).await;
    connection.close().await?;
    outcome.map_err(Error::other)
}

/// Creates the serving role and grants it to `login`, as an administrator: for clusters whose migration login may not
/// create roles.
pub async fn create_serving_role(administrator_url: &str, login: &str) -> Result<(), Error> {
    let mut connection = address(administrator_url)?.connect().await?;
    let outcome = create(&mut connection, login).await;
    connection.close().await?;
    outcome
}

async fn create(connection: &mut PgConnection, login: &str) -> Result<(), Error> {
    let sql = "select format(statement, $1::text, $2::text) from (values
            (1, 'create role %1$I', to_regrole($1) is null),
            (2, 'grant %1$I to %2$I', not exists (
                select from pg_auth_members m
                where m.roleid = to_regrole($1) and m.member = to_regrole($2)))
        ) as step (number, statement, is_needed) where is_needed order by number";
    let statements: Vec<String> =
        sqlx::query_scalar(sql).bind(SERVING_ROLE).bind(login).fetch_all(&mut *connection).await?;
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await?;
    }
    Ok(())
}
