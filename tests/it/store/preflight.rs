//! Preflight: the service does not start on a database without row-level security or with another schema.

use sqlx::PgPool;
use store::PreflightError;

use super::fixtures::World;

#[support::test]
async fn preflight_errors_name_their_fix(pool: PgPool) {
    let store = World::new(pool.clone()).store;
    store.check_fitness().await.unwrap();
    let run = async |sql: &'static str| sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    for (spoil, fix) in [
        (
            "alter table findings no force row level security",
            "alter table findings force row level security",
        ),
        (
            "alter table syncs disable row level security",
            "alter table syncs enable row level security",
        ),
        ("create table later (organisation_id text)", "drop table later"),
    ] {
        run(spoil).await;
        let why = store.check_fitness().await.unwrap_err();
        assert!(matches!(why, PreflightError::NotForced { .. }), "{spoil}: {why}");
        run(fix).await;
        store.check_fitness().await.unwrap();
    }
    run("delete from _sqlx_migrations where version = 20261125000090").await;
    let why = store.check_fitness().await.unwrap_err();
    assert!(matches!(why, PreflightError::SchemaBehind), "{why}");
    run("drop table _sqlx_migrations").await;
    let why = store.check_fitness().await.unwrap_err();
    assert!(why.to_string().ends_with("run `safe-auth0 migrate`"), "{why}");
}
