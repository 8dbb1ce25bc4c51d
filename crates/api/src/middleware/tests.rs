//! Responses of the framework, and the order of checks. Without an engine.

use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::{Fault, IntegrationId};
use futures_util::FutureExt as _;
use http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::auth::Role;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::limits::Limits;
use crate::operation::{admin, viewer};
use crate::problem::ApiError;
use crate::testing::{Answer, Gate, matched, send};

async fn read(_: Caller, Id(id): Id<IntegrationId>) -> Json<Value> {
    Json(json!({"id": id}))
}

async fn change(
    caller: Caller,
    Id(_): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Json<Value>, ApiError> {
    let read_body = |body: &Value| match body.get("name") {
        Some(name) => Ok(name.clone()),
        None => Err(Fault::at("/name", "is required").into()),
    };
    let name = input.body(Media::Json, false, read_body)?;
    let keys = store::KeyRing::generate("test").0;
    let _ticket = input.idempotent_request(&caller, &keys);
    let _wait = input.wait();
    Ok(Json(input.finish(name)?))
}

async fn search(caller: Caller, mut input: RequestInput) -> Result<Response, ApiError> {
    let read = |text: &str| ["open", "resolved"].into_iter().find(|each| *each == text);
    input.list("state", read, "open or resolved");
    input.text("q", 10);
    let sort = input.choice("sort", &[("up", "up"), ("down", "down")]).unwrap_or("up");
    let paging = input.paging::<u32>(&caller, sort);
    input.reject_unknown()?;
    let start = paging.after.unwrap_or(0);
    let items = (start + 1..=start + paging.limit).collect();
    let page = store::Page { items, has_more: true };
    Ok(input.page(&paging, page, |item| *item, |item| item))
}

fn router(gate: &Gate) -> Router {
    let read = get(read).layer(matched(viewer()));
    let change = post(change).layer(matched(admin().idempotent()));
    let routes = Router::new()
        .route("/v1/things/{id}", read.merge(change))
        .route("/v1/search", get(search).layer(matched(viewer())))
        .route("/slow", get(std::future::pending::<()>))
        .route("/panic", post(async || -> StatusCode { panic!("secret of the house") }))
        .route("/bare", get(async || StatusCode::IM_A_TEAPOT));
    gate.router(routes)
}

fn gate() -> Gate {
    Gate::new(&Limits::default())
}

const THING: &str = "/v1/things/01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn post_thing(headers: &[(&str, &str)], body: &str) -> Answer {
    let gate = gate();
    let token = format!("Bearer {}", gate.token(Role::Admin));
    let mut all = vec![("authorization", token.as_str())];
    all.extend_from_slice(headers);
    send(&router(&gate), request("POST", THING, &all, body)).await
}

/// The response to a request without headers and body.
async fn bare(method: &str, path: &str) -> Answer {
    send(&router(&gate()), request(method, path, &[], "")).await
}

async fn search_for(query: &str) -> Answer {
    let gate = gate();
    let token = format!("Bearer {}", gate.token(Role::Viewer));
    let path = format!("/v1/search{query}");
    send(&router(&gate), request("GET", &path, &[("authorization", &token)], "")).await
}

const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

#[tokio::test]
async fn path_then_method_then_caller_then_role_then_id_then_body() {
    let gate = gate();
    let router = router(&gate);
    let answer = send(&router, request("POST", "/v1/unknown", &[], "{")).await;
    answer.assert_problem(404, "not_found");
    assert_eq!(answer.json["instance"], "/v1/unknown");
    let answer = send(&router, request("PUT", THING, &[], "{")).await;
    answer.assert_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"));
    let answer = send(&router, request("POST", "/v1/things/x", &[], "{")).await;
    answer.assert_problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="safe-auth0""#));
    let viewer = format!("Bearer {}", gate.token(Role::Viewer));
    let as_viewer = [("authorization", viewer.as_str())];
    let answer = send(&router, request("POST", "/v1/things/x", &as_viewer, "{")).await;
    answer.assert_problem(403, "forbidden");
    let admin = format!("bearer {}", gate.token(Role::Admin));
    let as_admin = [("authorization", admin.as_str())];
    for path in ["/v1/things/x", "/v1/things/%FF"] {
        send(&router, request("POST", path, &as_admin, "{")).await.assert_problem(404, "not_found");
    }
    let answer = send(&router, request("POST", THING, &as_admin, "{")).await;
    answer.assert_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn each_kind_of_invalid_body_has_its_problem() {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    for (headers, body) in
        [(&[JSON][..], r#"{"name": 1"#), (&[JSON], ""), (&[], ""), (&[JSON], &*deep)]
    {
        post_thing(headers, body).await.assert_problem(400, "malformed_request");
    }
    let twice = post_thing(&[JSON], r#"{"name": 1, "name": 2}"#).await;
    twice.assert_problem(400, "malformed_request");
    assert_eq!(twice.json["errors"][0]["detail"], "has a member twice, near line 1");
    for bad in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/merge-patch+json")],
        &[("content-type", "application/json; charset=utf-16")],
        &[JSON, ("content-encoding", "gzip")],
    ] {
        post_thing(bad, "{}").await.assert_problem(415, "unsupported_media_type");
    }
    assert_eq!(post_thing(&[JSON], r#"{"name": 1}"#).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_may_have_exactly_64_kib() {
    let filled = |size: usize| format!(r#"{{"name":"{}"}}"#, "x".repeat(size - 11));
    let largest = filled(crate::operation::BODY_LIMIT);
    assert_eq!(largest.len(), crate::operation::BODY_LIMIT);
    assert_eq!(post_thing(&[JSON], &largest).await.status, StatusCode::OK);
    let larger = filled(crate::operation::BODY_LIMIT + 1);
    post_thing(&[JSON], &larger).await.assert_problem(413, "payload_too_large");
    let declared = [JSON, ("content-length", "70000")];
    post_thing(&declared, "{}").await.assert_problem(413, "payload_too_large");
}

#[tokio::test]
async fn every_fault_of_header_query_and_body_comes_at_once() {
    let gate = gate();
    let token = format!("Bearer {}", gate.token(Role::Admin));
    let headers = [
        ("authorization", token.as_str()),
        JSON,
        ("idempotency-key", "two words"),
        ("prefer", "wait=soon"),
    ];
    let path = format!("{THING}?dry_run=1&page=2");
    let answer = send(&router(&gate), request("POST", &path, &headers, "{}")).await;
    answer.assert_problem(400, "malformed_request");
    let errors = answer.json["errors"].as_array().unwrap();
    let places = errors.iter().map(|e| {
        let place =
            ["pointer", "parameter", "header"].into_iter().find_map(|kind| e[kind].as_str());
        place.unwrap()
    });
    let places: Vec<_> = places.collect();
    assert_eq!(places, ["/name", "idempotency-key", "prefer", "dry_run", "page"]);
}

#[tokio::test]
async fn query_parameters_are_checked_together() {
    let answer = search_for("?limit=0&state=open,gone&q=12345678901&sort=best&x=1&x=2").await;
    answer.assert_problem(422, "validation_failed");
    let errors = answer.json["errors"].as_array().unwrap();
    let names: Vec<_> = errors.iter().map(|e| e["parameter"].as_str().unwrap()).collect();
    assert_eq!(names, ["state", "q", "sort", "limit", "x"]);
    assert!(errors[0]["detail"].as_str().unwrap().contains("open or resolved"));
    for bad in ["?limit=-1", "?limit=x", "?limit=", "?q=a&q=b", "?state="] {
        search_for(bad).await.assert_problem(422, "validation_failed");
    }
    search_for("?q=%FF").await.assert_problem(400, "malformed_request");
    let capped = search_for("?limit=99999999999999999999").await;
    assert_eq!(capped.json["items"].as_array().unwrap().len(), 200);
    let repeated = search_for("?state=open&state=resolved&limit=2").await;
    assert_eq!(repeated.json["items"].as_array().unwrap().len(), 2);
    assert_eq!(search_for("").await.json["items"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_list_continues_by_cursor_and_by_link() {
    let first = search_for("?state=open&q=a%26b&limit=2").await;
    let cursor = first.json["next"].as_str().unwrap().to_owned();
    let link = first.header("link").unwrap();
    let target = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert_eq!(target, format!("/v1/search?state=open&q=a%26b&limit=2&cursor={cursor}"));
    let query = target.strip_prefix("/v1/search").unwrap();
    assert_eq!(search_for(query).await.json["items"], json!([3, 4]));
    let other = search_for(&format!("?state=open&q=a%26b&sort=down&cursor={cursor}")).await;
    other.assert_problem(422, "validation_failed");
    let garbage = search_for("?cursor=garbage").await;
    garbage.assert_problem(400, "malformed_request");
    assert_eq!(garbage.json["errors"][0]["parameter"], "cursor");
}

#[tokio::test]
async fn request_ids_are_echoed_or_generated() {
    let own = request("GET", "/x", &[("x-request-id", "mine-1")], "");
    let own = send(&router(&gate()), own).await;
    assert_eq!(own.header("x-request-id"), Some("mine-1"));
    own.assert_problem(404, "not_found");
    let made = bare("GET", "/x").await;
    assert!(uuid::Uuid::parse_str(made.header("x-request-id").unwrap()).is_ok());
    assert_eq!(made.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_panic_is_an_internal_problem_without_details() {
    let answer = bare("POST", "/panic").await;
    answer.assert_problem(500, "internal");
    assert!(!answer.json.to_string().contains("secret"));
}

#[tokio::test]
async fn errors_of_every_layer_become_problem_documents() {
    bare("GET", "/bare").await.assert_problem(400, "malformed_request");
}

#[tokio::test(start_paused = true)]
async fn a_request_over_its_time_limit_gets_503() {
    let started = tokio::time::Instant::now();
    let answer = bare("GET", "/slow").await;
    answer.assert_problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(started.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn requests_over_the_concurrency_limit_get_503() {
    let gate = Gate::new(&Limits { concurrent_requests: 1, ..Limits::default() });
    let router = router(&gate);
    let mut first = Box::pin(send(&router, request("GET", "/slow", &[], "")));
    assert!((&mut first).now_or_never().is_none());
    let answer = send(&router, request("GET", "/bare", &[], "")).await;
    answer.assert_problem(503, "unavailable");
    drop(first);
    let answer = send(&router, request("GET", "/bare", &[], "")).await;
    answer.assert_problem(400, "malformed_request");
}

#[tokio::test]
async fn an_expired_token_is_challenged() {
    let gate = gate();
    let token = format!("Bearer {}", gate.token(Role::Viewer));
    gate.clock.advance(SignedDuration::from_hours(2));
    let router = router(&gate);
    let answer = send(&router, request("GET", THING, &[("authorization", &token)], "")).await;
    answer.assert_problem(401, "unauthenticated");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.contains(r#"error="invalid_token""#) && challenge.contains("expired"));
    let basic = [("authorization", "Basic YTpi")];
    let answer = send(&router, request("GET", THING, &basic, "")).await;
    assert_eq!(answer.header("www-authenticate"), Some(r#"Bearer realm="safe-auth0""#));
}

#[tokio::test]
async fn two_authorization_headers_are_rejected() {
    let gate = gate();
    let token = format!("Bearer {}", gate.token(Role::Admin));
    let two = [("authorization", token.as_str()), ("authorization", token.as_str())];
    let answer = send(&router(&gate), request("GET", THING, &two, "")).await;
    answer.assert_problem(401, "unauthenticated");
    let one = send(&router(&gate), request("GET", THING, &two[..1], "")).await;
    assert_eq!(one.status, StatusCode::OK);
}
