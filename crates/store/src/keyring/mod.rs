//! The key ring: encrypts secrets at rest with AES-256-GCM, each ciphertext bound to its table, row, column, organisation
//! and origin. The first key encrypts, all decrypt. `key_rotation.rs` lists the columns.

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

/// In bytes.
const KEY_LEN: usize = 32;
/// Length of the GCM tag in bytes.
const TAG_LEN: usize = 16;
/// First byte of a ciphertext that is bound to table, row and column only. Older versions wrote these; they open until
/// `keys reseal` encrypts them again.
const FORMAT_1: u8 = 1;
/// First byte of every new ciphertext. It is followed by the length of the key id, the key id, the nonce, and the
/// ciphertext with its tag. Format 1 has the same layout.
const FORMAT_2: u8 = 2;
const MAC_LABEL: &[u8] = b"safe-auth0 mac v1";

/// Cheap to clone; the bytes are zeroed with the last clone.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<[Key]>,
}

struct Key {
    id: String,
    /// On the heap: moving a key leaves no copy behind.
    bytes: Zeroizing<Vec<u8>>,
}

/// The place that a ciphertext is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext<'a> {
    pub table: &'static str,
    pub row: Uuid,
    pub column: &'static str,
    /// Empty: of no organisation.
    pub organisation: &'a str,
    /// Where the plain text may be sent: an API Identifier. Empty: nowhere.
    pub origin: &'a str,
}

/// The readable beginning of a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// 1: bound to table, row and column only. 2: also to organisation and origin.
    pub format: u8,
    pub key_id: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    #[error("the ciphertext is malformed")]
    Malformed,
    #[error("the key that sealed it is not in the key ring")]
    UnknownKey,
    /// Changed, moved from another place, or encrypted with another key of the same id.
    #[error("the ciphertext does not belong here or has been changed")]
    Refused,
}

impl KeyRing {
    /// Encrypts for this place, with the first key.
    pub fn seal(&self, place: SealContext<'_>, plain: &[u8]) -> Vec<u8> {
        self.keys[0].seal(place, plain)
    }

    /// Decrypts a ciphertext of this place.
    pub fn open(
        &self,
        place: SealContext<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let [format, id_len, rest @ ..] = sealed else { return Err(DecryptError::Malformed) };
        let bound_to = place.bytes(*format).ok_or(DecryptError::Malformed)?;
        let (id, rest) =
            rest.split_at_checked(usize::from(*id_len)).ok_or(DecryptError::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(DecryptError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id.as_bytes() == id);
        let key = key.ok_or(DecryptError::UnknownKey)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let len = (key.aead())
            .open_in_place(Nonce::from(nonce), Aad::from(bound_to), &mut plain)
            .map_err(|_| DecryptError::Refused)?
            .len();
        plain.truncate(len);
        Ok(plain)
    }

    /// Id of the key that encrypts.
    pub fn first_id(&self) -> &str {
        &self.keys[0].id
    }

    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// Format and key id of a ciphertext. None: another format.
    pub fn header_of(sealed: &[u8]) -> Option<Header<'_>> {
        let [format @ (FORMAT_1 | FORMAT_2), id_len, rest @ ..] = sealed else { return None };
        let key_id = std::str::from_utf8(rest.get(..usize::from(*id_len))?).ok()?;
        parse::is_id(key_id).then_some(Header { format: *format, key_id })
    }

    /// Whether encrypting again would change neither the format nor the key.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        Self::header_of(sealed) == Some(Header { format: FORMAT_2, key_id: self.first_id() })
    }

    /// MAC of `parts` for one purpose, with the key whose id sorts first. It stays the same while newer keys, with
    /// ids that sort later, are added and become the first of the ring.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.oldest().mac(purpose, parts)
    }

    /// Whether any key of the ring made this MAC.
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
    fn seal(&self, place: SealContext<'_>, plain: &[u8]) -> Vec<u8> {
        let bound_to = place.bytes(FORMAT_2).expect("the format is known");
        // Allocated at once: growing would leave a copy of the plain text in memory.
        let mut body = Vec::with_capacity(plain.len() + TAG_LEN);
        body.extend_from_slice(plain);
        let nonce = (self.aead())
            .seal_in_place_append_tag(Aad::from(bound_to), &mut body)
            .expect("AES-256-GCM seals anything that fits into memory");
        let id_len = u8::try_from(self.id.len()).expect("parsing bounds the length of key ids");
        let mut sealed = Vec::with_capacity(2 + self.id.len() + NONCE_LEN + body.len());
        sealed.extend_from_slice(&[FORMAT_2, id_len]);
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

impl SealContext<'_> {
    /// The associated data of this format, none if it is unknown. The length before each part keeps places distinct;
    /// the number of parts keeps formats distinct.
    fn bytes(&self, format: u8) -> Option<Vec<u8>> {
        let parts: [&[u8]; 5] = [
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.column.as_bytes(),
            self.organisation.as_bytes(),
            self.origin.as_bytes(),
        ];
        let bound = match format {
            FORMAT_1 => &parts[..3],
            FORMAT_2 => &parts[..],
            _ => return None,
        };
        let with_len = |part: &&[u8]| [&len_bytes(part)[..], *part].concat();
        Some(bound.iter().flat_map(with_len).collect())
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
