//! Policy previews match the next sync and change nothing.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::{Answer, App, Synced, assert_members};

use super::acceptance::{terms, the_one};
use super::rows::execute;

const PATH: &str = "/v1/policy/preview";
const NOBODYS: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";
const HIGH: &str = "brute-force-threshold-high";
const MFA: &str = "mfa-never-required";

fn proposal() -> Value {
    json!({
        "thresholds": {HIGH: {"max_attempts": 8}},
        "severities": {MFA: "info", "support-contact-missing": "low"},
    })
}

async fn preview(app: &App, body: &Value) -> Value {
    app.post(PATH, body).await.expect(200).json
}

async fn put(app: &App, body: &Value) {
    app.call(Method::PUT, "/v1/policy", &[("if-match", "*")], Some(body)).await.expect(200);
}

async fn asset(app: &App) -> Value {
    app.get("/v1/assets").await.expect(200).json["items"][0].clone()
}

/// The figures of an asset in the form of a preview.
fn figures(asset: &Value) -> Value {
    let names = ["score", "coverage_percent", "findings", "accepted_findings"];
    names.iter().map(|name| ((*name).to_owned(), asset[*name].clone())).collect()
}

type Open = BTreeMap<(String, String), String>;

fn key(of: &Value) -> (String, String) {
    (of["check_id"].as_str().unwrap().to_owned(), of["resource"].as_str().unwrap().to_owned())
}

/// Severities of what is not resolved.
async fn open(app: &App) -> Open {
    let found = app.findings("state=open,accepted").await;
    found.iter().map(|each| (key(each), each["severity"].as_str().unwrap().to_owned())).collect()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a Vec<Value> {
    of[name].as_array().unwrap()
}

/// What would be open if the preview were right.
fn foretold(mut open: Open, item: &Value) -> Open {
    for gone in list(item, "would_close") {
        assert_eq!(open.remove(&key(gone)).as_deref(), gone["severity_before"].as_str());
        assert_members!(gone, {"severity_after": null, "evidence": []});
    }
    for new in list(item, "would_open") {
        assert_eq!(new["severity_before"], json!(null));
        assert!(!list(new, "evidence").is_empty());
        let severity = new["severity_after"].as_str().unwrap().to_owned();
        assert_eq!(open.insert(key(new), severity), None);
    }
    for other in list(item, "would_change_severity") {
        let severity = other["severity_after"].as_str().unwrap().to_owned();
        let was = open.insert(key(other), severity);
        assert_eq!(was.as_deref(), other["severity_before"].as_str());
    }
    open
}

#[support::test]
async fn a_preview_matches_the_next_sync(Synced { app, id: integration }: Synced) {
    let finding = the_one(&app, &format!("check_id={MFA}")).await;
    let path = format!("/v1/findings/{}/acceptance", finding["id"].as_str().unwrap());
    let accepted = terms("false_positive", &json!(null));
    app.call(Method::PUT, &path, &[], Some(&accepted)).await.expect(200);
    let extreme = json!({"thresholds": {
        "brute-force-threshold-high": {"max_attempts": 5},
        "brute-force-threshold-extreme": {"max_attempts": 9},
    }});
    // Opened and changed, then one in the place of another, and back, and closed.
    let mut seen = [0, 0, 0];
    for body in [proposal(), extreme, proposal(), json!({})] {
        let (before, told) = (open(&app).await, preview(&app, &body).await);
        assert_eq!((list(&told, "items").len(), &told["not_evaluated"]), (1, &json!([])));
        let item = &told["items"][0];
        let standing = asset(&app).await;
        assert_eq!(item["before"], figures(&standing), "{body}");
        assert_eq!(item["integration_id"], integration);
        assert_members!(item, {"asset_id": standing["id"], "asset_name": standing["name"]});
        assert_eq!(item["observed_at"], standing["evaluated_at"]);
        assert_eq!((&item["truncated"], &told["next"]), (&json!(false), &json!(null)));
        for (count, name) in
            seen.iter_mut().zip(["would_open", "would_close", "would_change_severity"])
        {
            *count += list(item, name).len();
        }
        put(&app, &body).await;
        app.sync(&integration).await;
        assert_eq!(open(&app).await, foretold(before, item), "{body}");
        assert_eq!(figures(&asset(&app).await), item["after"], "{body}");
        let opened = list(item, "would_open").iter().find(|each| each["check_id"] == HIGH);
        if let Some(opened) = opened {
            let finding = the_one(&app, &format!("check_id={HIGH}")).await;
            assert_eq!(opened["evidence"], finding["evidence"]);
            assert_eq!(opened["title"], finding["title"]);
        }
        // In place, it would change nothing more.
        let again = preview(&app, &body).await["items"][0].clone();
        assert_members!(again, {"before": item["after"], "after": item["after"]});
        assert!(list(&again, "would_open").is_empty() && list(&again, "would_close").is_empty());
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

/// The contents of every table.
pub async fn everything(app: &App) -> Vec<(String, String)> {
    let sql = "select table_name::text, query_to_xml(format(
            'select count(*) as n, md5(string_agg(t::text, '''' order by t::text)) as h from %I t',
            table_name), true, true, '')::text
        from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE' order by 1";
    let all: Vec<_> = sqlx::query_as(sql).fetch_all(app.pool()).await.unwrap();
    assert!(all.len() > 10, "{all:?}");
    all
}

#[support::test]
async fn a_preview_calls_no_tenant_and_writes_nothing(Synced { app, id: integration }: Synced) {
    let before = everything(&app).await;
    app.tenant().clear_requests();
    let viewer = app.token("acme", "viewer");
    let body = proposal();
    let told = app.call_as(&viewer, Method::POST, PATH, &[], Some(&body)).await.expect(200).json;
    assert!(!list(&told["items"][0], "would_open").is_empty());
    app.post(PATH, &json!({"integration_ids": [integration, NOBODYS]})).await.expect(200);
    // A preview is not a change, so its refusal is not audited.
    app.post(PATH, &json!({"x": 1})).await.expect_problem(422, "validation_failed");
    assert_eq!(app.tenant().requests().len(), 0);
    assert_eq!(everything(&app).await, before);
}

#[support::test]
async fn all_faults_are_reported_at_once(app: App) {
    let body = json!({
        "version": 1, "unheard/of": 2,
        "thresholds": {HIGH: {"max_attempts": 101, "no~such": 1}, "no-such-check": {}},
        "severities": {MFA: "dreadful"},
        "integration_ids": [NOBODYS, "x", 1],
    });
    let path = format!("{PATH}?limit=0&x=1");
    let refused = app.post(&path, &body).await.expect_problem(422, "validation_failed");
    assert_eq!(
        refused.faults(),
        [
            "/integration_ids/1",
            "/integration_ids/2",
            "/severities/mfa-never-required",
            "/thresholds/brute-force-threshold-high/max_attempts",
            "/thresholds/brute-force-threshold-high/no~0such",
            "/thresholds/no-such-check",
            "/unheard~1of",
            "/version",
            "limit",
            "x",
        ]
    );
    for ids in [json!([]), json!("x"), json!(vec![NOBODYS; 101])] {
        let body = json!({"integration_ids": ids});
        let refused = app.post(PATH, &body).await.expect_problem(422, "validation_failed");
        assert_eq!(refused.faults(), ["/integration_ids"]);
    }
    app.post(&format!("{PATH}?cursor=x"), &json!({}))
        .await
        .expect_problem(400, "malformed_request");
    app.call(Method::POST, PATH, &[], None).await.expect_problem(400, "malformed_request");
}

#[support::test]
async fn integrations_that_cannot_be_previewed_have_a_reason(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("fresh").tenant("fresh").start().await;
    let mut ids = Vec::new();
    for index in 0..3 {
        let form = named(app.form_of(index), index);
        ids.push(app.create_from(&form).await);
    }
    app.sync(&ids[0]).await;
    app.sync(&ids[2]).await;
    app.delete(&format!("/v1/integrations/{}", ids[2])).await.expect(204);
    let all = json!({"integration_ids": [ids[2], NOBODYS, ids[1], ids[0]]});
    let reasons = async |body: &Value| {
        let told = preview(&app, body).await;
        assert_eq!(told["next"], json!(null));
        let reason = |each: &Value| {
            let text = |name: &str| each[name].as_str().unwrap().to_owned();
            (text("integration_id"), text("reason"))
        };
        list(&told, "not_evaluated").iter().map(reason).collect::<BTreeMap<_, _>>()
    };
    let told = reasons(&all).await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[NOBODYS], "not_found");
    assert_eq!((&*told[&ids[1]], &*told[&ids[2]]), ("never_synced", "deleted"));
    // Without ids, only active integrations are previewed.
    assert_eq!(reasons(&json!({})).await, [(ids[1].clone(), "never_synced".into())].into());

    execute(&app, "update judgements set snapshot = jsonb_set(snapshot, '{format}', '2')").await;
    assert_eq!(reasons(&all).await[&ids[0]], "not_understood");
    execute(&app, "update judgements set snapshot = null").await;
    assert_eq!(reasons(&all).await[&ids[0]], "too_large");
    execute(&app, "delete from sync_scores").await;
    assert_eq!(reasons(&all).await[&ids[0]], "not_kept");
}

fn named(mut form: Value, index: usize) -> Value {
    form["asset_name"] = json!(format!("tenant-{index}"));
    form
}

#[support::test]
async fn previews_are_paged_and_cursors_belong_to_their_body(pool: PgPool) {
    let app = App::builder(pool).tenant("fresh").tenant("fresh").tenant("fresh").start().await;
    let mut ids = Vec::new();
    for index in 0..3 {
        ids.push(app.create_from(&named(app.form_of(index), index)).await);
    }
    app.sync(&ids[0]).await;
    let page = async |body: &Value, query: &str| -> Answer {
        app.post(&format!("{PATH}?limit=2{query}"), body).await
    };
    let looked_at = |page: &Value| list(page, "items").len() + list(page, "not_evaluated").len();
    for body in [proposal(), json!({"integration_ids": ids})] {
        let first = page(&body, "").await.expect(200).json;
        assert_eq!((list(&first, "items").len(), looked_at(&first)), (1, 2));
        let query = format!("&cursor={}", first["next"].as_str().unwrap());
        let second = page(&body, &query).await.expect(200).json;
        assert_eq!((looked_at(&second), &second["next"]), (1, &json!(null)));
        assert_eq!(second["not_evaluated"][0]["integration_id"], *ids[2]);
        page(&json!({}), &query).await.expect_problem(422, "validation_failed");
    }
}

#[support::test]
async fn a_preview_with_the_same_idempotency_key_is_replayed(
    Synced { app, id: integration }: Synced,
) {
    let ask = async |body: &Value, query: &str| {
        let path = format!("{PATH}{query}");
        app.call(Method::POST, &path, &[("idempotency-key", "k")], Some(body)).await
    };
    let first = ask(&proposal(), "").await.expect(200);
    app.delete(&format!("/v1/integrations/{integration}")).await.expect(204);
    let again = ask(&proposal(), "").await.expect(200);
    assert_eq!((&again.text, again.header("idempotency-replayed")), (&first.text, "true"));
    for (body, query) in [(json!({}), ""), (proposal(), "?limit=1")] {
        ask(&body, query).await.expect_problem(422, "idempotency_key_reused");
    }
}

#[support::test]
async fn another_organisation_learns_nothing(Synced { app, id: integration }: Synced) {
    let stranger = app.token("globex", "admin");
    let ask = async |body: &Value| {
        app.call_as(&stranger, Method::POST, PATH, &[], Some(body)).await.expect(200).json
    };
    let nothing = json!({"items": [], "not_evaluated": [], "next": null});
    assert_eq!(ask(&proposal()).await, nothing);
    for id in [&*integration, NOBODYS] {
        let mut body = proposal();
        body["integration_ids"] = json!([id]);
        let told = json!([{"integration_id": id, "reason": "not_found"}]);
        assert_eq!(ask(&body).await, json!({"items": [], "not_evaluated": told, "next": null}));
    }
    // Each organisation has its own policy.
    put(&app, &proposal()).await;
    let item = preview(&app, &proposal()).await["items"][0].clone();
    assert_eq!(item["before"], item["after"]);
}
