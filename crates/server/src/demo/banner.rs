//! The text that `serve --demo` prints: addresses, tokens, credentials and the calls of the whole flow.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use api::auth::{Identity, Role};
use domain::clock::SystemClock;
use domain::{Clock, OrganisationId};
use jiff::SignedDuration;
use serde_json::json;
use simulator::SimulatedTenant;

use super::Demo;
use crate::config::Config;
use crate::wiring::Bootstrap;

const ORGANISATION: &str = "acme";
const LIFETIME: SignedDuration = SignedDuration::from_hours(12);
/// The tenant used in the calls: the one with the most findings.
const TENANT: &str = "weak";

pub fn banner(
    config: &Config,
    bootstrap: &Bootstrap,
    demo: &Demo,
    address: SocketAddr,
) -> Result<String> {
    let data = match config.database.url {
        Some(_) => "in the configured database".to_owned(),
        None => format!("in {}", config.database.data_dir.display()),
    };
    let admin = token(config, bootstrap, Role::Admin, "ada@acme.example")?;
    let viewer = token(config, bootstrap, Role::Viewer, "vic@acme.example")?;
    let table = table(demo.tenants());
    let calls = calls(demo, address, &admin)?;
    Ok(format!(
        "
Auth0 for SAFE is running. Ctrl-C stops everything; the data stays {data}.

  API       http://{address}/v1
  Docs      http://{address}/docs
  OpenAPI   http://{address}/openapi.json

Tokens (organisation {ORGANISATION}, valid for 12 hours; `safe-auth0 token` prints more)

  admin     {admin}

  viewer    {viewer}

{table}
The whole flow, to paste into bash:

{calls}"
    ))
}

/// The tenants' addresses and credentials.
pub fn table(tenants: &[SimulatedTenant]) -> String {
    let rows = tenants.iter().map(|tenant| {
        let (id, secret) = tenant.credentials();
        format!(
            "  {:<11} API Identifier  {}\n              API Audience    {}\n              \
             Client ID       {id}\n              Client Secret   {secret}\n\n",
            tenant.file().name,
            tenant.api_identifier(),
            tenant.audience(),
        )
    });
    format!("Simulated Auth0 tenants\n\n{}", rows.collect::<String>())
}

fn token(config: &Config, bootstrap: &Bootstrap, role: Role, email: &str) -> Result<String> {
    let Some(key) = bootstrap.development_key() else {
        return Ok("(from the configured issuer)".to_owned());
    };
    let identity = Identity {
        organisation_id: OrganisationId::parse(ORGANISATION)
            .context("the organisation's id is invalid")?,
        subject: email.to_owned(),
        email: email.to_owned(),
    };
    Ok(key.sign(&identity, role, &config.tokens.rules, SystemClock.now(), LIFETIME)?)
}

fn calls(demo: &Demo, address: SocketAddr, token: &str) -> Result<String> {
    let tenants = demo.tenants();
    let tenant = tenants.iter().find(|tenant| tenant.file().name == TENANT);
    let tenant = tenant.or(tenants.first()).context("there are no simulated tenants")?;
    let (client_id, client_secret) = tenant.credentials();
    let body = json!({
        "name": "Acme, simulated",
        "api_identifier": tenant.api_identifier(),
        "client_id": client_id,
        "client_secret": client_secret,
        "api_audience": tenant.audience(),
    });
    Ok(format!(
        r#"API=http://{address}
TOKEN='{token}'
TENANT='{body}'
ask() {{ curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' "$@"; echo; }}
saved() {{ ask "$API/v1/integrations?limit=200" | tr '{{' '\n' |
  sed -n 's/^"id":"\([^"]*\)".*"client_id":"{client_id}".*/\1/p' | head -n 1; }}

# 1. Test Connection
ask "$API/v1/connection-tests" -d "$TENANT"

# 2. Save, unless it is saved already
INTEGRATION=$(saved)
[ -n "$INTEGRATION" ] || {{ ask "$API/v1/integrations" -d "$TENANT"; INTEGRATION=$(saved); }}

# 3. Sync Now, and wait until it ends
ask -X POST "$API/v1/integrations/$INTEGRATION/syncs" -H 'Prefer: wait=30'

# 4. History
ask "$API/v1/integrations/$INTEGRATION/history"

# 5. Finding View: the five most severe open findings
ask "$API/v1/findings?integration_id=$INTEGRATION&state=open&sort=-severity&limit=5"

# 6. Asset View
ask "$API/v1/assets?integration_id=$INTEGRATION"
"#
    ))
}
