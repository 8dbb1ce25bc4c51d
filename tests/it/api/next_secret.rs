//! Setting and deleting the next client secret.

use http::Method;
use serde_json::{Value, json};
use simulator::TenantFile;
use sqlx::PgPool;
use support::{App, ORGANISATION, Saved, assert_members};

const NEXT: &str = "n3xt-s3cret-that-nobody-sees";

fn next() -> Value {
    json!({"client_secret": NEXT, "client_secret_expires_at": "2027-01-31T00:00:00Z"})
}

async fn put(app: &App, id: &str, body: &Value) -> support::Answer {
    let path = format!("/v1/integrations/{id}/next-secret");
    app.call(Method::PUT, &path, &[], Some(body)).await
}

/// Changes and their actors, newest first.
async fn updates(app: &App, id: &str) -> Vec<Value> {
    let path = format!("/v1/integrations/{id}/history?action=update");
    app.get(&path).await.expect(200).json["items"].as_array().unwrap().clone()
}

async fn actions(pool: &PgPool) -> Vec<(String, String)> {
    let sql = "select action, actor_email from audit_events order by sequence";
    sqlx::query_as(sql).fetch_all(pool).await.unwrap()
}

#[support::test]
async fn a_next_secret_is_stored_hidden_and_can_be_deleted(Saved { app, id }: Saved) {
    let path = format!("/v1/integrations/{id}");
    let before = app.get(&path).await;
    app.tenant().clear_requests();
    app.clock.advance(std::time::Duration::from_secs(60));
    let answer = put(&app, &id, &next()).await.expect(200);
    assert!(app.tenant().requests().is_empty(), "the tenant is not asked");
    let secret = &answer.json["client_secret"];
    assert_eq!(secret["next_set"], true);
    assert_eq!(secret["next_expires_at"], "2027-01-31T00:00:00.000000Z");
    assert_eq!(secret["updated_at"], before.json["client_secret"]["updated_at"]);
    let after = app.get(&path).await.expect(200);
    assert_eq!(after.json, answer.json);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(after.json["updated_at"], before.json["updated_at"]);
    let rows = updates(&app, &id).await;
    assert_eq!(rows[0]["details"]["changed_fields"], json!(["next_secret"]));
    assert_eq!(rows[0]["started_by"], "admin@acme.example");
    for shown in [answer.text, after.text, app.get("/v1/integrations").await.text] {
        assert!(!shown.contains(NEXT));
    }
    let sql = "select row_to_json(i)::text from integrations i
         union all select row_to_json(h)::text from history_entries h
         union all select row_to_json(a)::text from audit_events a";
    let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(app.pool()).await.unwrap();
    let hex = hex::encode(NEXT);
    assert!(rows.iter().all(|row| !row.contains(NEXT) && !row.contains(&hex)));

    let withdrawn = app.delete(&format!("{path}/next-secret")).await.expect(200).json;
    assert_eq!(withdrawn["client_secret"]["next_set"], false);
    assert_eq!(withdrawn["client_secret"]["next_expires_at"], json!(null));
    let again = app.delete(&format!("{path}/next-secret")).await.expect(200).json;
    assert_eq!(again, withdrawn);
    assert_eq!(updates(&app, &id).await.len(), 3, "saved, put, withdrawn");
    let actions = actions(app.pool()).await;
    let names: Vec<_> = actions.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(names, ["create_integration", "put_next_secret", "delete_next_secret"]);
}

#[support::test]
async fn roles_and_invalid_bodies_are_checked(Saved { app, id }: Saved) {
    let path = format!("/v1/integrations/{id}/next-secret");
    let viewer = app.token(ORGANISATION, "viewer");
    let stranger = app.token("globex", "admin");
    for (method, body) in [(Method::PUT, Some(next())), (Method::DELETE, None)] {
        let refused = app.call_as(&viewer, method.clone(), &path, &[], body.as_ref()).await;
        refused.expect_problem(403, "forbidden");
        let hidden = app.call_as(&stranger, method.clone(), &path, &[], body.as_ref()).await;
        hidden.expect_problem(404, "not_found");
        let nowhere = "/v1/integrations/x/next-secret";
        let missing = app.call(method, nowhere, &[], body.as_ref()).await;
        missing.expect_problem(404, "not_found");
    }
    for (body, faults) in [
        (json!({}), &["/client_secret"][..]),
        (json!({"client_secret": ""}), &["/client_secret"]),
        (json!({"client_secret": "  "}), &["/client_secret"]),
        (json!({"client_secret": null}), &["/client_secret"]),
        (
            json!({"client_secret": 7, "client_secret_expires_at": "2020-01-01T00:00:00Z", "name": "x"}),
            &["/client_secret", "/client_secret_expires_at", "/name"],
        ),
    ] {
        let refused = put(&app, &id, &body).await.expect_problem(422, "validation_failed");
        assert_eq!(refused.faults(), faults);
    }
    app.call(Method::PUT, &path, &[], None).await.expect_problem(400, "malformed_request");
    let integration = app.integration(&id).await;
    assert_eq!(integration["client_secret"]["next_set"], false);

    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    put(&app, &id, &next()).await.expect_problem(409, "integration_deleted");
    app.delete(&path).await.expect_problem(409, "integration_deleted");
}

#[support::test]
async fn a_new_secret_a_new_client_and_deletion_drop_the_next_secret(Saved { app, id }: Saved) {
    let path = format!("/v1/integrations/{id}");
    let secret = app.form()["client_secret"].clone();
    app.tenant().edit(|file| {
        let mut other = file.applications[0].clone();
        other.client_id = "another".into();
        file.applications.push(other);
    });
    for (patch, is_kept) in [
        (json!({"name": "Another"}), true),
        (json!({"client_secret_expires_at": "2027-06-30T00:00:00Z"}), true),
        (json!({"client_secret": secret}), false),
        (json!({"client_id": "another", "client_secret": secret}), false),
    ] {
        put(&app, &id, &next()).await.expect(200);
        let changed = app.patch(&path, "*", &patch).await.expect(200).json;
        assert_eq!(changed["client_secret"]["next_set"], is_kept, "{patch}");
        let expires_at = &changed["client_secret"]["next_expires_at"];
        assert_eq!(expires_at.is_string(), is_kept, "{patch}");
        let details = &updates(&app, &id).await[0]["details"]["changed_fields"];
        let tells = details.as_array().unwrap().contains(&json!("next_secret"));
        assert_eq!(tells, !is_kept, "{details}");
    }
    put(&app, &id, &next()).await.expect(200);
    app.delete(&path).await.expect(204);
    let sql = "select next_client_secret_sealed from integrations";
    let left: Option<Vec<u8>> = sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap();
    assert_eq!(left, None);
    let deleted = app.get(&path).await.expect(200).json;
    assert_eq!(deleted["client_secret"]["next_set"], false);
}

#[support::test]
async fn a_change_that_needs_the_next_secret_promotes_it_in_the_same_step(pool: PgPool) {
    // The tenant whose audience changes its scheme, and which already has the rotated secret alone.
    let [before, after] =
        ["https", "http"].map(|scheme| format!("{scheme}://acme.internal/api/v2/"));
    let mut file = TenantFile::bundled("fresh").unwrap();
    file.audience = Some(before);
    let builder = App::builder(pool.clone()).tenant_file(file);
    let app = builder.extra_origin("http://acme.internal").start().await;
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}");
    put(&app, &id, &next()).await.expect(200);
    let moved = json!({"api_audience": after});
    app.tenant().edit(|file| {
        file.audience = Some(after.clone());
        file.applications[0].client_secret = NEXT.into();
    });

    let scopes = app.tenant().file().applications[0].scopes.clone();
    app.tenant().edit(|file| file.applications[0].scopes = Some(vec!["read:stats".to_owned()]));
    let refused = app.patch(&path, "\"1\"", &moved).await;
    refused.expect_problem(422, "connection_test_failed");
    let kept = app.get(&path).await;
    assert_eq!(
        (kept.header("etag"), &kept.json["client_secret"]["next_set"]),
        ("\"1\"", &json!(true))
    );

    app.tenant().edit(|file| file.applications[0].scopes = scopes);
    let changed = app.patch(&path, "\"1\"", &moved).await.expect(200);
    assert_eq!(changed.header("etag"), "\"3\"");
    let secret = &changed.json["client_secret"];
    assert_members!(secret, {"next_set": false, "expires_at": "2027-01-31T00:00:00.000000Z"});
    let rows = updates(&app, &id).await;
    // The newest first, by when each began: the change began, and the promotion was part of it.
    assert_eq!(rows[0]["details"]["by_machine"], "secret_promoted");
    assert_eq!(rows[1]["details"]["changed_fields"], json!(["api_audience"]));
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    let actions = actions(&pool).await;
    let promoted = ("promote_next_secret".to_owned(), "system".to_owned());
    assert_eq!(actions.iter().filter(|action| **action == promoted).count(), 1);
}

#[support::test]
async fn a_wrong_new_secret_does_not_fall_back_to_the_next_one(Saved { app, id }: Saved) {
    let path = format!("/v1/integrations/{id}");
    put(&app, &id, &next()).await.expect(200);
    app.tenant().edit(|file| file.applications[0].client_secret = NEXT.into());
    let wrong = app.patch(&path, "*", &json!({"client_secret": "wrong"})).await;
    wrong.expect_problem(422, "connection_test_failed");
    let kept = app.get(&path).await;
    assert_eq!(
        (kept.header("etag"), &kept.json["client_secret"]["next_set"]),
        ("\"1\"", &json!(true))
    );
}
