//! Key sets over HTTP, from a small server that counts requests.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use api::auth::development::DevelopmentKey;
use api::auth::{ClaimRules, Identity, Role, TokenError, Verifier};
use domain::OrganisationId;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const DAYS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Responds to every request with the same bytes until they are replaced.
#[derive(Clone, Default)]
struct Site {
    answer: Arc<Mutex<Vec<u8>>>,
    requests: Arc<AtomicU32>,
}

impl Site {
    async fn start() -> (Self, Url) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let site = Self::default();
        let served = site.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                if stream.read(&mut head).await.unwrap_or(0) == 0 {
                    continue;
                }
                served.requests.fetch_add(1, Ordering::SeqCst);
                let answer = served.answer.lock().unwrap().clone();
                // Fails if the client has stopped reading.
                let _ = stream.write_all(&answer).await;
            }
        });
        (site, Url::parse(&url).unwrap())
    }

    fn answer(&self, head: &str, body: &[u8]) {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
        *self.answer.lock().unwrap() = [head.as_bytes(), body].concat();
    }

    fn serve(&self, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|signer| signer.jwk()).collect();
        self.answer("200 OK", serde_json::json!({"keys": keys}).to_string().as_bytes());
    }

    fn requests(&self) -> u32 {
        self.requests.load(Ordering::SeqCst)
    }
}

struct Signer {
    pair: rcgen::KeyPair,
    key: DevelopmentKey,
}

impl Signer {
    fn new() -> Self {
        let pair = rcgen::KeyPair::generate().unwrap();
        let key = DevelopmentKey::from_pem(&pair.serialize_pem()).unwrap();
        Self { pair, key }
    }

    fn jwk(&self) -> serde_json::Value {
        let (x, y) = self.pair.public_key_raw()[1..].split_at(32);
        serde_json::json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
            "x": base64url(x), "y": base64url(y)})
    }

    fn token(&self) -> String {
        self.key.sign(&identity(), Role::Admin, &rules(), now(), DAYS).unwrap()
    }
}

/// RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        let digit = |n: usize| char::from(ALPHABET[(bits >> (18 - 6 * n)) as usize & 63]);
        (0..=chunk.len()).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(digits).collect()
}

fn rules() -> ClaimRules {
    ClaimRules::new("https://issuer.example/", "safe-auth0")
}

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

fn identity() -> Identity {
    Identity {
        organisation_id: OrganisationId::parse("acme").unwrap(),
        subject: "user|1".into(),
        email: "ada@acme.example".into(),
    }
}

#[tokio::test]
async fn rotated_keys_are_fetched_and_an_outage_of_the_source_is_bridged() {
    let (site, url) = Site::start().await;
    let (old, new) = (Signer::new(), Signer::new());
    site.serve(&[&old]);
    let verifier =
        Verifier::from_jwks(source(&url).unwrap(), rules(), SignedDuration::from_hours(1));
    assert_eq!(verifier.verify(&old.token(), now()).await, Ok((identity(), Role::Admin)));
    assert_eq!(verifier.verify(&old.token(), now()).await, Ok((identity(), Role::Admin)));
    assert_eq!(site.requests(), 1, "the key set is cached");
    site.serve(&[&new]);
    let later = now() + SignedDuration::from_mins(10);
    assert_eq!(verifier.verify(&new.token(), later).await, Ok((identity(), Role::Admin)));
    let gone = verifier.verify(&old.token(), later).await;
    assert!(matches!(gone, Err(TokenError::Token(_))), "{gone:?}");
    assert_eq!(site.requests(), 2);
    site.answer("500 Internal Server Error", b"");
    let down = later + SignedDuration::from_mins(10);
    for minute in 0..5 {
        let at = down + SignedDuration::from_mins(minute);
        assert_eq!(verifier.verify(&new.token(), at).await, Ok((identity(), Role::Admin)));
    }
    let after_a_day = later + SignedDuration::from_hours(24);
    let refused = verifier.verify(&new.token(), after_a_day).await;
    assert!(matches!(refused, Err(TokenError::NoKeys(_))), "{refused:?}");
}

#[tokio::test]
async fn responses_that_are_not_key_sets_are_rejected() {
    let (site, url) = Site::start().await;
    let fetch = source(&url).unwrap();
    site.answer("200 OK", b"{}");
    assert_eq!(fetch().await.as_deref(), Ok("{}"));
    site.answer("302 Found\r\nlocation: /elsewhere", b"");
    let before = site.requests();
    assert!(fetch().await.unwrap_err().contains("302"));
    assert_eq!(site.requests(), before + 1, "a redirect is not followed");
    site.answer("200 OK", &vec![b' '; BODY_MAX]);
    assert_eq!(fetch().await.unwrap().len(), BODY_MAX);
    site.answer("200 OK", &vec![b' '; BODY_MAX + 1]);
    assert!(fetch().await.is_err());
    site.answer("200 OK", &[0xff, 0xfe]);
    assert!(fetch().await.unwrap_err().contains("not UTF-8"));
    let unreachable = Url::parse("http://127.0.0.1:1/jwks.json").unwrap();
    assert!(source(&unreachable).unwrap()().await.is_err());
}
