//! `check` and `snapshot`: evaluates a tenant or a snapshot without database and server, for CI.

mod baseline;
mod document;
mod events;
mod junit;
mod plan;
mod reports;
mod results;
mod sarif;
mod table;
mod tenant;

use std::process::ExitCode;

use anyhow::Result;
use domain::checks::{self, Severity};
use domain::plan::Situation;
use domain::snapshot::Snapshot;

use crate::cli::{Check, Format, TenantToRead};
use crate::config::{Config, SettingSource};
use crate::print;
use baseline::{Baseline, Comparison};
use results::Results;

/// Prints the results. Exits with 1 if a finding has the severity of `--fail-on` or higher, and is new or worse than in
/// the baseline, if there is one; or, with `--fail-on-unknown`, if a check is unknown. Errors (the tenant, the snapshot,
/// the policy or the baseline cannot be read) exit with 2.
pub async fn check(
    config: &Config,
    source: &dyn SettingSource,
    options: Check,
) -> Result<ExitCode> {
    // Before reading the tenant, which would be in vain with invalid options.
    let wanted = plan::wanted(&options)?;
    let policy =
        options.policy.as_deref().map(tenant::read_policy).transpose()?.unwrap_or_default();
    let baseline = options.baseline.as_deref().map(Baseline::read).transpose()?;
    let tenant = match (&options.snapshot, &options.tenant) {
        (Some(file), _) => tenant::load(file)?,
        (None, tenant) => tenant::read(config, source, tenant).await?,
    };
    if options.plan || wanted.is_some() {
        let worst =
            plan::print(&Situation::of_tenant(tenant, policy), wanted.as_ref(), options.format)?;
        return Ok(exit_code(options.fail_on, worst));
    }
    let evaluation = checks::evaluate_by(&tenant, &policy);
    let results = Results::new(&tenant, &evaluation, baseline.as_ref());
    let address = tenant::domain(config, &options.tenant);
    match options.format {
        Format::Table => {
            let is_coloured = table::is_coloured(options.color, source);
            print::line(&table::table(&results, is_coloured));
        }
        Format::Json => {
            print::line(&serde_json::to_string_pretty(&document::document(&results))?);
        }
        Format::Sarif => print::line(&serde_json::to_string_pretty(&sarif::log(&results))?),
        Format::Junit => print::line(&junit::report(&results)),
        Format::Ocsf => {
            for event in events::events(&tenant, &evaluation, address.as_deref()) {
                print::line(&event.to_string());
            }
            print_unjudged(&results);
        }
        Format::Markdown => {
            print::line(&report::markdown(&reports::document(&results, &policy, address)));
        }
        Format::Html => print::line(&report::html(&reports::document(&results, &policy, address))),
    }
    for line in results.comparison.iter().flat_map(Comparison::lines) {
        print::error(&format!("safe-auth0: {line}"));
    }
    if options.fail_on_unknown && results.is_newly_unknown() {
        return Ok(ExitCode::FAILURE);
    }
    // A baseline without a limit: whatever is new fails.
    let fail_on = options.fail_on.or(baseline.map(|_| Severity::Info));
    let worst = results.news().map(|failed| failed.violation.severity).max();
    Ok(exit_code(fail_on, worst))
}

fn exit_code(fail_on: Option<Severity>, worst: Option<Severity>) -> ExitCode {
    let is_failed = fail_on.is_some_and(|limit| worst.is_some_and(|worst| worst >= limit));
    if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// For a format that has only findings: without these lines an unread tenant would look clean.
fn print_unjudged(results: &Results<'_>) {
    for each in &results.unknown {
        print::error(&format!("safe-auth0: unknown: {}: {}", each.check.id, each.reason));
    }
    for each in &results.not_enabled {
        let scopes = each.scopes.join(", ");
        print::error(&format!("safe-auth0: not enabled: {}: needs {scopes}", each.check.id));
    }
}

/// Prints the snapshot of a tenant.
pub async fn snapshot(
    config: &Config,
    source: &dyn SettingSource,
    options: TenantToRead,
) -> Result<()> {
    let tenant = tenant::read(config, source, &options).await?;
    print::line(&serde_json::to_string_pretty(&Snapshot::from(&tenant))?);
    Ok(())
}
