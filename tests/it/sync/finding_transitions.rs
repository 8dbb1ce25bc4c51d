//! Transitions of findings, and exclusive syncs.

use http::Method;
use serde_json::json;
use sqlx::PgPool;
use support::App;

const MFA: &str = "check_id=mfa-never-required";

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_finding_opens_resolves_and_reopens_with_its_transitions(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    let first = app.sync(&id).await;
    let opened = app.findings(MFA).await[0].clone();
    app.clock.advance(std::time::Duration::from_secs(60));
    app.tenant().set("guardian/policies", json!(["all-applications"]));
    let second = app.sync(&id).await;
    let resolved = app.findings(MFA).await[0].clone();
    assert_eq!((&resolved["state"], &resolved["result"]), (&json!("resolved"), &json!("pass")));
    assert_eq!(resolved["resolved_at"], second["finished_at"]);
    app.clock.advance(std::time::Duration::from_secs(60));
    app.tenant().set("guardian/policies", json!([]));
    let third = app.sync(&id).await;
    let list = app.findings(MFA).await;
    assert_eq!(
        (list.len(), &list[0]["id"], &list[0]["reopen_count"]),
        (1, &opened["id"], &json!(1))
    );
    assert_eq!((&list[0]["state"], &list[0]["resolved_at"]), (&json!("open"), &json!(null)));
    assert_eq!(list[0]["first_seen_at"], opened["first_seen_at"]);

    let whole = app.get(&format!("/v1/findings/{}", opened["id"].as_str().unwrap())).await.json;
    let transitions = whole["transitions"].as_array().unwrap();
    let seen: Vec<_> =
        transitions.iter().map(|t| (t["kind"].as_str().unwrap(), &t["sync_id"])).collect();
    assert_eq!(
        seen,
        [("opened", &first["id"]), ("resolved", &second["id"]), ("reopened", &third["id"])]
    );
    assert_eq!(transitions[1]["before"][0]["found"], json!([]));
    assert_eq!(transitions[1]["after"][0]["found"], json!(["all-applications"]));
    // `stolen-credentials-sufficient` combines this one with breached passwords: both are back.
    assert_eq!(third["findings"]["reopened"], 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_sync_at_a_time_for_each_integration(pool: PgPool) {
    let app = App::start(pool).await;
    let path = format!("/v1/integrations/{}/syncs", app.create().await);
    let first = app.call(Method::POST, &path, &[], None).await.expect(202);
    let id = first.json["id"].as_str().unwrap();
    assert_eq!(first.header("location"), format!("/v1/syncs/{id}"));
    assert!(first.header("retry-after").parse::<u32>().is_ok());
    assert_eq!((&first.json["state"], &first.json["stage"]), (&json!("queued"), &json!("started")));
    let second = app.call(Method::POST, &path, &[], None).await;
    assert_eq!(second.expect_problem(409, "sync_in_progress").json["sync_id"], id);
    assert_eq!(app.run_due_jobs().await, 1);
    app.call(Method::POST, &path, &[], None).await.expect(202);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn prefer_wait_answers_with_the_sync(pool: PgPool) {
    let app = App::start(pool).await;
    let path = format!("/v1/integrations/{}/syncs", app.create().await);
    let call = app.call(Method::POST, &path, &[("prefer", "wait=30")], None);
    let work = async {
        while app.run_due_jobs().await == 0 {
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(call, work);
    let answer = answer.expect(200);
    assert_eq!(answer.json["state"], "succeeded");
    assert_eq!(answer.header("preference-applied"), "wait=30");
    let path =
        format!("/v1/integrations/{}/syncs", answer.json["integration_id"].as_str().unwrap());
    let queued = app.call(Method::POST, &path, &[("prefer", "wait=0")], None).await.expect(202);
    assert_eq!(queued.json["state"], "queued");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn deleting_stops_a_queued_sync(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}/syncs");
    let sync = app.call(Method::POST, &path, &[], None).await.expect(202).json;
    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    assert_eq!(app.run_due_jobs().await, 0);
    let sync = app.get(&format!("/v1/syncs/{}", sync["id"].as_str().unwrap())).await.json;
    assert_eq!((&sync["state"], &sync["stage"]), (&json!("cancelled"), &json!("failed")));
    assert_eq!(sync["failure"]["code"], "cancelled");
    let row = &app.get(&format!("/v1/integrations/{id}/history")).await.json["items"][0];
    assert_eq!((&row["status"], &row["error"]), (&json!("failed"), &json!("cancelled")));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_late_worker_writes_nothing(pool: PgPool) {
    let app = App::start(pool).await;
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}/syncs");
    app.call(Method::POST, &path, &[], None).await.expect(202);
    let rules = store::ClaimRules {
        lease: jiff::SignedDuration::from_secs(60),
        per_organisation: 1,
        per_tenant: 1,
        attempts: 5,
        started_after: jiff::Timestamp::UNIX_EPOCH,
    };
    let now = domain::Clock::now(&app.clock);
    let token = domain::IdSource::next(&domain::clock::SystemIds);
    let claims = app.engine.store().claim_syncs(now, &rules, &[token]).await.unwrap();
    let late = claims.claims.into_iter().next().unwrap().unwrap();
    app.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(app.run_due_jobs().await, 1);
    let before = app.get(&format!("/v1/syncs/{}", late.sync.id)).await.json;
    assert_eq!((&before["state"], &before["attempts"]), (&json!("succeeded"), &json!(2)));

    let result = domain::sync::SyncResult::default();
    let details = json!({});
    let was_written = app.engine.store().finish_sync(store::Finish {
        org: &late.sync.organisation_id,
        integration_id: late.sync.integration_id,
        sync_id: late.sync.id,
        lease_token: late.lease_token,
        state: domain::sync::SyncState::Failed,
        result: &result,
        finished_at: now,
        message: "late",
        asset: None,
        reconciled: None,
        keep: None,
        history_details: &details,
        events: &[],
        pace: None,
        health_message: |change| change.name(),
        health_entry_id: domain::HistoryEntryId(token),
    });
    assert!(!was_written.await.unwrap());
    assert_eq!(app.get(&format!("/v1/syncs/{}", late.sync.id)).await.json, before);
}
