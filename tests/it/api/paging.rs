//! Pages neither lose nor repeat items silently, whatever syncs do in between.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{Answer, App};

use super::rows::{clone_findings, ids};

async fn many_findings(pool: PgPool) -> (App, String) {
    let app = App::start(pool).await;
    let id = app.create().await;
    app.sync(&id).await;
    clone_findings(&app, 130).await;
    (app, id)
}

fn next_page(sort: &str, page: &Answer) -> String {
    let next = page.json["next"].as_str().expect("more than one page");
    format!("/v1/findings?limit=50&sort={sort}&cursor={next}")
}

async fn first_page(app: &App, sort: &str) -> Answer {
    app.get(&format!("/v1/findings?limit=50&sort={sort}")).await.expect(200)
}

async fn sync_later(app: &App, id: &str) {
    app.clock.advance(Duration::from_secs(3600));
    assert_eq!(app.sync(id).await["state"], "succeeded");
}

/// The ids of all pages from this one on.
async fn rest(app: &App, sort: &str, mut page: Answer) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let items = page.json["items"].as_array().unwrap().iter();
        found.extend(items.map(|item: &Value| item["id"].as_str().unwrap().to_owned()));
        if page.json["next"].is_null() {
            return found;
        }
        page = app.get(&next_page(sort, &page)).await.expect(200);
    }
}

#[support::test]
async fn a_sync_outdates_cursors_sorted_by_last_seen_at(pool: PgPool) {
    let (app, id) = many_findings(pool).await;
    for sort in ["last_seen_at", "-last_seen_at"] {
        let first = first_page(&app, sort).await;
        let next = next_page(sort, &first);
        app.get(&next).await.expect(200);
        sync_later(&app, &id).await;
        let outdated = app.get(&next).await.expect_problem(409, "cursor_outdated");
        assert_eq!(outdated.json["retryable"], false);
        assert!(outdated.json["detail"].as_str().unwrap().contains("Start again"));
        let again = first_page(&app, sort).await;
        let found = rest(&app, sort, again).await;
        assert_eq!(found.iter().collect::<BTreeSet<_>>(), ids(&app).await.iter().collect());
        assert_eq!(found.len(), ids(&app).await.len());
    }
}

#[support::test]
async fn a_sync_without_severity_changes_keeps_other_cursors_valid(pool: PgPool) {
    let (app, id) = many_findings(pool).await;
    for sort in ["-severity", "severity", "first_seen_at", "-first_seen_at"] {
        let first = first_page(&app, sort).await;
        sync_later(&app, &id).await;
        let found = rest(&app, sort, first).await;
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "{sort} repeats");
        assert_eq!(found.len(), ids(&app).await.len(), "{sort} loses");
    }
}

#[support::test]
async fn a_severity_change_outdates_cursors_sorted_by_severity_only(pool: PgPool) {
    let (app, id) = many_findings(pool).await;
    let worst = first_page(&app, "-severity").await;
    let oldest = first_page(&app, "first_seen_at").await;
    let check = worst.json["items"][0]["check_id"].as_str().unwrap().to_owned();
    let policy = json!({"severities": {check: "info"}});
    app.call(Method::PUT, "/v1/policy", &[("if-match", "*")], Some(&policy)).await.expect(200);
    app.get(&next_page("-severity", &worst)).await.expect(200);
    sync_later(&app, &id).await;
    let outdated = app.get(&next_page("-severity", &worst)).await;
    outdated.expect_problem(409, "cursor_outdated");
    app.get(&next_page("first_seen_at", &oldest)).await.expect(200);
}

#[support::test]
async fn a_sync_elsewhere_does_not_outdate_a_list_of_one_integration(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("weak").start().await;
    let id = app.create().await;
    let other = app.create_from(&app.form_of(1)).await;
    app.sync(&id).await;
    app.sync(&other).await;
    clone_findings(&app, 60).await;
    let of = |id: &str| format!("/v1/findings?limit=2&sort=-last_seen_at&integration_id={id}");
    let mut nexts = Vec::new();
    for path in [of(&id), of(&other)] {
        let page = app.get(&path).await.expect(200);
        nexts.push(format!("{path}&cursor={}", page.json["next"].as_str().unwrap()));
    }
    app.clock.advance(Duration::from_secs(3600));
    app.sync(&other).await;
    app.get(&nexts[0]).await.expect(200);
    app.get(&nexts[1]).await.expect_problem(409, "cursor_outdated");
}

#[support::test]
async fn a_first_sync_of_another_integration_outdates_no_cursor(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    clone_findings(&app, 60).await;
    let first = first_page(&app, "last_seen_at").await;
    app.clock.advance(Duration::from_secs(60));
    let other = app.create_from(&app.form_of(1)).await;
    app.sync(&other).await;
    app.get(&next_page("last_seen_at", &first)).await.expect(200);
}
