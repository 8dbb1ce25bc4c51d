//! Every answer of every bundled tenant satisfies Auth0's Management API document, where that
//! document is at hand (`shared/auth0/management-api-get.json` beside this repository).

use domain::clock::ManualClock;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::str::FromStr;

use serde_json::{Value, json};
use simulator::{Options, SimulatedTenant, TenantFile, Tls};
use support::{at, simulator_clock};

/// Members that real tenants send and the document forbids.
const NEWER_THAN_THE_DOCUMENT: &str = "pre-custom-token-exchange";

#[tokio::test]
async fn answers_satisfy_auth0s_own_document() {
    let beside =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/auth0/management-api-get.json");
    let Ok(text) = std::fs::read_to_string(&beside) else {
        println!("skipped: Auth0's document is not at hand");
        return;
    };
    let document: Value = serde_json::from_str(&text).expect("the document is JSON");
    let mut checked = 0;
    for name in TenantFile::bundled_names() {
        let mut file = TenantFile::bundled(name).expect("bundled");
        file.extra_keys = false;
        checked += check(file, &document).await;
    }
    assert!(checked >= 40, "only {checked} answers were checked");
}

async fn check(file: TenantFile, document: &Value) -> usize {
    let name = file.name.clone();
    let paths: Vec<String> = file.resources.keys().cloned().collect();
    let options = Options {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        tls: Tls::Plain,
        now: simulator_clock(&ManualClock::new(at("2026-06-15T12:00:00Z"))),
    };
    let mut file = file;
    file.bucket = simulator::Limit::Unlimited;
    let tenant = SimulatedTenant::start(file, options).await.expect("a free port");
    let token = token(&tenant).await;
    let client = reqwest::Client::builder().build().expect("a client");
    let mut checked = 0;
    for path in paths {
        let url = format!("{}{path}", tenant.api_identifier());
        let answer = client.get(url).bearer_auth(&token).send().await.expect("an answer");
        let Some(schema) = schema(document, &path).filter(|_| answer.status() == 200) else {
            continue;
        };
        let mut body: Value = answer.json().await.expect("JSON");
        if let Some(stage) = body.pointer_mut("/stage").and_then(Value::as_object_mut) {
            stage.remove(NEWER_THAN_THE_DOCUMENT);
        }
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_format("cidr", |text: &str| is_network::<Ipv4Addr>(text))
            .with_format("ipv6_cidr", |text: &str| is_network::<Ipv6Addr>(text))
            .build(&schema)
            .expect("Auth0's schemas are sound");
        let faults: Vec<String> =
            validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{name} {path}: {faults:#?}");
        checked += 1;
    }
    checked
}

/// The schema of a 200 answer, with the components its references point into.
fn schema(document: &Value, path: &str) -> Option<Value> {
    let answer = &document["paths"][format!("/{path}")]["get"]["responses"]["200"];
    let schema = answer.pointer("/content/application~1json/schema")?;
    Some(json!({"allOf": [schema], "components": document["components"]}))
}

async fn token(tenant: &SimulatedTenant) -> String {
    // The last application of a file has every scope it offers.
    let application = tenant.file().applications.last().cloned().expect("an application");
    let answer = reqwest::Client::builder()
        .build()
        .expect("a client")
        .post(format!("{}/oauth/token", tenant.origin()))
        .json(&json!({
            "grant_type": "client_credentials",
            "client_id": application.client_id,
            "client_secret": application.client_secret,
            "audience": tenant.audience(),
        }))
        .send()
        .await
        .expect("an answer");
    let body: Value = answer.json().await.expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

/// Auth0's own formats for a network of addresses.
fn is_network<A: FromStr>(text: &str) -> bool {
    let split = text.split_once('/');
    split.is_some_and(|(address, bits)| address.parse::<A>().is_ok() && bits.parse::<u8>().is_ok())
}
