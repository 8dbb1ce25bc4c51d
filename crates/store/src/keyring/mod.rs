//! The keys that seal secrets at rest: AES-256-GCM, each ciphertext bound to its table, row and
//! column, so that it opens nowhere else. The first key seals, all open. Not here: which columns.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hkdf, hmac};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use parse::KeyRingError;

/// Bytes of a key.
const KEY_LEN: usize = 32;
/// Bytes that GCM adds.
const TAG_LEN: usize = 16;
/// The first byte of every ciphertext: version, key id's length, key id, nonce, ciphertext and tag.
const FORMAT: u8 = 1;
const MAC_LABEL: &[u8] = b"safe-auth0 mac v1";

/// The keys. Cheap to clone; the bytes are wiped with the last clone.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[Key]>,
}

struct Key {
    id: String,
    /// On the heap: a key that is moved leaves no copy behind.
    bytes: Zeroizing<Vec<u8>>,
}

/// Where a ciphertext belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext {
    /// The table.
    pub table: &'static str,
    /// The row's id.
    pub row: Uuid,
    /// The column.
    pub column: &'static str,
}

/// Why a ciphertext does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// It is not one of ours.
    #[error("the ciphertext is malformed")]
    Malformed,
    /// It was sealed with a key that is not in the ring.
    #[error("the key that sealed it is not in the key ring")]
    UnknownKey,
    /// It was changed, or moved from another place, or the key is another under the same id.
    #[error("the ciphertext does not belong here or has been changed")]
    Refused,
}

impl KeyRing {
    /// Seals for one place, with the first key.
    pub fn seal(&self, place: SealContext, plain: &[u8]) -> Vec<u8> {
        self.keys[0].seal(place, plain)
    }

    /// Opens what was sealed for this place.
    pub fn open(
        &self,
        place: SealContext,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let [FORMAT, id_len, rest @ ..] = sealed else { return Err(DecryptError::Malformed) };
        let (id, rest) =
            rest.split_at_checked(usize::from(*id_len)).ok_or(DecryptError::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(DecryptError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == id);
        let key = key.ok_or(DecryptError::UnknownKey)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let len = (key.aead())
            .open_in_place(Nonce::from(nonce), Aad::from(place.bytes()), &mut plain)
            .map_err(|_| DecryptError::Refused)?
            .len();
        plain.truncate(len);
        Ok(plain)
    }

    /// The id of the key that seals.
    pub fn first_id(&self) -> &str {
        &self.keys[0].id
    }

    /// Whether the ring has a key of this id.
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// The id of the key that sealed this, without opening it; none when it is not one of ours. The head
    /// of the ciphertext is enough.
    pub fn key_id_of(sealed: &[u8]) -> Option<&str> {
        let [FORMAT, id_len, rest @ ..] = sealed else { return None };
        let id = std::str::from_utf8(rest.get(..usize::from(*id_len))?).ok()?;
        parse::is_id(id).then_some(id)
    }

    /// A keyed fingerprint of `parts` for one purpose, by the key whose id sorts first. So it stays
    /// the same while newer keys, under ids that sort later, are added and moved to the front.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.oldest().mac(purpose, parts)
    }

    /// Whether any key of the ring made this fingerprint.
    pub fn verify_mac(&self, mac: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> bool {
        self.keys.iter().any(|key| {
            constant_time::verify_slices_are_equal(&key.mac(purpose, parts), mac).is_ok()
        })
    }
}

impl KeyRing {
    fn oldest(&self) -> &Key {
        let oldest = self.keys.iter().min_by(|a, b| a.id.cmp(&b.id));
        oldest.expect("a ring has at least one key")
    }
}

impl Key {
    fn seal(&self, place: SealContext, plain: &[u8]) -> Vec<u8> {
        // The whole room at once: growing would leave a copy of the plain text behind.
        let mut body = Vec::with_capacity(plain.len() + TAG_LEN);
        body.extend_from_slice(plain);
        let nonce = (self.aead())
            .seal_in_place_append_tag(Aad::from(place.bytes()), &mut body)
            .expect("AES-256-GCM seals anything that fits into memory");
        let id_len = u8::try_from(self.id.len()).expect("parsing bounds the length of key ids");
        let mut sealed = Vec::with_capacity(2 + self.id.len() + NONCE_LEN + body.len());
        sealed.extend_from_slice(&[FORMAT, id_len]);
        sealed.extend_from_slice(self.id.as_bytes());
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&body);
        sealed
    }

    fn aead(&self) -> RandomizedNonceKey {
        RandomizedNonceKey::new(&AES_256_GCM, &self.bytes).expect("a key has the length of AES-256")
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, MAC_LABEL).extract(&self.bytes);
        let info = [purpose.as_bytes()];
        let derived = extracted.expand(&info, hmac::HMAC_SHA256);
        let mut context = hmac::Context::with_key(&hmac::Key::from(
            derived.expect("HKDF yields one block for any purpose"),
        ));
        for part in parts {
            context.update(&len_bytes(part));
            context.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

impl SealContext {
    /// Each part after its length, so that no two places have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 3] =
            [self.table.as_bytes(), self.row.as_bytes(), self.column.as_bytes()];
        parts
            .iter()
            .flat_map(|part| len_bytes(part).into_iter().chain(part.iter().copied()))
            .collect()
    }
}

fn len_bytes(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("KeyRing").field("ids", &ids).finish_non_exhaustive()
    }
}
