//! Reads configuration keys. Reading a key is its declaration: the reader keeps what was read for the reference and for
//! the refusal of unknown names. It collects every fault, so that all are reported at once; a fault names the key, the
//! expected form and the reason, never the value.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::key::{Fallback, Fault, Key, twin};
use super::source::SettingSource;

/// The largest file that a key may name.
const FILE_MAX: u64 = 1024 * 1024;

pub struct Reader<'a> {
    source: &'a dyn SettingSource,
    section: &'static str,
    keys: Vec<Key>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(source: &'a dyn SettingSource) -> Self {
        Self { source, section: "", keys: Vec::new(), faults: Vec::new() }
    }

    /// The keys that follow stand under this heading in the reference.
    pub fn section(&mut self, title: &'static str) {
        self.section = title;
    }

    /// Every key that was read, in that order.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Everything that was wrong, in the order it was found.
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Records that the value of a key is wrong.
    pub fn refuse(&mut self, name: &str, why: impl Into<String>) {
        let key = self.keys.iter().find(|key| key.name == name);
        let expected = key.map(|key| key.form.clone()).unwrap_or_default();
        self.faults.push(Fault { key: name.to_owned(), expected, why: why.into() });
    }

    /// Whether a key or its twin has a value, good or bad.
    pub fn is_set(&self, name: &str) -> bool {
        [name.to_owned(), twin(name)].iter().any(|name| {
            self.source.get(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty())
        })
    }

    /// Whether a key or its twin is there without a value.
    pub fn is_blank(&self, name: &str) -> bool {
        [name.to_owned(), twin(name)].iter().any(|name| {
            self.source.get(name).is_some_and(|value| value.to_string_lossy().trim().is_empty())
        })
    }

    /// An integer inside its bounds; zero where it was refused.
    pub fn integer<T: TryFrom<u64> + Default>(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<u64>,
        default: u64,
        about: &'static str,
    ) -> T {
        let form = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        let value = self.declare(name, form, Fallback::Text(default.to_string().into()), about);
        self.checked(name, value, |text| {
            let number = text.parse().map_err(|_| "is not a whole number".to_owned())?;
            if !bounds.contains(&number) {
                return Err("is out of bounds".to_owned());
            }
            T::try_from(number).map_err(|_| "is too large".to_owned())
        })
        .unwrap_or_default()
    }

    /// A time span such as `30s`, `5m` or `12h` inside its bounds; zero where it was refused.
    pub fn duration(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<&'static str>,
        default: &'static str,
        about: &'static str,
    ) -> Duration {
        let [min, max] = [bounds.start(), bounds.end()];
        let value = self.declare(
            name,
            format!("a time span from {min} to {max}"),
            Fallback::Text(default.into()),
            about,
        );
        let bound = |text| parse_duration(text).expect("declared bounds parse");
        let bounds = bound(min)..=bound(max);
        self.checked(name, value, |text| {
            let span = parse_duration(text).ok_or("is not a time span such as 30s, 5m or 12h")?;
            if bounds.contains(&span) { Ok(span) } else { Err("is out of bounds".to_owned()) }
        })
        .unwrap_or_default()
    }

    pub fn boolean(&mut self, name: &'static str, default: bool, about: &'static str) -> bool {
        let value =
            self.declare(name, "true or false", Fallback::Text(default.to_string().into()), about);
        let parse = |text: &str| text.parse().map_err(|_| "is neither".to_owned());
        self.checked(name, value, parse).unwrap_or_default()
    }

    /// One of these words; the first is the default.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
        about: &'static str,
    ) -> T {
        let (default, first) = words[0];
        let listed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let value = self.declare(
            name,
            format!("one of {}", listed.join(", ")),
            Fallback::Text(default.into()),
            about,
        );
        let find = |text: &str| words.iter().find(|(word, _)| *word == text);
        let parse =
            |text: &str| find(text).map(|(_, choice)| *choice).ok_or("is none of them".to_owned());
        self.checked(name, value, parse).unwrap_or(first)
    }

    /// Text of this form.
    pub fn text(
        &mut self,
        name: &'static str,
        form: &str,
        default: Fallback,
        about: &'static str,
    ) -> Option<String> {
        self.declare(name, form, default, about)
    }

    /// The value as its parser reads it; the parser's reason must not repeat the value.
    pub fn parsed<T>(
        &mut self,
        name: &'static str,
        form: &str,
        default: Fallback,
        about: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.text(name, form, default, about);
        self.checked(name, value, parse)
    }

    /// A comma-separated list; blank elements are ignored, each faulty one is reported by position.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        form: &str,
        default: Fallback,
        about: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let text = self.text(name, form, default, about).unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let mut items = Vec::new();
        for (index, part) in parts.enumerate() {
            match parse(part) {
                Ok(item) => items.push(item),
                Err(why) => self.refuse(name, format!("element {}: {why}", index + 1)),
            }
        }
        items
    }

    /// A secret, from the key or from the file that its twin names.
    pub fn secret(
        &mut self,
        name: &'static str,
        form: &str,
        default: &'static str,
        about: &'static str,
    ) -> Option<SecretString> {
        let value = self.declare(name, form, Fallback::Described(default), about);
        self.keys.last_mut().expect("a key was declared").is_secret = true;
        let twin = twin(name);
        let path = self.configured(&twin);
        match (value, path) {
            (Some(_), Some(_)) => {
                self.refuse(&twin, format!("cannot be set together with {name}"));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => self.secret_file(&twin, Path::new(&path)),
            (None, None) => None,
        }
    }

    /// The contents of the file that the value names.
    pub fn file(
        &mut self,
        name: &'static str,
        form: &str,
        default: Fallback,
        about: &'static str,
    ) -> Option<Vec<u8>> {
        let path = self.text(name, form, default, about)?;
        self.contents(name, Path::new(&path))
    }

    /// Lists the key, and returns what is configured or else the default's text.
    fn declare(
        &mut self,
        name: &'static str,
        form: impl Into<String>,
        default: Fallback,
        about: &'static str,
    ) -> Option<String> {
        let fallback = match &default {
            Fallback::Text(text) => Some(text.to_string()),
            Fallback::None | Fallback::Described(_) => None,
        };
        let (section, form) = (self.section, form.into());
        self.keys.push(Key { section, name, form, default, about, is_secret: false });
        self.configured(name).or(fallback)
    }

    /// The configured value, if it is text and not blank. A blank value counts as absent, because container tools pass
    /// unset variables on as empty ones.
    fn configured(&mut self, name: &str) -> Option<String> {
        let Ok(text) = self.source.get(name)?.into_string() else {
            self.refuse(name, "is not UTF-8 text");
            return None;
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn checked<T>(
        &mut self,
        name: &str,
        value: Option<String>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(&value?).map_err(|why| self.refuse(name, why)).ok()
    }

    fn secret_file(&mut self, twin: &str, path: &Path) -> Option<SecretString> {
        let bytes = Zeroizing::new(self.contents(twin, path)?);
        let Ok(text) = std::str::from_utf8(&bytes) else {
            self.refuse(twin, "names a file that is not UTF-8 text");
            return None;
        };
        let text = text.trim();
        if text.is_empty() {
            self.refuse(twin, "names an empty file");
            return None;
        }
        Some(text.into())
    }

    fn contents(&mut self, name: &str, path: &Path) -> Option<Vec<u8>> {
        match read_small(path) {
            Ok(bytes) => Some(bytes),
            Err(why) => {
                self.refuse(name, format!("names a file that cannot be read: {why}"));
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

/// Reads `30s`, `5m`, `1h 30m`; refuses negative spans.
pub fn parse_duration(text: &str) -> Option<Duration> {
    text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok())
}
