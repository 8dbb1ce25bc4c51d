//! What the program prints for people and scripts; everything else is logged.

use std::io::{Write, stderr, stdout};

/// A line, or several, on standard output. A reader that is gone is no failure.
pub fn line(text: &str) {
    let _ = writeln!(stdout().lock(), "{text}");
}

/// A line, or several, on standard error.
pub fn error(text: &str) {
    let _ = writeln!(stderr().lock(), "{text}");
}
