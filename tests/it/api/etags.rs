//! Entity tags of responses that change seldom.

use axum::body::Body;
use http::Method;
use serde_json::json;
use support::{Answer, App, ORGANISATION};

const CHECK: &str = "/v1/checks/brute-force-protection-off";
const PRIVATE: [&str; 3] = ["/v1/checks?limit=20", CHECK, "/v1/configuration-form"];
const PUBLIC: [&str; 5] =
    ["/openapi.json", "/openapi-3.0.json", "/", "/docs", "/docs/swagger-ui.css"];

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.call(Method::GET, path, headers, None).await
}

#[support::test]
async fn a_response_is_sent_again_only_if_it_changed(app: App) {
    for path in PRIVATE.into_iter().chain(PUBLIC) {
        let first = get(&app, path, &[]).await.expect(200);
        let tag = first.header("etag").to_owned();
        let strong = tag.strip_prefix("W/").expect("a weak tag");
        assert!(strong.len() > 20 && strong.starts_with('"') && strong.ends_with('"'), "{tag}");
        let cache_control =
            if PUBLIC.contains(&path) { "public, no-cache" } else { "private, no-cache" };
        for known in [&tag, strong, "*", &format!("\"other\", W/\"1\",{tag}")] {
            let answer = get(&app, path, &[("if-none-match", known)]).await.expect(304);
            assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", ""), "{path}");
            assert_eq!(answer.header("etag"), tag);
            assert_eq!(answer.header("cache-control"), cache_control);
            assert_eq!(answer.header("vary"), "accept-encoding");
        }
        for unknown in ["\"other\"", &tag.replace("W/\"", "W/\"0")] {
            let answer = get(&app, path, &[("if-none-match", unknown)]).await.expect(200);
            assert_eq!((&answer.text, answer.header("etag")), (&first.text, tag.as_str()));
        }
        assert_eq!(first.header("cache-control"), cache_control);
        assert_eq!(first.header("vary"), "accept-encoding", "{path}");
        let token = format!("Bearer {}", app.token(ORGANISATION, "viewer"));
        let request = http::Request::get(path).header("authorization", token);
        let request = request.header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        let compressed = app.open(request).await;
        assert_eq!(compressed.headers()["etag"], tag);
        let head = app.call(Method::HEAD, path, &[], None).await.expect(200);
        assert_eq!((head.text.as_str(), head.header("etag")), ("", tag.as_str()));
        let headers = [("if-none-match", tag.as_str())];
        app.call(Method::HEAD, path, &headers, None).await.expect(304);
    }
}

#[support::test]
async fn a_policy_changes_the_tags_of_the_checks(app: App) {
    let paths = ["/v1/checks?limit=200", CHECK];
    let mut tags = Vec::new();
    for path in paths {
        tags.push(get(&app, path, &[]).await.expect(200).header("etag").to_owned());
    }
    let policy = json!({"severities": {"brute-force-protection-off": "low"}, "thresholds": {}});
    let headers = [("if-match", "\"0\"")];
    app.call(Method::PUT, "/v1/policy", &headers, Some(&policy)).await.expect(200);
    for (path, tag) in paths.into_iter().zip(&tags) {
        let answer = get(&app, path, &[("if-none-match", tag)]).await.expect(200);
        assert_ne!(answer.header("etag"), tag);
    }
}

#[support::test]
async fn a_malformed_tag_is_a_fault_of_an_operation_and_no_matter_to_a_page(app: App) {
    for path in PRIVATE {
        let answer = get(&app, path, &[("if-none-match", "unquoted")]).await;
        let answer = answer.expect_problem(400, "malformed_request");
        assert_eq!(answer.faults(), ["if-none-match"]);
    }
    for path in PUBLIC {
        get(&app, path, &[("if-none-match", "unquoted")]).await.expect(200);
    }
    // Whoever may not read a response does not learn whether it changed.
    let request = http::Request::get(CHECK).header("if-none-match", "*");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    answer.expect_problem(401, "unauthenticated");
}
