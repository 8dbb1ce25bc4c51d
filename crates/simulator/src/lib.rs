//! A simulated Auth0 tenant with token endpoint and Management API, for the demo, tests and development. Responses,
//! errors and rate limits follow what is known of real tenants. The crate's README describes how to control it.

mod address;
mod authentication;
mod bucket;
mod catalogue;
mod certificate;
mod collection;
mod control;
mod dispatch;
mod effect;
mod exchange;
mod fault;
mod guarded;
mod management;
mod placeholder;
mod plan;
mod refusal;
mod replay;
mod reply;
mod request_log;
mod settings;
mod signing;
mod state;
mod stats;
mod tenant;
mod tenant_file;
#[cfg(test)]
mod testing;
mod token_endpoint;
mod token_request;
mod writable;

pub use certificate::{CertificateAuthority, Tls};
pub use exchange::{Exchange, RecordedRequest, RecordedResponse};
pub use fault::{Effect, Fault, Target};
pub use plan::{Bucket, Every, Feature, Limit, Plan};
pub use refusal::Refusal;
pub use request_log::LoggedRequest;
pub use state::Now;
pub use tenant::{Options, SimulatedTenant, serve};
pub use tenant_file::{Application, AudienceOmitted, AuthMethod, TenantFile, TenantFileError};
