//! Random and hashed names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use aws_lc_rs::digest::{SHA256, digest as sha};

/// `bytes` random bytes in hexadecimal.
pub fn name(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut buffer).expect("the system has randomness");
    hex::encode(buffer)
}

/// The first 6 bytes of the SHA-256 hash, in hexadecimal.
pub fn digest(name: &OsStr) -> String {
    hex::encode(&sha(&SHA256, name.as_bytes()).as_ref()[..6])
}
