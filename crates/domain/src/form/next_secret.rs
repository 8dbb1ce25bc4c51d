//! Parses the body that sets a next client secret and collects all faults.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use super::fields::Reader;
use super::{Edit, object};
use crate::address::AllowedOrigins;
use crate::fault::Faults;

const FIELDS: [&str; 2] = ["client_secret", "client_secret_expires_at"];

/// A next client secret.
#[derive(Debug, Clone)]
pub struct NewNextSecret {
    pub client_secret: SecretString,
    pub expires_at: Option<Timestamp>,
}

impl NewNextSecret {
    /// Parses the body. Faults never contain a value.
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, Faults> {
        let allowed = AllowedOrigins::default();
        let mut reader = Reader::new(object(body)?, &allowed, now);
        reader.refuse_all_but(&FIELDS);
        let client_secret = reader.secret();
        if client_secret.is_none() {
            reader.require("client_secret");
        }
        let expires_at = reader.expiry().and_then(Edit::into_value);
        let (_, faults) = reader.finish();
        match client_secret {
            Some(client_secret) if faults.is_empty() => Ok(Self { client_secret, expires_at }),
            _ => Err(Faults(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<NewNextSecret, String> {
        let now = "2026-06-15T12:00:00Z".parse().unwrap();
        NewNextSecret::parse(body, now).map_err(|faults| faults.to_string())
    }

    #[test]
    fn the_secret_is_required_and_its_expiry_is_not() {
        for body in [
            json!({"client_secret": "n3xt"}),
            json!({"client_secret": "n3xt",
            "client_secret_expires_at": null}),
        ] {
            let next = parse(&body).unwrap();
            assert_eq!(next.client_secret.expose_secret(), "n3xt");
            assert_eq!(next.expires_at, None);
            assert!(!format!("{next:?}").contains("n3xt"));
        }
        let both =
            json!({"client_secret": "n3xt", "client_secret_expires_at": "2027-01-31T00:00:00Z"});
        let expires_at = parse(&both).unwrap().expires_at.unwrap();
        assert_eq!(expires_at.to_string(), "2027-01-31T00:00:00Z");
    }

    #[test]
    fn all_faults_are_reported_at_once_without_values() {
        let body = json!({"client_secret": " ", "client_secret_expires_at": "2020-01-01T00:00:00Z",
            "client_id": "visible", "id": "x"});
        let told = parse(&body).unwrap_err();
        for part in ["/client_secret:", "/client_secret_expires_at:", "/client_id", "/id"] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains("visible"));
        for body in
            [json!({}), json!({"client_secret": null}), json!({"client_secret": 7}), json!([])]
        {
            assert!(parse(&body).is_err(), "{body}");
        }
        assert!(!parse(&json!({"client_secret": "bad\u{0}one"})).unwrap_err().contains("bad"));
    }
}
