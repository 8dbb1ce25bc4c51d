//! Output for people and scripts. Everything else is logged.

use std::io::{Write, stderr, stdout};

/// Prints to standard output. Ignores a closed pipe.
pub fn line(text: &str) {
    let _ = writeln!(stdout().lock(), "{text}");
}

/// Prints to standard error.
pub fn error(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}
