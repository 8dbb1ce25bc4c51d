//! Random names and digests of names.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use aws_lc_rs::digest::{SHA256, digest as sha};

/// This many random bytes as hexadecimal digits.
pub fn hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut buffer).expect("the system has randomness");
    to_hex(&buffer)
}

/// A short name for a long one, the same every time.
pub fn digest(name: &OsStr) -> String {
    to_hex(&sha(&SHA256, name.as_bytes()).as_ref()[..6])
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string succeeds");
        text
    })
}
