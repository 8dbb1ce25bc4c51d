//! The whole flow with the client that progenitor generates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt as _;
use serde_json::json;

progenitor::generate_api!(spec = "openapi-3.0.json", interface = Builder);

type Failure = Box<dyn std::error::Error>;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn client(authorization: &str) -> Result<Client, Failure> {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", authorization.parse()?);
    let http = reqwest::Client::builder().default_headers(headers).build()?;
    Ok(Client::new_with_client(&variable("API"), http))
}

fn etag<T>(response: &ResponseValue<T>) -> String {
    response.headers()["etag"].to_str().expect("a tag is ASCII").to_owned()
}

fn problem<T: std::fmt::Debug>(
    answer: Result<T, Error<types::Problem>>,
    code: &str,
) -> types::Problem {
    match answer {
        Err(Error::ErrorResponse(problem)) => {
            assert_eq!(problem.code.as_str(), code);
            problem.into_inner()
        }
        other => panic!("{other:?}"),
    }
}

async fn text(stream: ResponseValue<ByteStream>) -> Result<String, Failure> {
    let chunks: Vec<_> = stream.into_inner_stream().try_collect().await?;
    Ok(String::from_utf8(chunks.concat())?)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let admin = client(&format!("Bearer {}", variable("TOKEN")))?;

    let form = admin.get_configuration_form().send().await?;
    assert!(form.fields.iter().any(|field| field.required && field.name == "api_identifier"));

    let schedule = types::SyncSchedule::builder().every(Some("6h".parse()?));
    let frequency = types::AutoSyncFrequency::SyncSchedule(schedule.try_into()?);
    let new = types::IntegrationInput::builder()
        .api_identifier(variable("TENANT"))
        .api_audience(variable("TENANT"))
        .client_id(variable("CLIENT_ID"))
        .auto_sync_frequency(Some(frequency));
    let right = new.clone().client_secret(variable("CLIENT_SECRET"));
    let tested = admin.test_connection().body(right.clone()).send().await?;
    assert_eq!(tested.outcome.as_str(), "connected");
    let wrong = admin.create_integration().body(new.client_secret("not the secret")).send().await;
    assert!(problem(wrong, "connection_test_failed").connection_test.is_some());

    let created = admin.create_integration().body(right.clone()).send().await?;
    let id = created.id;
    problem(admin.create_integration().body(right).send().await, "conflict");
    let change: types::IntegrationChanges =
        serde_json::from_value(json!({"auto_sync_frequency": "manual"}))?;
    let changed = admin
        .update_integration()
        .integration_id(id)
        .if_match(etag(&created))
        .body(change)
        .send()
        .await?;
    assert!(matches!(changed.auto_sync_frequency, types::AutoSyncFrequency::ManualFrequency(_)));

    let empty = types::EmptyObject::default();
    let sync = admin.start_sync().integration_id(id).prefer("wait=60").body(empty).send().await?;
    assert_eq!(sync.state.as_str(), "succeeded");
    let events = text(admin.stream_sync_events().sync_id(sync.id).send().await?).await?;
    assert!(events.contains("event: reading"));

    let history = admin.list_history().integration_id(id).send().await?;
    assert_eq!(history.items[0].action.as_str(), "sync");

    let mut findings: Vec<types::Finding> = Vec::new();
    let mut cursor = None;
    loop {
        let mut request = admin
            .list_findings()
            .integration_id(vec![id])
            .severity(vec![types::Severity::Critical, types::Severity::High])
            .limit(std::num::NonZeroU64::new(2).expect("not zero"));
        if let Some(cursor) = cursor {
            request = request.cursor(cursor);
        }
        let page = request.send().await?.into_inner();
        findings.extend(page.items);
        let Some(next) = page.next else { break };
        cursor = Some(next);
    }
    assert!(findings.len() > 2);

    let terms = types::AcceptanceInput::builder()
        .reason(types::AcceptanceReason::WontFix)
        .rationale("The tenant is switched off soon.");
    let accepted = admin.accept_finding().finding_id(findings[0].id).body(terms).send().await?;
    assert_eq!(accepted.state.as_str(), "accepted");
    let export = admin.export_findings().integration_id(vec![id]).send().await?;
    assert!(text(export).await?.lines().count() >= findings.len());

    let assets = admin.list_assets().integration_id(vec![id]).send().await?;
    let asset = assets.items[0].id;
    assert_eq!(admin.get_asset().asset_id(asset).send().await?.accepted_findings, 1);
    assert!(admin.get_drift().asset_id(asset).send().await?.from.is_none());
    assert!(admin.get_coverage().integration_id(id).send().await?.counts.is_some());
    let plan = admin.get_plan().asset_id(asset).send().await?;
    let chosen = types::PlanPreviewInput { actions: vec![plan.actions[0].id.to_string()] };
    let preview = admin.preview_plan().asset_id(asset).body(chosen).send().await?;
    assert_eq!(preview.after.score, plan.actions[0].score_after);

    let policy = admin.get_policy().send().await?;
    let strict: types::PolicyInput = serde_json::from_value(
        json!({"thresholds": {"brute-force-threshold-high": {"max_attempts": 8}}}),
    )?;
    let replaced = admin.put_policy().if_match(etag(&policy)).body(strict).send().await?;
    let empty = types::PolicyInput::default();
    problem(
        admin.put_policy().if_match(etag(&policy)).body(empty.clone()).send().await,
        "precondition_failed",
    );
    admin.put_policy().if_match(etag(&replaced)).body(empty).send().await?;

    let new = types::ApiCredentialInput::builder().name("Nightly").role(Some(types::Role::Viewer));
    let credential = admin.create_api_credential().body(new).send().await?;
    let basic = STANDARD.encode(format!("{}:{}", credential.id, credential.secret));
    let grant = types::TokenInput { grant_type: "client_credentials".parse()? };
    let token = client(&format!("Basic {basic}"))?.create_token().body(grant).send().await?;
    let viewer = client(&format!("Bearer {}", token.access_token))?;
    assert_eq!(viewer.get_integration().integration_id(id).send().await?.id, id);
    problem(viewer.delete_integration().integration_id(id).send().await, "forbidden");
    admin.revoke_api_credential().credential_id(credential.id).send().await?;

    let audit = admin
        .list_audit()
        .action(vec!["delete_integration".parse::<types::ListAuditActionItem>()?])
        .send()
        .await?;
    assert_eq!(audit.items[0].outcome, "denied");

    admin.delete_integration().integration_id(id).send().await?;
    assert_eq!(admin.get_integration().integration_id(id).send().await?.state.as_str(), "deleted");

    // A value and a member that are added later.
    let mut later = serde_json::to_value(&findings[0])?;
    later["severity"] = json!("unheard_of");
    later["unheard_of"] = json!(1);
    assert_eq!(serde_json::from_value::<types::Finding>(later)?.severity.as_str(), "unheard_of");
    println!("ok");
    Ok(())
}
