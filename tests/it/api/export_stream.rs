//! Exports are streamed in constant memory, complete or visibly aborted, and limited in number.

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use serde_json::Value;
use sqlx::PgPool;
use support::{Answer, App, FromPool, ORGANISATION, Synced};

use super::rows::{clone_findings, execute, ids};

/// Findings per database read.
const PAGE: usize = 500;

async fn synced(pool: PgPool, more: i32) -> App {
    let Synced { app, .. } = Synced::from_pool(pool).await;
    clone_findings(&app, more).await;
    app
}

async fn open(app: &App) -> Response<Body> {
    open_for(app, ORGANISATION).await
}

async fn open_for(app: &App, organisation: &str) -> Response<Body> {
    let token = format!("Bearer {}", app.token(organisation, "viewer"));
    let request = Request::get("/v1/findings/export").header("authorization", token);
    app.open(request.body(Body::empty()).unwrap()).await
}

/// The next page of the body, in however many parts it comes; none at its end.
async fn piece(body: &mut Body) -> Option<Result<Vec<String>, axum::Error>> {
    let mut bytes = Vec::new();
    let is_page = |bytes: &[u8]| {
        bytes.ends_with(b"\n") && bytes.split(|byte| *byte == b'\n').count() == PAGE + 1
    };
    while !is_page(&bytes) {
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend_from_slice(&frame.into_data().unwrap()),
            Some(Err(error)) => return Some(Err(error)),
            None if bytes.is_empty() => return None,
            None => break,
        }
    }
    let text = std::str::from_utf8(&bytes).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    Some(Ok(lines.map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()))
}

async fn rest(body: &mut Body) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(lines) = piece(body).await {
        all.extend(lines.unwrap());
    }
    all
}

#[support::test]
async fn every_finding_is_there_once_though_they_change_in_between(pool: PgPool) {
    let app = synced(pool, 1600).await;
    let before = ids(&app).await;
    let mut body = open(&app).await.into_body();
    let mut got = piece(&mut body).await.unwrap().unwrap();
    assert_eq!(got, before[..PAGE]);
    execute(
        &app,
        "update findings set severity_rank = 4 - severity_rank, last_seen_at = now(),
            state = 'resolved', resolved_at = now() where left(id::text, 1) in ('0', '7', 'f')",
    )
    .await;
    clone_findings(&app, 300).await;
    got.extend(rest(&mut body).await);
    let mut sorted = got.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, got, "in order, and none twice");
    for id in &before {
        assert!(got.binary_search(id).is_ok(), "{id} is missing");
    }
}

#[support::test]
async fn an_export_fetches_only_as_fast_as_it_is_read(pool: PgPool) {
    let app = synced(pool, 3200).await;
    let before = ids(&app).await;
    let mut body = open(&app).await.into_body();
    let mut got = piece(&mut body).await.unwrap().unwrap();
    // One page waits for its reader and one may be on its way; the last of six is neither.
    let sql = "delete from findings where id > $1::uuid";
    let kept = 4 * PAGE;
    sqlx::query(sql).bind(&before[kept - 1]).execute(app.pool()).await.unwrap();
    got.extend(rest(&mut body).await);
    assert_eq!(got, before[..kept]);
}

#[support::test]
async fn a_failing_export_aborts_its_body(pool: PgPool) {
    let app = synced(pool, 1400).await;
    let all = ids(&app).await;
    let sql = "update findings set evidence = '{}' where id = $1::uuid";
    sqlx::query(sql).bind(&all[2 * PAGE + 7]).execute(app.pool()).await.unwrap();
    let answer = open(&app).await;
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    let mut got = Vec::new();
    let broken = loop {
        match piece(&mut body).await {
            Some(Ok(lines)) => got.extend(lines),
            Some(Err(error)) => break error,
            None => panic!("a part was passed off as the whole"),
        }
    };
    assert_eq!(got, all[..2 * PAGE]);
    assert_eq!(broken.to_string(), "the body was broken off");
}

#[support::test]
async fn concurrent_exports_are_limited_and_a_disconnect_releases_a_permit(pool: PgPool) {
    let app = synced(pool, 2100).await;
    let mut open_ones = Vec::new();
    for _ in 0..2 {
        let answer = open(&app).await;
        assert_eq!(answer.status(), 200);
        open_ones.push(answer);
    }
    let refused = app.get("/v1/findings/export").await.expect_problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(open_for(&app, "globex").await.status(), 200, "each organisation has its share");
    app.get("/v1/findings?limit=1").await.expect(200);
    drop(open_ones.pop());
    tokio::task::yield_now().await;
    let whole: Answer = app.get("/v1/findings/export").await.expect(200);
    assert_eq!(whole.text.lines().count(), ids(&app).await.len());
}
