//! The bundled tenants of usual shapes: what is particular to each is found, and what is as it should be is not.

use std::collections::BTreeSet;

use sqlx::PgPool;
use support::{App, readable};

/// Finds all of `reported` (check and resource), and nothing of the checks that are `silent`.
async fn assert_findings(pool: PgPool, tenant: &str, reported: &[(&str, &str)], silent: &[&str]) {
    let app = App::builder(pool).tenant_file(readable(tenant)).start().await;
    let id = app.create().await;
    let sync = app.sync(&id).await;
    assert_eq!(sync["state"], "succeeded", "{tenant}");
    let coverage = sync["coverage_percent"].as_u64().unwrap();
    assert!(coverage >= 97, "{tenant}: {coverage} %");
    let findings = app.findings(&format!("integration_id={id}")).await;
    let found: BTreeSet<(&str, &str)> = findings
        .iter()
        .map(|each| (each["check_id"].as_str().unwrap(), each["resource"].as_str().unwrap()))
        .collect();
    for each in reported {
        assert!(found.contains(each), "{tenant}: {each:?} is not among {found:#?}");
    }
    let checks: BTreeSet<&str> = found.iter().map(|(check, _)| *check).collect();
    for check in silent {
        assert!(!checks.contains(check), "{tenant}: {check}");
    }
}

#[support::test]
async fn an_app_that_sends_passwords_itself(pool: PgPool) {
    let reported = [
        ("application-public-password-grant", "clients/con-app"),
        ("application-custom-scheme-callback", "clients/con-app"),
        ("application-example-bundle-id", "clients/con-app"),
        ("application-insecure-grant", "clients/con-web"),
        ("application-url-on-foreign-host", "clients/con-web"),
        ("application-refresh-token-unbounded", "clients/con-admin"),
        ("default-directory-with-password-grant", "tenants/settings"),
        ("session-lifetime-long", "tenants/settings"),
        ("mfa-delegated-to-code", "guardian/policies"),
    ];
    let silent = ["connection-developer-keys", "mfa-no-factor-enabled", "legacy-flags-on"];
    assert_findings(pool, "consumer", &reported, &silent).await;
}

#[support::test]
async fn logins_by_social_connections_only(pool: PgPool) {
    let reported = [
        ("connection-developer-keys", "connections/con_google"),
        ("connection-developer-keys", "connections/con_github"),
        ("connection-mfa-off", "connections/con_left"),
        ("application-insecure-grant", "clients/soc-web"),
        ("mfa-no-factor-enabled", "guardian/factors"),
    ];
    let silent = ["application-refresh-token-unbounded", "default-audience-set"];
    assert_findings(pool, "social", &reported, &silent).await;
}

#[support::test]
async fn services_that_call_each_other(pool: PgPool) {
    let reported = [
        ("grant-controls-logins", "client-grants/cgr_deploy"),
        ("grant-reads-secrets", "client-grants/cgr_audit"),
        ("grant-all-scopes", "client-grants/cgr_reports"),
        ("application-left-over", "clients/m2m-test"),
        ("application-machine-with-user-grants", "clients/m2m-old"),
        ("api-token-lifetime-long", "resource-servers/billing"),
    ];
    let silent = ["application-authentication-none", "application-insecure-url"];
    assert_findings(pool, "machines", &reported, &silent).await;
}

#[support::test]
async fn directories_of_customers(pool: PgPool) {
    let reported = [
        ("connection-custom-scripts", "connections/con_admins"),
        ("application-third-party-permissive", "clients/ent-partner"),
        ("session-cookie-persistent", "tenants/settings"),
        ("mfa-delegated-to-code", "guardian/policies"),
    ];
    let silent = [
        "connection-developer-keys",
        "connection-public-signup",
        "application-wildcard-callback",
        "application-url-on-foreign-host",
        "session-lifetime-long",
        "log-stream-missing",
        "custom-domain-missing",
        "email-provider-missing",
        "api-rbac-not-enforced",
    ];
    assert_findings(pool, "enterprise", &reported, &silent).await;
}
