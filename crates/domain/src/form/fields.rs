//! Parsers of the form fields. Each records its faults and continues, so that all are reported.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{READ_ONLY, WRITABLE};
use crate::address::{AllowedOrigins, TenantAddress};
use crate::fault::{Fault, pointer_part};
use crate::frequency::Frequency;

/// Maximum length of a name, in characters.
pub const NAME_MAX: usize = 200;
/// Maximum length of a client ID, in bytes.
pub const CLIENT_ID_MAX: usize = 255;
/// Maximum length of a client secret, in bytes.
pub const CLIENT_SECRET_MAX: usize = 1024;

/// A new value for an optional field.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit<T> {
    ToDefault,
    To(T),
}

impl<T> Edit<T> {
    /// None: the default.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::ToDefault => None,
            Self::To(value) => Some(value),
        }
    }
}

pub struct Reader<'a> {
    map: &'a Map<String, Value>,
    allowed: &'a AllowedOrigins,
    now: Timestamp,
    normalised: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub fn new(map: &'a Map<String, Value>, allowed: &'a AllowedOrigins, now: Timestamp) -> Self {
        Self { map, allowed, now, normalised: Vec::new(), faults: Vec::new() }
    }

    pub fn finish(self) -> (Vec<&'static str>, Vec<Fault>) {
        (self.normalised, self.faults)
    }

    /// Records unknown members, and separately read-only ones.
    pub fn refuse_strangers(&mut self) {
        self.refuse_all_but(&WRITABLE);
    }

    /// The same for another form.
    pub fn refuse_all_but(&mut self, known: &[&str]) {
        for key in self.map.keys().filter(|key| !known.contains(&key.as_str())) {
            let detail = if READ_ONLY.contains(&key.as_str()) {
                "is read-only: leave it out"
            } else {
                "is not a known field: leave it out"
            };
            self.fault::<()>(&pointer_part(key), detail);
        }
    }

    /// Records that a required field is missing, unless the field has a fault already.
    pub fn require(&mut self, field: &'static str) {
        if self.map.get(field).is_none_or(Value::is_null) {
            self.fault::<()>(field, "is required");
        }
    }

    pub fn address(&mut self, field: &'static str) -> Option<TenantAddress> {
        let text = self.text(field)?;
        match TenantAddress::parse(text, self.allowed) {
            Ok(read) => {
                if read.was_changed {
                    self.normalised.push(field);
                }
                Some(read.address)
            }
            Err(detail) => self.fault(field, &detail),
        }
    }

    pub fn client_id(&mut self) -> Option<String> {
        let text = self.text("client_id")?.trim();
        let is_sound =
            (1..=CLIENT_ID_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if is_sound {
            return Some(text.to_owned());
        }
        self.fault("client_id", &format!("must be 1 to {CLIENT_ID_MAX} visible ASCII characters"))
    }

    /// Records a blank secret as missing.
    pub fn secret(&mut self) -> Option<SecretString> {
        let text = self.text("client_secret")?;
        if text.trim().is_empty() {
            return self.fault("client_secret", "must not be blank");
        }
        if text.len() > CLIENT_SECRET_MAX || text.chars().any(char::is_control) {
            let detail =
                format!("must be at most {CLIENT_SECRET_MAX} bytes without control characters");
            return self.fault("client_secret", &detail);
        }
        Some(SecretString::from(text))
    }

    pub fn has_blank_secret(&self) -> bool {
        let secret = self.map.get("client_secret").and_then(Value::as_str);
        secret.is_some_and(|text| text.trim().is_empty())
    }

    /// A display name; blank and null mean the default.
    pub fn label(&mut self, field: &'static str) -> Option<Edit<String>> {
        match self.map.get(field)? {
            Value::Null => Some(Edit::ToDefault),
            Value::String(text) if text.trim().is_empty() => Some(Edit::ToDefault),
            Value::String(text) => {
                let text = text.trim();
                if text.chars().count() > NAME_MAX || text.chars().any(char::is_control) {
                    let detail =
                        format!("must be at most {NAME_MAX} characters without control characters");
                    return self.fault(field, &detail);
                }
                Some(Edit::To(text.to_owned()))
            }
            _ => self.fault(field, "must be a string"),
        }
    }

    pub fn frequency(&mut self) -> Option<Edit<Frequency>> {
        match self.map.get("auto_sync_frequency")? {
            Value::Null => Some(Edit::ToDefault),
            value => match Frequency::parse(value) {
                Ok(frequency) => Some(Edit::To(frequency)),
                Err(faults) => {
                    for (below, detail) in faults {
                        self.faults.push(Fault::at(format!("/auto_sync_frequency{below}"), detail));
                    }
                    None
                }
            },
        }
    }

    pub fn expiry(&mut self) -> Option<Edit<Timestamp>> {
        const FIELD: &str = "client_secret_expires_at";
        match self.map.get(FIELD)? {
            Value::Null => Some(Edit::ToDefault),
            Value::String(text) => match text.parse::<Timestamp>() {
                Ok(at) if at > self.now => Some(Edit::To(crate::clock::to_micros(at))),
                Ok(_) => self.fault(FIELD, "must be in the future"),
                Err(_) => self.fault(
                    FIELD,
                    "must be a time such as 2027-01-31T00:00:00Z, no later than 9999-12-30",
                ),
            },
            _ => self.fault(FIELD, "must be a time such as 2027-01-31T00:00:00Z, or null"),
        }
    }

    pub fn boolean(&mut self, field: &'static str) -> Option<Edit<bool>> {
        match self.map.get(field)? {
            Value::Bool(value) => Some(Edit::To(*value)),
            Value::Null => Some(Edit::ToDefault),
            _ => self.fault(field, "must be true or false"),
        }
    }

    fn text(&mut self, field: &'static str) -> Option<&'a str> {
        match self.map.get(field)? {
            Value::String(text) => Some(text),
            // Null is recorded as missing by the caller that requires the field.
            Value::Null => None,
            _ => self.fault(field, "must be a string"),
        }
    }

    pub fn fault<T>(&mut self, field: &str, detail: &str) -> Option<T> {
        self.faults.push(Fault::at(format!("/{field}"), detail));
        None
    }
}
