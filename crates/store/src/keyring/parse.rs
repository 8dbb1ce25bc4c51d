//! The text of a key ring: `id:base64(32 bytes)`, separated by commas.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{KEY_LEN, Key, KeyRing};

/// In bytes.
const ID_MAX: usize = 64;

/// All faults of the text, by position and key id; never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRingError {
    /// Not empty.
    pub faults: Vec<String>,
}

impl KeyRing {
    /// Parses `id:base64(32 bytes),id2:…`. The first key encrypts, all decrypt.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut faults = Vec::new();
        let mut keys = Vec::new();
        let mut ids = BTreeSet::new();
        if text.trim().is_empty() {
            return Err(KeyRingError { faults: vec!["there is no key".to_owned()] });
        }
        for (index, entry) in text.split(',').enumerate() {
            let nth = format!("key {}", index + 1);
            // The text before a missing colon may be the key itself, so it is not shown.
            let Some((id, value)) = entry.trim().split_once(':') else {
                faults.push(format!("{nth} must be written as id:base64"));
                continue;
            };
            if !is_id(id) {
                faults.push(format!(
                    "{nth} must have an id of 1 to {ID_MAX} letters, digits, '-', '_' or '.'"
                ));
            } else if !ids.insert(id) {
                faults.push(format!("{nth} has the id of an earlier one"));
            }
            match key_bytes(value) {
                Ok(bytes) => keys.push(Key { id: id.to_owned(), bytes }),
                Err(why) => faults.push(format!("{nth} {why}")),
            }
        }
        if faults.is_empty() {
            Ok(Self { keys: keys.into() })
        } else {
            Err(KeyRingError { faults })
        }
    }

    /// A ring of one new key, and its text to keep.
    ///
    /// # Panics
    /// When [`KeyRing::parse`] would not take the id: it is a name that the program chooses.
    pub fn generate(id: &str) -> (Self, Zeroizing<String>) {
        assert!(is_id(id), "a key id is made of letters, digits, '-', '_' and '.'");
        let mut bytes = Zeroizing::new(vec![0; KEY_LEN]);
        aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
        let encoded = Zeroizing::new(STANDARD.encode(&*bytes));
        // Allocated at once: growing would leave a copy of the key in memory.
        let mut text = Zeroizing::new(String::with_capacity(id.len() + 1 + encoded.len()));
        text.push_str(id);
        text.push(':');
        text.push_str(&encoded);
        (Self { keys: Arc::new([Key { id: id.to_owned(), bytes }]) }, text)
    }
}

pub(super) fn is_id(id: &str) -> bool {
    (1..=ID_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn key_bytes(value: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let decoded = STANDARD.decode(value).map(Zeroizing::new);
    let decoded = decoded.map_err(|_| "must be base64 with padding".to_owned())?;
    if decoded.len() == KEY_LEN {
        Ok(decoded)
    } else {
        Err(format!("must have {KEY_LEN} bytes, not {}", decoded.len()))
    }
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("; "))
    }
}

impl std::error::Error for KeyRingError {}
