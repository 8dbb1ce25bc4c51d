//! What a subscription decides: the rate limits and the features that are refused.

use serde::{Deserialize, Serialize};

/// A subscription. The name in a tenant file is the snake case one, `private_cloud_100` for 100 requests a second.
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

/// A feature that a tenant may lack, and that then refuses in its own words.
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

/// A token bucket: at most `burst` calls at once, `refill` more at the top of each `every`.
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
    /// All of it at the top of the minute.
    Minute,
    /// So many for each minute, handed out at the top of each second. A bucket of 10 that is refilled only once a
    /// minute could never sustain the 150 a minute that Auth0 sells, so the paid plans are read this way.
    MinuteInSeconds,
}

/// Which bucket a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// What the plan gives.
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
    fn a_limit_is_a_word_or_a_bucket() {
        assert_eq!(serde_json::from_str::<Limit>("\"unlimited\"").unwrap(), Limit::Unlimited);
        assert_eq!(
            serde_json::from_str::<Limit>(r#"{"custom":{"burst":3,"refill":1}}"#).unwrap(),
            Limit::Custom(Bucket { burst: 3, refill: 1, every: Every::Second })
        );
    }
}
