//! The plan of an asset and reality: what a preview says of any actions is what the next sync finds after their calls.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulator::Application;
use sqlx::PgPool;
use support::{App, FromPool, readable};

const ENGINEER: &str = "engineer";

/// A synced tenant with many findings, and an engineer who may change everything.
struct Weak {
    app: App,
    integration: String,
    token: String,
}

impl FromPool for Weak {
    async fn from_pool(pool: PgPool) -> Self {
        let mut file = readable("weak");
        file.token_bucket = simulator::Limit::Unlimited;
        let writes = domain::checks::all().filter_map(|check| check.remediation.required_scope);
        let writes: BTreeSet<&str> = writes.collect();
        file.applications.push(Application {
            client_id: ENGINEER.to_owned(),
            client_secret: ENGINEER.to_owned(),
            scopes: Some(writes.into_iter().map(str::to_owned).collect()),
            ..file.applications[0].clone()
        });
        let app = App::builder(pool).tenant_file(file).start().await;
        let integration = app.create().await;
        app.sync(&integration).await;
        let token = token(&app).await;
        Self { app, integration, token }
    }
}

async fn token(app: &App) -> String {
    let body = json!({"grant_type": "client_credentials", "client_id": ENGINEER,
        "client_secret": ENGINEER, "audience": app.tenant().audience()});
    let answer = send(app, "POST", "/oauth/token", None, &body).await;
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn send(app: &App, method: &str, path: &str, token: Option<&str>, body: &Value) -> Value {
    let http = reqwest::Client::builder().build().unwrap();
    let address = format!("{}{path}", app.tenant().origin());
    let mut request = http.request(method.parse().unwrap(), address);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request.header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, 200, "{method} {path} {body}: {text}");
    serde_json::from_str(&text).unwrap()
}

impl Weak {
    async fn asset(&self) -> Value {
        self.app.get("/v1/assets").await.expect(200).json["items"][0].clone()
    }

    async fn plan(&self) -> Value {
        let asset = self.asset().await;
        let path = format!("/v1/assets/{}/plan", asset["id"].as_str().unwrap());
        self.app.get(&path).await.expect(200).json
    }

    async fn preview(&self, actions: &[&Value]) -> Value {
        let asset = self.asset().await;
        let path = format!("/v1/assets/{}/plan/preview", asset["id"].as_str().unwrap());
        let ids: Vec<&Value> = actions.iter().map(|action| &action["id"]).collect();
        self.app.post(&path, &json!({"actions": ids})).await.expect(200).json
    }

    async fn call(&self, call: &Value) {
        let [method, path] = ["method", "path"].map(|name| call[name].as_str().unwrap());
        send(&self.app, method, path, Some(&self.token), &call["body"]).await;
    }

    /// Does the calls of some actions and compares the next sync with the preview, then undoes them.
    async fn try_actions(&self, actions: &[&Value], can_be_undone: bool) {
        let stored = self.app.tenant().file().resources;
        let (told, before) = (self.preview(actions).await, self.open().await);
        assert_eq!(told["before"], figures(&self.asset().await));
        for action in actions {
            self.call(&action["api_call"]).await;
        }
        self.app.sync(&self.integration).await;
        assert_eq!(told["after"], figures(&self.asset().await), "{actions:#?}");
        let after = self.open().await;
        assert_eq!(keys(&told["resolves"]), before.difference(&after).cloned().collect());
        assert_eq!(keys(&told["opens"]), after.difference(&before).cloned().collect());
        for action in actions.iter().rev() {
            self.call(&action["undo_call"]).await;
        }
        if can_be_undone {
            // By verdict: an undo states what Auth0 left out.
            self.app.sync(&self.integration).await;
            assert_eq!(self.open().await, before, "{actions:#?}");
        }
        self.app.tenant().edit(|file| file.resources = stored);
        self.app.sync(&self.integration).await;
        assert_eq!(self.open().await, before);
    }

    async fn open(&self) -> BTreeSet<(String, String)> {
        keys(&json!(self.app.findings("state=open").await))
    }
}

fn keys(findings: &Value) -> BTreeSet<(String, String)> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = findings.as_array().unwrap().iter();
    findings.map(|each| (text(each, "check_id"), text(each, "resource"))).collect()
}

fn figures(asset: &Value) -> Value {
    let names = ["score", "coverage_percent", "findings", "accepted_findings"];
    names.iter().map(|name| ((*name).to_owned(), asset[*name].clone())).collect()
}

#[support::test]
async fn a_plan_is_what_the_next_syncs_find(weak: Weak) {
    let plan = weak.plan().await;
    let asset = weak.asset().await;
    assert_eq!(
        (&plan["score_before"], &plan["evaluated_at"]),
        (&asset["score"], &asset["evaluated_at"])
    );
    let actions: Vec<&Value> = plan["actions"].as_array().unwrap().iter().collect();
    assert!(actions.len() > 10 && plan["truncated"] == false, "{}", actions.len());
    let preview = weak.preview(&actions).await;
    assert_eq!(preview["after"]["score"], plan["score_after"]);
    assert!(plan["score_after"].as_u64() > plan["score_before"].as_u64());
    Box::pin(weak.try_actions(&actions, true)).await;
    // The same calls have the same ids.
    assert_eq!(weak.plan().await["actions"], plan["actions"]);
}

#[support::test]
async fn each_step_of_a_plan_has_the_score_of_the_sync_after_it(weak: Weak) {
    let plan = weak.plan().await;
    let mut open = weak.open().await;
    for action in plan["actions"].as_array().unwrap() {
        assert_eq!(action["score_before"], weak.asset().await["score"]);
        weak.call(&action["api_call"]).await;
        weak.app.sync(&weak.integration).await;
        assert_eq!(action["score_after"], weak.asset().await["score"], "{action:#}");
        let now = weak.open().await;
        assert_eq!(
            keys(&action["resolves"]),
            open.difference(&now).cloned().collect(),
            "{action:#}"
        );
        assert_eq!(keys(&action["opens"]), now.difference(&open).cloned().collect(), "{action:#}");
        open = now;
    }
    let rest = weak.plan().await;
    assert_eq!(rest["actions"], json!([]), "nothing that a call fixes is left");
    assert_eq!(rest["manual_actions"], plan_without_ids(&plan["manual_actions"], &rest));
}

/// The steps by hand of an earlier plan, with the ids that findings have got since.
fn plan_without_ids(manual: &Value, later: &Value) -> Value {
    let mut manual = manual.clone();
    for (action, later) in
        manual.as_array_mut().unwrap().iter_mut().zip(later["manual_actions"].as_array().unwrap())
    {
        for (finding, later) in action["findings"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .zip(later["findings"].as_array().unwrap())
        {
            finding["finding_id"] = later["finding_id"].clone();
        }
    }
    manual
}

#[support::test]
async fn any_actions_of_a_plan_have_the_effect_of_their_preview(weak: Weak) {
    let plan = weak.plan().await;
    let actions = plan["actions"].as_array().unwrap();
    // Random bits, of which a quarter, half and three quarters are set.
    let [one, other]: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9];
    for chosen in [one & other, one, other, one | other] {
        let chosen = actions.iter().enumerate().filter(|(at, _)| chosen >> (at % 64) & 1 == 1);
        let chosen: Vec<&Value> = chosen.map(|(_, action)| action).collect();
        if chosen.is_empty() {
            continue;
        }
        // An action that rests on another one is undone to the state after that.
        let has_all = chosen.iter().all(|action| {
            let after = action["after"].as_array().unwrap();
            after.iter().all(|id| chosen.iter().any(|each| each["id"] == *id))
        });
        Box::pin(weak.try_actions(&chosen, has_all)).await;
    }
}
