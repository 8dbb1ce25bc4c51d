//! Calls every operation with every role and compares with the route table.

use api::{Access, Operation, operations};
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use support::{Answer, App, ORGANISATION};

use super::credentials::{create, token_of};

/// Replaces each path parameter: an id that does not exist.
const NOTHING: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

fn with_ids(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { NOTHING } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn ask(app: &App, operation: &Operation, authorization: Option<&str>) -> Answer {
    let mut request = Request::builder().method(&operation.method).uri(with_ids(&operation.path));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// Tokens by name, each with its role, 401 (invalid) or 403 (unknown role).
async fn callers(app: &App) -> Vec<(&'static str, Option<String>, &'static str)> {
    let claims = |changes: Value| {
        let mut all = json!({"sub": "x", "email": "x@acme.example", "org_id": ORGANISATION});
        all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        app.token_with(&all)
    };
    let (admin, viewer) = (create(app, "admin").await, create(app, "viewer").await);
    let revoked = create(app, "admin").await;
    let of_revoked = token_of(app, &revoked).await;
    app.delete(&format!("/v1/api-credentials/{}", revoked.id)).await.expect(204);
    let bearer = |token: String| Some(format!("Bearer {token}"));
    vec![
        ("no token", None, "401"),
        ("not a token", bearer("nonsense".into()), "401"),
        ("another scheme", Some(admin.basic()), "401"),
        ("expired", bearer(claims(json!({"role": "admin", "exp": 1}))), "401"),
        ("token of a revoked credential", bearer(of_revoked), "401"),
        ("unknown role", bearer(claims(json!({"role": "owner"}))), "403"),
        ("viewer", bearer(app.token(ORGANISATION, "viewer")), "viewer"),
        ("admin", bearer(app.token(ORGANISATION, "admin")), "admin"),
        ("credential of a viewer", bearer(token_of(app, &viewer).await), "viewer"),
        ("credential of an admin", bearer(token_of(app, &admin).await), "admin"),
    ]
}

#[support::test]
async fn every_operation_asks_for_its_role(app: App) {
    for (name, authorization, may) in callers(&app).await {
        for operation in operations() {
            let answer = ask(&app, operation, authorization.as_deref()).await;
            let status = answer.status.as_u16();
            let access = operation.declared.access;
            let shown = format!("{name}: {} ({access:?}): {status}", operation.id);
            let expected = match (access, may) {
                (Access::Public, _)
                | (Access::Viewer, "viewer")
                | (Access::Viewer | Access::Admin, "admin") => None,
                (Access::Credential, _) if name == "another scheme" => None,
                (Access::Credential, _) | (_, "401") => Some((401, "unauthenticated")),
                (Access::Viewer | Access::Admin, "403") | (Access::Admin, "viewer") => {
                    Some((403, "forbidden"))
                }
                other => panic!("{shown}: {other:?}"),
            };
            match expected {
                Some((status, code)) => {
                    assert_eq!(answer.json["code"], code, "{shown}");
                    answer.expect_problem(status, code);
                }
                None => assert!(![401, 403].contains(&status), "{shown}"),
            }
        }
    }
}

#[support::test]
async fn invalid_credentials_get_401_whatever_the_query_and_body(app: App) {
    let wrong = create(&app, "admin").await.with_secret("sac_wrong").basic();
    let many: Vec<String> = (0..5000).map(|n| format!("x{n}")).collect();
    let oversized = "x".repeat(100_000);
    for operation in operations().iter().filter(|operation| !operation.is_public()) {
        for authorization in [None, Some("Bearer nonsense"), Some("Basic eDp5"), Some(&*wrong)] {
            for (query, body) in [("q=%zz&q=%ff", "{"), (&*many.join("&"), &*oversized)] {
                let path = format!("{}?{query}", with_ids(&operation.path));
                let mut request = Request::builder().method(&operation.method).uri(path);
                if let Some(value) = authorization {
                    request = request.header("authorization", value);
                }
                let answer = app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
                // After ten wrong secrets the credential is locked.
                if answer.status.as_u16() != 429 {
                    answer.expect_problem(401, "unauthenticated");
                }
            }
        }
    }
}
