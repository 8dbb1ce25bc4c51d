//! What a check reads: a tenant or its snapshot, and a policy file. Credentials come from the environment, so that they
//! do not appear in a shell history.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use auth0::{Auth0, TokioSleeper};
use domain::address::TenantAddress;
use domain::clock::SystemClock;
use domain::connection::Connection;
use domain::coverage;
use domain::policy::Policy;
use domain::snapshot::Snapshot;
use domain::tenant::Tenant;
use domain::{FaultLocation, Faults};
use serde_json::Value;

use crate::cli::TenantToRead;
use crate::config::{Config, SettingSource};

const CLIENT_ID: &str = "AUTH0_CLIENT_ID";
const CLIENT_SECRET: &str = "AUTH0_CLIENT_SECRET";

pub fn load(file: &Path) -> Result<Tenant> {
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
pub fn read_policy(file: &Path) -> Result<Policy> {
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

pub async fn read(
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
pub fn domain(config: &Config, options: &TenantToRead) -> Option<String> {
    let text = options.api_audience.as_ref().or(options.api_identifier.as_ref())?;
    let read = TenantAddress::parse(text, &config.tenants.allowed(Vec::new())).ok()?;
    Some(read.address.domain())
}
