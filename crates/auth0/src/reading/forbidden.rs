//! What a 403 of the Management API means: a decision table, because the words say more than the codes. Its `errorCode`
//! alone would mislead: a missing add-on comes as `insufficient_scope`.

use serde_json::Value;

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forbidden {
    NotInPlan,
    MissingScope,
    Otherwise,
}

/// The error envelope of the Management API, as much of it as there is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Envelope {
    pub message: String,
    pub error_code: String,
}

impl Envelope {
    /// Empty for a body that is no envelope.
    pub fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text =
            |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { message: text("message"), error_code: text("errorCode") }
    }
}

/// Applies the table in its order.
pub(crate) fn classify(envelope: &Envelope) -> Forbidden {
    if envelope.error_code == "insufficient_entitlement" {
        return Forbidden::NotInPlan;
    }
    if is_insufficient_scope(&envelope.message) {
        return Forbidden::MissingScope;
    }
    if speaks_of_plan(&envelope.message) {
        return Forbidden::NotInPlan;
    }
    Forbidden::Otherwise
}

/// `^Insufficient scope[,;] expected any of: `: a comma on the wire, a semicolon in the document.
fn is_insufficient_scope(message: &str) -> bool {
    message
        .strip_prefix("Insufficient scope")
        .and_then(|rest| rest.strip_prefix([',', ';']))
        .is_some_and(|rest| rest.starts_with(" expected any of: "))
}

fn speaks_of_plan(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    let mut words = message.split(|c: char| !c.is_ascii_alphanumeric());
    // Whole words, so that "explanation" is no plan.
    words.any(|word| {
        matches!(word, "upgrade" | "subscription" | "plan" | "entitled" | "entitlement")
    }) || message.contains("not enabled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn classified(message: &str, error_code: &str) -> Forbidden {
        let body = serde_json::json!({"statusCode": 403, "error": "Forbidden", "message": message, "errorCode": error_code});
        classify(&Envelope::read(body.to_string().as_bytes()))
    }

    #[test]
    fn every_recorded_refusal_is_classified() {
        use Forbidden::{MissingScope, NotInPlan, Otherwise};
        for (message, code, expected) in [
            (
                "Insufficient scope, expected any of: read:directory_provisionings",
                "insufficient_scope",
                MissingScope,
            ),
            ("Insufficient scope; expected any of: read:stats,read:x", "", MissingScope),
            (
                "Please upgrade your subscription to use bot detection",
                "insufficient_entitlement",
                NotInPlan,
            ),
            ("anything", "insufficient_entitlement", NotInPlan),
            (
                "Please upgrade your subscription to enable Akamai Signals.",
                "insufficient_scope",
                NotInPlan,
            ),
            ("Exponential backoff is not enabled for this tenant.", "", NotInPlan),
            ("Tenant not entitled to this feature.", "", NotInPlan),
            ("Permission Denied. This feature is not available on this plan.", "", NotInPlan),
            ("Subscription missing entitlement.", "", NotInPlan),
            ("This feature is not enabled for this tenant.", "", NotInPlan),
            ("Access denied by tenant access control list", "", Otherwise),
            ("No explanation", "insufficient_scope", Otherwise),
            ("We say: Insufficient scope, expected any of: x", "", Otherwise),
            ("", "", Otherwise),
        ] {
            assert_eq!(classified(message, code), expected, "{message}");
        }
    }

    #[test]
    fn what_is_no_envelope_is_forbidden_otherwise() {
        for body in ["", "<html>blocked</html>", "[]", "null", "{\"message\":[1]}"] {
            assert_eq!(classify(&Envelope::read(body.as_bytes())), Forbidden::Otherwise, "{body}");
        }
    }

    proptest! {
        #[test]
        fn entitlement_always_wins_and_the_scope_pattern_comes_next(tail in "\\PC{0,60}", separator in "[,;]") {
            let message = format!("Insufficient scope{separator} expected any of: {tail}");
            prop_assert_eq!(classified(&message, "insufficient_scope"), Forbidden::MissingScope);
            prop_assert_eq!(classified(&message, "insufficient_entitlement"), Forbidden::NotInPlan);
        }

        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = classify(&Envelope::read(&body));
        }
    }
}
