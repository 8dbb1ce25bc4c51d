use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::HeaderName;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HOST, VARY};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};
use tower_http::decompression::DecompressionLayer;

use super::*;
use crate::limits::Limits;
use crate::operation::credential;
use crate::testing::{Gate, matched};

const TEXT: &str = "the same words again and again, ";

fn long() -> String {
    TEXT.repeat(100)
}

/// Sends its first chunk and never ends.
fn unfinished() -> Body {
    let first = stream::once(async { Ok::<_, Infallible>(Bytes::from(TEXT)) });
    Body::from_stream(first.chain(stream::pending()))
}

/// A first part, and then a fault.
fn broken() -> Body {
    let parts = [Ok(Bytes::from(TEXT)), Err("broken off")];
    Body::from_stream(stream::iter(parts))
}

fn router() -> Router {
    let routes = Router::new()
        .route("/long", get(async || ([(ETAG, "\"7\"")], long())))
        .route("/short", get(async || TEXT))
        .route("/events", get(async || ([(CONTENT_TYPE, "text/event-stream")], long())))
        .route("/unfinished", get(async || unfinished()))
        .route("/broken", get(async || broken()));
    Gate::new(&Limits::default()).router(routes)
}

async fn ask(router: &Router, path: &str, accepted: &'static str) -> Response {
    let request = Request::get(path).header(HOST, "x").header(ACCEPT_ENCODING, accepted);
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn only_supported_codings_are_negotiated() {
    let kept = |values: &[&'static str]| {
        let mut request = Request::new(Body::empty());
        for value in values {
            request.headers_mut().append(ACCEPT_ENCODING, HeaderValue::from_static(value));
        }
        let request = keep_supported_codings(request);
        request.headers().get(ACCEPT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(kept(&["gzip, deflate, br, zstd"]).as_deref(), Some("gzip, zstd"));
    assert_eq!(kept(&["br;q=1", "GZIP ;q=0.5"]).as_deref(), Some("GZIP ;q=0.5"));
    for none in [&[][..], &[""], &["br"], &["identity;q=0"], &["*;q=0"], &["*"]] {
        assert_eq!(kept(none), None, "{none:?}");
    }
}

#[tokio::test]
async fn long_responses_are_compressed_as_accept_encoding_allows() {
    let router = router();
    for (accepted, coding) in [
        ("gzip", Some("gzip")),
        ("zstd", Some("zstd")),
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("gzip, zstd;q=0.1", Some("gzip")),
        ("gzip;q=0", None),
        ("br", None),
        ("identity;q=0, *;q=0", None),
    ] {
        let response = ask(&router, "/long", accepted).await;
        assert_eq!(response.status(), StatusCode::OK, "{accepted}");
        assert_eq!(header(&response, CONTENT_ENCODING), coding, "{accepted}");
        assert_eq!(header(&response, VARY), Some("accept-encoding"), "{accepted}");
        assert_eq!(header(&response, ETAG), Some("\"7\""), "{accepted}");
        assert_eq!(header(&response, CONTENT_LENGTH).is_none(), coding.is_some(), "{accepted}");
        let size = response.into_body().collect().await.unwrap().to_bytes().len();
        assert_eq!(size < long().len() / 10, coding.is_some(), "{accepted}: {size}");
    }
}

#[tokio::test]
async fn short_responses_secrets_and_event_streams_are_not_compressed() {
    let router = router();
    let secret = router.clone().layer(matched(credential().returns_secret()));
    for (router, path) in [(&router, "/short"), (&secret, "/long"), (&router, "/events")] {
        let response = ask(router, path, "gzip, zstd").await;
        assert_eq!(header(&response, CONTENT_ENCODING), None, "{path}");
    }
}

#[tokio::test]
async fn streams_are_compressed_incrementally_and_aborted_on_failure() {
    let client = DecompressionLayer::new().layer(router());
    let ask = async |path| {
        let request = Request::get(path).header(HOST, "x").body(Body::empty()).unwrap();
        client.clone().oneshot(request).await.unwrap().into_body()
    };
    let mut unfinished = ask("/unfinished").await;
    let part = unfinished.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(part, TEXT);
    assert!(ask("/broken").await.collect().await.is_err());
}

#[tokio::test]
async fn responses_without_a_free_encoder_are_not_compressed() {
    let router = router();
    let mut unread = Vec::new();
    for _ in 0..COMPRESSED_AT_ONCE {
        let response = ask(&router, "/long", "gzip").await;
        assert_eq!(header(&response, CONTENT_ENCODING), Some("gzip"));
        unread.push(response.into_body());
    }
    let plain = ask(&router, "/long", "gzip").await;
    assert_eq!(header(&plain, CONTENT_ENCODING), None);
    assert_eq!(plain.into_body().collect().await.unwrap().to_bytes(), long());
    unread.pop().unwrap().collect().await.unwrap();
    let compressed = ask(&router, "/long", "gzip").await;
    assert_eq!(header(&compressed, CONTENT_ENCODING), Some("gzip"));
}
