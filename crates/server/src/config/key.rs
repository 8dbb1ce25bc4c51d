//! What the reference says of a configuration key, and what can be wrong with its value.

use std::borrow::Cow;
use std::fmt;

/// One thing wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key to fix.
    pub key: String,
    /// What it should look like; empty where the reason says it all.
    pub expected: String,
    /// What is wrong, without the value.
    pub why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.why)?;
        if self.expected.is_empty() { Ok(()) } else { write!(f, " (expected {})", self.expected) }
    }
}

/// What holds when a key is absent.
#[derive(Debug, Clone)]
pub enum Fallback {
    /// This text, read like a configured one.
    Text(Cow<'static, str>),
    None,
    /// No value; the words say what happens.
    Described(&'static str),
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "`{text}`"),
            Self::None => f.write_str("none"),
            Self::Described(words) => f.write_str(words),
        }
    }
}

/// A key, as the reference shows it.
#[derive(Debug)]
pub struct Key {
    pub section: &'static str,
    pub name: &'static str,
    /// What a value looks like.
    pub form: String,
    pub default: Fallback,
    pub about: &'static str,
    /// Never shown, and has a twin `…_FILE` that names a file holding the value.
    pub is_secret: bool,
}

impl Key {
    /// The names in the environment: its own, and that of the twin.
    pub fn names(&self) -> impl Iterator<Item = String> + use<> {
        let twin = self.is_secret.then(|| twin(self.name));
        std::iter::once(self.name.to_owned()).chain(twin)
    }
}

/// The name of the twin that holds the path of a file instead of the value.
pub fn twin(name: &str) -> String {
    format!("{name}_FILE")
}
