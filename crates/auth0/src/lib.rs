//! The Auth0 Management API client: one token per credentials, paced and retried readings, guarded
//! connections. Not here: what a reading means (`domain`), when to read (`engine`), where it is kept.

mod bounded;
mod byte_budget;
mod client;
mod config;
mod connect_error;
mod decoded_size;
mod deps;
mod origin;
mod rate_limit;
mod reading;
mod redact;
mod session;
mod sleep;
mod ssrf_guard;
mod time;
mod token;
mod token_backoff;
mod transport;
mod user_agent;

pub use client::{Auth0, Caller, Freshness};
pub use config::{Config, ConfigError, Limits};
pub use connect_error::{ConnectError, OpenTimings};
pub use session::Session;
pub use sleep::{Jitter, RandomJitter, Sleeper, TokioSleeper};
pub use ssrf_guard::is_global_unicast;
pub use token::Fingerprint;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A panic while the lock is held leaves these values valid, so poisoning is ignored.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
