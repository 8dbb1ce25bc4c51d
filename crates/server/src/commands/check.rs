//! `check` and `snapshot`: evaluates a tenant or a snapshot without database and server, for CI. Credentials come from
//! the environment, so that they do not appear in a shell history.

mod document;
mod events;
mod plan;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use auth0::{Auth0, TokioSleeper};
use domain::address::TenantAddress;
use domain::checks::{self, CheckResult, Confidence, Evaluation, Severity, Violation};
use domain::clock::SystemClock;
use domain::connection::Connection;
use domain::coverage;
use domain::finding::{FindingKey, Ranking};
use domain::object::ObjectNames;
use domain::plan::Situation;
use domain::policy::Policy;
use domain::priority::{self, Candidate};
use domain::readings::TokenFacts;
use domain::snapshot::Snapshot;
use domain::tenant::Tenant;
use domain::{FaultLocation, Faults};
use serde_json::Value;

use crate::cli::{Check, Format, TenantToRead};
use crate::config::{Config, SettingSource};
use crate::print;

const CLIENT_ID: &str = "AUTH0_CLIENT_ID";
const CLIENT_SECRET: &str = "AUTH0_CLIENT_SECRET";

/// Prints the results. Exits with 1 if a finding has the severity of `--fail-on` or higher. Errors (the tenant, the
/// snapshot or the policy cannot be read) exit with 2. Unknown checks do not change the exit code.
pub async fn check(
    config: &Config,
    source: &dyn SettingSource,
    options: Check,
) -> Result<ExitCode> {
    // Before reading the tenant, which would be in vain with invalid options.
    let wanted = plan::wanted(&options)?;
    let policy = options.policy.as_deref().map(read_policy).transpose()?.unwrap_or_default();
    let tenant = match (&options.snapshot, &options.tenant) {
        (Some(file), _) => load(file)?,
        (None, tenant) => read(config, source, tenant).await?,
    };
    if options.plan || wanted.is_some() {
        let worst =
            plan::print(&Situation::of_tenant(tenant, policy), wanted.as_ref(), options.format)?;
        return Ok(exit_code(options.fail_on, worst));
    }
    let evaluation = checks::evaluate_by(&tenant, &policy);
    match options.format {
        Format::Table => {
            let is_coloured = table::is_coloured(options.color, source);
            print::line(&table::table(&tenant, &evaluation, is_coloured));
        }
        Format::Json => {
            print::line(&serde_json::to_string_pretty(&document::document(&tenant, &evaluation))?);
        }
        Format::Ocsf => {
            let domain = tenant_domain(config, &options.tenant);
            for event in events::events(&tenant, &evaluation, domain.as_deref()) {
                print::line(&event.to_string());
            }
            // The schema has only findings. Without these lines an unread tenant would look clean.
            for (check, reason) in unknown(&evaluation) {
                print::error(&format!("safe-auth0: unknown: {check}: {reason}"));
            }
            for (check, scopes) in not_enabled(&tenant, &evaluation) {
                let scopes = scopes.join(", ");
                print::error(&format!("safe-auth0: not enabled: {check}: needs {scopes}"));
            }
        }
    }
    let failed = evaluation.outcomes.iter().flat_map(|outcome| &outcome.results);
    let worst = failed.filter_map(|each| match &each.result {
        CheckResult::Fail(violation) => Some(violation.severity),
        _ => None,
    });
    Ok(exit_code(options.fail_on, worst.max()))
}

fn exit_code(fail_on: Option<Severity>, worst: Option<Severity>) -> ExitCode {
    let is_failed = fail_on.is_some_and(|limit| worst.is_some_and(|worst| worst >= limit));
    if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Prints the snapshot of a tenant.
pub async fn snapshot(
    config: &Config,
    source: &dyn SettingSource,
    options: TenantToRead,
) -> Result<()> {
    let tenant = read(config, source, &options).await?;
    print::line(&serde_json::to_string_pretty(&Snapshot::from(&tenant))?);
    Ok(())
}

fn load(file: &Path) -> Result<Tenant> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let snapshot: Snapshot =
        serde_json::from_str(&text).with_context(|| format!("{name} is not a snapshot"))?;
    let tenant = Tenant::try_from(snapshot).map_err(|fault| anyhow!("{name}: {fault}"))?;
    if !coverage::is_any_essential_read(&tenant) {
        bail!("{name} has none of the tenant's essential settings, so it cannot be checked");
    }
    Ok(tenant)
}

/// An error lists every fault, one on each line.
fn read_policy(file: &Path) -> Result<Policy> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let body: Value =
        serde_json::from_str(&text).with_context(|| format!("{name} is not a policy"))?;
    Policy::parse(&body).map_err(|Faults(faults)| {
        let lines = faults.iter().map(|fault| match &fault.place {
            // Empty for the whole document.
            FaultLocation::Pointer(at) => format!("\n  {at}: {}", fault.detail),
            _ => format!("\n  {}", fault.detail),
        });
        anyhow!("{name} is not a policy:{}", lines.collect::<String>())
    })
}

async fn read(
    config: &Config,
    source: &dyn SettingSource,
    options: &TenantToRead,
) -> Result<Tenant> {
    let allowed = config.tenants.allowed(Vec::new());
    let Some(identifier) = &options.api_identifier else {
        bail!("--api-identifier or --snapshot is required");
    };
    let address = |name: &str, text: &str| {
        let read = TenantAddress::parse(text, &allowed).map_err(|fault| anyhow!("{name} {fault}"));
        read.map(|read| read.address)
    };
    let audience = options.api_audience.as_ref().unwrap_or(identifier);
    let variable = |name| {
        let text = source.get(name).and_then(|value| value.into_string().ok());
        text.filter(|text| !text.is_empty()).with_context(|| format!("{name} is not set"))
    };
    let connection = Connection {
        api_identifier: address("--api-identifier", identifier)?,
        api_audience: address("--api-audience", audience)?,
        client_id: variable(CLIENT_ID)?,
        client_secret: variable(CLIENT_SECRET)?.into(),
    };
    let clock = Arc::new(SystemClock);
    let auth0 = Auth0::new(
        auth0::Config {
            allowed,
            extra_ca_pem: config.tenants.extra_ca_pem.clone(),
            limits: config.tenants.limits.clone(),
            user_agent: concat!("safe-auth0/", env!("CARGO_PKG_VERSION")).to_owned(),
        },
        clock.clone(),
        Arc::new(TokioSleeper),
    )?;
    let time = config.engine.sync_deadline;
    let read = engine::offline::read_tenant(&auth0, &connection, &*clock, time).await;
    read.map_err(|failure| anyhow!("{}: {}", failure.code, failure.message))
}

/// `None` for a snapshot, which does not contain the domain.
fn tenant_domain(config: &Config, options: &TenantToRead) -> Option<String> {
    let text = options.api_audience.as_ref().or(options.api_identifier.as_ref())?;
    let read = TenantAddress::parse(text, &config.tenants.allowed(Vec::new())).ok()?;
    Some(read.address.domain())
}

/// A failing check on one resource.
struct Failed<'a> {
    key: FindingKey,
    /// Name of the object that the resource names.
    name: Option<String>,
    check: &'static domain::checks::Check,
    violation: &'a Violation,
    ranking: Ranking<FindingKey>,
}

/// Sorted by descending priority.
fn failures<'a>(tenant: &Tenant, evaluation: &'a Evaluation) -> Vec<Failed<'a>> {
    let each = evaluation.outcomes.iter().flat_map(|o| o.results.iter().map(move |r| (o.check, r)));
    let failed = each.filter_map(|(check, result)| match &result.result {
        CheckResult::Fail(violation) => {
            let resource = result.resource.clone();
            Some((FindingKey { check_id: check.id.to_owned(), resource }, check, &**violation))
        }
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    let candidates = failed.iter().map(|(key, _, violation)| Candidate {
        key,
        severity: violation.severity,
        confidence: violation.confidence,
        evidence: &violation.evidence,
    });
    let names = ObjectNames::new(tenant);
    let ranked = priority::rank(tenant, &names, &candidates.collect::<Vec<_>>());
    let mut ranked: Vec<Failed<'_>> = failed
        .iter()
        .zip(ranked)
        .map(|((key, check, violation), of)| Failed {
            key: key.clone(),
            name: names.name_of(&key.resource),
            check,
            violation,
            ranking: of.with_ids(|at| failed[at].0.clone()),
        })
        .collect();
    ranked.sort_by(|a, b| {
        (b.ranking.priority.cmp(&a.ranking.priority)).then_with(|| a.key.cmp(&b.key))
    });
    ranked
}

/// The violation's confidence, or else the check's.
fn confidence(check: &domain::checks::Check, violation: &Violation) -> Confidence {
    violation.confidence.unwrap_or(check.confidence)
}

/// The checks that did not run, each with the scopes that would enable it.
fn not_enabled(tenant: &Tenant, evaluation: &Evaluation) -> Vec<(&'static str, Vec<&'static str>)> {
    let granted = tenant.token().and_then(TokenFacts::scopes).unwrap_or_default();
    let checks =
        evaluation.not_enabled.iter().filter(|check| !evaluation.disabled.contains(check.id));
    checks
        .map(|check| (check.id, check.missing_optional_scopes(&granted).into_iter().collect()))
        .collect()
}

/// The unknown checks with the reason.
fn unknown(evaluation: &Evaluation) -> Vec<(&'static str, &'static str)> {
    let outcomes = evaluation.outcomes.iter();
    outcomes
        .filter_map(|outcome| match outcome.overall {
            CheckResult::Unknown(reason) => Some((outcome.check.id, reason.name())),
            _ => None,
        })
        .collect()
}
