//! Simulated tenants of known latency and size.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use domain::Clock;
use domain::address::{AllowedOrigins, Origin, TenantAddress};
use domain::clock::SystemClock;
use domain::connection::Connection;
use serde_json::{Value, json};
use simulator::{Bucket, Effect, Every, Fault, Limit, Options, SimulatedTenant, TenantFile, Tls};

/// What an answer takes, as over a continent.
pub const LATENCY: Duration = Duration::from_millis(50);

/// The scopes that the service asks for at least.
pub const THREE_SCOPES: [&str; 3] = ["read:attack_protection", "read:mfa_policies", "read:stats"];

/// A bundled tenant with every scope that is useful, and a bucket larger than anybody empties.
pub fn roomy(bundled: &str) -> TenantFile {
    let mut file = support::readable(bundled);
    file.bucket = Limit::Custom(Bucket { burst: 1000, refill: 1000, every: Every::Second });
    file
}

pub fn with_three_scopes(mut file: TenantFile) -> TenantFile {
    file.applications[0].scopes = Some(THREE_SCOPES.map(str::to_owned).to_vec());
    file
}

/// The weak tenant with so many applications, APIs and connections.
pub fn large(applications: usize, apis: usize, connections: usize) -> TenantFile {
    let mut file = roomy("weak");
    repeat(&mut file, "clients", "client_id", applications);
    repeat(&mut file, "resource-servers", "id", apis);
    repeat(&mut file, "connections", "id", connections);
    file
}

/// Repeats the last object of a list, under other names.
fn repeat(file: &mut TenantFile, list: &str, id: &str, count: usize) {
    let Some(Value::Array(all)) = file.resources.get_mut(list) else { panic!("no {list}") };
    let pattern = all.last().cloned().expect("an object");
    for number in all.len()..count {
        let mut object = pattern.clone();
        object[id] = json!(format!("{list}{number}"));
        object["name"] = json!(format!("{list}-{number}"));
        if object.get("identifier").is_some() {
            object["identifier"] = json!(format!("https://{number}.weak.example/"));
        }
        all.push(object);
    }
}

pub async fn start(file: TenantFile, latency: Duration) -> SimulatedTenant {
    let options = Options {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        tls: Tls::Plain,
        now: Arc::new(|| SystemClock.now()),
    };
    let tenant = SimulatedTenant::start(file, options).await.expect("a free port");
    if !latency.is_zero() {
        tenant.fault(Fault::everywhere(Effect::Latency(latency)));
    }
    tenant
}

/// The connection to a tenant, and the addresses that may be called.
pub fn connection(origin: &str, client_id: &str, secret: &str) -> (Connection, AllowedOrigins) {
    let allowed = AllowedOrigins::new(vec![Origin::parse(origin).expect("an origin")]);
    let at = TenantAddress::parse(&format!("{origin}/api/v2/"), &allowed).expect("an address");
    let connection = Connection {
        api_identifier: at.address.clone(),
        api_audience: at.address,
        client_id: client_id.to_owned(),
        client_secret: secret.to_owned().into(),
    };
    (connection, allowed)
}
