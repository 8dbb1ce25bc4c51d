//! `attack-protection/*` but for CAPTCHA: shields, thresholds, allowlists.
//! Fields and bounds: Auth0's Management API document; defaults as recorded on real tenants.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field, Members, Sorted};

/// Shields: the reactions of a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shield {
    /// The attempt is blocked.
    Block,
    /// The user is notified.
    UserNotification,
    /// The tenant's administrators are notified.
    AdminNotification,
}

/// `attack-protection/breached-password-detection`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BreachedPasswordDetection {
    /// The feature's switch.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub enabled: Field<bool>,
    /// What happens at login.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub shields: Field<Members<Shield>>,
    /// Frequencies of notifications to administrators; several are allowed.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub admin_notification_frequency: Field<Members<NotificationFrequency>>,
    /// Which feed of breached passwords.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub method: Field<BreachedPasswordMethod>,
    /// Other flows than login.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub stage: Field<BreachedPasswordStages>,
}

/// Other flows than login.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct BreachedPasswordStages {
    /// Signup.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub pre_user_registration: Field<ShieldsOnly>,
    /// Password reset.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub pre_change_password: Field<ShieldsOnly>,
}

/// A stage that has nothing but shields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ShieldsOnly {
    /// What happens in this flow.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub shields: Field<Members<Shield>>,
}

/// Frequency of notifications about breached passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationFrequency {
    Immediately,
    Daily,
    Weekly,
    Monthly,
}

/// Which feed of breached passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachedPasswordMethod {
    /// Public breaches, after months.
    Standard,
    /// Credential Guard, within hours.
    Enhanced,
}

/// `attack-protection/brute-force-protection`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BruteForceProtection {
    /// The feature's switch.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub enabled: Field<bool>,
    /// Block and user notification.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub shields: Field<Members<Shield>>,
    /// What is counted.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub mode: Field<BruteForceMode>,
    /// Addresses that are never blocked: IPv4, IPv6, CIDR.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub allowlist: Field<Sorted>,
    /// Consecutive failures before the block, 1 to 100.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub max_attempts: Field<Count>,
}

/// What brute-force protection counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BruteForceMode {
    /// Failures of one identifier from one address (default).
    CountPerIdentifierAndIp,
    /// Failures of one identifier from anywhere ("Account Lockout").
    CountPerIdentifier,
}

/// `attack-protection/suspicious-ip-throttling`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspiciousIpThrottling {
    /// The feature's switch.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub enabled: Field<bool>,
    /// Block and administrator notification.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub shields: Field<Members<Shield>>,
    /// Addresses that are never throttled, up to 100.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub allowlist: Field<Sorted>,
    /// Thresholds for each flow.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub stage: Field<SuspiciousIpStages>,
}

/// Thresholds for each flow.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SuspiciousIpStages {
    /// Failed logins of one address in a day.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub pre_login: Field<Throttle>,
    /// Signups of one address in a minute.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub pre_user_registration: Field<Throttle>,
    /// Custom token exchanges; absent from Auth0's document, present on real tenants.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub pre_custom_token_exchange: Field<Throttle>,
}

/// A bucket for one address.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Throttle {
    /// Attempts before throttling.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub max_attempts: Field<Count>,
    /// Milliseconds between newly granted attempts.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub rate: Field<Count>,
}

/// `attack-protection/bot-detection`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BotDetection {
    /// Login with a password.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub challenge_password_policy: Field<ChallengePolicy>,
    /// Passwordless login.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub challenge_passwordless_policy: Field<ChallengePolicy>,
    /// Password reset.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub challenge_password_reset_policy: Field<ChallengePolicy>,
    /// Addresses that are never challenged, up to 100.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub allowlist: Field<Sorted>,
    /// How easily a request counts as risky.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub bot_detection_level: Field<BotLevel>,
    /// True: logs and does not act.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub monitoring_mode_enabled: Field<bool>,
}

/// When a bot challenge is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePolicy {
    Never,
    WhenRisky,
    Always,
}

/// How easily a request counts as risky.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotLevel {
    Low,
    Medium,
    High,
}

/// `attack-protection/phone-provider-protection`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneProviderProtection {
    /// Back-off between messages to one number.
    #[serde(skip_serializing_if = "Field::is_absent", rename = "type")]
    pub kind: Field<PhoneProviderType>,
}

/// Back-off between messages to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneProviderType {
    /// Each message to a number is longer in coming than the one before.
    Exponential,
    /// No back-off, as Auth0 names it now.
    Default,
    /// No back-off, as Auth0 named it before.
    None,
}
