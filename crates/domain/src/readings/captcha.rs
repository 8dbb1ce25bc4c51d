//! `attack-protection/captcha` and its policies. Auth0 never returns a provider's secret; only the
//! fields named here are kept.

use super::field::{Count, Field};
use super::object_id::ObjectId;
use super::record::{lists, records};

use crate::named_enum::named_enum;

records! {
    /// `attack-protection/captcha`.
    Captcha {
        /// The provider in use; an empty text means none.
        active_provider_id: CaptchaProvider,
        /// Auth0's own challenge.
        auth_challenge: ProviderSettings,
        /// Google reCAPTCHA v2.
        recaptcha_v2: ProviderSettings,
        /// Google reCAPTCHA Enterprise.
        recaptcha_enterprise: ProviderSettings,
        /// hCaptcha.
        hcaptcha: ProviderSettings,
        /// Friendly Captcha.
        friendly_captcha: ProviderSettings,
        /// Arkose.
        arkose: ProviderSettings,
    }
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

records! {
    /// Settings of a provider; each provider uses some of the fields.
    ProviderSettings {
        /// True: if the provider fails, all users pass.
        fail_open: bool,
        /// The public site key; empty when not set up.
        site_key: String,
        /// reCAPTCHA Enterprise only; empty when not set up.
        project_id: String,
    }
}

lists! {
    /// `attack-protection/captcha/policies`: a bare array.
    CaptchaPolicies of CaptchaPolicy by id;
}

records! {
    /// An override of the default provider for some requests.
    CaptchaPolicy {
        id: ObjectId,
        /// Its name.
        name: String,
        /// Lower is tried first.
        priority: Count,
        /// What it does instead of the default.
        action: CaptchaAction,
    }
}

/// What a policy does: a provider and its settings, as in [`Captcha`].
pub type CaptchaAction = Captcha;
