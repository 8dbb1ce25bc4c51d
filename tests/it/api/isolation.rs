//! Calls every operation with ids of another organisation: responses and SQL statements must equal those
//! for ids that do not exist. An operation without a row here fails the test.

use api::Operation;
use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{Answer, App};

use super::acceptance::{synced, terms};
use super::statements::Statements;

const NOBODYS: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

/// The ids that requests are made of.
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
        // Whoever sees this policy sees who put it.
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

    fn nobodys() -> Self {
        let id = || NOBODYS.to_owned();
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

/// What a stranger is answered.
#[derive(Debug, PartialEq)]
enum Told {
    /// 404.
    NotThere,
    /// A list with nothing in it.
    Nothing,
    /// A file with nothing in it.
    NoLines,
    /// 404 for each id of the body.
    NotThereEach,
    /// What everybody is told, whichever organisation asks.
    Everybodys,
    /// What is the stranger's own.
    Own,
}

/// Query, headers and body of an operation, and what it answers.
type Row = (Told, String, &'static [(&'static str, &'static str)], Option<Value>);

fn row(operation: &str, ids: &Ids, app: &App) -> Row {
    let plain = |told| (told, String::new(), &[][..], None);
    let with = |told, body| (told, String::new(), &[][..], Some(body));
    let Ids { integration, asset, finding, .. } = ids;
    match operation {
        "get_integration"
        | "delete_integration"
        | "start_sync"
        | "get_sync"
        | "cancel_sync"
        | "stream_sync_events"
        | "list_history"
        | "get_history_entry"
        | "get_finding"
        | "unaccept_finding"
        | "get_asset"
        | "get_coverage"
        | "get_drift"
        | "list_score_history"
        | "delete_next_secret"
        | "get_api_credential"
        | "revoke_api_credential" => plain(Told::NotThere),
        "update_integration" => {
            let body = json!({"asset_name": "stolen"});
            (Told::NotThere, String::new(), &[("if-match", "\"1\"")], Some(body))
        }
        "test_integration" => with(Told::NotThere, json!({})),
        "accept_finding" => with(Told::NotThere, terms("wont_fix", &json!(null))),
        "bulk_accept_findings" => {
            let mut body = terms("wont_fix", &json!(null));
            body["finding_ids"] = json!([finding]);
            with(Told::NotThereEach, body)
        }
        "put_next_secret" => with(Told::NotThere, json!({"client_secret": "another"})),
        "list_integrations" | "list_api_credentials" => plain(Told::Nothing),
        "export_findings" => (Told::NoLines, format!("?integration_id={integration}"), &[], None),
        "list_assets" => (Told::Nothing, format!("?integration_id={integration}"), &[], None),
        "list_findings" => {
            let query = format!("?integration_id={integration}&asset_id={asset}");
            (Told::Nothing, query, &[], None)
        }
        "livez" | "readyz" | "metrics" | "list_checks" | "get_check" | "get_configuration_form" => {
            plain(Told::Everybodys)
        }
        "get_policy" | "verify_audit" => plain(Told::Own),
        // What was refused names what was asked for.
        "list_audit" => (Told::Own, "?outcome=done".to_owned(), &[], None),
        "preview_policy" => with(Told::Own, json!({})),
        "put_policy" => (Told::Own, String::new(), &[("if-match", "*")], Some(json!({}))),
        "create_api_credential" => with(Told::Own, json!({"name": "theirs"})),
        "test_connection" | "create_integration" => with(Told::Own, app.form()),
        _ => panic!("{operation} has no row: what does it tell another organisation?"),
    }
}

/// All but `create_token`, which is called without a token: `credentials` tests it.
fn operations() -> Vec<&'static Operation> {
    let all = api::operations().iter().filter(|operation| operation.id != "create_token");
    let mut found: Vec<_> = all.collect();
    // What makes something comes last, so that lists are empty until then.
    found.sort_by_key(|operation| operation.id.starts_with("create"));
    found
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn other_organisations_resources_are_404(pool: PgPool) {
    let (app, integration) = synced(pool).await;
    let (theirs, nobodys) = (Ids::create(&app, integration).await, Ids::nobodys());
    let shown = everything(&app, &theirs).await;
    let statements = Statements::listen();
    for Operation { id: operation, method, path, .. } in operations() {
        let (told, foreign, asked) = ask(&app, &statements, method, path, operation, &theirs).await;
        nothing_of_acme(operation, &foreign, &theirs);
        if matches!(told, Told::Everybodys | Told::Own) {
            assert!(foreign.status.is_success(), "{operation}: {}", foreign.text);
            continue;
        }
        let (_, unknown, expected) =
            ask(&app, &statements, method, path, operation, &nobodys).await;
        assert_eq!(foreign.status, unknown.status, "{operation}");
        assert_eq!(comparable(&foreign, &theirs), comparable(&unknown, &nobodys), "{operation}");
        assert!(!asked.is_empty(), "{operation} was answered without looking");
        assert_eq!(asked, expected, "{operation} takes another way when there is something");
        match told {
            Told::NotThere => drop(foreign.expect_problem(404, "not_found")),
            Told::NoLines => assert_eq!(foreign.expect(200).text, ""),
            Told::Nothing => assert_eq!(foreign.expect(200).json["items"], json!([])),
            _ => assert_eq!(foreign.expect(200).json["results"][0]["status"], 404),
        }
    }
    assert_eq!(everything(&app, &theirs).await, shown, "a stranger changed something");
}

async fn ask(
    app: &App,
    statements: &Statements,
    method: &Method,
    path: &str,
    operation: &str,
    ids: &Ids,
) -> (Told, Answer, Vec<String>) {
    let (told, query, headers, body) = row(operation, ids, app);
    let path = ids.fill(path) + &query;
    let stranger = app.token("globex", "admin");
    statements.drain();
    let answer = app.call_as(&stranger, method.clone(), &path, headers, body.as_ref()).await;
    (told, answer, statements.drain())
}

/// The answer without what belongs to the request: its id, its path, and the ids it asked for.
fn comparable(answer: &Answer, ids: &Ids) -> Value {
    let mut json = answer.json.clone();
    if let Some(members) = json.as_object_mut() {
        members.remove("request_id");
        members.remove("instance");
    }
    serde_json::from_str(&json.to_string().replace(&ids.finding, "ID")).unwrap()
}

fn nothing_of_acme(operation: &str, answer: &Answer, ids: &Ids) {
    let text = comparable(answer, ids).to_string() + answer.header("location");
    let text = if answer.json.is_null() { answer.text.clone() } else { text };
    for mark in [
        "@acme.example",
        &ids.integration,
        &ids.sync,
        &ids.entry,
        &ids.asset,
        &ids.finding,
        &ids.credential,
    ] {
        assert!(!text.contains(mark), "{operation} tells {mark}: {text}");
    }
}

/// What the owner sees.
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
