//! All timestamps have the same form.

use http::Method;
use serde_json::{Value, json};
use support::App;

/// Every text in JSON that begins like an instant, with where it stands.
fn instants(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, each)| instants(each, &format!("{at}/{key}"), found));
        }
        Value::Array(list) => list.iter().for_each(|each| instants(each, at, found)),
        Value::String(text) if is_instant(text) => found.push((at.to_owned(), text.clone())),
        _ => {}
    }
}

fn is_instant(text: &str) -> bool {
    text.len() < 40 && text.parse::<jiff::Timestamp>().is_ok()
}

/// `2026-06-15T12:00:00.000000Z`
fn has_six_digits(text: &str) -> bool {
    text.len() == 27 && text.ends_with('Z') && text.as_bytes()[19] == b'.'
}

#[support::test]
async fn every_instant_on_the_wire_has_six_digits_of_a_second(app: App) {
    let form = app.form_with(&json!({"client_secret_expires_at": "2026-06-20T00:00:00Z"}));
    let id = app.create_from(&form).await;
    let sync = app.sync(&id).await["id"].as_str().unwrap().to_owned();
    app.clock.advance(std::time::Duration::from_millis(1500));
    app.sync(&id).await;
    app.run_due_jobs().await;
    let integration = format!("/v1/integrations/{id}");
    app.post(&format!("{integration}/connection-tests"), &json!({})).await.expect(200);
    let finding = app.findings("state=open").await[0]["id"].as_str().unwrap().to_owned();
    let finding = format!("/v1/findings/{finding}");
    let terms =
        json!({"reason": "wont_fix", "rationale": "x", "expires_at": "2030-01-01T00:00:00Z"});
    let accept = format!("{finding}/acceptance");
    app.call(Method::PUT, &accept, &[], Some(&terms)).await.expect(200);
    app.post("/v1/api-credentials", &json!({"name": "a"})).await.expect(201);
    let policy = json!({"severities": {"mfa-never-required": "low"}});
    app.call(Method::PUT, "/v1/policy", &[("if-match", "*")], Some(&policy)).await.expect(200);
    let next = json!({"client_secret": "n", "client_secret_expires_at": "2030-01-01T00:00:00Z"});
    app.call(Method::PUT, &format!("{integration}/next-secret"), &[], Some(&next))
        .await
        .expect(200);
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0]["id"].clone();
    let asset = format!("/v1/assets/{}", asset.as_str().unwrap());

    for path in [
        "/v1/integrations",
        &integration,
        &format!("{integration}/history"),
        &format!("{integration}/coverage"),
        &format!("/v1/syncs/{sync}"),
        "/v1/findings",
        &finding,
        "/v1/assets",
        &asset,
        &format!("{asset}/score-history"),
        &format!("{asset}/drift"),
        "/v1/api-credentials",
        "/v1/policy",
        "/v1/audit",
    ] {
        let mut found = Vec::new();
        instants(&app.get(path).await.expect(200).json, "", &mut found);
        assert!(!found.is_empty(), "{path}");
        for (at, text) in found {
            // Evidence keeps the tenant's own format.
            let is_the_tenants = at.contains("/evidence") || at.contains("/settings");
            assert!(is_the_tenants || has_six_digits(&text), "{path}{at}: {text}");
        }
    }
    let preview = app.post("/v1/policy/preview", &json!({})).await.expect(200).json;
    assert!(has_six_digits(preview["items"][0]["observed_at"].as_str().unwrap()), "{preview}");

    for path in [
        "/v1/findings/export?format=csv",
        "/v1/findings/export?format=jsonl",
        "/v1/findings/export?format=ocsf",
        "/v1/findings/export?format=signal",
        "/v1/audit?format=csv",
        "/v1/audit?format=jsonl",
        &format!("/v1/syncs/{sync}/events"),
    ] {
        let text = app.get(path).await.expect(200).text;
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-:.+".contains(c)));
        for word in words.filter(|word| is_instant(word)) {
            assert!(has_six_digits(word), "{path}: {word}");
        }
    }
}
