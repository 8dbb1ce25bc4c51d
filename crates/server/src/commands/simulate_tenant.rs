//! `simulate-tenant`: runs simulated Auth0 tenants until Ctrl-C.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use simulator::{CertificateAuthority, SimulatedTenant, TenantFile, Tls};

use crate::cli::SimulateTenant;
use crate::{demo, print, shutdown};

pub async fn simulate_tenant(options: SimulateTenant) -> Result<()> {
    let shutdown = shutdown::listen()?;
    let names = if options.tenants.is_empty() {
        TenantFile::demo_names().map(str::to_owned).collect()
    } else {
        options.tenants
    };
    let files: Vec<TenantFile> = names.iter().map(|name| load(name)).collect::<Result<_>>()?;
    let tls = tls(options.ca_out.as_deref(), options.tls)?;
    let tenants = simulator::serve(files, options.listen, tls, demo::now()).await;
    let tenants = tenants.with_context(|| {
        format!("cannot listen on {} and the next ports: choose another --listen", options.listen)
    })?;
    print::line(&announcement(&tenants, options.ca_out.as_deref()));
    shutdown.graceful.cancelled().await;
    for tenant in tenants {
        tenant.stop().await;
    }
    Ok(())
}

fn load(name: &str) -> Result<TenantFile> {
    if let Some(file) = TenantFile::bundled(name) {
        return Ok(file);
    }
    let text = std::fs::read_to_string(name).map_err(|e| {
        let bundled = TenantFile::bundled_names().join(", ");
        anyhow!("{name} is not a bundled tenant ({bundled}) and cannot be read ({})", e.kind())
    })?;
    TenantFile::parse(&text).with_context(|| format!("{name} is not a tenant file"))
}

fn tls(ca_out: Option<&Path>, is_enabled: bool) -> Result<Tls> {
    let Some(path) = ca_out.filter(|_| is_enabled) else { return Ok(Tls::Plain) };
    let authority = CertificateAuthority::new();
    std::fs::write(path, authority.pem())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Tls::Ca(authority))
}

fn announcement(tenants: &[SimulatedTenant], ca: Option<&Path>) -> String {
    let origins: Vec<String> = tenants.iter().map(SimulatedTenant::origin).collect();
    // With TLS they are named localhost, which is private.
    let origins = origins.join(if ca.is_some() { ";private," } else { "," });
    let last = if ca.is_some() { ";private" } else { "" };
    let ca = ca.map_or_else(String::new, |ca| {
        format!("  export SAFE_AUTH0_EXTRA_CA_FILE='{}'\n", ca.display())
    });
    format!(
        "{}To let a service call them:\n\n  export SAFE_AUTH0_EXTRA_TENANT_ORIGINS='{origins}{last}'\n{ca}\n\
         Ctrl-C stops them.",
        demo::table(tenants)
    )
}
