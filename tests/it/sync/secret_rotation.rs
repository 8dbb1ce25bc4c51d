//! Rotation of a client secret with a stored next secret.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::{Effect, Fault};
use support::{App, assert_members};

const NEXT: &str = "rotated-s3cret";
/// No token is used again after so long.
const HOUR: Duration = Duration::from_secs(3600);
const TOKEN: &str = "/oauth/token";

async fn put_next(app: &App, id: &str) {
    let body = json!({"client_secret": NEXT, "client_secret_expires_at": "2027-01-31T00:00:00Z"});
    let path = format!("/v1/integrations/{id}/next-secret");
    app.call(Method::PUT, &path, &[], Some(&body)).await.expect(200);
}

fn rotate(app: &App, secret: &str) {
    app.tenant().edit(|file| file.applications[0].client_secret = secret.into());
}

/// Saved, with a next secret, and no token that could still be used.
async fn saved_with_next(app: &App) -> String {
    let id = app.create().await;
    put_next(app, &id).await;
    app.clock.advance(HOUR);
    app.tenant().clear_requests();
    id
}

async fn secret_of(app: &App, id: &str) -> (String, Value) {
    let answer = app.get(&format!("/v1/integrations/{id}")).await.expect(200);
    (answer.header("etag").to_owned(), answer.json["client_secret"].clone())
}

async fn promotions(app: &App, id: &str) -> Vec<Value> {
    let path = format!("/v1/integrations/{id}/history?action=update");
    let mut rows = app.get(&path).await.expect(200).json["items"].as_array().unwrap().clone();
    rows.retain(|row| row["details"]["by_machine"] == "secret_promoted");
    rows
}

#[support::test]
async fn the_next_secret_takes_the_place_of_a_refused_one_and_the_sync_goes_on(app: App) {
    let id = saved_with_next(&app).await;
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    assert_eq!(app.tenant().count("POST", TOKEN), 1, "the present one is accepted");
    assert_eq!(secret_of(&app, &id).await.0, "\"1\"");

    rotate(&app, NEXT);
    app.clock.advance(HOUR);
    app.tenant().clear_requests();
    let sync = app.sync(&id).await;
    assert_members!(sync, {"state": "succeeded", "failure": null});
    assert_eq!(app.tenant().count("POST", TOKEN), 2);
    assert_eq!(sync["calls"], app.tenant().requests().len());
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!(etag, "\"2\"");
    let expected = json!({"set": true, "updated_at": "2026-06-15T14:00:00.000000Z", "reminder": null,
        "expires_at": "2027-01-31T00:00:00.000000Z", "next_set": false, "next_expires_at": null});
    assert_eq!(secret, expected);
    let rows = promotions(&app, &id).await;
    assert_eq!(rows.len(), 1);
    assert_members!(rows[0], {"started_by": "system", "status": "success"});
    let changed = &rows[0]["details"]["changed_fields"];
    assert_eq!(*changed, json!(["client_secret", "client_secret_expires_at"]));
    let sql =
        "select actor_email, request_id from audit_events where action = 'promote_next_secret'";
    let audit: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(app.pool()).await.unwrap();
    assert_eq!(audit, [("system".to_owned(), sync["id"].as_str().unwrap().to_owned())]);

    // Its token is used again, and when it is too old one request brings another.
    app.tenant().clear_requests();
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    assert_eq!(app.tenant().count("POST", TOKEN), 0);
    app.clock.advance(HOUR);
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    assert_eq!(app.tenant().count("POST", TOKEN), 1);
}

#[support::test]
async fn only_a_refused_secret_triggers_the_next_one(app: App) {
    let id = saved_with_next(&app).await;
    // Each of these would let the next one through.
    for (effect, code, requests) in [
        (Effect::ClientQuotaExceeded { retry_after: 3600 }, "rate_limited", 1),
        (Effect::ServerError(503), "auth0_unavailable", 3),
        (Effect::WrongType, "not_understood", 1),
    ] {
        app.clock.advance(HOUR);
        app.tenant().clear_requests();
        app.tenant().fault(Fault { times: Some(requests), ..Fault::on_token_endpoint(effect) });
        assert_eq!(app.sync(&id).await["failure"]["code"], code);
        assert_eq!(app.tenant().count("POST", TOKEN), usize::try_from(requests).unwrap(), "{code}");
        app.tenant().clear_faults();
    }
    let whole = app.tenant().file().applications[0].clone();
    for (change, code) in [
        (simulator::Application { scopes: None, ..whole.clone() }, "client_not_authorized"),
        (simulator::Application { grant_types: Vec::new(), ..whole.clone() }, "grant_not_allowed"),
    ] {
        app.clock.advance(HOUR);
        app.tenant().clear_requests();
        app.tenant().edit(|file| file.applications[0] = change);
        assert_eq!(app.sync(&id).await["failure"]["code"], code);
        assert_eq!(app.tenant().count("POST", TOKEN), 1, "{code}");
    }
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!((etag.as_str(), &secret["next_set"]), ("\"1\"", &json!(true)));
}

#[support::test]
async fn when_both_are_refused_the_failure_says_so_and_both_stay(app: App) {
    let id = saved_with_next(&app).await;
    rotate(&app, "neither");
    let failure = app.sync(&id).await["failure"].clone();
    assert_members!(failure, {"code": "invalid_client", "retryable": false});
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains("The next secret was refused as well."), "{message}");
    assert!(!message.contains(NEXT));
    assert_eq!(app.tenant().count("POST", TOKEN), 2);
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!((etag.as_str(), &secret["next_set"]), ("\"1\"", &json!(true)));

    // An error that may pass, met with the next one, is told too.
    app.tenant().fault(Fault { skip: 1, ..Fault::on_token_endpoint(Effect::ServerError(503)) });
    let failure = app.sync(&id).await["failure"].clone();
    assert_members!(failure, {"code": "invalid_client", "retryable": true});
    assert!(failure["message"].as_str().unwrap().contains("With the next secret:"), "{failure}");
    app.tenant().clear_faults();

    let sql = "update integrations set next_client_secret_sealed = 'x'";
    sqlx::query(sql).execute(app.pool()).await.unwrap();
    let failure = app.sync(&id).await["failure"].clone();
    let message = failure["message"].as_str().unwrap();
    assert_eq!(failure["code"], "invalid_client");
    assert!(message.contains("The next secret cannot be opened"), "{message}");
}

#[support::test]
async fn an_interruption_before_the_promotion_loses_nothing(app: App) {
    let id = saved_with_next(&app).await;
    rotate(&app, NEXT);
    // The trigger stands for a process that dies: the transaction does not come to its end.
    let die = "create function die() returns trigger language plpgsql as $$
        begin raise exception 'died' using errcode = '57P01'; end $$;
        create trigger die before insert on audit_events for each row
            when (new.action = 'promote_next_secret') execute function die()";
    sqlx::raw_sql(die).execute(app.pool()).await.unwrap();
    assert_eq!(app.sync(&id).await["state"], "succeeded", "the tenant was open");
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!((etag.as_str(), &secret["next_set"]), ("\"1\"", &json!(true)));
    assert!(promotions(&app, &id).await.is_empty());

    sqlx::raw_sql("drop function die cascade").execute(app.pool()).await.unwrap();
    assert_eq!(app.sync(&id).await["state"], "succeeded");
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!((etag.as_str(), &secret["next_set"]), ("\"2\"", &json!(false)));
    assert_eq!(promotions(&app, &id).await.len(), 1);
}

#[support::test]
async fn a_recorded_test_promotes_and_one_of_changed_fields_does_not(app: App) {
    let id = saved_with_next(&app).await;
    rotate(&app, NEXT);
    let path = format!("/v1/integrations/{id}/connection-tests");
    let edited = app.post(&path, &json!({"name": "Another"})).await.expect(200).json;
    assert_members!(edited, {"outcome": "failed", "recorded": false});
    assert_eq!(app.tenant().count("POST", TOKEN), 1);
    assert_eq!(secret_of(&app, &id).await.1["next_set"], true);

    app.tenant().clear_requests();
    let report = app.call(Method::POST, &path, &[], None).await.expect(200).json;
    assert_members!(report, {"outcome": "connected", "recorded": true});
    assert_eq!(report["calls"], app.tenant().requests().len());
    let steps = report["steps"].as_array().unwrap();
    let token = steps.iter().find(|step| step["name"] == "token").unwrap();
    assert!(token["message"].as_str().unwrap().contains("the next one accepted"), "{token}");
    let (etag, secret) = secret_of(&app, &id).await;
    assert_eq!((etag.as_str(), &secret["next_set"]), ("\"2\"", &json!(false)));
    assert_eq!(promotions(&app, &id).await.len(), 1);
}

#[support::test]
async fn replicas_that_promote_at_once_promote_once(app: App) {
    let id = saved_with_next(&app).await;
    let other = App::builder(app.pool().clone())
        .extra_origin(&app.tenant().origin())
        .keys_of(&app)
        .start()
        .await;
    rotate(&app, NEXT);
    let path = format!("/v1/integrations/{id}/connection-tests");
    app.start_sync(&id).await;
    let (ran, one, two) = tokio::join!(
        app.run_due_jobs(),
        other.call(Method::POST, &path, &[], None),
        other.call(Method::POST, &path, &[], None),
    );
    assert_eq!(ran, 1);
    for report in [one, two] {
        assert_eq!(report.expect(200).json["outcome"], "connected");
    }
    let integration = app.integration(&id).await;
    assert_eq!(integration["last_sync"]["state"], "succeeded");
    assert_eq!(secret_of(&app, &id).await.0, "\"2\"");
    assert_eq!(promotions(&app, &id).await.len(), 1);
}

/// As when the secrets are sealed anew between the look and the write.
#[support::test]
async fn a_failed_promotion_is_reported_and_deletion_drops_the_token(app: App) {
    let id = saved_with_next(&app).await;
    rotate(&app, NEXT);
    let moved = "create function moved() returns trigger language plpgsql as $$
        begin return null; end $$;
        create trigger moved before update on integrations for each row
            when (old.next_client_secret_sealed is not null
                and new.next_client_secret_sealed is null and new.deleted_at is null)
            execute function moved()";
    sqlx::raw_sql(moved).execute(app.pool()).await.unwrap();
    let path = format!("/v1/integrations/{id}/connection-tests");
    let report = app.call(Method::POST, &path, &[], None).await.expect(200).json;
    let steps = report["steps"].as_array().unwrap();
    let token = steps.iter().find(|step| step["name"] == "token").unwrap();
    let message = token["message"].as_str().unwrap();
    assert!(message.contains("the next one accepted. The saved secrets were changed"), "{message}");
    assert_eq!(secret_of(&app, &id).await.1["next_set"], true);

    app.delete(&format!("/v1/integrations/{id}")).await.expect(204);
    app.tenant().clear_requests();
    let mut form = app.form();
    form["client_secret"] = json!(NEXT);
    app.post("/v1/integrations", &form).await.expect(201);
    assert_eq!(app.tenant().count("POST", TOKEN), 1);
}
