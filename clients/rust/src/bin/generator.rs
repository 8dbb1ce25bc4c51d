//! The whole flow with the client that OpenAPI Generator generates for Rust.

use openapi::apis::configuration::Configuration;
use openapi::apis::{
    Error, assets_api, audit_api, configuration_api, credentials_api, findings_api, history_api,
    integrations_api, policy_api, service_api, syncs_api,
};
use openapi::models::{self, AutoSyncFrequency};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn configuration() -> Configuration {
    Configuration { base_path: variable("API"), ..Configuration::new() }
}

fn bearer(token: &str) -> Configuration {
    Configuration { bearer_access_token: Some(token.to_owned()), ..configuration() }
}

fn problem<T: std::fmt::Debug, E: std::fmt::Debug>(
    answer: Result<T, Error<E>>,
    code: &str,
) -> models::Problem {
    let Err(Error::ResponseError(response)) = answer else { panic!("{answer:?}") };
    assert!(response.entity.is_some());
    let problem: models::Problem = serde_json::from_str(&response.content).expect("a problem");
    assert_eq!(problem.code, code);
    problem
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let admin = bearer(&variable("TOKEN"));

    let form = configuration_api::get_configuration_form(&admin, None).await?;
    assert!(form.fields.iter().any(|field| field.required && field.name == "api_identifier"));

    let tenant = variable("TENANT");
    let every = models::SyncSchedule { every: Some("6h".into()), ..Default::default() };
    let new = models::IntegrationInput {
        auto_sync_frequency: Some(Some(Box::new(AutoSyncFrequency::SyncSchedule(Box::new(every))))),
        ..models::IntegrationInput::new(
            tenant.clone(),
            tenant,
            variable("CLIENT_ID"),
            variable("CLIENT_SECRET"),
        )
    };
    let tested = configuration_api::test_connection(&admin, new.clone(), None).await?;
    assert_eq!(tested.outcome, "connected");
    let wrong = models::IntegrationInput { client_secret: "not the secret".into(), ..new.clone() };
    let refused = integrations_api::create_integration(&admin, wrong, None).await;
    assert!(problem(refused, "connection_test_failed").connection_test.is_some());

    let created = integrations_api::create_integration(&admin, new.clone(), None).await?;
    let id = &created.id.to_string();
    problem(integrations_api::create_integration(&admin, new, None).await, "conflict");
    let manual = Some(Some(Box::new(AutoSyncFrequency::ManualFrequency("manual".into()))));
    let change = models::IntegrationChanges { auto_sync_frequency: manual, ..Default::default() };
    let changed = integrations_api::update_integration(&admin, id, "*", change).await?;
    assert!(matches!(*changed.auto_sync_frequency, AutoSyncFrequency::ManualFrequency(_)));

    let sync = syncs_api::start_sync(&admin, id, None, Some("wait=60"), None).await?;
    assert_eq!(sync.state, "succeeded");
    let events = syncs_api::stream_sync_events(&admin, &sync.id.to_string(), None).await?;
    assert!(events.text().await?.contains("event: reading"));
    let history = history_api::list_history(&admin, id, None, None, None, None).await?;
    assert_eq!(
        history.items[0].details.checks.as_ref().map(|checks| checks.failed),
        Some(sync.checks.failed)
    );

    let mut findings = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let of = Some(vec![created.id]);
        let severity = Some(vec![models::Severity::Critical, models::Severity::High]);
        let page = findings_api::list_findings(
            &admin,
            of,
            None,
            None,
            severity,
            None,
            None,
            None,
            Some("-severity"),
            Some(2),
            cursor.as_deref(),
        )
        .await?;
        findings.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(findings.len() > 2);

    let terms = models::AcceptanceInput::new(
        "Switched off soon.".into(),
        models::AcceptanceReason::WontFix,
    );
    let accepted = findings_api::accept_finding(&admin, &findings[0].id.to_string(), terms).await?;
    assert_eq!(accepted.state, "accepted");
    let export = findings_api::export_findings(
        &admin,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        Some("csv"),
    )
    .await?;
    assert!(export.text().await?.lines().count() > findings.len());

    let assets = assets_api::list_assets(&admin, Some(vec![created.id]), None, None, None).await?;
    let asset = &assets.items[0].id.to_string();
    assert_eq!(assets_api::get_asset(&admin, asset).await?.accepted_findings, 1);
    assert!(assets_api::get_drift(&admin, asset, None, None).await?.from.is_none());
    assert!(integrations_api::get_coverage(&admin, id).await?.counts.is_some());
    let plan = assets_api::get_plan(&admin, asset).await?;
    let chosen = models::PlanPreviewInput::new(vec![plan.actions[0].id.clone()]);
    let preview = assets_api::preview_plan(&admin, asset, chosen, None).await?;
    assert_eq!(preview.after.score, plan.actions[0].score_after);

    let before = policy_api::get_policy(&admin, None).await?;
    let tag = format!("\"{}\"", before.version);
    let strict = json!({"thresholds": {"brute-force-threshold-high": {"max_attempts": 8}}});
    let replaced = policy_api::put_policy(&admin, &tag, serde_json::from_value(strict)?).await?;
    problem(
        policy_api::put_policy(&admin, &tag, models::PolicyInput::new()).await,
        "precondition_failed",
    );
    policy_api::put_policy(
        &admin,
        &format!("\"{}\"", replaced.version),
        models::PolicyInput::new(),
    )
    .await?;

    let new = models::ApiCredentialInput {
        role: Some(Some(models::Role::Viewer)),
        ..models::ApiCredentialInput::new("Nightly".into())
    };
    let credential = credentials_api::create_api_credential(&admin, new).await?;
    let basic_auth = Some((credential.id.to_string(), Some(credential.secret.clone())));
    let program = Configuration { basic_auth, ..configuration() };
    let token = credentials_api::create_token(&program, "client_credentials").await?;
    let viewer = bearer(&token.access_token);
    assert_eq!(integrations_api::get_integration(&viewer, id, None).await?.id, created.id);
    problem(integrations_api::delete_integration(&viewer, id, None).await, "forbidden");
    credentials_api::revoke_api_credential(&admin, &credential.id.to_string()).await?;

    let action = Some(vec!["delete_integration".to_owned()]);
    let audit =
        audit_api::list_audit(&admin, None, None, None, action, None, None, None, None, None)
            .await?;
    assert_eq!(audit.items[0].outcome, "denied");
    assert!(service_api::metrics(&configuration()).await?.contains("http_requests_total"));

    integrations_api::delete_integration(&admin, id, None).await?;
    assert_eq!(integrations_api::get_integration(&admin, id, None).await?.state, "deleted");

    // A value and a member that are added later.
    let mut later = serde_json::to_value(&findings[0])?;
    later["severity"] = json!("unheard_of");
    later["unheard_of"] = json!(1);
    assert_eq!(serde_json::from_value::<models::Finding>(later)?.severity, "unheard_of");
    println!("ok");
    Ok(())
}
