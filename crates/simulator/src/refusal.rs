//! Auth0's errors for requests that are rejected for reasons other than scopes.

use crate::plan::Feature;
use crate::reply::{Reply, bot_detection_not_in_plan, management_error, not_found};
use http::StatusCode;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// 403: the account has no verified credit card.
    CreditCard,
    /// 403: Auth0's support must allow it.
    AccountNotAllowed,
    /// 403: the feature is retired on this tenant.
    DeprecatedFeature,
    /// 403: the plan does not include the feature, in a general wording.
    NotEntitled,
    /// 403: the feature is not enabled for this tenant.
    FeatureNotEnabled,
    /// 400: the token is not a JWT, as after a token request without audience.
    NotAJwt,
}

impl Refusal {
    pub(crate) fn reply(self) -> Reply {
        let (message, code) = match self {
            Self::CreditCard => (
                "There must be a verified credit card on file to perform this operation",
                Some("operation_not_supported"),
            ),
            Self::AccountNotAllowed => (
                "The account is not allowed to perform this operation, please contact our support team",
                None,
            ),
            Self::DeprecatedFeature => {
                ("Insufficient privileges to use this deprecated feature.", None)
            }
            Self::NotEntitled => {
                ("The requestor is not entitled to perform this operation.", Some("not_entitled"))
            }
            Self::FeatureNotEnabled => {
                ("This feature is not enabled for this tenant.", Some("feature_not_enabled"))
            }
            Self::NotAJwt => ("Bad HTTP authentication header format", Some("Bearer")),
        };
        let status = match self {
            Self::NotAJwt => StatusCode::BAD_REQUEST,
            _ => StatusCode::FORBIDDEN,
        };
        management_error(status, message, code)
    }
}

/// Each feature has its own error; that of the supplemental signals looks like a missing scope.
pub(crate) fn not_offered(feature: Feature) -> Reply {
    let forbidden = |message: &str, code| management_error(StatusCode::FORBIDDEN, message, code);
    match feature {
        Feature::BotDetection | Feature::Captcha => bot_detection_not_in_plan(),
        Feature::CaptchaPolicies => not_found(),
        Feature::PhoneProviderProtection => {
            forbidden("Exponential backoff is not enabled for this tenant.", None)
        }
        Feature::SupplementalSignals => forbidden(
            "Please upgrade your subscription to enable Akamai Signals.",
            Some("insufficient_scope"),
        ),
        Feature::CustomDomains | Feature::LogStreams => Refusal::CreditCard.reply(),
        Feature::Rules | Feature::Hooks => Refusal::DeprecatedFeature.reply(),
    }
}
