//! `attack-protection/*` but for CAPTCHA: shields, thresholds, allowlists.
//! Fields and bounds: Auth0's Management API document; defaults as recorded on real tenants.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field, Members, Sorted};
use super::record::records;

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

records! {
    /// `attack-protection/breached-password-detection`.
    BreachedPasswordDetection {
        /// The feature's switch.
        enabled: bool,
        /// What happens at login.
        shields: Members<Shield>,
        /// Frequencies of notifications to administrators; several are allowed.
        admin_notification_frequency: Members<NotificationFrequency>,
        /// Which feed of breached passwords.
        method: BreachedPasswordMethod,
        /// Other flows than login.
        stage: BreachedPasswordStages = Likely(BreachedPasswordStages::default()),
    }

    /// Other flows than login.
    BreachedPasswordStages {
        /// Signup. Tenants of before 2023-06 do not show it.
        pre_user_registration as "pre-user-registration": ShieldsOnly = Likely(ShieldsOnly::none()),
        /// Password reset. Tenants of before 2025-03 do not show it, and then show it without shields (recordings).
        pre_change_password as "pre-change-password": ShieldsOnly = Likely(ShieldsOnly::none()),
    }

    /// A stage that has nothing but shields.
    ShieldsOnly {
        /// What happens in this flow.
        shields: Members<Shield>,
    }
}

impl ShieldsOnly {
    fn none() -> Self {
        Self { shields: Field::Known(Members::from_iter([])) }
    }
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

records! {
    /// `attack-protection/brute-force-protection`.
    BruteForceProtection {
        /// The feature's switch.
        enabled: bool,
        /// Block and user notification.
        shields: Members<Shield>,
        /// What is counted.
        mode: BruteForceMode,
        /// Addresses that are never blocked: IPv4, IPv6, CIDR.
        allowlist: Sorted,
        /// Consecutive failures before the block, 1 to 100.
        max_attempts: Count,
    }
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

records! {
    /// `attack-protection/suspicious-ip-throttling`.
    SuspiciousIpThrottling {
        /// The feature's switch.
        enabled: bool,
        /// Block and administrator notification.
        shields: Members<Shield>,
        /// Addresses that are never throttled, up to 100.
        allowlist: Sorted,
        /// Thresholds for each flow.
        stage: SuspiciousIpStages,
    }

    /// Thresholds for each flow.
    SuspiciousIpStages {
        /// Failed logins of one address in a day.
        pre_login as "pre-login": Throttle,
        /// Signups of one address in a minute.
        pre_user_registration as "pre-user-registration": Throttle,
        /// Custom token exchanges; absent from Auth0's document, present on real tenants.
        pre_custom_token_exchange as "pre-custom-token-exchange": Throttle,
    }

    /// A bucket for one address.
    Throttle {
        /// Attempts before throttling.
        max_attempts: Count,
        /// Milliseconds between newly granted attempts.
        rate: Count,
    }

    /// `attack-protection/bot-detection`.
    BotDetection {
        /// Login with a password.
        challenge_password_policy: ChallengePolicy,
        /// Passwordless login.
        challenge_passwordless_policy: ChallengePolicy,
        /// Password reset.
        challenge_password_reset_policy: ChallengePolicy,
        /// Addresses that are never challenged, up to 100.
        allowlist: Sorted,
        /// How easily a request counts as risky.
        bot_detection_level: BotLevel,
        /// True: logs and does not act.
        monitoring_mode_enabled: bool,
    }
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

records! {
    /// `attack-protection/phone-provider-protection`.
    PhoneProviderProtection {
        /// Back-off between messages to one number.
        kind as "type": PhoneProviderType,
    }
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
