//! `attack-protection/captcha` and its policies. Auth0 never returns a provider's secret; only the
//! fields named here are kept.

use serde::{Deserialize, Serialize};

use super::field::{Count, Field};
use super::object_id::ObjectId;
use super::record::lists;

use crate::named_enum::named_enum;

/// `attack-protection/captcha`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Captcha {
    /// The provider in use; an empty text means none.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub active_provider_id: Field<CaptchaProvider>,
    /// Auth0's own challenge.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub auth_challenge: Field<ProviderSettings>,
    /// Google reCAPTCHA v2.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub recaptcha_v2: Field<ProviderSettings>,
    /// Google reCAPTCHA Enterprise.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub recaptcha_enterprise: Field<ProviderSettings>,
    /// hCaptcha.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub hcaptcha: Field<ProviderSettings>,
    /// Friendly Captcha.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub friendly_captcha: Field<ProviderSettings>,
    /// Arkose.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub arkose: Field<ProviderSettings>,
}

impl Captcha {
    /// The settings block of a provider; none for those that have no settings.
    pub fn settings(&self, provider: CaptchaProvider) -> Option<&Field<ProviderSettings>> {
        match provider {
            CaptchaProvider::None | CaptchaProvider::SimpleCaptcha => None,
            CaptchaProvider::AuthChallenge => Some(&self.auth_challenge),
            CaptchaProvider::RecaptchaV2 => Some(&self.recaptcha_v2),
            CaptchaProvider::RecaptchaEnterprise => Some(&self.recaptcha_enterprise),
            CaptchaProvider::Hcaptcha => Some(&self.hcaptcha),
            CaptchaProvider::FriendlyCaptcha => Some(&self.friendly_captcha),
            CaptchaProvider::Arkose => Some(&self.arkose),
        }
    }
}

named_enum! {
    /// A provider of challenges.
    pub enum CaptchaProvider {
        None = "",
        Arkose = "arkose",
        AuthChallenge = "auth_challenge",
        FriendlyCaptcha = "friendly_captcha",
        Hcaptcha = "hcaptcha",
        RecaptchaV2 = "recaptcha_v2",
        RecaptchaEnterprise = "recaptcha_enterprise",
        SimpleCaptcha = "simple_captcha",
    }
}

impl CaptchaProvider {
    /// Whether the provider has a setting that lets all users pass if it fails.
    pub const fn can_fail_open(self) -> bool {
        matches!(self, Self::AuthChallenge | Self::Arkose)
    }

    /// Whether it is a third-party provider that needs its own keys.
    pub const fn needs_keys(self) -> bool {
        !matches!(self, Self::None | Self::SimpleCaptcha | Self::AuthChallenge)
    }
}

/// Settings of a provider; each provider uses some of the fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderSettings {
    /// True: if the provider fails, all users pass.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub fail_open: Field<bool>,
    /// The public site key; empty when not set up.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub site_key: Field<String>,
    /// reCAPTCHA Enterprise only; empty when not set up.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub project_id: Field<String>,
}

lists! {
    /// `attack-protection/captcha/policies`: a bare array.
    CaptchaPolicies of CaptchaPolicy by id;
}

/// An override of the default provider for some requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaptchaPolicy {
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub id: Field<ObjectId>,
    /// Its name.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub name: Field<String>,
    /// Lower is tried first.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub priority: Field<Count>,
    /// What it does instead of the default.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub action: Field<CaptchaAction>,
}

/// What a policy does: a provider and its settings, as in [`Captcha`].
pub type CaptchaAction = Captcha;
