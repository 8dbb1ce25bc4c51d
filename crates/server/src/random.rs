//! Random names and digests of names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use aws_lc_rs::digest::{SHA256, digest as sha};

/// This many random bytes, as hexadecimal digits.
pub fn name(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut buffer).expect("the system has randomness");
    hex::encode(buffer)
}

/// A short name for a long one, the same every time.
pub fn digest(name: &OsStr) -> String {
    hex::encode(&sha(&SHA256, name.as_bytes()).as_ref()[..6])
}
