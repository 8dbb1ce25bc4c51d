//! Phone messages: `attack-protection/phone-provider-protection`, which only some tenants have.

pub mod phone_provider_no_backoff;
