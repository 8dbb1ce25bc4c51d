//! The plan of an asset and its preview: who may ask, what is refused, and that nothing changes. Their figures are
//! tested in `sync/plan.rs`.

use http::Method;
use serde_json::{Value, json};
use support::{App, FromPool, Synced, assert_members};

use super::acceptance::terms;
use super::policy_preview::everything;
use super::rows::execute;

const NOBODYS: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

/// A synced tenant with its asset.
struct Planned {
    app: App,
    integration: String,
    path: String,
}

impl FromPool for Planned {
    async fn from_pool(pool: sqlx::PgPool) -> Self {
        let Synced { app, id: integration } = Synced::from_pool(pool).await;
        let assets = app.get("/v1/assets").await.expect(200).json;
        let path = format!("/v1/assets/{}/plan", assets["items"][0]["id"].as_str().unwrap());
        Self { app, integration, path }
    }
}

impl Planned {
    async fn plan(&self) -> Value {
        self.app.get(&self.path).await.expect(200).json
    }

    fn preview_path(&self) -> String {
        format!("{}/preview", self.path)
    }
}

fn ids(plan: &Value) -> Vec<&str> {
    plan["actions"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap()).collect()
}

#[support::test]
async fn a_viewer_sees_calls_findings_and_scores_and_nothing_changes(planned: Planned) {
    let app = &planned.app;
    let before = everything(app).await;
    app.tenant().clear_requests();
    let viewer = app.token("acme", "viewer");
    let plan = app.call_as(&viewer, Method::GET, &planned.path, &[], None).await.expect(200).json;
    let actions = plan["actions"].as_array().unwrap();
    assert!(actions.len() > 3, "{plan:#}");
    for action in actions {
        let call = &action["api_call"];
        assert!(call["path"].as_str().unwrap().starts_with("/api/v2/"), "{action:#}");
        assert_eq!(call["path"], action["undo_call"]["path"]);
        assert!(action["auth0_cli"].as_str().unwrap().starts_with("auth0 api "));
        assert!(!action["side_effects"].as_array().unwrap().is_empty(), "{action:#}");
        for finding in action["resolves"].as_array().unwrap() {
            let Some(id) = finding["finding_id"].as_str() else { continue };
            let stored = app.get(&format!("/v1/findings/{id}")).await.expect(200).json;
            for name in ["check_id", "resource", "title", "severity"] {
                assert_eq!(finding[name], stored[name]);
            }
        }
    }
    let body = json!({"actions": ids(&plan)});
    let preview = planned.preview_path();
    let told = app.call_as(&viewer, Method::POST, &preview, &[], Some(&body)).await.expect(200);
    assert_members!(told.json, {"actions": ids(&plan), "sync_id": plan["sync_id"], "not_applied": []});
    assert_eq!(told.json["after"]["score"], plan["score_after"]);
    // Whatever the order of the request.
    let reversed: Vec<_> = ids(&plan).into_iter().rev().collect();
    let again = app.post(&preview, &json!({"actions": reversed})).await.expect(200);
    assert_eq!(again.json, told.json);
    // A preview is not a change, so its refusal is not audited.
    app.post(&preview, &json!({})).await.expect_problem(422, "validation_failed");
    assert_eq!(app.tenant().requests().len(), 0);
    assert_eq!(everything(app).await, before);
}

#[support::test]
async fn accepted_findings_are_not_in_the_plan(planned: Planned) {
    let plan = planned.plan().await;
    let finding = plan["actions"][0]["resolves"][0].clone();
    let path = format!("/v1/findings/{}/acceptance", finding["finding_id"].as_str().unwrap());
    let accepted = terms("compensating_controls", &json!(null));
    planned.app.call(Method::PUT, &path, &[], Some(&accepted)).await.expect(200);
    let later = planned.plan().await;
    assert!(!later.to_string().contains(finding["check_id"].as_str().unwrap()), "{later:#}");
    assert!(later["score_before"].as_u64() > plan["score_before"].as_u64());
    let asset = planned.app.get("/v1/assets").await.expect(200).json["items"][0].clone();
    assert_eq!(later["score_before"], asset["score"]);
}

#[support::test]
async fn actions_that_the_plan_does_not_have_are_refused_at_their_place(planned: Planned) {
    let plan = planned.plan().await;
    let first = ids(&plan)[0];
    let path = planned.preview_path();
    for (body, places) in [
        (json!({"actions": [first, "0123456789abcdef", "x"]}), &["/actions/1", "/actions/2"][..]),
        (json!({"actions": [first, first, 1], "all": true}), &["/actions/1", "/actions/2", "/all"]),
        (json!({"actions": []}), &["/actions"]),
        (json!([]), &[""]),
    ] {
        let refused = planned.app.post(&path, &body).await;
        assert_eq!(refused.expect_problem(422, "validation_failed").faults(), places, "{body}");
    }
    planned
        .app
        .get(&format!("{}?x=1", planned.path))
        .await
        .expect_problem(422, "validation_failed");
    for path in [format!("/v1/assets/{NOBODYS}/plan"), "/v1/assets/x/plan".to_owned()] {
        planned.app.get(&path).await.expect_problem(404, "not_found");
        let body = json!({"actions": [first]});
        planned.app.post(&format!("{path}/preview"), &body).await.expect_problem(404, "not_found");
    }
}

#[support::test]
async fn a_preview_with_the_same_idempotency_key_is_replayed(planned: Planned) {
    let body = json!({"actions": [ids(&planned.plan().await)[0]]});
    let path = planned.preview_path();
    let headers = [("idempotency-key", "k")];
    let first = planned.app.call(Method::POST, &path, &headers, Some(&body)).await.expect(200);
    planned.app.delete(&format!("/v1/integrations/{}", planned.integration)).await.expect(204);
    let again = planned.app.call(Method::POST, &path, &headers, Some(&body)).await.expect(200);
    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
}

#[support::test]
async fn the_plan_of_a_deleted_integration_stays_and_without_a_snapshot_there_is_none(
    planned: Planned,
) {
    let plan = planned.plan().await;
    planned.app.delete(&format!("/v1/integrations/{}", planned.integration)).await.expect(204);
    assert_eq!(planned.plan().await, plan);
    for change in [
        "update judgements set snapshot = jsonb_set(snapshot, '{format}', '2')",
        "update judgements set snapshot = null",
        "delete from sync_scores",
    ] {
        execute(&planned.app, change).await;
        let refused = planned.app.get(&planned.path).await.expect_problem(409, "conflict");
        assert!(
            refused.json["detail"].as_str().unwrap().contains("next sync")
                || change.contains("null")
        );
    }
}
