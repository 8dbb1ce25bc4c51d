//! A stored client secret is sent only to its origin and for its client.

use std::net::TcpListener;

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, assert_members};

const NEXT: &str = "n3xt-s3cret-of-the-first-origin";

/// The same tenant behind two addresses, with a secret of its own at each.
async fn two_origins(pool: PgPool) -> (App, String) {
    let app = App::builder(pool).tenant("fresh").tenant("fresh").start().await;
    let audience = app.tenant().audience();
    app.tenant_at(1).edit(|file| {
        file.audience = Some(audience);
        file.applications[0].client_secret = "of-the-second-origin".into();
    });
    let id = app.create().await;
    for index in [0, 1] {
        app.tenant_at(index).clear_requests();
    }
    (app, id)
}

/// Changes the origin, with the secret of the new one.
fn moved(app: &App) -> Value {
    json!({"api_identifier": app.tenant_at(1).api_identifier(), "client_secret": "of-the-second-origin"})
}

/// How the token endpoint of a tenant answered; another's secret would be refused there.
fn token_answers(app: &App, index: usize) -> Vec<u16> {
    let requests = app.tenant_at(index).requests().into_iter();
    requests.filter(|each| each.path.starts_with("/oauth/token")).map(|each| each.status).collect()
}

#[support::test]
async fn another_origin_or_client_is_not_contacted_without_its_secret(pool: PgPool) {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let origin = format!("http://{}", elsewhere.local_addr().unwrap());
    let app = App::builder(pool).tenant("fresh").extra_origin(&origin).start().await;
    let id = app.create().await;
    let path = format!("/v1/integrations/{id}");
    let put = json!({"client_secret": NEXT});
    app.call(Method::PUT, &format!("{path}/next-secret"), &[], Some(&put)).await.expect(200);
    app.tenant().clear_requests();
    for change in [
        json!({"api_identifier": origin}),
        json!({"client_id": "another"}),
        json!({"api_identifier": origin, "client_id": "another", "name": "New"}),
        json!({"api_identifier": origin, "client_secret": ""}),
        json!({"api_identifier": origin, "client_secret": "  "}),
    ] {
        let key = [("idempotency-key", "again")];
        for answer in [
            app.patch(&path, "*", &change).await,
            app.post(&format!("{path}/connection-tests"), &change).await,
            // A refusal releases the key, so the repeated request is processed again.
            app.call(Method::POST, &format!("{path}/connection-tests"), &key, Some(&change)).await,
            app.call(Method::POST, &format!("{path}/connection-tests"), &key, Some(&change)).await,
        ] {
            let refused = answer.expect_problem(422, "validation_failed");
            assert_eq!(refused.faults(), ["/client_secret"], "{change}");
            let why = refused.json["errors"][0]["detail"].as_str().unwrap();
            assert!(why.contains("belongs to the saved API Identifier and Client ID"), "{why}");
        }
    }
    assert!(elsewhere.accept().is_err(), "nobody called the new origin");
    assert!(app.tenant().requests().is_empty());
    let kept = app.get(&path).await;
    assert_eq!(
        (kept.header("etag"), &kept.json["client_secret"]["next_set"]),
        ("\"1\"", &json!(true))
    );
}

#[support::test]
async fn changing_the_tenant_with_a_new_secret_drops_the_next_secret(pool: PgPool) {
    let (app, id) = two_origins(pool).await;
    let path = format!("/v1/integrations/{id}");
    let put = json!({"client_secret": NEXT});
    app.call(Method::PUT, &format!("{path}/next-secret"), &[], Some(&put)).await.expect(200);
    let test = app.post(&format!("{path}/connection-tests"), &moved(&app)).await.expect(200).json;
    assert_members!(test, {"outcome": "connected", "recorded": false});
    let changed = app.patch(&path, "*", &moved(&app)).await.expect(200).json;
    assert_eq!(changed["client_secret"]["next_set"], false);
    let row = &app.get(&format!("{path}/history")).await.json["items"][0];
    let names = json!(["api_identifier", "client_secret", "next_secret"]);
    assert_eq!(row["details"]["changed_fields"], names);
    assert_eq!(token_answers(&app, 0), [] as [u16; 0]);
    assert!(token_answers(&app, 1).iter().all(|status| *status == 200));
}

#[support::test]
async fn a_wrong_secret_at_another_origin_does_not_fall_back_to_the_next_one(pool: PgPool) {
    let (app, id) = two_origins(pool).await;
    let path = format!("/v1/integrations/{id}");
    let put = json!({"client_secret": "of-the-second-origin"});
    app.call(Method::PUT, &format!("{path}/next-secret"), &[], Some(&put)).await.expect(200);
    let mut wrong = moved(&app);
    wrong["client_secret"] = json!("wrong");
    app.patch(&path, "*", &wrong).await.expect_problem(422, "connection_test_failed");
    let test = app.post(&format!("{path}/connection-tests"), &wrong).await.expect(200).json;
    assert_eq!(test["outcome"], "failed");
    assert!(token_answers(&app, 1).iter().all(|status| *status == 401));
}

#[support::test]
async fn a_queued_sync_and_a_repeated_test_never_send_a_secret_to_a_new_origin(pool: PgPool) {
    let (app, id) = two_origins(pool).await;
    let path = format!("/v1/integrations/{id}");
    let tests = format!("{path}/connection-tests");
    let key = [("idempotency-key", "as-saved")];
    let first = app.call(Method::POST, &tests, &key, Some(&json!({}))).await.expect(200);
    let queued = app.call(Method::POST, &format!("{path}/syncs"), &[], None).await.expect(202).json;
    app.patch(&path, "*", &moved(&app)).await.expect(200);
    let asked = (token_answers(&app, 0), token_answers(&app, 1));

    let again = app.call(Method::POST, &tests, &key, Some(&json!({}))).await.expect(200);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text, first.text);
    assert_eq!((token_answers(&app, 0), token_answers(&app, 1)), asked, "nobody was called");

    app.run_due_jobs().await;
    let sync = app.get(&format!("/v1/syncs/{}", queued["id"].as_str().unwrap())).await.json;
    assert_eq!(sync["state"], "succeeded", "{sync:#}");
    assert!(token_answers(&app, 1).iter().all(|status| *status == 200));
    assert_eq!(token_answers(&app, 0), asked.0, "the former origin is over");
}
