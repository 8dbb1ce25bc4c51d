//! What a configuration key is: declared once, read by its section, listed in the reference.

use std::fmt;

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the environment.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// What holds when it is absent.
    pub default: Fallback,
    /// What it does, in a sentence or two.
    pub about: &'static str,
}

/// The form of a value, and its bounds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Anything that its own parser accepts; the words describe it.
    Text(&'static str),
    /// Like `Text`, never shown, with a twin `…_FILE` that names a file holding the value.
    Secret(&'static str),
    /// A whole number.
    Integer { min: u64, max: u64 },
    /// A time span such as `30s`, `5m` or `12h`.
    Duration { min: &'static str, max: &'static str },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
}

/// What holds when a key is absent.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// This text, read like a given one.
    Text(&'static str),
    /// Nothing.
    Nothing,
    /// Nothing that could be written as a value; the words say what happens.
    Described(&'static str),
}

impl Key {
    /// True for a key with a `…_FILE` twin.
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret(_))
    }

    /// The name of the twin that holds a path instead of the value.
    pub fn file_twin(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_FILE", self.name))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(words) | Self::Secret(words) => f.write_str(words),
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Duration { min, max } => write!(f, "a time span from {min} to {max}"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Self::Bool => f.write_str("true or false"),
        }
    }
}
