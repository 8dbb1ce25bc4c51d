//! CAPTCHA: `attack-protection/captcha` and its policies.

pub mod captcha_policy_weakens_default;
