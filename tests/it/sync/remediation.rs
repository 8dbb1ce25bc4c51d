//! Runs every remediation with a call on a simulated tenant: the call resolves the finding and never lowers
//! the score, the undo call restores the tenant, and both need exactly the scope they name. The changes that
//! make each check fail are those of the tests of the checks.

pub mod compare;
mod confidence;

use std::collections::{BTreeMap, BTreeSet};

use domain::readings::ReadingKind;
use serde_json::{Value, json};
use simulator::{Application, TenantFile};
use sqlx::PgPool;
use support::{App, FromPool, assert_members, readable};

use compare::{assert_tools_match, sets_sorted};

/// Bodies of a tenant with nothing to find, and for each check the smallest change that fails it.
const HARDENED: &str = include_str!("../../../crates/domain/src/checks/testing/hardened.json");
const CASES: &str = include_str!("../../../crates/domain/src/checks/testing/cases.json");
/// More changes: of several values at once, and those that no call fixes, with the reason.
const MORE_CASES: &str = include_str!("remediation/more_cases.json");

/// The resources of each test, by how their names begin; those of the last one are all others.
const AREAS: [&[&str]; 6] = [
    &["attack-protection/breached", "attack-protection/brute"],
    &["attack-protection/"],
    &["guardian/", "risk-assessments/"],
    &["tenants/"],
    &["clients"],
    &[""],
];

/// One change of the tenant and the check that it trips.
struct Row {
    check: String,
    /// Resource, pointer into it, value.
    set: Vec<(&'static str, String, Value)>,
    /// What else fails, because it follows.
    also: BTreeSet<String>,
    /// Whether the finding has a call.
    is_fixable: bool,
}

impl Row {
    fn new(case: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let set = case["set"].as_array().unwrap().iter();
        Self {
            check: text(&case["trips"]),
            set: set.map(|each| (resource(&each[0]), text(&each[1]), each[2].clone())).collect(),
            also: case["implies"].as_array().into_iter().flatten().map(text).collect(),
            is_fixable: case["no_call"].is_null(),
        }
    }

    fn area(&self) -> usize {
        let is_in = |area: &&[&str]| area.iter().any(|start| self.set[0].0.starts_with(start));
        AREAS.iter().position(is_in).unwrap()
    }
}

fn resource(kind: &Value) -> &'static str {
    ReadingKind::ALL.iter().find(|each| each.name() == kind).unwrap().resource()
}

/// The changes that a call fixes, and some more.
fn rows() -> Vec<Row> {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let more: Vec<Value> = serde_json::from_str(MORE_CASES).unwrap();
    let has_call = |case: &&Value| {
        let mut checks = domain::checks::all().filter(|check| check.id == case["trips"]);
        checks.next().unwrap().remediation.call.is_some()
    };
    cases.iter().filter(has_call).chain(&more).map(Row::new).collect()
}

/// The hardened tenant, of which our client may read everything.
fn base() -> TenantFile {
    let mut file = readable("hardened");
    file.token_bucket = simulator::Limit::Unlimited;
    let writes = domain::checks::all().filter_map(|check| check.remediation.required_scope);
    for scope in writes.chain(["read:users"]).collect::<BTreeSet<_>>() {
        file.applications.push(Application {
            client_id: scope.to_owned(),
            client_secret: "engineer".to_owned(),
            scopes: Some(vec![scope.to_owned()]),
            ..file.applications[0].clone()
        });
    }
    let bodies = HARDENED
        .replace("our-client", &file.applications[0].client_id)
        .replace("https://acme.eu.auth0.com/api/v2/", "$AUDIENCE");
    let bodies: BTreeMap<String, Value> = serde_json::from_str(&bodies).unwrap();
    for (kind, body) in bodies.into_iter().filter(|(kind, _)| kind != "token") {
        file.resources.insert(resource(&json!(kind)).to_owned(), body);
    }
    // A fix sends the whole object: it keeps what no check reads.
    let policies = json!([{"audience": "https://orders.example/", "scope": ["read:orders"]}]);
    file.resources.get_mut("clients").unwrap()[0]["refresh_token"]["policies"] = policies;
    file
}

/// The service, the tenant, and engineers with one scope each.
struct Workshop {
    app: App,
    id: String,
    base: TenantFile,
    http: reqwest::Client,
    tokens: BTreeMap<String, String>,
}

impl FromPool for Workshop {
    async fn from_pool(pool: PgPool) -> Self {
        let app = App::builder(pool).tenant_file(base()).start().await;
        let id = app.create().await;
        app.sync(&id).await;
        assert_eq!(app.findings("state=open").await, Vec::<Value>::new());
        let http = reqwest::Client::builder().build().expect("a client");
        Self { app, id, base: base(), http, tokens: BTreeMap::new() }
    }
}

impl Workshop {
    /// Makes the tenant hardened again but for this row.
    fn trip(&self, row: &Row) {
        let mut resources = self.base.resources.clone();
        for (path, pointer, value) in &row.set {
            let body = resources.get_mut(*path).unwrap();
            match pointer.rsplit_once('/') {
                None => *body = value.clone(),
                Some((parent, key)) => match body.pointer_mut(parent).unwrap() {
                    Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
                    object => object[key] = value.clone(),
                },
            }
        }
        self.app.tenant().edit(|file| file.resources = resources);
    }

    /// Findings that are open, by check.
    async fn open_findings(&self) -> BTreeMap<String, Value> {
        let open = self.app.findings("state=open").await;
        let by_check = |each: Value| (each["check_id"].as_str().unwrap().to_owned(), each);
        open.into_iter().map(by_check).collect()
    }

    async fn finding(&self, id: &Value) -> Value {
        let path = format!("/v1/findings/{}", id.as_str().unwrap());
        self.app.get(&path).await.expect(200).json
    }

    async fn score(&self) -> u64 {
        let assets = self.app.get("/v1/assets").await.expect(200).json;
        assets["items"][0]["score"].as_u64().unwrap()
    }

    /// Does a call as an engineer with one scope: status and body.
    async fn call(&mut self, scope: &str, call: &Value) -> (u16, Value) {
        let token = match self.tokens.get(scope) {
            Some(token) => token.clone(),
            None => self.token(scope).await,
        };
        let method = call["method"].as_str().unwrap().parse().unwrap();
        let address = format!("{}{}", self.app.tenant().origin(), call["path"].as_str().unwrap());
        let request = self.http.request(method, address).bearer_auth(token);
        let request = request.header("content-type", "application/json");
        let answer = request.body(call["body"].to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    async fn token(&mut self, scope: &str) -> String {
        let body = json!({"grant_type": "client_credentials", "client_id": scope,
            "client_secret": "engineer", "audience": self.app.tenant().audience()});
        let address = format!("{}/oauth/token", self.app.tenant().origin());
        let request = self.http.post(address).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        self.tokens.insert(scope.to_owned(), token.clone());
        token
    }

    async fn try_row(&mut self, row: &Row) {
        let check = row.check.as_str();
        self.trip(row);
        let before = sets_sorted(self.app.tenant().file().resources);
        self.app.sync(&self.id).await;
        let open = self.open_findings().await;
        let mut expected = row.also.clone();
        expected.insert(row.check.clone());
        assert_eq!(open.keys().cloned().collect::<BTreeSet<_>>(), expected, "{check}");
        let finding = &open[check];
        let fix = &finding["remediation"];
        if !row.is_fixable {
            assert!(fix["api_call"].is_null() && fix["auth0_cli"].is_null(), "{check}: {fix:#}");
            return;
        }
        let points = self.score().await;
        assert!(fix["api_call"].is_object(), "{check} has no call");
        assert_tools_match(check, fix);
        let scope = fix["required_scope"].as_str().unwrap().to_owned();
        let (status, refusal) = self.call("read:users", &fix["api_call"]).await;
        let demanded = format!("Insufficient scope, expected any of: {scope}");
        assert_eq!((status, &refusal["message"]), (403, &json!(demanded)), "{check}");

        let (status, answer) = self.call(&scope, &fix["api_call"]).await;
        assert_eq!(status, 200, "{check}: {answer} to {fix:#}");
        self.app.sync(&self.id).await;
        let fixed = self.finding(&finding["id"]).await;
        assert_members!(fixed, {"state": "resolved", "result": "pass"}, "{check}");
        assert!(self.score().await >= points, "{check} lowers the score");

        let (status, answer) = self.call(&scope, &fix["undo_call"]).await;
        assert_eq!(status, 200, "{check}: {answer} to {fix:#}");
        assert_eq!(
            sets_sorted(self.app.tenant().file().resources),
            before,
            "{check} is not undone"
        );
        self.app.sync(&self.id).await;
        let undone = self.finding(&finding["id"]).await;
        let times = finding["reopen_count"].as_u64().unwrap() + 1;
        assert_members!(undone, {"state": "open", "reopen_count": times}, "{check}");
        assert_eq!(undone["remediation"], *fix, "{check}");
    }

    /// Of all that was asked of the tenant, what the service asked reads.
    fn has_only_read(&self) {
        let requests = self.app.tenant().requests();
        let ours = requests.iter().filter(|request| {
            request.client_id.as_deref().is_none_or(|id| id == self.app.tenant().credentials().0)
        });
        let mut reads = 0;
        for request in ours {
            let is_token = request.method == "POST" && request.path == "/oauth/token";
            assert!(request.method == "GET" || is_token, "{request:?}");
            reads += 1;
        }
        assert!(reads > 30, "{reads}");
    }
}

async fn try_area(mut workshop: Workshop, area: usize) {
    for row in rows().iter().filter(|row| row.area() == area) {
        workshop.try_row(row).await;
    }
    workshop.has_only_read();
}

#[support::test]
async fn remediations_of_breached_passwords_and_brute_force_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 0)).await;
}

#[support::test]
async fn remediations_of_throttling_and_bots_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 1)).await;
}

#[support::test]
async fn remediations_of_mfa_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 2)).await;
}

#[support::test]
async fn remediations_of_tenant_settings_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 3)).await;
}

#[support::test]
async fn remediations_of_applications_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 4)).await;
}

#[support::test]
async fn remediations_of_apis_and_platform_work(workshop: Workshop) {
    Box::pin(try_area(workshop, 5)).await;
}
