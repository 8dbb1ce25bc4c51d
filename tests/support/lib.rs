//! Test support: the whole service on its own database, with simulated tenants and a manual clock. Nothing
//! here sleeps; waiting for the tenant advances the clock.

#![expect(clippy::missing_panics_doc, reason = "a test's helper panics when the test fails")]

mod app;
mod builder;
mod clock;
pub mod document;
pub mod hostile;
mod http;
mod members;
mod tenants;

pub use app::{App, ORGANISATION};
pub use builder::{AppBuilder, high_rates};
pub use clock::{at, simulator_clock};
pub use http::Answer;
pub use members::{assert_members, item};
pub use tenants::{FromPool, Saved, Synced, readable};
pub use tests_macros::test;
