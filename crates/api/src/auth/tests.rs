//! Verification of tokens: claims, forgeries, and rotation and outages of the key set.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::Clock as _;
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

mod keys;

use super::development::DevelopmentKey;
use super::keys::KeySet;
use super::*;
use crate::testing::{clock, identity, rules};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn now() -> Timestamp {
    clock().now()
}

/// The public key in PEM form: the fixed prefix of a P-256 key, and the point.
fn public_pem(key: &DevelopmentKey) -> String {
    const PREFIX: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = [&PREFIX[..], key.public_point()].concat();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

fn jwk(key: &DevelopmentKey, id: &str) -> Value {
    let (x, y) = key.public_point()[1..].split_at(32);
    json!({"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "alg": "ES256",
        "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
}

fn claims() -> Value {
    let now = now().as_second();
    json!({"iss": "https://issuer.example/", "aud": ["other", "safe-auth0"], "exp": now + 60,
        "sub": "user|1", "email": "ada@acme.example", "org_id": "acme", "role": "admin"})
}

fn with(changes: &Value) -> Value {
    let mut all = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => all.as_object_mut().unwrap().remove(name),
            value => all.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    all
}

/// Claims that do not expire.
fn forever() -> Value {
    with(&json!({"exp": 4_000_000_000_u64}))
}

fn signed(key: &DevelopmentKey, key_id: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = key_id.map(str::to_owned);
    let pem = key.to_pem();
    let key = EncodingKey::from_ec_pem(pem.expose_secret().as_bytes()).unwrap();
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

/// A token with this header and an invalid signature.
fn unsigned(header: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(&claims()), URL_SAFE_NO_PAD.encode("signature"))
}

async fn verify(claims: &Value) -> Result<(Identity, Role), TokenError> {
    let key = new_key();
    let verifier = Verifier::from_development_key(&key, rules());
    verifier.verify(&signed(&key, None, claims), now()).await
}

/// The reason for the refusal of a token with each of these changes contains the word beside them.
async fn assert_refused(cases: impl IntoIterator<Item = (Value, &str)>) {
    for (changes, word) in cases {
        match verify(&with(&changes)).await {
            Err(TokenError::Token(why) | TokenError::Incomplete(why, _)) => {
                assert!(why.contains(word), "{changes}: {why}");
            }
            other => panic!("{changes}: {other:?}"),
        }
    }
}

fn new_key() -> DevelopmentKey {
    DevelopmentKey::generate().unwrap()
}

#[tokio::test]
async fn a_development_key_survives_its_file_and_signs_what_is_accepted() {
    let key = new_key();
    let key = DevelopmentKey::from_pem(key.to_pem().expose_secret()).unwrap();
    let token = key.sign(&identity(), Role::Admin, &rules(), now(), HOUR).unwrap();
    for verifier in [
        Verifier::from_development_key(&key, rules()),
        Verifier::from_pem(public_pem(&key).as_bytes(), rules()).unwrap(),
    ] {
        assert_eq!(verifier.verify(&token, now()).await, Ok((identity(), Role::Admin)));
    }
    assert!(DevelopmentKey::from_pem("nonsense").is_err());
    let private = key.to_pem();
    let private = private.expose_secret().as_bytes();
    assert_eq!(Verifier::from_pem(private, rules()).err(), Some(KeyError::Private));
    assert_eq!(Verifier::from_pem(b"nonsense", rules()).err(), Some(KeyError::NotPublicPem));
}

#[tokio::test]
async fn every_claim_is_required() {
    assert!(verify(&claims()).await.is_ok());
    assert!(verify(&with(&json!({"aud": "safe-auth0"}))).await.is_ok());
    let now = now().as_second();
    assert_refused([
        (json!({"iss": "https://evil.example/"}), "issuer"),
        (json!({"iss": null}), "issuer"),
        (json!({"aud": "other"}), "audience"),
        (json!({"aud": null}), "audience"),
        (json!({"exp": null}), "expires"),
        (json!({"exp": "tomorrow"}), "expires"),
        (json!({"exp": now - 30}), "expired"),
        (json!({"nbf": now + 31}), "not valid yet"),
        (json!({"nbf": "soon"}), "not valid yet"),
        (json!({"sub": null}), "subject"),
        (json!({"sub": 7}), "subject"),
        (json!({"email": ""}), "e-mail"),
        (json!({"org_id": null}), "organisation"),
        (json!({"org_id": "two words"}), "organisation"),
        (json!({"role": null}), "role"),
    ])
    .await;
    let foreign = verify(&with(&json!({"role": "owner"}))).await;
    assert!(matches!(foreign, Err(TokenError::Role(known)) if known.subject == "user|1"));
}

#[tokio::test]
async fn clock_skew_within_the_leeway_is_accepted() {
    let now = now().as_second();
    assert!(verify(&with(&json!({"exp": now - 29}))).await.is_ok());
    assert!(verify(&with(&json!({"nbf": now + 30}))).await.is_ok());
}

#[tokio::test]
async fn claims_can_have_other_names() {
    let key = new_key();
    let names = ClaimNames {
        organisation: "https://acme.example/organisation".into(),
        ..ClaimNames::default()
    };
    let rules = ClaimRules { claims: names, ..rules() };
    let token = key.sign(&identity(), Role::Viewer, &rules, now(), HOUR).unwrap();
    let verifier = Verifier::from_development_key(&key, rules);
    assert_eq!(verifier.verify(&token, now()).await, Ok((identity(), Role::Viewer)));
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let key = new_key();
    let verifier = Verifier::from_pem(public_pem(&key).as_bytes(), rules()).unwrap();
    // Algorithm confusion: HMAC with the public key as its secret.
    let secret = EncodingKey::from_secret(public_pem(&key).as_bytes());
    let hmac = jsonwebtoken::encode(&Header::default(), &claims(), &secret).unwrap();
    let stranger = new_key();
    let good = signed(&key, None, &claims());
    let (message, _) = good.rsplit_once('.').unwrap();
    for token in [
        hmac,
        unsigned(&json!({"alg": "none"})),
        unsigned(&json!({"alg": "ES256"})),
        unsigned(&json!({"alg": "RS256"})),
        unsigned(&json!({"alg": "ES256", "crit": ["exp"]})),
        signed(&stranger, None, &claims()),
        format!("{message}."),
        format!("{good}x"),
        format!("{good}.x"),
        "a.b".into(),
        String::new(),
        "x".repeat(TOKEN_MAX + 1),
    ] {
        let outcome = verifier.verify(&token, now()).await;
        assert!(matches!(outcome, Err(TokenError::Token(_))), "{token}: {outcome:?}");
    }
    let narrow = ClaimRules { algorithms: vec![Algorithm::Rs256], ..rules() };
    let verifier = Verifier::from_development_key(&key, narrow);
    assert!(verifier.verify(&good, now()).await.is_err());
}

/// A key source that can be changed and broken, and counts its fetches.
#[derive(Clone, Default)]
struct Provider {
    answer: Arc<Mutex<Option<Value>>>,
    fetches: Arc<AtomicU32>,
}

impl Provider {
    fn serving(keys: &[Value]) -> Self {
        let provider = Self::default();
        provider.serve(keys);
        provider
    }

    fn serve(&self, keys: &[Value]) {
        *self.answer.lock().unwrap() = Some(json!({"keys": keys}));
    }

    fn fail(&self) {
        *self.answer.lock().unwrap() = None;
    }

    fn fetches(&self) -> u32 {
        self.fetches.load(Ordering::SeqCst)
    }

    fn verifier(&self) -> Verifier {
        let provider = self.clone();
        let source: KeySource = Arc::new(move || {
            provider.fetches.fetch_add(1, Ordering::SeqCst);
            let answer = provider.answer.lock().unwrap().clone();
            async move {
                // Lets other tasks run during the fetch.
                tokio::task::yield_now().await;
                answer.map(|set| set.to_string()).ok_or_else(|| "down".to_owned())
            }
            .boxed()
        });
        Verifier::from_jwks(source, rules(), HOUR)
    }
}

#[tokio::test]
async fn an_unknown_key_id_triggers_one_fetch_per_cool_down() {
    let (old, new) = (new_key(), new_key());
    let (provider, clock) = (Provider::serving(&[jwk(&old, "old")]), clock());
    let verifier = provider.verifier();
    let of_old = signed(&old, Some("old"), &forever());
    let of_new = signed(&new, Some("new"), &forever());
    assert!(verifier.verify(&of_old, clock.now()).await.is_ok());
    assert!(verifier.verify(&of_old, clock.now()).await.is_ok());
    assert_eq!(provider.fetches(), 1);
    provider.serve(&[jwk(&old, "old"), jwk(&new, "new")]);
    let refused = verifier.verify(&of_new, clock.now()).await;
    assert!(matches!(refused, Err(TokenError::Token(_))), "within the cool-down: {refused:?}");
    assert_eq!(provider.fetches(), 1);
    clock.advance(jwks_cache::COOL_DOWN);
    assert!(verifier.verify(&of_new, clock.now()).await.is_ok());
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn many_requests_fetch_once() {
    let key = new_key();
    let provider = Provider::serving(&[jwk(&key, "k")]);
    let verifier = provider.verifier();
    let token = signed(&key, Some("k"), &claims());
    let all = (0..20).map(|_| verifier.verify(&token, now()));
    let outcome = futures_util::future::join_all(all).await;
    assert!(outcome.iter().all(Result::is_ok));
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn cached_keys_are_used_for_the_configured_time_while_the_source_is_down() {
    let key = new_key();
    let (provider, clock) = (Provider::default(), clock());
    let verifier = provider.verifier();
    let token = signed(&key, Some("k"), &forever());
    let refused = verifier.verify(&token, clock.now()).await;
    assert!(matches!(refused, Err(TokenError::NoKeys(_))), "nothing is known: {refused:?}");
    provider.serve(&[jwk(&key, "k")]);
    clock.advance(jwks_cache::COOL_DOWN);
    assert!(verifier.verify(&token, clock.now()).await.is_ok());
    provider.fail();
    clock.advance(jwks_cache::FRESH_FOR);
    assert!(verifier.verify(&token, clock.now()).await.is_ok());
    assert_eq!(provider.fetches(), 3);
    clock.advance(HOUR - jwks_cache::FRESH_FOR - SignedDuration::from_secs(1));
    assert!(verifier.verify(&token, clock.now()).await.is_ok());
    clock.advance(SignedDuration::from_secs(1));
    let refused = verifier.verify(&token, clock.now()).await;
    assert!(matches!(refused, Err(TokenError::NoKeys(_))), "too old: {refused:?}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(jwt::Token::parse(&text).is_err() || !text.is_empty());
    }
}
