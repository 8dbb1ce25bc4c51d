//! How callers' tokens are verified, and the keys that seal what is stored.

use std::net::IpAddr;

use api::auth::{Algorithm, ClaimNames, ClaimRules, Verifier};
use secrecy::ExposeSecret;
use store::KeyRing;
use url::{Host, Url};

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

pub const ENCRYPTION_KEYS: Key = Key {
    name: "SAFE_AUTH0_ENCRYPTION_KEYS",
    kind: Kind::Secret("id:base64 of 32 bytes, further ones separated by commas"),
    default: Fallback::Described(
        "required with `DATABASE_URL`; else one is made in the data directory",
    ),
    about: "The key ring that seals client secrets: the first key seals, all open. Make a key with \
        `echo \"k1:$(openssl rand -base64 32)\"`.",
};

const JWKS_URL: Key = Key {
    name: "SAFE_AUTH0_JWKS_URL",
    kind: Kind::Text("an https address (http only on a loopback address)"),
    default: Fallback::Described("with `DATABASE_URL` this or the public key file is required"),
    about: "The JSON Web Key Set that callers' tokens are signed with.",
};

const PUBLIC_KEY_FILE: Key = Key {
    name: "SAFE_AUTH0_JWT_PUBLIC_KEY_FILE",
    kind: Kind::Text("the path of a file with one public key in PEM form"),
    default: Fallback::Described("without either, the embedded mode makes a development key"),
    about: "The key that callers' tokens are signed with (RSA, EC P-256 or P-384, Ed25519), instead \
        of a key set.",
};

const ISSUER: Key = Key {
    name: "SAFE_AUTH0_JWT_ISSUER",
    kind: Kind::Text("text"),
    default: Fallback::Described("required with a key set or public key"),
    about: "What the `iss` claim of a token must be.",
};

const AUDIENCE: Key = Key {
    name: "SAFE_AUTH0_JWT_AUDIENCE",
    kind: Kind::Text("text"),
    default: Fallback::Described("required with a key set or public key"),
    about: "What the `aud` claim of a token must contain.",
};

const ALGORITHMS: Key = Key {
    name: "SAFE_AUTH0_JWT_ALGORITHMS",
    kind: Kind::Text("names of RFC 7518 such as RS256,ES256, separated by commas"),
    default: Fallback::Text("RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,EdDSA"),
    about: "The signature algorithms that are accepted. Symmetric ones and `none` never are.",
};

const LEEWAY: Key = Key {
    name: "SAFE_AUTH0_JWT_LEEWAY",
    kind: Kind::Duration { min: "0s", max: "5m" },
    default: Fallback::Text("30s"),
    about: "How far the clocks of the issuer and this service may differ.",
};

const CLAIM_SUB: Key = claim(
    "SAFE_AUTH0_JWT_CLAIM_SUB",
    "sub",
    "The claim that names the caller for programs; a namespaced claim is written whole.",
);
const CLAIM_EMAIL: Key = claim(
    "SAFE_AUTH0_JWT_CLAIM_EMAIL",
    "email",
    "The claim that names the caller for people, shown as Started By.",
);
const CLAIM_ORG_ID: Key =
    claim("SAFE_AUTH0_JWT_CLAIM_ORG_ID", "org_id", "The claim that names the organisation.");
const CLAIM_ROLE: Key = claim(
    "SAFE_AUTH0_JWT_CLAIM_ROLE",
    "role",
    "The claim that holds the role, `admin` or `viewer`.",
);

const fn claim(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key { name, kind: Kind::Text("the name of a claim"), default: Fallback::Text(default), about }
}

pub const KEYS: &[&Key] = &[
    &ENCRYPTION_KEYS,
    &JWKS_URL,
    &PUBLIC_KEY_FILE,
    &ISSUER,
    &AUDIENCE,
    &ALGORITHMS,
    &LEEWAY,
    &CLAIM_SUB,
    &CLAIM_EMAIL,
    &CLAIM_ORG_ID,
    &CLAIM_ROLE,
];

/// Whose signatures count.
#[derive(Debug, Clone)]
pub enum VerificationKeySource {
    /// Our own, made in the data directory.
    DevelopmentKey,
    /// Of this public key, in PEM form.
    PublicKey(Vec<u8>),
    /// Of the keys in this set.
    KeySet(Url),
}

/// How callers' tokens are verified, and the keys that seal what is stored.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub trust: VerificationKeySource,
    pub rules: ClaimRules,
    /// Given; absent only in the embedded mode.
    pub encryption_keys: Option<KeyRing>,
}

impl Tokens {
    pub fn read(reader: &mut Reader<'_>, is_embedded: bool) -> Self {
        let encryption_keys = encryption_keys(reader, is_embedded);
        let trust = trust(reader, is_embedded);
        let rules = rules(reader, &trust);
        if let VerificationKeySource::PublicKey(pem) = &trust
            && let Err(why) = Verifier::from_pem(pem, rules.clone())
        {
            reader.refuse(&PUBLIC_KEY_FILE, format!("names a file that {why}"));
        }
        Self { trust, rules, encryption_keys }
    }
}

fn encryption_keys(reader: &mut Reader<'_>, is_embedded: bool) -> Option<KeyRing> {
    let Some(text) = reader.secret(&ENCRYPTION_KEYS) else {
        let was_given = reader.is_given(&ENCRYPTION_KEYS);
        if !is_embedded && !was_given {
            reader.refuse(
                &ENCRYPTION_KEYS,
                "is required with DATABASE_URL; make one with: echo \"k1:$(openssl rand -base64 32)\"",
            );
        }
        return None;
    };
    match KeyRing::parse(text.expose_secret()) {
        Ok(ring) => Some(ring),
        Err(error) => {
            for fault in error.faults {
                reader.refuse(&ENCRYPTION_KEYS, fault);
            }
            None
        }
    }
}

fn trust(reader: &mut Reader<'_>, is_embedded: bool) -> VerificationKeySource {
    let has_set = reader.is_given(&JWKS_URL);
    let has_key = reader.is_given(&PUBLIC_KEY_FILE);
    if has_set && has_key {
        reader.refuse(&JWKS_URL, "cannot be set together with SAFE_AUTH0_JWT_PUBLIC_KEY_FILE");
    }
    if !has_set && !has_key && !is_embedded {
        reader.refuse(
            &JWKS_URL,
            "or SAFE_AUTH0_JWT_PUBLIC_KEY_FILE is required with DATABASE_URL: without one, nobody \
             could call",
        );
    }
    // A faulty value is reported; what stands in for it is never used.
    let set = reader.parsed(&JWKS_URL, key_set_url).map(VerificationKeySource::KeySet);
    let key = reader.file(&PUBLIC_KEY_FILE).map(VerificationKeySource::PublicKey);
    set.or(key).unwrap_or(VerificationKeySource::DevelopmentKey)
}

/// Over http anyone in between could hand us keys, so that is for this machine alone.
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
    let issuer = required(reader, &ISSUER, default.map(|(issuer, _)| issuer));
    let audience = required(reader, &AUDIENCE, default.map(|(_, audience)| audience));
    let algorithms: Vec<Algorithm> = reader.list(&ALGORITHMS, str::parse);
    if matches!(trust, VerificationKeySource::DevelopmentKey)
        && !algorithms.contains(&Algorithm::Es256)
    {
        reader.refuse(&ALGORITHMS, "lacks ES256, which the development key uses");
    }
    ClaimRules {
        algorithms,
        leeway_s: u32::try_from(reader.span(&LEEWAY).as_secs()).unwrap_or_default(),
        claims: ClaimNames {
            subject: reader.text(&CLAIM_SUB).unwrap_or_default(),
            email: reader.text(&CLAIM_EMAIL).unwrap_or_default(),
            organisation: reader.text(&CLAIM_ORG_ID).unwrap_or_default(),
            role: reader.text(&CLAIM_ROLE).unwrap_or_default(),
        },
        ..ClaimRules::new(issuer, audience)
    }
}

fn required(reader: &mut Reader<'_>, key: &Key, default: Option<&str>) -> String {
    let value = reader.text(key).or_else(|| default.map(str::to_owned));
    value.unwrap_or_else(|| {
        reader
            .refuse(key, "is required with SAFE_AUTH0_JWKS_URL or SAFE_AUTH0_JWT_PUBLIC_KEY_FILE");
        String::new()
    })
}
