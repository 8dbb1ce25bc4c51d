//! Two database logins: one owns the schema and cannot create roles, the other one serves and owns nothing.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};

use crate::support::{Process, Site, until};

const SYNC_MAX: Duration = Duration::from_secs(30);
const APART: (&str, &str) = ("SAFE_AUTH0_MIGRATE_ON_START", "false");

/// The error of a program that must fail.
fn error_of(mut program: Command) -> String {
    let output = program.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{error}");
    error
}

/// Runs the SQL that the error suggests: its part from `from` through `through`.
async fn run_suggested_sql(administrator: &PgPool, error: &str, from: &str, through: &str) {
    let start = error.find(from).unwrap_or_else(|| panic!("{from} is not in {error}"));
    let end = error[start..].find(through).unwrap_or_else(|| panic!("{through} is not in {error}"));
    let sql = AssertSqlSafe(error[start..start + end + through.len()].to_owned());
    sqlx::raw_sql(sql).execute(administrator).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_preflight_error_names_its_fix_until_two_logins_work() {
    let site = Site::with(&["fresh"]).await;
    let administrator = site.cluster.connect("postgres").await;
    for sql in
        ["create role owner login", "create role service login", "create database safe owner owner"]
    {
        sqlx::raw_sql(sql).execute(&administrator).await.unwrap();
    }
    let (owner, service) =
        (site.cluster.url_as("owner", "safe"), site.cluster.url_as("service", "safe"));
    let two = [("SAFE_AUTH0_MIGRATION_DATABASE_URL", owner.as_str()), APART];
    let program = |command: &str| site.program_on(&service, &[command], &two);

    let error = error_of(program("serve"));
    assert!(error.contains("run `safe-auth0 migrate`"), "{error}");
    let error = error_of(program("migrate"));
    run_suggested_sql(&administrator, &error, "create role safe_auth0_serving", "to owner;").await;
    let migrated = program("migrate").output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let error = error_of(program("serve"));
    run_suggested_sql(&administrator, &error, "grant safe_auth0_serving", "\"service\"").await;

    let started = Process::start(program("serve"), &site.log("serve"));
    let api = site.api("acme");
    let id = site.create(&api, &started.address, 0).await;
    let path = format!("/v1/integrations/{id}/syncs");
    let sync = api.post(&started.address, &path, None).await.expect(202).id();
    let path = format!("/v1/syncs/{sync}");
    let ended = until("the sync ends", SYNC_MAX, async || {
        let sync = api.get(&started.address, &path).await.expect(200).json;
        (sync["finished_at"] != json!(null)).then_some(sync)
    });
    assert_eq!(ended.await["state"], "succeeded");
    drop(started);

    for spoil in
        ["alter role safe_auth0_serving bypassrls", "alter role safe_auth0_serving superuser"]
    {
        sqlx::raw_sql(spoil).execute(&administrator).await.unwrap();
        let error = error_of(program("serve"));
        run_suggested_sql(&administrator, &error, "alter role", "nosuperuser nobypassrls").await;
    }
    let alone = site.program_on(&owner, &["serve"], &[]);
    drop(Process::start(alone, &site.log("alone")));
    let dumped = site.cluster.dump("owner", "safe");
    assert!(dumped.contains(&id), "the owner's dump has the rows");
}
