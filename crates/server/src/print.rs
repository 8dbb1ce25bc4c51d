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

/// Removes control characters: names come from the tenant, and a terminal interprets them.
pub fn plain(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}
