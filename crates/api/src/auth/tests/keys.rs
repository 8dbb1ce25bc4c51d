//! Attacks on keys and claims: algorithm confusion, keys for other uses, impossible times.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;

use super::*;

/// The public key of a new RSA key pair, in PEM form.
fn rsa_public_pem() -> String {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn an_rsa_public_key_is_not_accepted_as_an_hmac_secret() {
    let pem = rsa_public_pem();
    let verifier = Verifier::from_pem(pem.as_bytes(), rules()).unwrap();
    for algorithm in [
        jsonwebtoken::Algorithm::HS256,
        jsonwebtoken::Algorithm::HS384,
        jsonwebtoken::Algorithm::HS512,
    ] {
        for secret in [pem.as_bytes(), pem.trim_end().as_bytes()] {
            let key = EncodingKey::from_secret(secret);
            let token = jsonwebtoken::encode(&Header::new(algorithm), &claims(), &key).unwrap();
            let outcome = verifier.verify(&token, now()).await;
            let expected = TokenError::Token("the signature algorithm is not accepted");
            assert_eq!(outcome, Err(expected), "{algorithm:?}");
        }
    }
    for algorithm in ["none", "None", "NONE", "", "HS256", "rs256", "ES512", "RSA1_5"] {
        let token = unsigned(&json!({"alg": algorithm}));
        let refused = verifier.verify(&token, now()).await;
        assert!(matches!(refused, Err(TokenError::Token(_))), "{algorithm}: {refused:?}");
    }
}

#[test]
fn a_key_verifies_the_algorithms_of_its_type_alone() {
    let rsa = KeySet::from_pem(rsa_public_pem().as_bytes()).unwrap();
    let ec = new_key();
    let ec = KeySet::from_jwks(&json!({"keys": [jwk(&ec, "k")]}).to_string()).unwrap();
    for algorithm in Algorithm::ALL {
        assert_eq!(rsa.has(None, algorithm), Algorithm::RSA.contains(&algorithm), "{algorithm:?}");
        assert_eq!(ec.has(Some("k"), algorithm), algorithm == Algorithm::Es256, "{algorithm:?}");
    }
}

#[tokio::test]
async fn times_are_numbers_and_not_in_the_future() {
    let now = now().as_second();
    for good in [json!({"iat": now + 30}), json!({"iat": now}), json!({"iat": null})] {
        assert!(verify(&with(&good)).await.is_ok(), "{good}");
    }
    assert_refused([
        (json!({"iat": now + 31}), "issued in the future"),
        (json!({"iat": "today"}), "issued in the future"),
        (json!({"exp": -1}), "expired"),
        (json!({"exp": [now + 60]}), "expires"),
        (json!({"aud": []}), "audience"),
        (json!({"aud": {"safe-auth0": true}}), "audience"),
        (json!({"iss": ["https://issuer.example/"]}), "issuer"),
        (json!({"sub": "x".repeat(321)}), "subject"),
        (json!({"sub": "user|1\u{0}"}), "subject"),
        (json!({"email": "ada@acme.example\r\nx"}), "e-mail"),
        (json!({"sub": "credential:01996e1e-11aa-7c55-8e21-5d2b7c9f3e02"}), "subject"),
    ])
    .await;
}

#[tokio::test]
async fn every_claim_name_is_configurable() {
    let key = new_key();
    let names = ClaimNames {
        subject: "https://acme.example/id".into(),
        email: "https://acme.example/email".into(),
        organisation: "https://acme.example/organisation".into(),
        role: "https://acme.example/role".into(),
    };
    let verifier = Verifier::from_development_key(&key, ClaimRules { claims: names, ..rules() });
    let renamed = with(&json!({
        "sub": null, "email": null, "org_id": null, "role": null,
        "https://acme.example/id": "user|1", "https://acme.example/email": "ada@acme.example",
        "https://acme.example/organisation": "acme", "https://acme.example/role": "viewer",
    }));
    let outcome = verifier.verify(&signed(&key, None, &renamed), now()).await;
    assert_eq!(outcome, Ok((identity(), Role::Viewer)));
    let usual = verifier.verify(&signed(&key, None, &claims()), now()).await;
    assert!(matches!(usual, Err(TokenError::Token(_))), "{usual:?}");
}

#[tokio::test]
async fn a_key_must_allow_verification() {
    let key = new_key();
    let token = signed(&key, Some("k"), &claims());
    for (operations, is_accepted) in
        [(json!(["verify"]), true), (json!(["sign"]), false), (json!(["encrypt"]), false)]
    {
        let mut offered = jwk(&key, "k");
        offered["key_ops"] = operations.clone();
        let outcome = Provider::serving(&[offered]).verifier().verify(&token, now()).await;
        assert_eq!(outcome.is_ok(), is_accepted, "{operations}: {outcome:?}");
    }
}

#[tokio::test]
async fn keys_for_another_use_or_algorithm_are_skipped() {
    let key = new_key();
    let token = signed(&key, Some("k"), &claims());
    for (member, value) in [("use", "enc"), ("alg", "ES384"), ("kid", "another")] {
        let mut unfit = jwk(&key, "k");
        unfit[member] = json!(value);
        let secret = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "k"});
        let provider = Provider::serving(&[unfit, secret]);
        let outcome = provider.verifier().verify(&token, now()).await;
        assert!(outcome.is_err(), "{member}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_unreadable_key_does_not_affect_the_others() {
    let key = new_key();
    let mut off_the_curve = jwk(&key, "odd");
    off_the_curve["x"] = json!(URL_SAFE_NO_PAD.encode([1; 32]));
    let provider = Provider::serving(&[
        json!(7),
        json!({"kty": "EC"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA", "kid": "k"}),
        json!({"kty": "RSA", "n": "!", "e": "AQAB", "kid": "k"}),
        off_the_curve,
        jwk(&key, "k"),
    ]);
    let verifier = provider.verifier();
    assert!(verifier.verify(&signed(&key, Some("k"), &claims()), now()).await.is_ok());
    let odd = verifier.verify(&signed(&key, Some("odd"), &claims()), now()).await;
    assert!(matches!(odd, Err(TokenError::Token(_))), "{odd:?}");
}

#[test]
fn a_key_set_has_its_limits() {
    let key = new_key();
    let set = |count: usize| {
        let keys: Vec<_> = (0..count).map(|n| jwk(&key, &n.to_string())).collect();
        KeySet::from_jwks(&json!({"keys": keys}).to_string()).unwrap()
    };
    assert!(set(100).has(Some("99"), Algorithm::Es256));
    assert!(!set(101).has(Some("100"), Algorithm::Es256));
    let long = json!({"keys": [jwk(&key, "k")], "x": "x".repeat(256 * 1024)}).to_string();
    for bad in [&*long, "", "[]", r#"{"keys": {}}"#, r#"{"keys": []}"#, r#"{"keys": [{}]}"#] {
        assert!(KeySet::from_jwks(bad).is_err());
    }
}

#[tokio::test]
async fn tokens_with_unknown_keys_share_one_fetch() {
    let (known, stranger) = (new_key(), new_key());
    let (provider, clock) = (Provider::serving(&[jwk(&known, "known")]), clock());
    let verifier = provider.verifier();
    let good = signed(&known, Some("known"), &forever());
    for n in 0..50 {
        let bad = signed(&stranger, Some(&format!("unknown-{n}")), &forever());
        assert!(verifier.verify(&bad, clock.now()).await.is_err());
    }
    assert_eq!(provider.fetches(), 1);
    clock.advance(jwks_cache::COOL_DOWN);
    let bad = (0..50).map(|n| signed(&stranger, Some(&format!("unknown-{n}")), &forever()));
    let bad: Vec<_> = bad.collect();
    let all = bad.iter().map(|token| verifier.verify(token, clock.now()));
    let outcome = futures_util::future::join_all(all).await;
    assert!(outcome.iter().all(|each| matches!(each, Err(TokenError::Token(_)))));
    assert_eq!(provider.fetches(), 2, "many at once fetch once");
    provider.fail();
    clock.advance(jwks_cache::COOL_DOWN);
    let refused = verifier.verify(&bad[0], clock.now()).await;
    assert!(matches!(refused, Err(TokenError::NoKeys(_))), "it may be a new key: {refused:?}");
    assert!(verifier.verify(&good, clock.now()).await.is_ok(), "what is known goes on");
    assert_eq!(provider.fetches(), 3);
}

/// A token with this header and a valid signature.
fn signed_with(key: &DevelopmentKey, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let pem = key.to_pem();
    let key = EncodingKey::from_ec_pem(pem.expose_secret().as_bytes()).unwrap();
    let algorithm = jsonwebtoken::Algorithm::ES256;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn critical_headers_and_long_tokens_are_rejected_despite_a_valid_signature() {
    let key = new_key();
    let verifier = Verifier::from_development_key(&key, rules());
    let plain = json!({"alg": "ES256"});
    let critical = json!({"alg": "ES256", "crit": ["exp"], "exp": 4_000_000_000_u64});
    let token = signed_with(&key, &plain, &claims());
    assert!(verifier.verify(&token, now()).await.is_ok());
    let token = signed_with(&key, &critical, &claims());
    let why = "the token has critical headers that are not understood here";
    assert_eq!(verifier.verify(&token, now()).await, Err(TokenError::Token(why)));

    let padded = |room| with(&json!({"filler": "x".repeat(room)}));
    let length = |room| signed_with(&key, &plain, &padded(room)).len();
    let largest = (5500..TOKEN_MAX).take_while(|room| length(*room) <= TOKEN_MAX).last().unwrap();
    let token = signed_with(&key, &plain, &padded(largest));
    assert!(verifier.verify(&token, now()).await.is_ok(), "{} bytes", token.len());
    let token = signed_with(&key, &plain, &padded(largest + 1));
    let refused = verifier.verify(&token, now()).await;
    assert_eq!(refused, Err(TokenError::Token("the token is too long")));
}

#[tokio::test(start_paused = true)]
async fn a_key_source_that_never_responds_times_out() {
    let source: KeySource = Arc::new(|| std::future::pending().boxed());
    let verifier = Verifier::from_jwks(source, rules(), HOUR);
    let token = signed(&new_key(), Some("k"), &claims());
    let started = tokio::time::Instant::now();
    let refused = verifier.verify(&token, now()).await;
    assert!(matches!(refused, Err(TokenError::NoKeys(_))), "{refused:?}");
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn many_tokens_of_a_new_key_wait_for_the_one_fetch() {
    let (old, new) = (new_key(), new_key());
    let (provider, clock) = (Provider::serving(&[jwk(&old, "old")]), clock());
    let verifier = provider.verifier();
    assert!(verifier.verify(&signed(&old, Some("old"), &forever()), clock.now()).await.is_ok());
    provider.serve(&[jwk(&new, "new")]);
    clock.advance(jwks_cache::COOL_DOWN);
    let token = signed(&new, Some("new"), &forever());
    let all = (0..20).map(|_| verifier.verify(&token, clock.now()));
    let outcome = futures_util::future::join_all(all).await;
    assert!(outcome.iter().all(Result::is_ok), "{outcome:?}");
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn an_id_token_is_refused_where_access_tokens_are_required() {
    let key = new_key();
    let required = ClaimRules { access_tokens_only: true, ..rules() };
    for (kind, is_accepted) in [
        (Some("at+jwt"), true),
        (Some("application/AT+JWT"), true),
        (Some("JWT"), false),
        (Some("id+jwt"), false),
        (None, false),
    ] {
        let header = json!({"alg": "ES256", "typ": kind});
        let token = signed_with(&key, &header, &claims());
        let verifier = Verifier::from_development_key(&key, required.clone());
        assert_eq!(verifier.verify(&token, now()).await.is_ok(), is_accepted, "{kind:?}");
        let verifier = Verifier::from_development_key(&key, rules());
        assert!(verifier.verify(&token, now()).await.is_ok(), "{kind:?}");
    }
}
