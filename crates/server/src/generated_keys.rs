//! The keys that the embedded mode generates, in private files of the data directory.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use api::auth::development::DevelopmentKey;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use store::KeyRing;

use crate::data_dir::{DataDir, read_private, write_private};
use crate::embedded;

const KEY_RING: &str = "encryption-keys";
const DEVELOPMENT_KEY: &str = "development-key.pem";

/// The key ring of a data directory, generated on the first start. Never generated for an existing cluster, because a
/// new key cannot decrypt its secrets.
pub fn key_ring(dir: &DataDir) -> Result<KeyRing> {
    let path = dir.path().join(KEY_RING);
    let shown = path.display();
    if let Some(bytes) = read_private(&path)?.map(Zeroizing::new) {
        let text = std::str::from_utf8(&bytes).map_err(|_| anyhow!("{shown} is not UTF-8"))?;
        return KeyRing::parse(text.trim())
            .map_err(|e| anyhow!("{shown} is not a valid key ring: {}", e.faults.join("; ")));
    }
    if embedded::has_cluster(dir.path()) {
        bail!(
            "{shown} is missing, and without it the secrets in the embedded cluster cannot be \
             decrypted: restore it from a backup, set SAFE_AUTH0_ENCRYPTION_KEYS, or start with \
             another data directory"
        );
    }
    let (ring, text) = KeyRing::generate("k1");
    // Allocated once: appending to a string could leave a copy of the key in freed memory.
    let line = Zeroizing::new([text.as_bytes(), b"\n"].concat());
    write_private(&path, &line)?;
    Ok(ring)
}

/// The development key of a data directory, generated on the first start.
pub fn development_key(dir: &DataDir) -> Result<DevelopmentKey> {
    if let Some(key) = find_development_key(dir.path())? {
        return Ok(key);
    }
    let key = DevelopmentKey::generate().context("cannot generate the development key")?;
    let pem = key.to_pem();
    write_private(&development_key_path(dir.path()), pem.expose_secret().as_bytes())?;
    Ok(key)
}

/// The development key, if one was generated.
pub fn find_development_key(data_dir: &Path) -> Result<Option<DevelopmentKey>> {
    let path = development_key_path(data_dir);
    let Some(bytes) = read_private(&path)?.map(Zeroizing::new) else { return Ok(None) };
    let key = DevelopmentKey::from_pem(std::str::from_utf8(&bytes).unwrap_or_default());
    key.map(Some).with_context(|| format!("{} is not a valid key", path.display()))
}

fn development_key_path(data_dir: &Path) -> PathBuf {
    data_dir.join(DEVELOPMENT_KEY)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_key_ring_is_generated_once_and_never_for_an_existing_cluster() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path(), Duration::ZERO).await.unwrap();
        let (generated, read) = (key_ring(&dir).unwrap(), key_ring(&dir).unwrap());
        assert_eq!(generated.mac("same", &[b"key"]), read.mac("same", &[b"key"]));
        let path = dir.path().join(KEY_RING);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir_all(dir.path().join("postgres/cluster")).unwrap();
        let refused = key_ring(&dir).unwrap_err().to_string();
        assert!(refused.contains("restore it from a backup"), "{refused}");
        assert!(!path.exists());
    }
}
