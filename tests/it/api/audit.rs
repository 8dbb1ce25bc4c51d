//! Changes and refusals are audited.

use http::Method;
use serde_json::{Value, json};
use support::{App, ORGANISATION, Saved, assert_members};

async fn rows(app: &App, query: &str) -> Vec<Value> {
    let list = app.get(&format!("/v1/audit?limit=200&{query}")).await.expect(200);
    list.json["items"].as_array().unwrap().clone()
}

/// (action, outcome, code) of the newest row.
async fn newest(app: &App) -> (String, String, Value) {
    let row = rows(app, "").await.remove(0);
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    (text("action"), text("outcome"), row["details"]["code"].clone())
}

fn expected(action: &str, outcome: &str, code: &str) -> (String, String, Value) {
    (action.to_owned(), outcome.to_owned(), json!(code))
}

#[support::test]
async fn changes_are_audited(app: App) {
    app.post("/v1/connection-tests", &app.form()).await.expect(200);
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}");
    app.patch(&path, "*", &json!({"name": "New"})).await.expect(200);
    app.post(&format!("{path}/connection-tests"), &json!({})).await.expect(200);
    app.post(&format!("{path}/connection-tests"), &json!({"name": "x"})).await.expect(200);
    app.sync(&id).await;
    app.delete(&path).await.expect(204);
    let all = rows(&app, "").await;
    let actions: Vec<_> = all.iter().rev().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "test_connection",
            "create_integration",
            "update_integration",
            "test_integration",
            "test_integration",
            "start_sync",
            "delete_integration"
        ]
    );
    assert!(all.iter().all(|row| row["outcome"] == "done" && row["hash"].is_string()));
    assert_eq!(all[0]["target"], json!(id));
    assert_eq!(all[0]["actor_email"], "admin@acme.example");
    let secret = app.form()["client_secret"].as_str().unwrap().to_owned();
    assert!(!json!(all).to_string().contains(&secret));
    let verified = app.get("/v1/audit/verify").await.expect(200).json;
    assert_members!(verified, {"intact": true, "entries": 7});
    assert_eq!(verified["head_hash"], all[0]["hash"]);
}

#[support::test]
async fn refusals_are_audited_once(Saved { app, id }: Saved) {
    let path = &*format!("/v1/integrations/{id}");
    let mut written = rows(&app, "").await.len();
    let viewer = app.token(ORGANISATION, "viewer");
    let owner = app.token_with(&json!({
        "sub": "o", "email": "o@acme.example", "org_id": ORGANISATION, "role": "owner"
    }));
    let nameless = app.token_with(&json!({"sub": "n", "org_id": ORGANISATION, "role": "admin"}));
    let admin = app.token(ORGANISATION, "admin");
    let syncs = &*format!("{path}/syncs");
    app.post(syncs, &json!({})).await.expect(202);
    written += 1;
    let foreign = "/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    let bad_form = app.form_with(&json!({"client_secret": "wrong", "asset_name": "other"}));
    let (patch, edit) = (Method::PATCH, json!({"name": "x"}));
    for (token, method, path, etag, body, status, row) in [
        (
            &viewer,
            Method::DELETE,
            path,
            "*",
            None,
            403,
            ("delete_integration", "denied", "forbidden"),
        ),
        (
            &owner,
            Method::GET,
            "/v1/integrations",
            "*",
            None,
            403,
            ("list_integrations", "denied", "forbidden"),
        ),
        (
            &nameless,
            Method::GET,
            "/v1/integrations",
            "*",
            None,
            401,
            ("list_integrations", "denied", "unauthenticated"),
        ),
        (&viewer, Method::GET, "/v1/audit", "*", None, 403, ("list_audit", "denied", "forbidden")),
        (
            &admin,
            Method::DELETE,
            foreign,
            "*",
            None,
            404,
            ("delete_integration", "refused", "not_found"),
        ),
        (
            &admin,
            patch,
            path,
            "\"99\"",
            Some(&edit),
            412,
            ("update_integration", "refused", "precondition_failed"),
        ),
        (
            &admin,
            Method::POST,
            syncs,
            "*",
            None,
            409,
            ("start_sync", "refused", "sync_in_progress"),
        ),
        (
            &admin,
            Method::POST,
            "/v1/integrations",
            "*",
            Some(&edit),
            422,
            ("create_integration", "refused", "validation_failed"),
        ),
        (
            &admin,
            Method::POST,
            "/v1/integrations",
            "*",
            Some(&bad_form),
            422,
            ("create_integration", "refused", ""),
        ),
    ] {
        let answer = app.call_as(token, method, path, &[("if-match", etag)], body).await;
        answer.expect(status);
        let (action, outcome, code) = newest(&app).await;
        assert_eq!((action.as_str(), outcome.as_str()), (row.0, row.1));
        if !row.2.is_empty() {
            assert_eq!((action, outcome, code), expected(row.0, row.1, row.2));
        }
        written += 1;
        assert_eq!(rows(&app, "").await.len(), written, "{row:?}");
    }
    app.clock.advance(std::time::Duration::from_secs(400 * 24 * 3600));
    app.call_as(&admin, Method::DELETE, path, &[], None).await.expect(401);
    app.get("/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02").await.expect(404);
    app.get("/v1/findings?limit=0").await.expect(422);
    assert_eq!(rows(&app, "").await.len(), written, "reads and unknown callers leave no row");
    assert_eq!(app.get("/v1/audit/verify").await.json["intact"], json!(true));
}

#[support::test]
async fn a_refusal_is_in_the_callers_own_organisation_alone(Saved { app, id }: Saved) {
    let theirs = app.token("globex", "admin");
    let path = format!("/v1/integrations/{id}");
    app.call_as(&theirs, Method::DELETE, &path, &[], None).await.expect(404);
    let list = app.call_as(&theirs, Method::GET, "/v1/audit", &[], None).await.expect(200);
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1);
    assert_eq!(list.json["items"][0]["target"], json!(id));
    assert!(rows(&app, "outcome=refused").await.is_empty());
}

#[support::test]
async fn the_list_is_filtered_and_paged(Saved { app, id }: Saved) {
    app.clock.advance(std::time::Duration::from_secs(60));
    app.delete("/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02").await.expect(404);
    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    for (query, count) in [
        ("", 3),
        ("outcome=refused", 1),
        ("outcome=refused,done", 3),
        ("action=delete_integration", 2),
        ("action=delete_integration,create_integration", 3),
        ("actor=admin%40acme", 3),
        ("actor=admin%40acme.example", 3),
        ("actor=admin", 0),
        ("from=2026-06-15T12:01:00Z", 2),
        ("to=2026-06-15T12:01:00Z", 1),
        ("from=2026-06-15T14:01:00%2B02:00&to=2026-06-15T12:01:01Z", 2),
        (&format!("target={id}"), 2),
    ] {
        assert_eq!(rows(&app, query).await.len(), count, "{query}");
    }
    let first = app.get("/v1/audit?limit=2&outcome=done,refused").await.expect(200).json;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/audit?limit=2&outcome=done,refused&cursor={next}");
    let second = app.get(&path).await.expect(200).json;
    assert_eq!(
        (second["items"][0]["seq"].clone(), second["next"].clone()),
        (json!(1), json!(null))
    );
    let faulty = app.get("/v1/audit?from=x&to=y&outcome=odd&target=1&action=A&format=xml").await;
    let faults = faulty.expect_problem(422, "validation_failed").faults();
    assert_eq!(faults, ["action", "format", "from", "outcome", "target", "to"]);
    let odd = app.get("/v1/audit/verify?from_seq=0").await;
    assert_eq!(odd.expect_problem(422, "validation_failed").faults(), ["from_seq"]);
}

#[support::test]
async fn all_matching_events_are_streamed_as_jsonl_or_csv(app: App) {
    let formula = app.token_with(&json!({
        "sub": "=cmd", "email": "a,\"b\"@acme.example", "org_id": ORGANISATION, "role": "admin"
    }));
    let foreign = "/v1/integrations/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
    // More events than one page of an export.
    let sql = "insert into audit_events (organisation_id, at, actor_subject, actor_email, action, outcome,
            request_id, details, seq, previous_hash, hash)
        select 'acme', now(), 's', 'e', 'old', 'done', 'r', 'null', -n, sha256('x'), sha256('x')
        from generate_series(1, 1200) n";
    sqlx::query(sql).execute(app.pool()).await.unwrap();
    app.call_as(&formula, Method::DELETE, foreign, &[], None).await.expect(404);

    let accept = [("accept", "application/x-ndjson")];
    let lines = app.call(Method::GET, "/v1/audit", &accept, None).await.expect(200);
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let read: Vec<Value> =
        lines.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), 1201);
    assert_eq!(read[0]["actor_subject"], "=cmd");

    let accept = [("accept", "application/json, application/x-ndjson;q=0.1")];
    let page = app.call(Method::GET, "/v1/audit", &accept, None).await.expect(200);
    assert_eq!(page.header("content-type"), "application/json");

    let csv = app.get("/v1/audit?format=csv&outcome=refused").await.expect(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    let lines: Vec<_> = csv.text.split("\r\n").collect();
    assert!(lines[0].starts_with(r#""seq","at","actor_subject","#), "{}", lines[0]);
    assert!(
        lines[1].contains(r#","'=cmd","a,""b""@acme.example","","","delete_integration","#),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 3);
    let limited = app.get("/v1/audit?format=jsonl&limit=2").await;
    assert_eq!(limited.expect_problem(422, "validation_failed").faults(), ["limit"]);
}
