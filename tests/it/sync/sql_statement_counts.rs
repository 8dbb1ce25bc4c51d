//! How many SQL statements and transactions a sync takes, and which rows it writes.

use sqlx::PgPool;
use support::{App, Synced};

use crate::api::statements::Statements;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_sync_takes_three_transactions_whatever_it_finds(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.sync(&id).await;
    let path = format!("/v1/integrations/{id}/syncs");
    app.call(http::Method::POST, &path, &[], None).await.expect(202);
    let listened = Statements::listen();
    assert_eq!(app.run_due_jobs().await, 1);
    let statements = listened.drain();
    let claimed = statements.iter().position(|each| each.contains("store.claim_syncs")).unwrap();
    let rest = &statements[claimed..];
    let finished = rest.iter().rposition(|each| each.contains("store.finish_sync")).unwrap();
    let of_sync = &rest[..=finished + 1];
    let reads = of_sync.iter().filter(|each| each.contains("store.evaluation_inputs")).count();
    let commits = of_sync.iter().filter(|each| each.contains("COMMIT")).count();
    assert_eq!((commits, reads), (2, 1), "{of_sync:#?}");
    assert!(of_sync.len() <= 12, "{} statements: {of_sync:#?}", of_sync.len());
}

#[support::test]
async fn a_sync_that_changes_nothing_writes_no_finding(synced: Synced) {
    let Synced { app, id } = synced;
    let rows = || async {
        let sql = "select ctid::text, xmin::text from findings order by id";
        sqlx::query_as::<_, (String, String)>(sql).fetch_all(app.pool()).await.unwrap()
    };
    let before = rows().await;
    assert!(before.len() > 5, "{before:?}");
    app.clock.advance(std::time::Duration::from_secs(3600));
    app.sync(&id).await;
    assert_eq!(rows().await, before);
    for finding in
        app.get("/v1/findings?limit=200").await.expect(200).json["items"].as_array().unwrap()
    {
        assert_eq!(finding["last_seen_at"], finding["last_evaluated_at"], "{finding:#}");
        assert!(
            finding["last_seen_at"].as_str() > finding["first_seen_at"].as_str(),
            "{finding:#}"
        );
    }
}
