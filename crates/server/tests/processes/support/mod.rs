//! Shared by the process tests: a private database cluster, simulated tenants, tokens, and the program as a child
//! process.

mod api;
mod callers;
mod cluster;
mod process;
mod proxy;
mod raw;
mod site;
mod until;

pub use api::{Answer, Api};
pub use callers::Callers;
pub use cluster::Cluster;
pub use process::Process;
pub use proxy::{Proxy, ProxyMode};
pub use raw::RawConnection;
pub use site::Site;
pub use until::{START_MAX, until};
