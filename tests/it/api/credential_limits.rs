//! Number and retention of API credentials.

use serde_json::json;
use std::time::Duration;
use support::{App, ORGANISATION};

use super::credentials::{HOUR, PATH, audit, create, outcomes, token_of};

#[support::test]
async fn an_organisation_has_at_most_fifty_active_credentials(app: App) {
    let sql = "insert into api_credentials
            (organisation_id, id, name, role, secret_hash, created_at, created_by, expires_at)
        select $1, gen_random_uuid(), 'x', 'viewer', '\\x00', now(), 'x', $2 from generate_series(1, $3)";
    let end = app.now() + jiff::SignedDuration::from_hours(1);
    let insert = async |count: i32, end: jiff::Timestamp| {
        let end = jiff_sqlx::ToSqlx::to_sqlx(end);
        let query = sqlx::query(sql).bind(ORGANISATION).bind(end).bind(count);
        query.execute(app.pool()).await.unwrap();
    };
    insert(49, end).await;
    insert(9, app.now()).await;
    let made = create(&app, "viewer").await;
    let refused = app.post(PATH, &json!({"name": "one too many"})).await;
    let refused = refused.expect_problem(409, "quota_exceeded");
    assert!(refused.json["detail"].as_str().unwrap().contains("50 active"), "{}", refused.text);
    let rows = audit(&app).await;
    let row = ("create_api_credential", "refused");
    assert_eq!(outcomes(&rows).last(), Some(&row));
    assert_eq!(outcomes(&rows).iter().filter(|each| **each == row).count(), 1);
    app.delete(&format!("{PATH}/{}", made.id)).await.expect(204);
    create(&app, "viewer").await;
    let page = app.get(&format!("{PATH}?limit=2")).await.expect(200).json;
    let next = page["next"].as_str().unwrap();
    let rest = app.get(&format!("{PATH}?limit=200&cursor={next}")).await.expect(200).json;
    assert_eq!(rest["items"].as_array().unwrap().len(), 49 + 9 + 2 - 2);
}

#[support::test]
async fn expired_credentials_are_purged(app: App) {
    let made = create(&app, "viewer").await;
    for _ in 0..3 {
        token_of(&app, &made).await;
    }
    let (store, retention) = (app.engine.store(), store::Retention::default());
    let count = async |table: &str| -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql).fetch_one(store.pool()).await.unwrap()
    };
    assert_eq!((count("api_tokens").await, count("api_credentials").await), (3, 1));
    app.clock.advance(HOUR);
    store.delete_expired(app.now(), &retention).await.unwrap();
    assert_eq!((count("api_tokens").await, count("api_credentials").await), (0, 1));
    app.delete(&format!("{PATH}/{}", made.id)).await.expect(204);
    app.clock.advance(Duration::from_secs(90 * 24 * 3600 - 1));
    store.delete_expired(app.now(), &retention).await.unwrap();
    assert_eq!(count("api_credentials").await, 1);
    app.clock.advance(Duration::from_secs(1));
    store.delete_expired(app.now(), &retention).await.unwrap();
    assert_eq!(count("api_credentials").await, 0);
}
