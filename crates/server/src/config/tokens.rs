//! How callers' tokens are verified, and the keys that encrypt stored secrets.

use std::net::IpAddr;

use api::auth::{Algorithm, ClaimNames, ClaimRules, Verifier};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use store::KeyRing;
use url::{Host, Url};

use super::key::Fallback;
use super::reader::Reader;

const ENCRYPTION_KEYS: &str = "SAFE_AUTH0_ENCRYPTION_KEYS";
const JWKS_URL: &str = "SAFE_AUTH0_JWKS_URL";
const PUBLIC_KEY_FILE: &str = "SAFE_AUTH0_JWT_PUBLIC_KEY_FILE";
const ALGORITHMS: &str = "SAFE_AUTH0_JWT_ALGORITHMS";

/// Which key verifies callers' tokens.
#[derive(Debug, Clone)]
pub enum VerificationKeySource {
    /// The key that the embedded mode generates in the data directory.
    DevelopmentKey,
    /// In PEM form.
    PublicKey(Vec<u8>),
    KeySet(Url),
}

#[derive(Debug, Clone)]
pub struct Tokens {
    pub trust: VerificationKeySource,
    pub rules: ClaimRules,
    /// How long keys of the set are used while it cannot be fetched.
    pub key_set_stale_max: SignedDuration,
    /// Absent only in the embedded mode.
    pub encryption_keys: Option<KeyRing>,
}

impl Tokens {
    pub fn read(reader: &mut Reader<'_>, is_embedded: bool) -> Self {
        reader.section("Callers' tokens and encryption");
        let encryption_keys = encryption_keys(reader, is_embedded);
        let trust = trust(reader, is_embedded);
        let key_set_stale_max = reader.duration(
            "SAFE_AUTH0_JWKS_STALE_MAX",
            "10m"..="24h",
            "1h",
            "How long the last key set is used while it cannot be fetched: so long a key that was revoked meanwhile counts.",
        );
        let key_set_stale_max = SignedDuration::try_from(key_set_stale_max).unwrap_or_default();
        let rules = rules(reader, &trust);
        if let VerificationKeySource::PublicKey(pem) = &trust
            && let Err(why) = Verifier::from_pem(pem, rules.clone())
        {
            reader.refuse(PUBLIC_KEY_FILE, format!("names a file that {why}"));
        }
        Self { trust, rules, key_set_stale_max, encryption_keys }
    }
}

fn encryption_keys(reader: &mut Reader<'_>, is_embedded: bool) -> Option<KeyRing> {
    let text = reader.secret(
        ENCRYPTION_KEYS,
        "id:base64 of 32 bytes, further ones separated by commas",
        "required with `DATABASE_URL`; otherwise one is generated in the data directory",
        "The key ring that encrypts client secrets: the first key encrypts, all decrypt. Make a key with \
         `echo \"k1:$(openssl rand -base64 32)\"`.",
    );
    let Some(text) = text else {
        if !is_embedded && !reader.is_set(ENCRYPTION_KEYS) {
            reader.refuse(
                ENCRYPTION_KEYS,
                "is required with DATABASE_URL; make one with: echo \"k1:$(openssl rand -base64 32)\"",
            );
        }
        return None;
    };
    match KeyRing::parse(text.expose_secret()) {
        Ok(ring) => Some(ring),
        Err(error) => {
            for fault in error.faults {
                reader.refuse(ENCRYPTION_KEYS, fault);
            }
            None
        }
    }
}

fn trust(reader: &mut Reader<'_>, is_embedded: bool) -> VerificationKeySource {
    let set = reader.parsed(
        JWKS_URL,
        "an https address (http only on a loopback address)",
        Fallback::Described("with `DATABASE_URL` this or the public key file is required"),
        "The JSON Web Key Set that verifies callers' tokens.",
        key_set_url,
    );
    let key = reader.file(
        PUBLIC_KEY_FILE,
        "the path of a file with one public key in PEM form",
        Fallback::Described("without either, the embedded mode generates a development key"),
        "The key that verifies callers' tokens (RSA, EC P-256 or P-384, Ed25519), instead of a key set.",
    );
    let [set, key] =
        [set.map(VerificationKeySource::KeySet), key.map(VerificationKeySource::PublicKey)];
    let has_set = reader.is_set(JWKS_URL);
    let has_key = reader.is_set(PUBLIC_KEY_FILE);
    if has_set && has_key {
        reader.refuse(JWKS_URL, "cannot be set together with SAFE_AUTH0_JWT_PUBLIC_KEY_FILE");
    }
    if !has_set && !has_key && !is_embedded {
        reader.refuse(
            JWKS_URL,
            "or SAFE_AUTH0_JWT_PUBLIC_KEY_FILE is required with DATABASE_URL: without one, all \
             callers are refused",
        );
    }
    // A faulty value is reported; the placeholder is never used.
    set.or(key).unwrap_or(VerificationKeySource::DevelopmentKey)
}

/// Over http anyone on the path could substitute the keys, so http is accepted on loopback only.
fn key_set_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "is not an address".to_owned())?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err("must not contain a user name or password".to_owned())
        }
        "https" => Ok(url),
        "http" if is_loopback => Ok(url),
        _ => Err("does not start with https://".to_owned()),
    }
}

fn rules(reader: &mut Reader<'_>, trust: &VerificationKeySource) -> ClaimRules {
    let default = matches!(trust, VerificationKeySource::DevelopmentKey)
        .then_some(("safe-auth0-development", "safe-auth0"));
    let (issuer, audience) = default.unzip();
    let issuer = required(
        reader,
        "SAFE_AUTH0_JWT_ISSUER",
        issuer,
        "The required value of a token's `iss` claim.",
    );
    let audience = required(
        reader,
        "SAFE_AUTH0_JWT_AUDIENCE",
        audience,
        "A value that a token's `aud` claim must contain.",
    );
    let algorithms: Vec<Algorithm> = reader.list(
        ALGORITHMS,
        "names of RFC 7518 such as RS256,ES256, separated by commas",
        Fallback::Text("RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,EdDSA".into()),
        "The accepted signature algorithms. Symmetric ones and `none` are never accepted.",
        str::parse,
    );
    if matches!(trust, VerificationKeySource::DevelopmentKey)
        && !algorithms.contains(&Algorithm::Es256)
    {
        reader.refuse(ALGORITHMS, "lacks ES256, which the development key uses");
    }
    let leeway = reader.duration(
        "SAFE_AUTH0_JWT_LEEWAY",
        "0s"..="5m",
        "30s",
        "How far the clocks of the issuer and this service may differ.",
    );
    let access_tokens_only = reader.choice(
        "SAFE_AUTH0_JWT_TYPE",
        &[("any", false), ("at+jwt", true)],
        "With `at+jwt` (RFC 9068) only access tokens that say so in `typ` are accepted, and ID tokens are refused.",
    );
    let mut claim = |name, default: &'static str, about| {
        let default = Fallback::Text(default.into());
        reader.text(name, "the name of a claim", default, about).unwrap_or_default()
    };
    ClaimRules {
        algorithms,
        access_tokens_only,
        leeway_s: u32::try_from(leeway.as_secs()).unwrap_or_default(),
        claims: ClaimNames {
            subject: claim(
                "SAFE_AUTH0_JWT_CLAIM_SUB",
                "sub",
                "The claim that identifies the caller to programs. A namespaced claim is written in full.",
            ),
            email: claim(
                "SAFE_AUTH0_JWT_CLAIM_EMAIL",
                "email",
                "The claim that identifies the caller to people, shown as Started By.",
            ),
            organisation: claim(
                "SAFE_AUTH0_JWT_CLAIM_ORG_ID",
                "org_id",
                "The claim that identifies the organisation.",
            ),
            role: claim(
                "SAFE_AUTH0_JWT_CLAIM_ROLE",
                "role",
                "The claim with the role, `admin` or `viewer`.",
            ),
        },
        ..ClaimRules::new(issuer, audience)
    }
}

/// A claim's value that has a default only with the development key.
fn required(
    reader: &mut Reader<'_>,
    name: &'static str,
    default: Option<&str>,
    about: &'static str,
) -> String {
    let words = Fallback::Described("required with a key set or public key");
    let value = reader.text(name, "text", words, about).or_else(|| default.map(str::to_owned));
    value.unwrap_or_else(|| {
        reader
            .refuse(name, "is required with SAFE_AUTH0_JWKS_URL or SAFE_AUTH0_JWT_PUBLIC_KEY_FILE");
        String::new()
    })
}
