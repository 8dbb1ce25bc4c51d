//! The page at `/`.

use axum::body::Body;
use http::Request;
use support::App;

#[support::test]
async fn the_start_page_links_to_pages_that_exist(app: App) {
    let request = |path: &str| Request::builder().uri(path).body(Body::empty()).unwrap();
    let page = app.send(request("/")).await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text.contains(env!("CARGO_PKG_VERSION")) && !page.text.contains("{version}"));
    let links: Vec<_> = page.text.split("<a href=\"").skip(1).collect();
    assert_eq!(links.len(), 3);
    for link in links {
        let path = link.split('"').next().unwrap();
        app.send(request(path)).await.expect(200);
    }
    // Nothing is loaded from elsewhere, and each operation of the flow exists.
    let document = app.get("/openapi.json").await.json;
    for step in page.text.split("<li>").skip(1) {
        let operation = step.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
        let (method, path) = operation.split_once(' ').unwrap();
        assert!(document["paths"][path][method.to_lowercase()].is_object(), "{operation}");
    }
    let loaded = ["<script", "src=", "url(", "@import", "stylesheet"];
    assert!(loaded.iter().all(|part| !page.text.contains(part)));
}
