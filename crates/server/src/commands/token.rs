//! `token`: prints a token signed with the development key.

use anyhow::{Context, Result, bail, ensure};
use api::auth::{Identity, Role};
use domain::{Clock, OrganisationId};
use jiff::SignedDuration;

use domain::clock::SystemClock;

use crate::cli::Token;
use crate::config::{Config, VerificationKeySource, parse_duration};
use crate::{generated_keys, print};

const LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(24 * 31);

pub fn token(config: &Config, options: &Token) -> Result<()> {
    ensure!(
        matches!(config.tokens.trust, VerificationKeySource::DevelopmentKey),
        "another issuer is configured, so only its tokens are valid; this command signs with the \
         development key"
    );
    let data_dir = &config.database.data_dir;
    let Some(key) = generated_keys::find_development_key(data_dir)? else {
        bail!(
            "no development key in {}: `safe-auth0 serve` generates one at its first start",
            data_dir.display()
        );
    };
    let identity = Identity {
        organisation_id: OrganisationId::parse(&options.org)
            .context("--org must be 1 to 128 visible ASCII characters")?,
        subject: options.email.clone(),
        email: options.email.clone(),
    };
    let role = Role::from_name(&options.role).context("--role must be admin or viewer")?;
    let lifetime =
        parse_duration(&options.lifetime).and_then(|span| SignedDuration::try_from(span).ok());
    let lifetime = lifetime.filter(|span| span.is_positive() && *span <= LIFETIME_MAX);
    let lifetime =
        lifetime.context("--lifetime must be a duration such as 12h, at most 31 days")?;
    print::line(&key.sign(&identity, role, &config.tokens.rules, SystemClock.now(), lifetime)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_token_is_signed_if_another_issuer_is_configured() {
        let data_dir = tempfile::tempdir().unwrap();
        let dir = data_dir.path().to_str().unwrap();
        let pairs = [
            ("SAFE_AUTH0_DATA_DIR", dir),
            ("SAFE_AUTH0_JWKS_URL", "https://id.example/jwks.json"),
            ("SAFE_AUTH0_JWT_ISSUER", "https://id.example/"),
            ("SAFE_AUTH0_JWT_AUDIENCE", "safe"),
        ];
        let options = Token {
            role: "admin".into(),
            org: "acme".into(),
            email: "ada@acme.example".into(),
            lifetime: "12h".into(),
        };
        let refused = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let source: BTreeMap<String, String> = pairs.collect();
            let Ok(config) = Config::load(&source) else { panic!("the configuration is valid") };
            token(&config, &options).unwrap_err().to_string()
        };
        assert!(refused(&pairs).contains("another issuer is configured"));
        assert!(refused(&pairs[..1]).contains("no development key"));
    }
}
