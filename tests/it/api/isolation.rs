//! Calls every operation with ids of another organisation: responses and SQL statements must equal those
//! for ids that do not exist. An operation with a body, or without an id in its path, needs a row here.

use api::Operation;
use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{Answer, App, FromPool, Synced};

use super::acceptance::terms;
use super::statements::Statements;

const MISSING: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

/// The ids of requests.
struct Ids {
    integration: String,
    sync: String,
    entry: String,
    finding: String,
    asset: String,
    credential: String,
}

impl Ids {
    async fn create(app: &App, integration: String) -> Self {
        let first = async |path: &str| {
            let list = app.get(path).await.expect(200).json;
            list["items"][0].clone()
        };
        let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
        let entry = first(&format!("/v1/integrations/{integration}/history")).await;
        let sync = entry["sync_id"].as_str().unwrap().to_owned();
        let (finding, asset) = (first("/v1/findings").await, first("/v1/assets").await);
        let body = json!({"name": "pipeline"});
        let credential = app.post("/v1/api-credentials", &body).await.expect(201).json;
        // A policy shows who set it.
        let (any, body) =
            ([("if-match", "*")], json!({"severities": {"mfa-never-required": "info"}}));
        app.call(Method::PUT, "/v1/policy", &any, Some(&body)).await.expect(200);
        Self {
            integration,
            sync,
            entry: id(&entry),
            finding: id(&finding),
            asset: id(&asset),
            credential: id(&credential),
        }
    }

    fn missing() -> Self {
        let id = || MISSING.to_owned();
        Self {
            integration: id(),
            sync: id(),
            entry: id(),
            finding: id(),
            asset: id(),
            credential: id(),
        }
    }

    fn fill(&self, path: &str) -> String {
        let filled = path
            .replace("{integration_id}", &self.integration)
            .replace("{sync_id}", &self.sync)
            .replace("{entry_id}", &self.entry)
            .replace("{finding_id}", &self.finding)
            .replace("{asset_id}", &self.asset)
            .replace("{credential_id}", &self.credential)
            .replace("{check_id}", "mfa-never-required");
        assert!(!filled.contains('{'), "{path} has an id that this test does not know");
        filled
    }
}

/// The response to a caller of another organisation.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// 404.
    NotFound,
    /// An empty list.
    EmptyList,
    /// An empty file.
    EmptyFile,
    /// 404 for each id of the body.
    NotFoundEach,
    /// The same for all organisations.
    Shared,
    /// The caller's own data.
    Own,
}

/// The expected response, and query, headers and body of the request.
type Row = (Outcome, String, &'static [(&'static str, &'static str)], Option<Value>);

fn row(operation: &Operation, ids: &Ids, app: &App) -> Row {
    let plain = |outcome| (outcome, String::new(), &[][..], None);
    let with = |outcome, body| (outcome, String::new(), &[][..], Some(body));
    let Ids { integration, asset, finding, .. } = ids;
    match operation.id.as_str() {
        "update_integration" => {
            let body = json!({"asset_name": "stolen"});
            (Outcome::NotFound, String::new(), &[("if-match", "\"1\"")], Some(body))
        }
        "test_integration" => with(Outcome::NotFound, json!({})),
        "accept_finding" => with(Outcome::NotFound, terms("wont_fix", &json!(null))),
        "bulk_accept_findings" => {
            let mut body = terms("wont_fix", &json!(null));
            body["finding_ids"] = json!([finding]);
            with(Outcome::NotFoundEach, body)
        }
        "preview_plan" => with(Outcome::NotFound, json!({"actions": ["0123456789abcdef"]})),
        "put_next_secret" => with(Outcome::NotFound, json!({"client_secret": "another"})),
        "list_integrations" | "list_api_credentials" => plain(Outcome::EmptyList),
        "export_findings" => {
            (Outcome::EmptyFile, format!("?integration_id={integration}"), &[], None)
        }
        "list_assets" => (Outcome::EmptyList, format!("?integration_id={integration}"), &[], None),
        "list_findings" => {
            let query = format!("?integration_id={integration}&asset_id={asset}");
            (Outcome::EmptyList, query, &[], None)
        }
        "livez" | "readyz" | "metrics" | "list_checks" | "get_check" | "get_configuration_form" => {
            plain(Outcome::Shared)
        }
        "get_policy" | "verify_audit" => plain(Outcome::Own),
        // Refused requests of this caller name the ids that they asked for.
        "list_audit" => (Outcome::Own, "?outcome=done".to_owned(), &[], None),
        "preview_policy" => with(Outcome::Own, json!({})),
        "put_policy" => (Outcome::Own, String::new(), &[("if-match", "*")], Some(json!({}))),
        "create_api_credential" => with(Outcome::Own, json!({"name": "theirs"})),
        "test_connection" | "create_integration" => with(Outcome::Own, app.form()),
        _ if operation.path.contains('{') => plain(Outcome::NotFound),
        id => panic!("{id} has no row: what is the response to another organisation?"),
    }
}

/// All but `create_token`, which is called without a token: `credentials` tests it.
fn operations() -> Vec<&'static Operation> {
    let all = api::operations().iter().filter(|operation| operation.id != "create_token");
    let mut found: Vec<_> = all.collect();
    // Creating operations come last, so that lists are empty until then.
    found.sort_by_key(|operation| operation.id.starts_with("create"));
    found
}

#[support::test]
async fn other_organisations_resources_are_404(pool: PgPool) {
    let Synced { app, id: integration } = Synced::from_pool(pool).await;
    let (theirs, missing) = (Ids::create(&app, integration).await, Ids::missing());
    let shown = everything(&app, &theirs).await;
    let statements = Statements::listen();
    for operation in operations() {
        let (outcome, foreign, asked) = ask(&app, &statements, operation, &theirs).await;
        let id = &operation.id;
        assert_nothing_of_owner(id, &foreign, &theirs);
        if matches!(outcome, Outcome::Shared | Outcome::Own) {
            assert!(foreign.status.is_success(), "{id}: {}", foreign.text);
            continue;
        }
        let (_, unknown, expected) = ask(&app, &statements, operation, &missing).await;
        assert_eq!(foreign.status, unknown.status, "{id}");
        assert_eq!(comparable(&foreign, &theirs), comparable(&unknown, &missing), "{id}");
        assert!(!asked.is_empty(), "{id} was answered without a query");
        assert_eq!(asked, expected, "{id} runs other statements for existing ids");
        match outcome {
            Outcome::NotFound => drop(foreign.expect_problem(404, "not_found")),
            Outcome::EmptyFile => assert_eq!(foreign.expect(200).text, ""),
            Outcome::EmptyList => assert_eq!(foreign.expect(200).json["items"], json!([])),
            _ => assert_eq!(foreign.expect(200).json["results"][0]["status"], 404),
        }
    }
    assert_eq!(everything(&app, &theirs).await, shown, "another organisation changed something");
}

async fn ask(
    app: &App,
    statements: &Statements,
    operation: &Operation,
    ids: &Ids,
) -> (Outcome, Answer, Vec<String>) {
    let (outcome, query, headers, body) = row(operation, ids, app);
    let path = ids.fill(&operation.path) + &query;
    let token = app.token("globex", "admin");
    statements.drain();
    let answer = app.call_as(&token, operation.method.clone(), &path, headers, body.as_ref()).await;
    // An export writes its event in the background.
    app.engine.flush_audits().await;
    (outcome, answer, statements.drain())
}

/// The response without its request id, path and requested ids.
fn comparable(answer: &Answer, ids: &Ids) -> Value {
    let mut json = answer.json.clone();
    if let Some(members) = json.as_object_mut() {
        members.remove("request_id");
        members.remove("instance");
    }
    json["items"].as_array_mut().into_iter().flatten().for_each(forget_query);
    serde_json::from_str(&json.to_string().replace(&ids.finding, "ID")).unwrap()
}

/// The event of an export repeats what its caller asked for.
fn forget_query(event: &mut Value) {
    event.get_mut("details").and_then(Value::as_object_mut).map(|details| details.remove("query"));
}

/// The lines of an export, the same way.
fn comparable_lines(text: &str) -> String {
    let line = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(mut event) => {
            forget_query(&mut event);
            event.to_string()
        }
        Err(_) => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn assert_nothing_of_owner(operation: &str, answer: &Answer, ids: &Ids) {
    let text = comparable(answer, ids).to_string() + answer.header("location");
    let text = if answer.json.is_null() { comparable_lines(&answer.text) } else { text };
    for mark in [
        "@acme.example",
        &ids.integration,
        &ids.sync,
        &ids.entry,
        &ids.asset,
        &ids.finding,
        &ids.credential,
    ] {
        assert!(!text.contains(mark), "{operation} shows {mark}: {text}");
    }
}

/// The responses to the owner.
async fn everything(app: &App, ids: &Ids) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "/v1/integrations/{integration_id}",
        "/v1/integrations/{integration_id}/history",
        "/v1/syncs/{sync_id}",
        "/v1/findings/{finding_id}",
        "/v1/findings",
        "/v1/assets",
        "/v1/integrations",
        "/v1/api-credentials",
        "/v1/policy",
    ] {
        all.push(app.get(&ids.fill(path)).await.expect(200).json);
    }
    all
}
