//! How many SQL statements and transactions a sync takes.

use sqlx::PgPool;
use support::App;

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
    assert!(of_sync.len() <= 17, "{} statements: {of_sync:#?}", of_sync.len());
}
