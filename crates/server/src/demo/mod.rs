//! The demonstration: simulated Auth0 tenants in this process, and what to paste.

mod banner;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use domain::Clock;
use domain::address::Origin;
use domain::clock::SystemClock;
use simulator::{Now, Options, SimulatedTenant, TenantFile, Tls};

pub use banner::{banner, table};

/// The first tenant's port. The same at every start, so that saved integrations find their tenants.
const FIRST_PORT: u16 = 9001;

/// Simulated tenants that run until they are stopped.
pub struct Demo {
    tenants: Vec<SimulatedTenant>,
}

impl Demo {
    /// Starts all tenants that come with the simulator.
    pub async fn start() -> Result<Self> {
        let mut tenants = Vec::new();
        for (port, name) in (FIRST_PORT..).zip(TenantFile::bundled_names()) {
            let started = start(name, port).await;
            tenants.push(started.with_context(|| format!("the simulated tenant {name}"))?);
        }
        Ok(Self { tenants })
    }

    /// What the service must be allowed to call.
    pub fn origins(&self) -> Result<Vec<Origin>> {
        let origins = self.tenants.iter().map(|tenant| Origin::parse(&tenant.origin()));
        origins.collect::<Result<_, _>>().map_err(|why| anyhow!("a simulated tenant {why}"))
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

/// The machine's clock, for tenants.
pub fn now() -> Now {
    Arc::new(|| SystemClock.now())
}

async fn start(name: &str, port: u16) -> std::io::Result<SimulatedTenant> {
    match start_on(name, port).await {
        Err(e) if e.kind() == ErrorKind::AddrInUse => {
            tracing::warn!(
                port,
                tenant = name,
                "the port is in use, so this tenant gets another one; integrations saved with it \
                 earlier do not find it"
            );
            start_on(name, 0).await
        }
        result => result,
    }
}

async fn start_on(name: &str, port: u16) -> std::io::Result<SimulatedTenant> {
    let file = TenantFile::bundled(name).expect("the name is one of the list");
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    SimulatedTenant::start(file, Options { listen, tls: Tls::Plain, now: now() }).await
}
