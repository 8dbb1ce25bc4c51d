//! What sessions and token requests share: configuration, time and randomness.

use std::sync::Arc;

use domain::Clock;
use domain::address::AllowedOrigins;

use crate::byte_budget::ByteBudget;
use crate::config::Limits;
use crate::sleep::{Jitter, Sleeper};

pub(crate) struct Deps {
    pub allowed: AllowedOrigins,
    pub limits: Limits,
    /// Of tenants' answers in memory.
    pub bytes: Arc<ByteBudget>,
    /// The first part of the `User-Agent`.
    pub product: String,
    pub clock: Arc<dyn Clock>,
    pub sleeper: Arc<dyn Sleeper>,
    pub jitter: Arc<dyn Jitter>,
}
