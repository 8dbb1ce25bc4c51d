//! Recorded responses of real tenants and the expected results of tests and syncs. Each folder of
//! `tests/cases` is a case with its exchanges and the steps of its scenarios. `defaults.json` answers
//! requests without an exchange.

mod expectations;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Application, Exchange, Limit, TenantFile};
use sqlx::PgPool;
use support::App;

use expectations::{Seen, check_sync, check_test};

/// A test for each folder.
macro_rules! cases {
    ($($test:ident = $folder:literal;)*) => {
        $(
            #[support::test]
            async fn $test(pool: PgPool) {
                run(pool, $folder).await;
            }
        )*

        #[test]
        fn every_case_is_run() {
            let folders = std::fs::read_dir(root()).expect("tests/cases is there");
            let folders = folders.map(|entry| entry.expect("an entry").path());
            let found: BTreeSet<String> = folders
                .filter(|path| path.is_dir())
                .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
                .collect();
            assert_eq!(found, BTreeSet::from([$($folder.to_owned()),*]));
        }
    };
}

cases! {
    a_refusal_for_billing_is_no_finding = "billing-refused";
    options_of_connections_wait_for_their_scope = "connection-options-left-out";
    grants_of_every_form_are_judged = "grants-of-every-form";
    a_limit_that_ended_is_waited_for = "limited-until-now";
    refused_mfa_policies_are_not_the_empty_list = "mfa-policies-refused";
    a_token_for_another_audience_is_no_empty_tenant = "no-management-api-token";
    an_outage_resolves_nothing = "outage-resolves-nothing";
    retired_features_are_no_missing_scope = "retired-features-refused";
    an_old_tenant_is_judged_by_what_it_states = "tenant-before-oidc";
    settings_that_are_left_out_are_no_finding = "tenant-settings-left-out";
    password_grants_and_rules_are_seen = "tenant-with-password-grants";
    a_tenant_with_social_login_only_is_judged = "tenant-with-social-login-only";
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn load(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

async fn run(pool: PgPool, folder: &str) {
    let case = load(&root().join(folder).join("case.json"));
    let exchanges = load(&root().join(folder).join("exchanges.json"));
    let scenarios = case["scenarios"].as_array().expect("scenarios");
    let mut app = App::builder(pool);
    for _ in scenarios {
        app = app.tenant_file(blank());
    }
    let app = app.start().await;
    for (index, scenario) in scenarios.iter().enumerate() {
        let name = format!("{folder}, {}", scenario["name"].as_str().expect("a name"));
        Scenario { app: &app, index, exchanges: &exchanges, name }.run(scenario).await;
    }
}

/// Of the application that is refused: the other one is saved.
const OTHER_CLIENT: &str = "another-client";

/// A tenant of which nothing is known but two applications for this service.
fn blank() -> TenantFile {
    let mut file = TenantFile::bundled("fresh").expect("a bundled tenant");
    let client_id = OTHER_CLIENT.to_owned();
    file.applications.truncate(1);
    file.applications.push(Application { client_id, ..file.applications[0].clone() });
    file.resources.clear();
    file.extra_keys = false;
    (file.bucket, file.token_bucket) = (Limit::Unlimited, Limit::Unlimited);
    file
}

struct Scenario<'a> {
    app: &'a App,
    index: usize,
    exchanges: &'a Value,
    name: String,
}

impl Scenario<'_> {
    async fn run(&self, scenario: &Value) {
        self.serve(&json!({}), false);
        let mut form = self.app.form_of(self.index);
        form["asset_name"] = json!(self.name);
        let id = self.app.create_from(&form).await;
        let mut before = Seen::default();
        for step in scenario["steps"].as_array().expect("steps") {
            // Tokens are used again for ten minutes: each step has one of its own.
            self.app.clock.advance(Duration::from_secs(11 * 60));
            if step.get("test").is_some() {
                self.serve(step, true);
                let path = format!("/v1/integrations/{id}/connection-tests");
                let report = self.app.post(&path, &json!({})).await.expect(200).json;
                check_test(&step["test"], &report, &self.name);
                self.check_refusal(step, &form).await;
            }
            if step.get("sync").is_some() {
                self.serve(step, true);
                let seen = Seen::after_sync(self.app, self.index, &id).await;
                check_sync(&step["sync"], &seen, &before, &self.name);
                before = seen;
            }
        }
    }

    /// What a Save that fails its test says in one line.
    async fn check_refusal(&self, step: &Value, form: &Value) {
        let Some(expected) = step["test"]["refusal"].as_str() else { return };
        self.serve(step, true);
        let mut form = form.clone();
        form["client_id"] = json!(OTHER_CLIENT);
        form["asset_name"] = json!("another");
        let refused = self.app.post("/v1/integrations", &form).await;
        let detail = refused.expect(422).json["detail"].to_string();
        assert!(detail.contains(expected), "{}: {detail}", self.name);
    }

    /// The exchanges that a step names and those of every step, the defaults for everything else; and the
    /// scopes that it grants: all that are of use, but for those that it lacks.
    fn serve(&self, step: &Value, with_case: bool) {
        let mut sets = vec!["always"];
        sets.extend(step["serve"].as_array().into_iter().flatten().filter_map(Value::as_str));
        let mut served: Vec<Exchange> = Vec::new();
        for set in sets.into_iter().filter(|_| with_case) {
            served.extend(self.read(&self.exchanges[set]));
        }
        let replaced = |path: &str| {
            served.iter().any(|exchange| match exchange.request.path.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == exchange.request.path,
            })
        };
        let mut defaults = self.read(&load(&root().join("defaults.json")));
        defaults.retain(|exchange| !replaced(&exchange.request.path));
        served.extend(defaults);
        let tenant = self.app.tenant_at(self.index);
        tenant.replay(served);
        tenant.edit(|file| {
            file.applications.iter_mut().for_each(|each| each.scopes = Some(granted(step)));
        });
        tenant.clear_requests();
    }

    /// With the times in headers that are relative to now.
    fn read(&self, exchanges: &Value) -> Vec<Exchange> {
        let now = self.app.now();
        let date = |seconds: i64| {
            let at = now + jiff::SignedDuration::from_secs(seconds);
            at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
        };
        let text = exchanges
            .to_string()
            .replace("{now}", &now.as_second().to_string())
            .replace("{now-120}", &(now.as_second() - 120).to_string())
            .replace("{http-date now+3}", &date(3));
        if exchanges.is_null() {
            return Vec::new();
        }
        serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", self.name))
    }
}

fn granted(step: &Value) -> Vec<String> {
    let names = |member: &str| {
        let list = step[member].as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
    };
    let lacks = names("lacks").unwrap_or_default();
    let useful = || domain::checks::scopes::useful().into_iter().map(str::to_owned);
    names("grants").unwrap_or_else(|| useful().filter(|scope| !lacks.contains(scope)).collect())
}
