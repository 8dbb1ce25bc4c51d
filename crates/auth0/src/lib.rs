//! The Auth0 Management API client: one token per credentials, paced and retried readings, guarded
//! connections. Not here: what a reading means (`domain`), when to read (`engine`), where it is kept.

mod bounded;
mod client;
mod config;
mod guard;
mod open_error;
mod origin;
mod pace;
mod pause;
mod reading;
mod scrub;
mod session;
mod span_of_time;
mod token;
mod user_agent;
mod wire;

pub use client::{Auth0, Freshness};
pub use config::{Config, ConfigError, Limits};
pub use guard::is_global_unicast;
pub use open_error::{OpenError, OpenTimings};
pub use pause::{Chance, Pause, Randomness, TokioPause};
pub use session::Session;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks; a panic of another holder leaves values here that are still whole, so it is ignored.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
