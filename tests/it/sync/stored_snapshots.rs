//! Stored snapshots: everything that checks read, once, and no secrets.

use domain::checks;
use domain::policy::Policy;
use domain::recorded_evaluation::Results;
use domain::tenant::Tenant;
use sqlx::PgPool;
use support::App;

const EVERYTHING: &str = "select coalesce(string_agg(judgements::text, ' '), '')
    || (select coalesce(string_agg(sync_scores::text, ' '), '') from sync_scores) from judgements";

#[support::test]
async fn snapshots_contain_neither_secret_nor_token(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let kept: String = sqlx::query_scalar(EVERYTHING).fetch_one(app.pool()).await.unwrap();
    assert!(kept.contains("brute_force_protection") && kept.contains("read:stats"), "{kept}");
    let (client_id, secret) = app.tenant().credentials();
    assert!(kept.contains(&client_id));
    assert!(!kept.contains(&secret), "the client secret is kept");
    // Every JWT begins like this: the base64 of `{"`.
    assert!(!kept.contains("eyJ"), "a token is kept");
}

#[support::test]
async fn a_stored_snapshot_evaluates_to_the_same_result(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    let sync = app.sync(&id).await;
    app.clock.advance(std::time::Duration::from_secs(600));
    app.sync(&id).await;
    let pool = app.pool();
    let count = "select count(*) from judgements";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(pool).await.unwrap(), 1);
    let count = "select count(*) from sync_scores";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(pool).await.unwrap(), 2);

    let organisation = domain::OrganisationId::parse("acme").unwrap();
    let sync_id = sync["id"].as_str().unwrap().parse().unwrap();
    let found = app.engine.store().find_judgement(&organisation, sync_id).await.unwrap().unwrap();
    let kept = found.judgement.unwrap();
    assert_eq!(kept.policy, Policy::default());
    let tenant = Tenant::try_from(kept.snapshot.unwrap()).unwrap();
    let again = checks::evaluate_by(&tenant, &kept.policy);
    assert_eq!(kept.results, Results::from(&again));
    assert_eq!(u64::from(found.score.checks.failed), sync["checks"]["failed"].as_u64().unwrap());
}
