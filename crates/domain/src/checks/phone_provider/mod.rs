//! Phone messages: `attack-protection/phone-provider-protection`, which only some tenants have.

pub mod phone_provider_no_backoff;

use super::Check;

/// Parents before children.
pub const CHECKS: &[&Check] = &[&phone_provider_no_backoff::CHECK];
