//! A pretend Auth0 tenant: its token endpoint and its Management API, for the demo, for tests and for development.
//! Answers, errors, limits and oddities follow what is known of the real one; see the crate's README for the switches.

mod address;
mod answer;
mod authentication;
mod bucket;
mod catalogue;
mod certificate;
mod collection;
mod control;
mod effect;
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

pub use certificate::CertificateAuthority;
pub use fault::{Effect, Fault, Target};
pub use plan::{Bucket, Every, Feature, Limit, Plan};
pub use refusal::Refusal;
pub use replay::{Asked, Exchange, RecordedAnswer};
pub use request_log::LoggedRequest;
pub use state::Now;
pub use tenant::{Options, SimulatedTenant, Tls, serve};
pub use tenant_file::{Application, AudienceOmitted, AuthMethod, TenantFile, TenantFileError};
