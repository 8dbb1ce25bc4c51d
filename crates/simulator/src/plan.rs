//! Subscription plans: their rate limits and unavailable features.

use serde::{Deserialize, Serialize};

/// Names in a tenant file are in snake case; `private_cloud_100` allows 100 requests a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    Free,
    Essentials,
    Professional,
    Enterprise,
    EnterpriseNonProduction,
    PrivateCloudDev,
    #[serde(rename = "private_cloud_100")]
    PrivateCloud100,
    #[serde(rename = "private_cloud_500")]
    PrivateCloud500,
}

/// A feature that a tenant may lack. Each has its own error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    BotDetection,
    Captcha,
    CaptchaPolicies,
    PhoneProviderProtection,
    SupplementalSignals,
    CustomDomains,
    LogStreams,
    Rules,
    Hooks,
}

/// A token bucket: at most `burst` requests at a time, `refill` more at the start of each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub burst: u32,
    pub refill: u32,
    #[serde(default)]
    pub every: Every,
}

/// When a bucket is refilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    #[default]
    Second,
    /// Everything at the start of the minute.
    Minute,
    /// `refill` for each minute, granted at the start of each second. The paid plans use this, because a bucket of 10
    /// that is refilled once a minute could not sustain Auth0's 150 requests a minute.
    MinuteInSeconds,
}

/// A tenant's bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The plan's bucket.
    #[default]
    Plan,
    /// No limit and no `x-ratelimit-*` headers.
    Unlimited,
    Custom(Bucket),
}

impl Limit {
    pub(crate) fn resolve(self, of_plan: Bucket) -> Option<Bucket> {
        match self {
            Self::Plan => Some(of_plan),
            Self::Unlimited => None,
            Self::Custom(bucket) => Some(bucket),
        }
    }
}

const fn each_second(burst: u32, refill: u32) -> Bucket {
    Bucket { burst, refill, every: Every::Second }
}

impl Plan {
    /// The bucket of the Management API.
    pub const fn management_bucket(self) -> Bucket {
        match self {
            Self::Free => each_second(2, 2),
            Self::Essentials | Self::Professional => {
                Bucket { burst: 10, refill: 150, every: Every::MinuteInSeconds }
            }
            Self::Enterprise => each_second(50, 16),
            Self::EnterpriseNonProduction => each_second(10, 2),
            Self::PrivateCloudDev => each_second(20, 20),
            Self::PrivateCloud100 => each_second(50, 50),
            Self::PrivateCloud500 => each_second(250, 250),
        }
    }

    /// The bucket of the token endpoint.
    pub const fn token_bucket(self) -> Bucket {
        match self {
            Self::Free => each_second(30, 30),
            Self::Essentials | Self::Professional => each_second(25, 25),
            _ => each_second(100, 100),
        }
    }

    /// The features that the plan does not have.
    pub const fn unavailable(self) -> &'static [Feature] {
        match self {
            Self::Free => &[
                Feature::BotDetection,
                Feature::Captcha,
                Feature::CaptchaPolicies,
                Feature::PhoneProviderProtection,
                Feature::SupplementalSignals,
                Feature::CustomDomains,
                Feature::LogStreams,
            ],
            Self::Essentials | Self::Professional => &[
                Feature::CaptchaPolicies,
                Feature::PhoneProviderProtection,
                Feature::SupplementalSignals,
            ],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_written_in_snake_case() {
        for (plan, text) in [
            (Plan::Free, "\"free\""),
            (Plan::EnterpriseNonProduction, "\"enterprise_non_production\""),
            (Plan::PrivateCloudDev, "\"private_cloud_dev\""),
            (Plan::PrivateCloud500, "\"private_cloud_500\""),
        ] {
            assert_eq!(serde_json::to_string(&plan).unwrap(), text);
            assert_eq!(serde_json::from_str::<Plan>(text).unwrap(), plan);
        }
    }

    #[test]
    fn a_limit_is_a_name_or_a_bucket() {
        assert_eq!(serde_json::from_str::<Limit>("\"unlimited\"").unwrap(), Limit::Unlimited);
        assert_eq!(
            serde_json::from_str::<Limit>(r#"{"custom":{"burst":3,"refill":1}}"#).unwrap(),
            Limit::Custom(Bucket { burst: 3, refill: 1, every: Every::Second })
        );
    }
}
