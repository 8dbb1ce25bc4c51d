//! Secrets and access tokens of API credentials: generated here, and stored only as hashes. Secrets are hashed with
//! Argon2id on the blocking pool, few at once. Tokens are random and checked on every request, so SHA-256 suffices.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::CredentialId;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::Error;

/// Argon2id parameters: memory in KiB, passes and lanes. The first recommendation of the OWASP Password Storage Cheat
/// Sheet that needs 19 MiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// First byte of every hash; stands for these parameters.
const FORMAT: u8 = 1;
const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;
/// Concurrent hashings of one process for anyone; each needs its memory and a core.
const AT_ONCE: usize = 2;
/// The same for callers that have authenticated.
const RESERVED: usize = 1;
/// Maximum wait for a permit.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Random bytes of a secret and of a token.
const RANDOM_LEN: usize = 32;
const SECRET_PREFIX: &str = "sac_";
const TOKEN_PREFIX: &str = "sat_";
/// 32 bytes in base64url without padding.
const ENCODED_LEN: usize = 43;

/// A new secret: `sac_` and 32 random bytes in base64url. Shown once.
pub fn new_secret() -> SecretString {
    random(SECRET_PREFIX)
}

/// A new access token, `sat_` and 32 random bytes in base64url, with its hash.
pub fn new_token() -> (SecretString, TokenHash) {
    let token = random(TOKEN_PREFIX);
    let hash = TokenHash::digest(token.expose_secret());
    (token, hash)
}

fn random(prefix: &str) -> SecretString {
    let mut bytes = Zeroizing::new([0; RANDOM_LEN]);
    fill(&mut *bytes);
    let mut text = String::with_capacity(prefix.len() + ENCODED_LEN);
    text.push_str(prefix);
    URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
    SecretString::from(text)
}

fn fill(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system gives random bytes");
}

/// Hash of an access token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub(crate) [u8; 32]);

impl TokenHash {
    /// Whether the text has the prefix of our tokens. A JSON Web Token cannot have it.
    pub fn is_claimed_by(text: &str) -> bool {
        text.starts_with(TOKEN_PREFIX)
    }

    /// The hash of a credential's id and secret, to recognise one that was verified before. A secret is as random as a
    /// token; never stored.
    pub fn of_credential(id: CredentialId, secret: &SecretString) -> Self {
        let text = Zeroizing::new(format!("{} {}", id.0, secret.expose_secret()));
        Self::digest(&text)
    }

    /// The hash of a well-formed token; otherwise none.
    pub fn read(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(TOKEN_PREFIX).filter(|rest| rest.len() == ENCODED_LEN)?;
        let mut bytes = Zeroizing::new([0; RANDOM_LEN]);
        URL_SAFE_NO_PAD.decode_slice(encoded, &mut *bytes).ok()?;
        Some(Self::digest(text))
    }

    fn digest(text: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// Stored hash of a secret: format, salt, hash.
#[derive(Clone)]
pub struct SecretHash(Vec<u8>);

impl SecretHash {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Option<Self> {
        let is_ours = bytes.len() == 1 + SALT_LEN + HASH_LEN && bytes[0] == FORMAT;
        is_ours.then_some(Self(bytes))
    }

    /// Matches no secret.
    fn of_nothing() -> Self {
        Self([&[FORMAT][..], &[0; SALT_LEN + HASH_LEN]].concat())
    }

    fn hash(secret: &SecretString, salt: &[u8; SALT_LEN], memory: &mut Vec<Block>) -> Self {
        let hash = argon2id(secret, salt, memory);
        Self([&[FORMAT][..], salt, &*hash].concat())
    }

    fn is_of(&self, secret: &SecretString, memory: &mut Vec<Block>) -> bool {
        let (salt, kept) = self.0[1..].split_at(SALT_LEN);
        verify_slices_are_equal(&*argon2id(secret, salt, memory), kept).is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// Leaves nothing of the secret in `memory`, which grows to the size that one hashing needs.
fn argon2id(
    secret: &SecretString,
    salt: &[u8],
    memory: &mut Vec<Block>,
) -> Zeroizing<[u8; HASH_LEN]> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_LEN));
    let params = params.expect("the parameters are within Argon2's bounds");
    memory.resize(params.block_count(), Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut hash = Zeroizing::new([0; HASH_LEN]);
    argon2
        .hash_password_into_with_memory(
            secret.expose_secret().as_bytes(),
            salt,
            &mut *hash,
            memory.as_mut_slice(),
        )
        .expect("salt and hash have lengths that Argon2 takes");
    memory.fill(Block::new());
    hash
}

/// Who waits for a hashing. Guesses of strangers must not keep others waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashQueue {
    Anyone,
    /// Callers that have authenticated, or whose secret was verified not long ago.
    Authenticated,
}

/// Hashes secrets, few at once.
#[derive(Debug, Clone)]
pub struct Hashing {
    turns: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    /// Memory of finished hashings, for reuse. New allocations would stay with every thread that ever hashed, and
    /// callers determine how many threads those are.
    idle: Arc<Mutex<Vec<Vec<Block>>>>,
    wait_max: Duration,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            reserved: Arc::new(Semaphore::new(RESERVED)),
            idle: Arc::default(),
            wait_max: WAIT_MAX,
        }
    }
}

impl Hashing {
    /// For an administrator who creates a credential.
    pub async fn hash(&self, secret: &SecretString) -> Result<SecretHash, Error> {
        let secret = secret.clone();
        self.in_turn(HashQueue::Authenticated, move |memory| {
            let mut salt = [0; SALT_LEN];
            fill(&mut salt);
            SecretHash::hash(&secret, &salt, memory)
        })
        .await
    }

    /// Whether the hash is of this secret. Without a hash the result is false, after the same work.
    pub async fn verify(
        &self,
        secret: &SecretString,
        hash: Option<&SecretHash>,
        queue: HashQueue,
    ) -> Result<bool, Error> {
        let secret = secret.clone();
        let is_known = hash.is_some();
        let hash = hash.cloned().unwrap_or_else(SecretHash::of_nothing);
        self.in_turn(queue, move |memory| {
            let is_of_it = hash.is_of(&secret, memory);
            is_known && is_of_it
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        queue: HashQueue,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turns = match queue {
            HashQueue::Anyone => &self.turns,
            HashQueue::Authenticated => &self.reserved,
        };
        let turn = Arc::clone(turns).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(self.wait_max, turn).await else {
            return Err(Error::Busy);
        };
        // The permit moves into the task, which finishes even if the caller is gone.
        let idle = Arc::clone(&self.idle);
        let done = tokio::task::spawn_blocking(move || {
            let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = lock().pop().unwrap_or_default();
            let result = work(&mut memory);
            lock().push(memory);
            drop(turn);
            result
        });
        done.await.map_err(Error::other)
    }
}

#[cfg(test)]
mod tests;
