//! The configuration as a whole: defaults, faults, secrets.

use std::collections::BTreeMap;

use api::auth::Algorithm;

use super::*;

pub const KEY: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn load(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let source: BTreeMap<String, String> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&source).map_err(|faults| faults.iter().map(Fault::to_string).collect())
}

pub fn faults(pairs: &[(&str, &str)]) -> String {
    load(pairs).expect_err("the configuration is refused").join("\n")
}

/// A key set at this address, with these other pairs.
pub fn with_key_set<'a>(
    url: &'a str,
    others: &[(&'a str, &'a str)],
) -> Result<Config, Vec<String>> {
    let key_set = [
        ("SAFE_AUTH0_JWKS_URL", url),
        ("SAFE_AUTH0_JWT_ISSUER", "https://id.example/"),
        ("SAFE_AUTH0_JWT_AUDIENCE", "safe"),
    ];
    load(&[&key_set, others].concat())
}

#[test]
fn the_default_is_embedded_mode_on_loopback_with_a_development_key() {
    let config = load(&[]).unwrap();
    assert!(config.database.url.is_none());
    assert!(config.http.listen.ip().is_loopback());
    assert!(matches!(config.tokens.trust, VerificationKeySource::DevelopmentKey));
    assert_eq!(config.tokens.rules.issuer, "safe-auth0-development");
}

#[test]
fn the_defaults_written_in_the_reference_are_those_of_the_crates() {
    let config = load(&[]).unwrap();
    assert_eq!(config.tenants.limits, auth0::Limits::default());
    let engine = engine::Limits::default();
    assert_eq!(format!("{:?}", config.engine), format!("{engine:?}"));
    assert_eq!(format!("{:?}", config.http.limits), format!("{:?}", api::Limits::default()));
    let rules = api::auth::ClaimRules::new("safe-auth0-development", "safe-auth0");
    assert_eq!(format!("{:?}", config.tokens.rules), format!("{rules:?}"));
}

#[test]
fn a_blank_value_counts_as_absent() {
    assert!(load(&[("SAFE_AUTH0_EXTRA_CA_FILE", " "), ("SAFE_AUTH0_LISTEN", "")]).is_ok());
}

#[test]
fn an_own_database_requires_encryption_and_verification_keys() {
    let faults = faults(&[("DATABASE_URL", "postgres://u:p@localhost/d")]);
    assert!(faults.contains("SAFE_AUTH0_ENCRYPTION_KEYS: is required"), "{faults}");
    assert!(faults.contains("openssl rand -base64 32"), "{faults}");
    assert!(faults.contains("SAFE_AUTH0_JWKS_URL: or SAFE_AUTH0_JWT_PUBLIC_KEY_FILE"), "{faults}");
}

#[test]
fn a_login_for_migrations_needs_the_database_it_is_for() {
    let faults = faults(&[("SAFE_AUTH0_MIGRATION_DATABASE_URL", "postgres://u:p@localhost/d")]);
    assert!(faults.contains("SAFE_AUTH0_MIGRATION_DATABASE_URL: is of use only with DATABASE_URL"));
}

#[test]
fn a_key_set_needs_issuer_and_audience() {
    let faults = faults(&[("SAFE_AUTH0_JWKS_URL", "https://id.example/jwks.json")]);
    assert!(faults.contains("SAFE_AUTH0_JWT_ISSUER: is required"), "{faults}");
    assert!(faults.contains("SAFE_AUTH0_JWT_AUDIENCE: is required"), "{faults}");
}

#[test]
fn a_complete_production_configuration_is_accepted() {
    let others = [
        ("DATABASE_URL", "postgres://u:p@localhost/d"),
        ("SAFE_AUTH0_ENCRYPTION_KEYS", KEY),
        ("SAFE_AUTH0_JWT_CLAIM_EMAIL", "https://safe.example/email"),
        (
            "SAFE_AUTH0_EXTRA_TENANT_ORIGINS",
            "https://acme.internal:8443;org=acme;private,http://127.0.0.1:9001",
        ),
        ("SAFE_AUTH0_OUTGOING_ADDRESSES", "203.0.113.7, 203.0.113.16/28"),
        ("SAFE_AUTH0_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
    ];
    let config = with_key_set("https://id.example/jwks.json", &others).unwrap();
    let networks = ["10.0.0.0/8", "192.0.2.1/32"].map(|text| text.parse().unwrap()).to_vec();
    assert_eq!(config.http.limits.trusted_proxies, api::TrustedProxies::new(networks));
    assert!(matches!(config.tokens.trust, VerificationKeySource::KeySet(_)));
    assert_eq!(config.tokens.rules.claims.email, "https://safe.example/email");
    assert_eq!(config.tenants.extra_origins.len(), 2);
    assert_eq!(config.http.outgoing_addresses, ["203.0.113.7", "203.0.113.16/28"]);
}

#[test]
fn tokens_are_verified_by_what_is_configured() {
    let default = load(&[]).unwrap().tokens;
    assert_eq!(default.key_set_stale_max, jiff::SignedDuration::from_hours(1));
    assert!(!default.rules.access_tokens_only);
    let others = [
        ("SAFE_AUTH0_JWT_ALGORITHMS", "RS256,ES384"),
        ("SAFE_AUTH0_JWT_LEEWAY", "7s"),
        ("SAFE_AUTH0_JWT_TYPE", "at+jwt"),
        ("SAFE_AUTH0_JWKS_STALE_MAX", "10m"),
    ];
    let tokens = with_key_set("http://127.0.0.1:8080/jwks.json", &others).unwrap().tokens;
    assert_eq!(tokens.key_set_stale_max, jiff::SignedDuration::from_mins(10));
    let rules = tokens.rules;
    assert!(rules.access_tokens_only);
    assert_eq!((&*rules.issuer, &*rules.audience), ("https://id.example/", "safe"));
    assert_eq!(rules.algorithms, [Algorithm::Rs256, Algorithm::Es384]);
    assert_eq!(rules.leeway_s, 7);
    for symmetric in ["HS256", "none", "RS256,HS512"] {
        assert!(load(&[("SAFE_AUTH0_JWT_ALGORITHMS", symmetric)]).is_err(), "{symmetric}");
    }
}

#[test]
fn plain_http_key_sets_are_allowed_from_loopback_only() {
    for (url, is_accepted) in [
        ("https://id.example/jwks.json", true),
        ("http://localhost:8080/jwks.json", true),
        ("http://[::1]:8080/jwks.json", true),
        ("http://id.example/jwks.json", false),
        ("http://10.0.0.1/jwks.json", false),
        ("http://127.0.0.1.id.example/jwks.json", false),
        ("https://user:planted@id.example/jwks.json", false),
        ("file:///etc/jwks.json", false),
    ] {
        assert_eq!(with_key_set(url, &[]).is_ok(), is_accepted, "{url}");
    }
}

#[test]
fn every_claim_can_have_another_name() {
    let names = ["SUB", "EMAIL", "ORG_ID", "ROLE"];
    let pairs = names.map(|name| {
        (format!("SAFE_AUTH0_JWT_CLAIM_{name}"), format!("https://safe.example/{name}"))
    });
    let pairs: Vec<_> = pairs.iter().map(|(key, value)| (&**key, &**value)).collect();
    let claims = load(&pairs).unwrap().tokens.rules.claims;
    let read = [claims.subject, claims.email, claims.organisation, claims.role];
    assert_eq!(read, names.map(|name| format!("https://safe.example/{name}")));
}

#[test]
fn all_faults_are_reported_at_once_and_none_shows_a_value() {
    let bad = "planted-value";
    let pairs = [
        ("DATABASE_URL", bad),
        ("SAFE_AUTH0_MIGRATION_DATABASE_URL", bad),
        ("SAFE_AUTH0_ENCRYPTION_KEYS", bad),
        ("SAFE_AUTH0_JWKS_URL", bad),
        ("SAFE_AUTH0_JWT_PUBLIC_KEY_FILE", bad),
        ("SAFE_AUTH0_JWT_ALGORITHMS", bad),
        ("SAFE_AUTH0_JWT_LEEWAY", bad),
        ("SAFE_AUTH0_LISTEN", bad),
        ("SAFE_AUTH0_REQUEST_TIMEOUT", bad),
        ("SAFE_AUTH0_DATABASE_POOL_SIZE", bad),
        ("SAFE_AUTH0_MIGRATE_ON_START", bad),
        ("SAFE_AUTH0_OUTGOING_ADDRESSES", bad),
        ("SAFE_AUTH0_TRUSTED_PROXIES", "10.0.0.1/8,planted-value,10.0.0.0/8"),
        ("SAFE_AUTH0_CALLER_BURST", bad),
        ("SAFE_AUTH0_EXTRA_TENANT_ORIGINS", bad),
        ("SAFE_AUTH0_EXTRA_CA_FILE", bad),
        ("SAFE_AUTH0_LOG_FORMAT", bad),
        ("SAFE_AUTH0_LOG_LEVEL", "engine=planted-value"),
    ];
    let text = faults(&pairs);
    for (name, _) in pairs {
        assert!(text.contains(&format!("{name}: ")), "{name} is missing in\n{text}");
    }
    assert!(!text.contains(bad), "{text}");
}

#[test]
fn a_number_out_of_bounds_and_a_span_out_of_bounds_are_refused() {
    let text = faults(&[
        ("SAFE_AUTH0_DATABASE_POOL_SIZE", "501"),
        ("SAFE_AUTH0_TENANT_REQUEST_TIMEOUT", "121s"),
        ("SAFE_AUTH0_TEST_DEADLINE", "60s"),
    ]);
    assert!(text.contains("POOL_SIZE: is out of bounds (expected a whole number from 2 to 500)"));
    assert!(
        text.contains("TENANT_REQUEST_TIMEOUT: is out of bounds (expected a time span from 1s")
    );
    assert!(text.contains("TEST_DEADLINE: is not shorter than SAFE_AUTH0_REQUEST_TIMEOUT"));
    assert!(load(&[("SAFE_AUTH0_DATABASE_POOL_SIZE", "500")]).is_ok());
    assert!(load(&[("SAFE_AUTH0_TENANT_REQUEST_TIMEOUT", "120s")]).is_ok());
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    let text = faults(&[("SAFE_AUTH0_LISTN", "x"), ("SOMETHING_ELSE", "x")]);
    assert_eq!(text, "SAFE_AUTH0_LISTN: is not a key of this service; is SAFE_AUTH0_LISTEN meant?");
    let twin = faults(&[("SAFE_AUTH0_LISTEN_FILE", "x")]);
    assert!(twin.starts_with("SAFE_AUTH0_LISTEN_FILE: is not a key"), "{twin}");
}

#[test]
fn a_secret_comes_from_its_file_but_not_from_both() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let path = path.to_str().unwrap();
    let config = load(&[("SAFE_AUTH0_ENCRYPTION_KEYS_FILE", path)]).unwrap();
    assert!(config.tokens.encryption_keys.is_some());
    let both =
        faults(&[("SAFE_AUTH0_ENCRYPTION_KEYS_FILE", path), ("SAFE_AUTH0_ENCRYPTION_KEYS", KEY)]);
    assert_eq!(
        both,
        "SAFE_AUTH0_ENCRYPTION_KEYS_FILE: cannot be set together with SAFE_AUTH0_ENCRYPTION_KEYS"
    );
}

#[test]
fn the_whole_configuration_shows_no_secret() {
    let secrets = [
        ("DATABASE_URL", "postgres://user:planted-password@localhost/d"),
        ("SAFE_AUTH0_MIGRATION_DATABASE_URL", "postgres://owner:planted-password@localhost/d"),
        ("SAFE_AUTH0_ENCRYPTION_KEYS", "k1:cGxhbnRlZC1wbGFudGVkLXBsYW50ZWQtcGxhbnRlZCE="),
    ];
    let config = with_key_set("https://id.example/jwks.json", &secrets).unwrap();
    let shown = format!("{config:?} {config:#?}");
    for secret in ["planted", "cGxhbnRlZC", "112, 108, 97, 110"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
