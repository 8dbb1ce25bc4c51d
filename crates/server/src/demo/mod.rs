//! The demo: simulated Auth0 tenants in this process, and commands to paste.

mod banner;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use domain::Clock;
use domain::address::Origin;
use domain::clock::SystemClock;
use simulator::{Now, Options, SimulatedTenant, TenantFile, Tls};

pub use banner::{banner, table};

/// Simulated tenants that run until they are stopped.
pub struct Demo {
    tenants: Vec<SimulatedTenant>,
}

impl Demo {
    /// Starts the tenants of the demo: the first at this address, the others on the next ports. The order is always the
    /// same, so that saved integrations find their tenants.
    pub async fn start(first: SocketAddr) -> Result<Self> {
        let mut tenants = Vec::new();
        for (index, name) in (0..).zip(TenantFile::demo_names()) {
            let port = match first.port() {
                0 => 0,
                port => port
                    .checked_add(index)
                    .with_context(|| format!("there is no port after {port}"))?,
            };
            let started = start(name, SocketAddr::new(first.ip(), port)).await;
            tenants.push(
                started.with_context(|| format!("cannot start the simulated tenant {name}"))?,
            );
        }
        Ok(Self { tenants })
    }

    /// The origins that the service must be allowed to call.
    pub fn origins(&self) -> Result<Vec<Origin>> {
        let origins = self.tenants.iter().map(|tenant| Origin::parse(&tenant.origin()));
        origins
            .collect::<Result<_, _>>()
            .map_err(|why| anyhow!("the origin of a simulated tenant {why}"))
    }

    pub fn tenants(&self) -> &[SimulatedTenant] {
        &self.tenants
    }

    pub async fn stop(self) {
        for tenant in self.tenants {
            tenant.stop().await;
        }
    }
}

/// The machine's clock, for simulated tenants.
pub fn now() -> Now {
    Arc::new(|| SystemClock.now())
}

async fn start(name: &str, listen: SocketAddr) -> std::io::Result<SimulatedTenant> {
    match start_on(name, listen).await {
        Err(e) if e.kind() == ErrorKind::AddrInUse => {
            tracing::warn!(
                port = listen.port(),
                tenant = name,
                "the port is in use, so this tenant gets another one; its saved integrations do \
                 not find it; SAFE_AUTH0_DEMO_LISTEN moves all tenants"
            );
            start_on(name, SocketAddr::new(listen.ip(), 0)).await
        }
        result => result,
    }
}

async fn start_on(name: &str, listen: SocketAddr) -> std::io::Result<SimulatedTenant> {
    let file = TenantFile::bundled(name).expect("the name is one of the list");
    SimulatedTenant::start(file, Options { listen, tls: Tls::Plain, now: now() }).await
}
