//! A test issuer: signs tokens and configures the program to trust them.

use std::path::{Path, PathBuf};
use std::process::Command;

use api::auth::development::DevelopmentKey;
use api::auth::{ClaimRules, Identity, Role};
use domain::clock::SystemClock;
use domain::{Clock, OrganisationId};
use jiff::SignedDuration;

const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "safe-auth0";
const ENCRYPTION_KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub struct Callers {
    key: DevelopmentKey,
    public_key_file: PathBuf,
}

impl Callers {
    /// Writes the public key into the directory.
    pub fn new(dir: &Path) -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        let public_key_file = dir.join("jwt-public-key.pem");
        std::fs::write(&public_key_file, pair.public_key_pem()).unwrap();
        Self { key: DevelopmentKey::from_pem(&pair.serialize_pem()).unwrap(), public_key_file }
    }

    /// A token of an administrator of this organisation, valid for a day.
    pub fn token(&self, organisation: &str) -> String {
        let identity = Identity {
            organisation_id: OrganisationId::parse(organisation).unwrap(),
            subject: format!("ada@{organisation}"),
            email: format!("ada@{organisation}.example"),
        };
        let rules = ClaimRules::new(ISSUER, AUDIENCE);
        let day = SignedDuration::from_hours(24);
        self.key.sign(&identity, Role::Admin, &rules, SystemClock.now(), day).unwrap()
    }

    /// Configures the program with the issuer and an encryption key.
    pub fn configure(&self, command: &mut Command) {
        command
            .env("SAFE_AUTH0_ENCRYPTION_KEYS", ENCRYPTION_KEYS)
            .env("SAFE_AUTH0_JWT_PUBLIC_KEY_FILE", &self.public_key_file)
            .env("SAFE_AUTH0_JWT_ISSUER", ISSUER)
            .env("SAFE_AUTH0_JWT_AUDIENCE", AUDIENCE);
    }
}
