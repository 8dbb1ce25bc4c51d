//! Every example of a request in the OpenAPI document is a request that the service accepts.

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use simulator::{Limit, TenantFile};
use sqlx::PgPool;
use support::{App, ORGANISATION};

/// An existing resource for every path, of a tenant that no example names.
async fn world(app: &App) -> Vec<(&'static str, String)> {
    let integration = app.create_from(&app.form_of(1)).await;
    app.sync(&integration).await;
    let history = app.get(&format!("/v1/integrations/{integration}/history?action=sync")).await;
    let credential = app.post("/v1/api-credentials", &json!({"name": "a"})).await.expect(201);
    let basic = format!(
        "{}:{}",
        credential.json["id"].as_str().unwrap(),
        credential.json["secret"].as_str().unwrap()
    );
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    vec![
        ("finding_id", text(&app.findings("state=open").await[0]["id"])),
        ("asset_id", text(&app.get("/v1/assets").await.json["items"][0]["id"])),
        ("sync_id", text(&history.json["items"][0]["sync_id"])),
        ("entry_id", text(&history.json["items"][0]["id"])),
        ("credential_id", text(&credential.json["id"])),
        ("basic", basic),
        ("integration_id", integration),
    ]
}

/// The tenant of an example is none that answers, and Auth0 knows it no more than its secret: the
/// simulated one takes its place, and its plan that of the example. All else is sent as it stands.
async fn reachable(app: &App, world: &[(&str, String)], mut body: Value) -> Value {
    if let Some(chosen) = body.get_mut("actions") {
        let (_, asset) = world.iter().find(|(name, _)| *name == "asset_id").unwrap();
        let plan = app.get(&format!("/v1/assets/{asset}/plan")).await.expect(200).json;
        *chosen = json!([plan["actions"][0]["id"]]);
    }
    for (member, value) in app.form().as_object().unwrap() {
        if let Some(given) = body.get_mut(member) {
            given.clone_from(value);
        }
    }
    body
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        let all = item.as_object().into_iter().flatten();
        all.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn example_of<'a>(document: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let named = schema["$ref"].as_str().map(|target| target.trim_start_matches('#'));
    named.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)["examples"].get(0)
}

#[support::test]
async fn every_example_of_a_request_is_accepted(pool: PgPool) {
    let mut tenant = TenantFile::bundled("fresh").unwrap();
    tenant.bucket = Limit::Unlimited;
    let app = App::builder(pool).tenant_file(tenant.clone()).tenant_file(tenant).start().await;
    let world = world(&app).await;
    let document = app.get("/openapi.json").await.expect(200).json;
    let mut sent = 0;
    // What a deletion removes is needed before.
    for is_last in [false, true] {
        for (path, method, operation) in operations(&document) {
            if (method == "delete") != is_last {
                continue;
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let examples: Vec<_> = parameters
                .filter_map(|each| {
                    let example =
                        each.get("example").or_else(|| each["schema"]["examples"].get(0))?;
                    let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                    Some((each["in"].as_str()?, each["name"].as_str()?, text))
                })
                .collect();
            let bodies: Vec<_> = operation["requestBody"]["content"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(media_type, content)| {
                    let example = content.get("example");
                    let example = example.or_else(|| example_of(&document, &content["schema"]));
                    let missing = || panic!("{method} {path}: no example of its body");
                    (media_type.as_str(), example.unwrap_or_else(missing))
                })
                .collect();
            if examples.is_empty() && bodies.is_empty() {
                continue;
            }
            let mut path = path.to_owned();
            let known = world.iter().map(|(name, id)| (*name, id.as_str()));
            let given = examples.iter().filter(|(place, ..)| *place == "path");
            for (name, value) in given.map(|(_, name, value)| (*name, value.as_str())).chain(known)
            {
                path = path.replace(&format!("{{{name}}}"), value);
            }
            for body in bodies.into_iter().map(Some).chain(examples.first().map(|_| None)) {
                let is_required = operation["requestBody"]["required"] == true;
                if body.is_none() && is_required {
                    continue;
                }
                let answer = send(&app, &world, method, &path, &examples, body).await;
                assert!(answer.0 < 400, "{method} {path} {body:?} {examples:?}: {}", answer.1);
                sent += 1;
            }
        }
    }
    assert!(sent >= 12, "{sent} examples");
}

/// The status and the body of the answer.
async fn send(
    app: &App,
    world: &[(&str, String)],
    method: &str,
    path: &str,
    examples: &[(&str, &str, String)],
    body: Option<(&str, &Value)>,
) -> (u16, String) {
    let mut request = Request::builder().method(method.to_uppercase().as_str());
    let query: Vec<_> = examples
        .iter()
        .filter(|(place, ..)| *place == "query")
        .map(|(_, name, value)| format!("{name}={value}"))
        .collect();
    request = request.uri(if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    });
    request = if path == "/v1/token" {
        use base64::Engine as _;
        let basic = &world.iter().find(|(name, _)| *name == "basic").unwrap().1;
        let basic = base64::engine::general_purpose::STANDARD.encode(basic);
        request.header("authorization", format!("Basic {basic}"))
    } else {
        request.header("authorization", format!("Bearer {}", app.token(ORGANISATION, "admin")))
    };
    for (_, name, value) in examples.iter().filter(|(place, ..)| *place == "header") {
        // The example shows the format; a client sends the version that it has read.
        let value =
            if *name == "If-Match" { present_version(app, path).await } else { value.clone() };
        request = request.header(*name, value);
    }
    let text = match body {
        Some((media_type, example)) => {
            request = request.header("content-type", media_type);
            if media_type.ends_with("json") {
                reachable(app, world, example.clone()).await.to_string()
            } else {
                let members = example.as_object().unwrap().iter();
                let pairs =
                    members.map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
                pairs.collect::<Vec<_>>().join("&")
            }
        }
        None => String::new(),
    };
    let work = async {
        loop {
            app.run_due_jobs().await;
            tokio::task::yield_now().await;
        }
    };
    // A worker runs the sync that the request waits for.
    let answer = tokio::select! {
        answer = app.send(request.body(Body::from(text)).unwrap()) => answer,
        () = work => unreachable!("it never ends"),
    };
    (answer.status.as_u16(), answer.text)
}

async fn present_version(app: &App, path: &str) -> String {
    app.get(path).await.expect(200).header("etag").to_owned()
}
