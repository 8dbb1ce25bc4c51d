//! The table of all checks.

use std::sync::LazyLock;

use super::{
    Check, apis, applications, bot_detection, breached_password, brute_force, captcha,
    combinations, connections, extensions, grants, integration_client, mfa, mfa_factors,
    phone_provider, platform, risk, statistics, suspicious_ip, tenant_settings,
};

/// The checks of each area. The documentation has the same order.
pub(super) const AREAS: &[&[&Check]] = &[
    breached_password::CHECKS,
    brute_force::CHECKS,
    suspicious_ip::CHECKS,
    bot_detection::CHECKS,
    captcha::CHECKS,
    mfa::CHECKS,
    risk::CHECKS,
    phone_provider::CHECKS,
    statistics::CHECKS,
    integration_client::CHECKS,
    combinations::CHECKS,
    mfa_factors::CHECKS,
    tenant_settings::CHECKS,
    applications::CHECKS,
    grants::CHECKS,
    apis::CHECKS,
    connections::CHECKS,
    platform::CHECKS,
    extensions::CHECKS,
];

/// Every check, parents before children.
pub static CATALOGUE: LazyLock<Vec<&Check>> = LazyLock::new(|| AREAS.concat());
