//! Optional readings: with their scope only, and lists completely or not at all.

use domain::clock::ManualClock;
use std::sync::Arc;
use std::time::Duration;

use auth0::{Auth0, Config, Freshness, Limits};
use domain::Clock;
use domain::address::{AllowedOrigins, Origin, TenantAddress};
use domain::readings::{Need, Reading, ReadingKind};
use domain::tenant::Outcome;
use serde_json::{Value, json};
use simulator::{Effect, Fault, SimulatedTenant};
use sqlx::PgPool;
use support::{App, assert_members, readable};

const CLIENTS: &str = "/api/v2/clients";
const SECRET: &str = "planted-5f2b8e";

fn optional() -> impl Iterator<Item = ReadingKind> {
    ReadingKind::ALL.iter().copied().filter(|kind| kind.need() == Need::Optional)
}

fn clients(count: usize) -> Value {
    let one = |n: usize| {
        json!({"client_id": format!("app{n}"), "name": "x", "global": false, "is_first_party": true,
        "oidc_conformant": true, "grant_types": ["authorization_code"], "callbacks": [], "client_secret": SECRET,
        "jwt_configuration": {"alg": "HS256"}})
    };
    (0..count).map(one).collect()
}

fn numbered(count: usize) -> Value {
    (0..count).map(|n| json!({"id": format!("id{n}"), "name": "x", "enabled": true})).collect()
}

/// The checks that this resource feeds.
fn fed_by(kind: ReadingKind) -> Vec<&'static str> {
    domain::checks::all().filter(|c| c.reads.contains(&kind)).map(|check| check.id).collect()
}

fn reading<'a>(sync: &'a Value, kind: &str) -> Option<&'a Value> {
    sync["readings"].as_array().unwrap().iter().find(|report| report["reading"] == kind)
}

fn outcome<'a>(sync: &'a Value, kind: &str) -> (&'a Value, &'a Value, u64) {
    let report = reading(sync, kind).expect("a report");
    (&report["outcome"], &report["reason"], report["attempts"].as_u64().unwrap())
}

/// Of the only asset, with their reasons.
async fn unknown_checks(app: &App) -> Vec<(String, String)> {
    let asset = app.get("/v1/assets").await.expect(200).json["items"][0].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let unknown = asset["unknown_checks"].as_array().unwrap().iter();
    unknown.map(|check| (text(&check["check_id"]), text(&check["reason"]))).collect()
}

/// Reads one kind of a tenant without the rest of the service.
async fn read(tenant: &SimulatedTenant, kind: ReadingKind, clock: &ManualClock) -> Outcome {
    let allowed = AllowedOrigins::new(vec![Origin::parse(&tenant.origin()).unwrap()]);
    let address = TenantAddress::parse(&tenant.api_identifier(), &allowed).unwrap().address;
    let (client_id, client_secret) = tenant.credentials();
    let connection = domain::connection::Connection {
        api_identifier: address.clone(),
        api_audience: address,
        client_id,
        client_secret: client_secret.into(),
    };
    let limits = Limits::default();
    let user_agent = "safe-auth0/test".into();
    let config = Config { allowed, extra_ca_pem: None, limits, user_agent };
    let auth0 = Auth0::new(config, Arc::new(clock.clone()), Arc::new(clock.clone())).unwrap();
    let deadline = clock.now() + jiff::SignedDuration::from_secs(30);
    let session = auth0.open(&connection, Freshness::Fresh, "x", deadline).await.ok().unwrap();
    session.read_all(&[kind], deadline, &|_| ()).await.remove(0).0
}

#[support::test]
async fn optional_lists_are_read_to_their_end(pool: PgPool) {
    let app = App::builder(pool).tenant_file(readable("hardened")).start().await;
    let id = app.create().await;
    app.tenant().set("clients", clients(130));
    for path in ["rules", "hooks", "actions/actions", "resource-servers", "connections"] {
        app.tenant().set(path, numbered(101));
    }
    app.tenant().clear_requests();
    let sync = app.sync(&id).await;
    for kind in optional() {
        assert_eq!(outcome(&sync, kind.name()).0, "read", "{}", kind.name());
    }
    for kind in ["clients", "rules", "hooks", "actions_actions", "resource_servers", "connections"]
    {
        assert_eq!(outcome(&sync, kind).2, 2, "{kind}");
    }
    assert_eq!(sync["calls"], app.tenant().requests().len());
    assert_eq!(sync["calls"], 28 + 6);
    assert_eq!(app.tenant().count("GET", CLIENTS), 2);
    let Outcome::Read(Reading::Clients(read)) =
        read(app.tenant(), ReadingKind::Clients, &app.clock).await
    else {
        panic!("not read")
    };
    assert_eq!(read.0.len(), 130);
    if fed_by(ReadingKind::Clients).contains(&"application-id-token-hs256") {
        assert_eq!(app.findings("check_id=application-id-token-hs256").await.len(), 130);
    }
}

#[support::test]
async fn optional_list_limits_are_named_and_change_no_finding(pool: PgPool) {
    let limits = Limits { list_pages: 2, ..Limits::default() };
    let file = readable("weak");
    let app = App::builder(pool).tenant_file(file).client_limits(limits).start().await;
    let id = app.create().await;
    app.sync(&id).await;
    let before = app.findings("state=open").await;
    app.tenant().set("clients", clients(230));
    let sync = app.sync(&id).await;
    assert_eq!(outcome(&sync, "clients"), (&json!("unreadable"), &json!("truncated"), 2));
    let message = reading(&sync, "clients").unwrap()["message"].to_string();
    assert!(message.contains("list_pages") && message.contains("2 pages"), "{message}");
    assert_members!(sync["findings"], {"opened": 0, "resolved": 0});
    let ids = |list: &[Value]| list.iter().map(|f| f["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&app.findings("state=open").await), ids(&before));
    let mut truncated = unknown_checks(&app).await;
    truncated.retain(|(_, reason)| reason == "truncated");
    let fed = fed_by(ReadingKind::Clients);
    assert!(truncated.iter().all(|(id, _)| fed.contains(&id.as_str())), "{truncated:?}");
    assert_eq!(truncated.is_empty(), fed.is_empty());
}

#[support::test]
async fn optional_resources_wait_for_their_scope(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let id = app.create().await;
    let before = app.sync(&id).await;
    assert!(reading(&before, "clients").is_none());
    assert_eq!(app.tenant().count("GET", CLIENTS), 0);
    let not_enabled = |sync: &Value| sync["checks"]["not_enabled"].as_u64().unwrap();
    let optional_checks = domain::checks::all()
        .filter(|check| check.reads.iter().any(|kind| kind.need() == Need::Optional));
    assert_eq!(not_enabled(&before), optional_checks.count() as u64);

    app.tenant().edit(|file| {
        let scopes = file.applications[0].scopes.as_mut().unwrap();
        scopes.extend(["read:clients", "read:client_credentials"].map(String::from));
    });
    app.clock.advance(Duration::from_secs(11 * 60));
    let after = app.sync(&id).await;
    assert_eq!(outcome(&after, "clients"), (&json!("read"), &Value::Null, 1));
    let alone = domain::checks::all().filter(|check| {
        let optional = check.reads.iter().filter(|kind| kind.need() == Need::Optional);
        optional.clone().count() > 0 && optional.copied().all(|kind| kind == ReadingKind::Clients)
    });
    assert_eq!(not_enabled(&after), not_enabled(&before) - alone.count() as u64);
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    let mut probes = report["steps"].as_array().unwrap().iter().filter(|s| s["name"] == "probe");
    assert_eq!(probes.next_back().unwrap()["reading"], "clients");
}

#[support::test]
async fn optional_scopes_of_a_token_renewed_in_the_middle_are_used(pool: PgPool) {
    let app = App::builder(pool).tenant("hardened").start().await;
    let id = app.create().await;
    app.tenant().edit(|file| {
        file.applications[0].scopes.as_mut().unwrap().push("read:clients".into());
    });
    app.tenant().fault(Fault::on_management_api(Effect::ExpireToken).skip(4).times(1));
    let sync = app.sync(&id).await;
    assert_eq!(outcome(&sync, "clients").0, "read", "{sync:#}");
}

#[support::test]
async fn optional_failure_leaves_only_its_checks_unknown(pool: PgPool) {
    let app = App::builder(pool).tenant_file(readable("hardened")).start().await;
    let id = app.create().await;
    app.tenant().set("clients", clients(110));
    app.sync(&id).await;
    let before = app.findings("state=open").await.len();
    let unknown_before = unknown_checks(&app).await;
    // The second page: once, then always.
    app.tenant().fault(Fault::on_get(CLIENTS, Effect::ServerError(503)).skip(1).times(1));
    assert_eq!(outcome(&app.sync(&id).await, "clients"), (&json!("read"), &Value::Null, 3));
    app.tenant().clear_faults();
    app.tenant().fault(Fault::on_get(CLIENTS, Effect::ServerError(503)).skip(1));
    let sync = app.sync(&id).await;
    assert_eq!(sync["state"], "succeeded");
    assert_eq!(outcome(&sync, "clients"), (&json!("unreadable"), &json!("api_error"), 4));
    assert_eq!(app.findings("state=open").await.len(), before);
    let mut unknown = unknown_checks(&app).await;
    unknown.retain(|check| !unknown_before.contains(check));
    let fed = fed_by(ReadingKind::Clients);
    assert!(unknown.iter().all(|(id, _)| fed.contains(&id.as_str())), "{unknown:?}");
    assert!(unknown.iter().all(|(_, reason)| reason == "api_error"), "{unknown:?}");
    assert_eq!(unknown.is_empty(), fed.is_empty());

    // Nor does it decide whether a tenant is connected; a probe is content with the first page.
    app.tenant().clear_faults();
    app.tenant().fault(Fault::on_get(CLIENTS, Effect::ServerError(503)).skip(1));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    assert_members!(report, {"outcome": "connected", "calls": 29});
    assert!(report["steps"].as_array().unwrap().iter().all(|step| step["status"] == "passed"));
    app.tenant().clear_faults();
    app.tenant().fault(Fault::on_get(CLIENTS, Effect::NotFound));
    let report = app.post("/v1/connection-tests", &app.form()).await.expect(200).json;
    let steps = report["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["reading"] == "clients").unwrap();
    assert_eq!((&step["status"], &report["outcome"]), (&json!("failed"), &json!("connected")));
}

#[support::test]
async fn optional_secrets_are_kept_and_shown_nowhere(pool: PgPool) {
    let app = App::builder(pool.clone()).tenant_file(readable("weak")).start().await;
    app.tenant().edit(|file| {
        for (path, body) in &mut file.resources {
            let is_optional = optional().any(|kind| kind.resource() == path);
            let objects = body.as_array_mut().filter(|_| is_optional);
            for object in objects.into_iter().flatten().filter(|object| object.is_object()) {
                for name in ["client_secret", "signing_secret", "code", "script", "sink", "addons"]
                {
                    object[name] = json!(SECRET);
                }
                object["options"]["client_secret"] = json!(SECRET);
                object["options"]["configuration"] = json!({"key": SECRET});
            }
        }
        let provider = json!({"name": "smtp", "enabled": true, "credentials": {"pass": SECRET}});
        file.resources.insert("emails/provider".into(), provider);
    });
    let id = app.create().await;
    let sync = app.sync(&id).await;
    assert_eq!(outcome(&sync, "connections").0, "read");
    let mut shown = vec![sync.to_string()];
    for finding in app.findings("").await {
        let path = format!("/v1/findings/{}", finding["id"].as_str().unwrap());
        shown.push(app.get(&path).await.expect(200).json.to_string());
    }
    for path in ["/v1/assets".into(), format!("/v1/integrations/{id}/history")] {
        shown.push(app.get(&path).await.expect(200).json.to_string());
    }
    shown.push(app.post("/v1/connection-tests", &app.form()).await.json.to_string());
    assert!(shown.iter().all(|text| !text.contains(SECRET)));
    let sql =
        "select table_name::text from information_schema.tables where table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("select row_to_json(t)::text from {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
        assert!(rows.iter().all(|row| !row.contains(SECRET)), "{table}");
    }
}

#[support::test]
async fn optional_resources_of_a_free_tenant_cost_no_429_and_come_last(pool: PgPool) {
    let mut file = readable("free-plan");
    file.bucket = simulator::Limit::Plan;
    file.resources.insert("clients".into(), clients(130));
    let app = App::builder(pool).tenant_file(file).start().await;
    let id = app.create().await;
    app.clock.advance(Duration::from_secs(60));
    app.tenant().clear_requests();
    let began = app.clock.now();
    let sync = app.sync(&id).await;
    let requests = app.tenant().requests();
    assert_members!(sync, {"rate_limited": 0, "calls": requests.len()});
    assert_eq!(requests.len(), 29);
    assert!(requests.iter().all(|request| request.status != 429));
    let took = app.clock.now().duration_since(began);
    assert!(took <= jiff::SignedDuration::from_secs(15), "{took:#}");
    let is_optional = |path: &str| {
        let path = path.trim_start_matches("/api/v2/").split('?').next().unwrap();
        optional().any(|kind| kind.resource() == path)
    };
    let first_optional = requests.iter().position(|request| is_optional(&request.path));
    assert_eq!(first_optional, Some(13));
    // No provider is an answer; no settings at all are none.
    assert_eq!(outcome(&sync, "emails_provider").0, "read");
    let no_provider = read(app.tenant(), ReadingKind::EmailProvider, &app.clock).await;
    assert_eq!(no_provider, Outcome::Read(Reading::no_email_provider()));
    assert_eq!(outcome(&sync, "prompts"), (&json!("unreadable"), &json!("not_supported"), 1));
}
