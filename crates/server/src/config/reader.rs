//! Reads keys from a source and collects every fault, so that all are reported at once. A fault
//! names the key, the form expected and why; it never repeats a value.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::key::{Fallback, Key, Kind};
use super::source::SettingSource;

/// The largest file that a key may name.
const FILE_MAX: u64 = 1024 * 1024;

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

/// Reads keys and remembers what was wrong.
pub struct Reader<'a> {
    source: &'a dyn SettingSource,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    /// A reader of this source.
    pub fn new(source: &'a dyn SettingSource) -> Self {
        Self { source, faults: Vec::new() }
    }

    /// Everything that was wrong, in the order it was found.
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Records that the value of a key is wrong.
    pub fn refuse(&mut self, key: &Key, why: impl Into<String>) {
        self.faults.push(Fault {
            key: key.name.to_owned(),
            expected: key.kind.to_string(),
            why: why.into(),
        });
    }

    /// Records that a key is wrong for a reason its form does not explain.
    pub fn refuse_name(&mut self, name: &str, why: impl Into<String>) {
        self.faults.push(Fault { key: name.to_owned(), expected: String::new(), why: why.into() });
    }

    /// The value given, if it is text and not blank. A blank value counts as absent, because
    /// container tools pass unset variables on as empty ones.
    pub fn raw(&mut self, name: &str) -> Option<String> {
        let Ok(text) = self.source.get(name)?.into_string() else {
            self.refuse_name(name, "is not UTF-8 text");
            return None;
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether a key or its twin has a value, good or bad.
    pub fn is_given(&self, key: &Key) -> bool {
        let names = [Some(key.name.to_owned()), key.file_twin()];
        names.into_iter().flatten().any(|name| {
            self.source.get(&name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
        })
    }

    /// The value given, or the default's text.
    pub fn text(&mut self, key: &Key) -> Option<String> {
        self.raw(key.name).or_else(|| match key.default {
            Fallback::Text(text) => Some(text.to_owned()),
            Fallback::Nothing | Fallback::Described(_) => None,
        })
    }

    /// The value as its parser reads it; the parser's reason must not repeat the value.
    pub fn parsed<T>(
        &mut self,
        key: &Key,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(key)?;
        parse(&text).map_err(|why| self.refuse(key, why)).ok()
    }

    /// A comma-separated list; blank elements are ignored, each faulty one is reported by position.
    pub fn list<T>(&mut self, key: &Key, parse: impl Fn(&str) -> Result<T, String>) -> Vec<T> {
        let text = self.text(key).unwrap_or_default();
        let mut items = Vec::new();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        for (index, part) in parts.enumerate() {
            match parse(part) {
                Ok(item) => items.push(item),
                Err(why) => self.refuse(key, format!("element {}: {why}", index + 1)),
            }
        }
        items
    }

    /// A whole number inside its bounds; a placeholder where it was refused.
    pub fn integer<T: TryFrom<u64> + Default>(&mut self, key: &Key) -> T {
        let Kind::Integer { min, max } = key.kind else { unreachable_kind(key) };
        let read = |text: &str| {
            let number = text.parse::<u64>().map_err(|_| "is not a whole number".to_owned())?;
            if !(min..=max).contains(&number) {
                return Err("is out of bounds".to_owned());
            }
            T::try_from(number).map_err(|_| "is too large".to_owned())
        };
        self.parsed(key, read).unwrap_or_default()
    }

    /// A time span inside its bounds; a placeholder where it was refused.
    pub fn span(&mut self, key: &Key) -> Duration {
        let Kind::Duration { min, max } = key.kind else { unreachable_kind(key) };
        let bounds = span(min).expect("declared bounds parse")..=span(max).expect("as above");
        self.parsed(key, |text| {
            let span = span(text).ok_or("is not a time span such as 30s, 5m or 12h")?;
            if bounds.contains(&span) { Ok(span) } else { Err("is out of bounds".to_owned()) }
        })
        .unwrap_or_default()
    }

    /// True or false.
    pub fn switch(&mut self, key: &Key) -> bool {
        self.parsed(key, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither".to_owned()),
        })
        .unwrap_or_default()
    }

    /// A secret, from the key or from the file its twin names.
    pub fn secret(&mut self, key: &Key) -> Option<SecretString> {
        let twin = key.file_twin().expect("only secrets are read as such");
        let path = self.raw(&twin);
        let value = self.raw(key.name);
        match (value, path) {
            (Some(_), Some(_)) => {
                self.refuse_name(&twin, format!("cannot be set together with {}", key.name));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => self.secret_file(&twin, Path::new(&path)),
            (None, None) => None,
        }
    }

    fn secret_file(&mut self, twin: &str, path: &Path) -> Option<SecretString> {
        let bytes = Zeroizing::new(self.bytes_of(twin, path)?);
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.refuse_name(twin, "names a file that is not UTF-8 text");
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.refuse_name(twin, "names an empty file");
            return None;
        }
        Some(text.into())
    }

    /// The contents of the file that a key names.
    pub fn file(&mut self, key: &Key) -> Option<Vec<u8>> {
        let path = self.text(key)?;
        self.bytes_of(key.name, Path::new(&path))
    }

    fn bytes_of(&mut self, name: &str, path: &Path) -> Option<Vec<u8>> {
        match read_small(path) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.refuse_name(name, format!("names a file that cannot be read: {why}"));
                None
            }
        }
    }
}

/// The kind of error alone: the operating system's text may hold the path.
fn read_small(path: &Path) -> Result<Vec<u8>, String> {
    let reason = |e: std::io::Error| e.kind().to_string();
    let facts = std::fs::metadata(path).map_err(reason)?;
    if !facts.is_file() {
        return Err("not a file".to_owned());
    }
    if facts.len() > FILE_MAX {
        return Err(format!("larger than {FILE_MAX} bytes"));
    }
    std::fs::read(path).map_err(reason)
}

/// Reads `30s`, `5m`, `1h 30m`; negative ones are refused.
pub fn span(text: &str) -> Option<Duration> {
    text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok())
}

fn unreachable_kind(key: &Key) -> ! {
    unreachable!("{} is read as another kind than it is declared", key.name)
}
