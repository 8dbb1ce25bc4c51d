//! Runs every remediation with a call on a simulated tenant: the call resolves the finding and never lowers
//! the score, the undo call restores the tenant, and both need exactly the scope they name. The tables of
//! this folder say what makes each check fail.

mod applications;
mod attack_protection;
mod compare;
mod confidence;
mod factors;
mod platform;
mod protections;
mod tenant;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use simulator::{Application, TenantFile};
use sqlx::PgPool;
use support::{App, assert_members};

use compare::{assert_tools_match, sets_sorted};

/// One change of the tenant and the check that it trips.
struct Row {
    check: &'static str,
    /// Resource, pointer into it, value.
    set: Vec<(&'static str, &'static str, Value)>,
    /// What else fails, because it follows.
    also: &'static [&'static str],
    /// Why the finding has no call.
    no_call: Option<&'static str>,
}

fn row(
    check: &'static str,
    set: impl IntoIterator<Item = (&'static str, &'static str, Value)>,
) -> Row {
    Row { check, set: set.into_iter().collect(), also: &[], no_call: None }
}

impl Row {
    fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    fn without_call(self, why: &'static str) -> Self {
        Self { no_call: Some(why), ..self }
    }
}

/// The hardened tenant with an application of its own, of which our client may read everything.
fn base() -> TenantFile {
    let mut file = TenantFile::bundled("hardened").unwrap();
    file.bucket = simulator::Limit::Unlimited;
    file.token_bucket = simulator::Limit::Unlimited;
    file.applications[0].scopes =
        Some(domain::checks::scopes::useful().into_iter().map(String::from).collect());
    let writes = domain::checks::all().filter_map(|check| check.remediation.required_scope);
    for scope in writes.chain(["read:users"]).collect::<BTreeSet<_>>() {
        file.applications.push(Application {
            client_id: scope.to_owned(),
            client_secret: "engineer".to_owned(),
            scopes: Some(vec![scope.to_owned()]),
            ..file.applications[0].clone()
        });
    }
    let clients = file.resources.get_mut("clients").unwrap().as_array_mut().unwrap();
    clients.insert(0, applications::shop());
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

impl Workshop {
    async fn open(pool: PgPool) -> Self {
        let app = App::builder(pool).tenant_file(base()).start().await;
        let id = app.create().await;
        app.sync(&id).await;
        assert_eq!(app.findings("state=open").await, Vec::<Value>::new());
        let http = reqwest::Client::builder().build().expect("a client");
        Self { app, id, base: base(), http, tokens: BTreeMap::new() }
    }

    /// Makes the tenant hardened again but for this row.
    fn trip(&self, row: &Row) {
        let mut resources = self.base.resources.clone();
        for (path, pointer, value) in &row.set {
            let body = resources.get_mut(*path).unwrap();
            match pointer.rsplit_once('/') {
                None => *body = value.clone(),
                Some((parent, key)) => body.pointer_mut(parent).unwrap()[key] = value.clone(),
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
        let check = row.check;
        self.trip(row);
        let before = sets_sorted(self.app.tenant().file().resources);
        self.app.sync(&self.id).await;
        let open = self.open_findings().await;
        let expected: BTreeSet<_> = row.also.iter().copied().chain([check]).collect();
        assert_eq!(open.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{check}");
        let finding = &open[check];
        let fix = &finding["remediation"];
        if row.no_call.is_some() {
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

async fn try_rows(pool: PgPool, rows: Vec<Row>) {
    let mut workshop = Workshop::open(pool).await;
    for row in &rows {
        workshop.try_row(row).await;
    }
    workshop.has_only_read();
}

#[support::test]
async fn remediations_of_breached_passwords_and_brute_force_work(pool: PgPool) {
    Box::pin(try_rows(pool, attack_protection::rows())).await;
}

#[support::test]
async fn remediations_of_throttling_and_bots_work(pool: PgPool) {
    Box::pin(try_rows(pool, protections::rows())).await;
}

#[support::test]
async fn remediations_of_mfa_work(pool: PgPool) {
    Box::pin(try_rows(pool, factors::rows())).await;
}

#[support::test]
async fn remediations_of_tenant_settings_work(pool: PgPool) {
    Box::pin(try_rows(pool, tenant::rows())).await;
}

#[support::test]
async fn remediations_of_applications_work(pool: PgPool) {
    Box::pin(try_rows(pool, applications::rows())).await;
}

#[support::test]
async fn remediations_of_apis_and_platform_work(pool: PgPool) {
    Box::pin(try_rows(pool, platform::rows())).await;
}

#[test]
fn remediations_with_a_call_are_all_tried() {
    let rows = [
        attack_protection::rows(),
        protections::rows(),
        factors::rows(),
        tenant::rows(),
        applications::rows(),
        platform::rows(),
    ];
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    assert!(rows.iter().filter_map(|row| row.no_call).all(|why| !why.is_empty()));
    let tried = rows.iter().filter(|row| row.no_call.is_none()).map(|row| row.check);
    let with_call = domain::checks::all().filter(|check| check.remediation.call.is_some());
    assert_eq!(tried.collect::<BTreeSet<_>>(), with_call.map(|check| check.id).collect());
}
