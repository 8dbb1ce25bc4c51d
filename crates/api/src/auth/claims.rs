//! Validates the claims of a JWT, against the injected clock.

use domain::OrganisationId;
use domain::credential::SUBJECT_PREFIX;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Algorithm, Identity, Role, TokenError};

/// Maximum length of subject and e-mail address, in bytes.
const NAME_MAX: usize = 320;

/// Requirements for the claims of a JWT.
#[derive(Debug, Clone)]
pub struct ClaimRules {
    /// Expected `iss`.
    pub issuer: String,
    /// Expected `aud`, or one of its elements.
    pub audience: String,
    /// Accepted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// Accept only tokens of the type `at+jwt`.
    pub access_tokens_only: bool,
    /// Allowed clock skew in seconds.
    pub leeway_s: u32,
    pub claims: ClaimNames,
}

impl ClaimRules {
    /// Rules with defaults for everything but issuer and audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            algorithms: Algorithm::ALL.to_vec(),
            access_tokens_only: false,
            leeway_s: 30,
            claims: ClaimNames::default(),
        }
    }
}

/// Names of the claims; a namespaced name is given in full.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    pub subject: String,
    pub email: String,
    pub organisation: String,
    /// The value is `admin` or `viewer`.
    pub role: String,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            email: "email".into(),
            organisation: "org_id".into(),
            role: "role".into(),
        }
    }
}

type Claims = Map<String, Value>;

impl ClaimRules {
    /// Validates the claims of a token with a verified signature.
    pub(super) fn validate(
        &self,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<(Identity, Role), TokenError> {
        self.check_registered(claims, now).map_err(TokenError::Token)?;
        let organisation_id =
            text(claims, &self.claims.organisation).and_then(OrganisationId::parse);
        let Some(organisation_id) = organisation_id else {
            return Err(TokenError::Token("the token lacks a usable organisation claim"));
        };
        let subject = text(claims, &self.claims.subject);
        let email = text(claims, &self.claims.email);
        let role = text(claims, &self.claims.role);
        let identity = Identity {
            organisation_id,
            subject: subject.unwrap_or_default().to_owned(),
            email: email.unwrap_or_default().to_owned(),
        };
        if identity.subject.starts_with(SUBJECT_PREFIX) {
            return Err(TokenError::Token("the subject has the reserved prefix credential:"));
        }
        let lacking = match (subject, email, role) {
            (None, _, _) => "the token lacks a usable subject claim",
            (_, None, _) => "the token lacks a usable e-mail claim",
            (_, _, None) => "the token lacks a usable role claim",
            (_, _, Some(role)) => {
                return match Role::from_name(role) {
                    Some(role) => Ok((identity, role)),
                    None => Err(TokenError::Role(Box::new(identity))),
                };
            }
        };
        Err(TokenError::Incomplete(lacking, Box::new(identity)))
    }

    /// Registered claims (RFC 7519 section 4.1).
    fn check_registered(&self, claims: &Claims, now: Timestamp) -> Result<(), &'static str> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return Err("the issuer is not the expected one");
        }
        let is_ours = |value: &Value| value.as_str() == Some(&self.audience);
        let has_audience = match claims.get("aud") {
            Some(Value::Array(list)) => list.iter().any(is_ours),
            Some(value) => is_ours(value),
            None => false,
        };
        if !has_audience {
            return Err("the audience is not this service");
        }
        let leeway = f64::from(self.leeway_s);
        #[expect(clippy::cast_precision_loss, reason = "seconds of this era are exact in f64")]
        let now = now.as_second() as f64;
        let expires = claims.get("exp").and_then(Value::as_f64);
        let expires = expires.ok_or("the token does not say when it expires")?;
        if now >= expires + leeway {
            return Err("the token has expired");
        }
        for (name, refusal) in
            [("nbf", "the token is not valid yet"), ("iat", "the token was issued in the future")]
        {
            match claims.get(name).map(Value::as_f64) {
                None => {}
                Some(Some(from)) if now + leeway >= from => {}
                Some(_) => return Err(refusal),
            }
        }
        Ok(())
    }
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    let text = claims.get(name)?.as_str()?;
    let is_usable = (1..=NAME_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    is_usable.then_some(text)
}
