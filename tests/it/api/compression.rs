//! Responses are compressed for clients that accept it, except secrets and event streams.

use std::convert::Infallible;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{App, ORGANISATION, Synced};
use tower::{Layer as _, ServiceExt as _};
use tower_http::decompression::DecompressionLayer;

async fn open(app: &App, method: &str, path: &str, coding: &str, body: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path);
    // A long value, so that most responses exceed the minimum size for compression.
    let email = format!("{}@acme.example", "\"".repeat(300));
    let token = app.token_with(
        &json!({"sub": "ada", "email": email, "org_id": ORGANISATION, "role": "admin"}),
    );
    let token = format!("Bearer {token}");
    let request = request.header("authorization", token).header("accept-encoding", coding);
    let request = request.header("content-type", "application/json");
    app.open(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn bytes(response: Response<Body>) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

#[support::test]
async fn the_openapi_document_and_lists_are_compressed(app: App) {
    for path in ["/openapi.json", "/v1/checks?limit=200"] {
        let plain = app.get(path).await.expect(200);
        assert_eq!(
            (plain.header("vary"), plain.header("content-encoding")),
            ("accept-encoding", "")
        );
        for coding in ["gzip", "zstd"] {
            let response = open(&app, "GET", path, coding, "").await;
            assert_eq!(response.headers()["content-encoding"], coding);
            assert_eq!(response.headers()["vary"], "accept-encoding");
            let size = bytes(response).await.len();
            assert!(size < plain.text.len() / 4, "{path}: {size} of {}", plain.text.len());
        }
    }
}

#[support::test]
async fn compression_keeps_the_etag(app: App) {
    let form = app.form_with(&json!({"name": "\u{1F511}".repeat(200)}));
    let path = format!("/v1/integrations/{}", app.create_from(&form).await);
    let read = app.get(&path).await.expect(200);
    let compressed = open(&app, "GET", &path, "gzip", "").await;
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    let etag = compressed.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(etag, read.header("etag"));
    app.patch(&path, &etag, &json!({"name": "Acme"})).await.expect(200);
}

#[support::test]
async fn responses_with_secrets_and_event_streams_are_not_compressed(app: App) {
    let name = "\u{1F511}".repeat(100);
    let form = json!({"name": name, "role": "viewer"}).to_string();
    let made = open(&app, "POST", "/v1/api-credentials", "gzip, zstd", &form).await;
    assert_eq!((made.status().as_u16(), made.headers().get("content-encoding")), (201, None));
    let made = bytes(made).await;
    assert!(made.len() > 1024, "{}", made.len());
    let made: Value = serde_json::from_slice(&made).unwrap();
    let [id, secret] = ["id", "secret"].map(|member| made[member].as_str().unwrap());
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let request = Request::post("/v1/token").header("authorization", basic);
    let request = request.header("accept-encoding", "gzip, zstd").body(Body::empty()).unwrap();
    let issued = app.open(request).await;
    assert_eq!((issued.status().as_u16(), issued.headers().get("content-encoding")), (200, None));

    let id = app.create().await;
    let sync = app.sync(&id).await;
    let path = format!("/v1/syncs/{}/events", sync["id"].as_str().unwrap());
    let events = open(&app, "GET", &path, "gzip, zstd", "").await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    assert_eq!(events.headers().get("content-encoding"), None);
}

#[support::test]
async fn a_compressed_export_is_the_export(Synced { app, .. }: Synced) {
    let plain = app.get("/v1/findings/export").await.expect(200).text;
    for coding in ["gzip", "zstd"] {
        let client = DecompressionLayer::new().layer(tower::service_fn(async |_| {
            Ok::<_, Infallible>(open(&app, "GET", "/v1/findings/export", coding, "").await)
        }));
        let response = client.oneshot(Request::new(())).await.unwrap();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(text, plain, "{coding}");
    }
}

#[support::test]
async fn a_page_of_fifty_findings_is_small_on_the_wire(pool: PgPool) {
    let app = App::builder(pool).tenant("weak").start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let plain = app.get("/v1/findings").await.expect(200);
    assert_eq!(plain.json["items"].as_array().unwrap().len(), 50);
    for coding in ["gzip", "zstd"] {
        let size = bytes(open(&app, "GET", "/v1/findings", coding, "").await).await.len();
        // Fifty different checks. About 1,000 bytes are their objects and priorities.
        assert!(size <= 16_000, "{coding}: {size} of {}", plain.text.len());
    }
}
