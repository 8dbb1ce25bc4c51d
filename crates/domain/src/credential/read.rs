//! Parses the body for a new API credential and collects all faults.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{LIFETIME_DEFAULT, LIFETIME_MAX, Role};
use crate::clock::to_micros;
use crate::fault::{Fault, Faults, pointer_part};

/// Maximum length of a name, in characters.
pub const NAME_MAX: usize = 100;
/// Read-only members: in responses, but not accepted in requests.
const READ_ONLY: [&str; 6] =
    ["id", "secret", "created_at", "created_by", "last_used_at", "revoked_at"];

/// A requested API credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    pub name: String,
    pub role: Role,
    pub expires_at: Timestamp,
}

impl NewCredential {
    /// Parses the body. `at_most` is the expiry of the caller's own credential: a new one must not outlive
    /// it.
    pub fn parse(body: &Value, now: Timestamp, at_most: Option<Timestamp>) -> Result<Self, Faults> {
        let map = body.as_object().ok_or_else(|| Fault::at("", "must be a JSON object"))?;
        let mut faults = Vec::new();
        refuse_strangers(map, &mut faults);
        let read = (
            noted(name(given(map, "name")), "name", &mut faults),
            noted(role(given(map, "role")), "role", &mut faults),
            noted(expiry(given(map, "expires_at"), now, at_most), "expires_at", &mut faults),
        );
        match read {
            (Some(name), Some(role), Some(expires_at)) if faults.is_empty() => {
                Ok(Self { name, role, expires_at })
            }
            _ => Err(Faults(faults)),
        }
    }
}

fn name(value: Option<&Value>) -> Result<String, String> {
    let value = value.ok_or("is required")?;
    let text = value.as_str().map(str::trim).filter(|text| {
        (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    });
    let wrong = || format!("must be a text of 1 to {NAME_MAX} characters, no control characters");
    text.map(str::to_owned).ok_or_else(wrong)
}

fn role(value: Option<&Value>) -> Result<Role, String> {
    let Some(value) = value else { return Ok(Role::Viewer) };
    let role = value.as_str().and_then(Role::from_name);
    role.ok_or_else(|| "must be admin or viewer".to_owned())
}

fn expiry(
    value: Option<&Value>,
    now: Timestamp,
    at_most: Option<Timestamp>,
) -> Result<Timestamp, String> {
    let ends = |span| now.checked_add(span).unwrap_or(Timestamp::MAX);
    let Some(value) = value else {
        return Ok(at_most.unwrap_or(Timestamp::MAX).min(ends(LIFETIME_DEFAULT)));
    };
    let at: Option<Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    match at.map(to_micros) {
        None => Err("must be a time such as 2027-01-31T00:00:00Z, or null".into()),
        Some(at) if at <= now => Err("must be in the future".into()),
        Some(at) if at > ends(LIFETIME_MAX) => Err("must be within 365 days".into()),
        Some(at) if at_most.is_some_and(|end| at > end) => {
            Err("must not be after the end of the credential that asks".into())
        }
        Some(at) => Ok(at),
    }
}

fn refuse_strangers(map: &Map<String, Value>, faults: &mut Vec<Fault>) {
    for key in map.keys().filter(|key| !["name", "role", "expires_at"].contains(&key.as_str())) {
        let detail = if READ_ONLY.contains(&key.as_str()) {
            "is read-only: leave it out"
        } else {
            "is not a known field: leave it out"
        };
        faults.push(Fault::at(format!("/{}", pointer_part(key)), detail));
    }
}

/// Treats absent and null alike.
fn given<'a>(map: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    map.get(field).filter(|value| !value.is_null())
}

fn noted<T>(read: Result<T, String>, field: &str, faults: &mut Vec<Fault>) -> Option<T> {
    read.map_err(|detail| faults.push(Fault::at(format!("/{field}"), detail))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-06-15T12:00:00Z".parse().unwrap()
    }

    fn places(body: &Value) -> Vec<String> {
        let Faults(faults) = NewCredential::parse(body, now(), None).unwrap_err();
        let place = |fault: Fault| match fault.place {
            crate::FaultLocation::Pointer(at) => at,
            other => panic!("{other:?}"),
        };
        faults.into_iter().map(place).collect()
    }

    #[test]
    fn a_name_is_enough() {
        let new = NewCredential::parse(&json!({"name": " Nightly ", "role": null}), now(), None);
        let expires_at = now() + LIFETIME_DEFAULT;
        let expected = NewCredential { name: "Nightly".into(), role: Role::Viewer, expires_at };
        assert_eq!(new.unwrap(), expected);
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let body = json!({"role": "owner", "expires_at": "soon", "secret": "x", "a/b": 1});
        assert_eq!(places(&body), ["/a~1b", "/secret", "/name", "/role", "/expires_at"]);
        assert_eq!(places(&json!([])), [""]);
    }

    #[test]
    fn each_limit_holds_on_both_sides() {
        let last = (now() + LIFETIME_MAX).to_string();
        let after = (now() + LIFETIME_MAX + SignedDuration::from_secs(1)).to_string();
        let soon = (now() + SignedDuration::from_secs(1)).to_string();
        for (name, expires_at) in [("x", &last), (&*"é".repeat(NAME_MAX), &soon)] {
            let body = json!({"name": name, "role": "admin", "expires_at": expires_at});
            assert!(NewCredential::parse(&body, now(), None).is_ok(), "{body}");
        }
        for (name, expires_at, place) in [
            ("x", &*after, "/expires_at"),
            ("x", &*now().to_string(), "/expires_at"),
            (" ", &*soon, "/name"),
            ("a\nb", &*soon, "/name"),
            (&*"x".repeat(NAME_MAX + 1), &*soon, "/name"),
        ] {
            assert_eq!(places(&json!({"name": name, "expires_at": expires_at})), [place]);
        }
    }

    #[test]
    fn a_credential_does_not_outlive_the_one_that_created_it() {
        let end = now() + SignedDuration::from_hours(24);
        let parse = |body: &Value| NewCredential::parse(body, now(), Some(end));
        assert_eq!(parse(&json!({"name": "x"})).unwrap().expires_at, end);
        assert!(parse(&json!({"name": "x", "expires_at": end.to_string()})).is_ok());
        let later = (end + SignedDuration::from_secs(1)).to_string();
        assert!(parse(&json!({"name": "x", "expires_at": later})).is_err());
    }
}
