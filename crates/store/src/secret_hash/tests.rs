//! Secrets and tokens: what is kept of them opens for them alone.

use super::*;

const ANYONE: HashQueue = HashQueue::Anyone;

/// Nobody ever gets a turn.
fn exhausted() -> Hashing {
    Hashing {
        turns: Arc::new(Semaphore::new(0)),
        reserved: Arc::new(Semaphore::new(0)),
        wait_max: Duration::from_millis(1),
        ..Hashing::default()
    }
}

#[tokio::test]
async fn a_hash_is_of_its_secret_alone() {
    let hashing = Hashing::default();
    let (secret, other) = (new_secret(), new_secret());
    let hash = hashing.hash(&secret).await.unwrap();
    assert!(hashing.verify(&secret, Some(&hash), ANYONE).await.unwrap());
    assert!(!hashing.verify(&other, Some(&hash), ANYONE).await.unwrap());
    let again = hashing.hash(&secret).await.unwrap();
    assert_ne!(hash.as_bytes(), again.as_bytes(), "each has a salt of its own");
    let read = SecretHash::from_stored(hash.as_bytes().to_vec()).unwrap();
    assert!(hashing.verify(&secret, Some(&read), ANYONE).await.unwrap());
    assert!(SecretHash::from_stored(vec![FORMAT]).is_none());
    let mut newer = hash.as_bytes().to_vec();
    newer[0] = FORMAT + 1;
    assert!(SecretHash::from_stored(newer).is_none());
}

#[test]
fn the_hash_is_argon2id_as_others_compute_it() {
    // As OpenSSL 3.5 derives it, with these parameters.
    const EXPECTED: &str = "4fde6aed2db4e6d7fd588e078583990c842630c01b9ed69c1974c892ed205d3f";
    let mut memory = Vec::new();
    for _ in 0..2 {
        let hash = argon2id(&SecretString::from("password"), b"saltsaltsaltsalt", &mut memory);
        assert_eq!(hex::encode(*hash), EXPECTED);
        assert!(memory.iter().all(|block| block.as_ref().iter().all(|word| *word == 0)));
    }
    assert_eq!((MEMORY_KIB, PASSES, LANES), (19_456, 2, 1));
}

#[tokio::test]
async fn an_unknown_credential_costs_the_same_work_and_is_rejected() {
    let secret = new_secret();
    assert!(!Hashing::default().verify(&secret, None, ANYONE).await.unwrap());
    assert!(matches!(exhausted().verify(&secret, None, ANYONE).await, Err(Error::Busy)));
    let some = SecretHash::of_nothing();
    assert!(matches!(exhausted().verify(&secret, Some(&some), ANYONE).await, Err(Error::Busy)));
    assert!(matches!(exhausted().hash(&secret).await, Err(Error::Busy)));
}

#[tokio::test]
async fn guesses_do_not_keep_authenticated_callers_waiting() {
    let hashing = Hashing { reserved: Arc::new(Semaphore::new(1)), ..exhausted() };
    let secret = new_secret();
    let hash = hashing.hash(&secret).await.unwrap();
    assert!(matches!(hashing.verify(&secret, Some(&hash), ANYONE).await, Err(Error::Busy)));
    assert!(hashing.verify(&secret, Some(&hash), HashQueue::Authenticated).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_hashing_uses_bounded_memory() {
    let hashing = Hashing::default();
    let one = || {
        let hashing = hashing.clone();
        tokio::spawn(async move { hashing.verify(&new_secret(), None, ANYONE).await.unwrap() })
    };
    for verified in (0..8).map(|_| one()).collect::<Vec<_>>() {
        assert!(!verified.await.unwrap());
    }
    let idle = hashing.idle.lock().unwrap();
    assert!((1..=AT_ONCE).contains(&idle.len()), "{}", idle.len());
}

#[test]
fn a_token_is_known_by_its_form() {
    let (token, hash) = new_token();
    let token = token.expose_secret();
    assert_eq!(TokenHash::read(token), Some(hash));
    assert_eq!(token.len(), TOKEN_PREFIX.len() + ENCODED_LEN);
    for bad in [
        String::new(),
        "sat_".into(),
        token[..token.len() - 1].into(),
        format!("{token}A"),
        token.replace("sat_", "sac_"),
        format!("sat_{}", "+".repeat(ENCODED_LEN)),
        format!("sat_{}", "é".repeat(ENCODED_LEN)),
    ] {
        assert_eq!(TokenHash::read(&bad), None, "{bad}");
    }
    assert!(!TokenHash::is_claimed_by("eyJhbGciOiJFUzI1NiJ9.e30.x"));
}

#[test]
fn debug_shows_no_secret() {
    let (token, hash) = new_token();
    let (secret, kept) = (new_secret(), SecretHash::of_nothing());
    let shown = format!("{token:?} {hash:?} {secret:?} {kept:?}");
    let redacted = "SecretBox<str>([REDACTED])";
    assert_eq!(shown, format!("{redacted} TokenHash {redacted} SecretHash"));
}
