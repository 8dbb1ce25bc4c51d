//! Classifies a 403 of the Management API by a decision table, because its message says more than its code: a missing
//! add-on has the `errorCode` `insufficient_scope`.

use serde_json::Value;

/// Why the Management API refuses a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// The plan does not include the feature or add-on.
    NotInPlan,
    /// The tenant's account may not use it: no verified credit card, or Auth0's support must allow it.
    AccountNotAllowed,
    /// Auth0 has retired the feature on this tenant.
    Retired,
    /// Any one of these scopes suffices. Empty: Auth0 names none.
    MissingScope(Vec<String>),
    Otherwise,
}

/// Limits on scope names, which hints quote.
const SCOPES_MAX: usize = 10;
const SCOPE_CHARS_MAX: usize = 64;

/// The error envelope of the Management API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Envelope {
    pub message: String,
    pub error_code: String,
}

impl Envelope {
    /// Empty if the body is not an envelope.
    pub fn read(body: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let text =
            |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { message: text("message"), error_code: text("errorCode") }
    }
}

/// Applies the table in order.
pub(crate) fn classify(envelope: &Envelope) -> Forbidden {
    let (code, message) = (envelope.error_code.as_str(), envelope.message.to_ascii_lowercase());
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if matches!(code, "insufficient_entitlement" | "not_entitled") {
        return Forbidden::NotInPlan;
    }
    if let Some(scopes) = missing_scopes(&envelope.message) {
        return Forbidden::MissingScope(scopes);
    }
    if says(&["deprecated feature"]) || code == "legacy_mfa_phone_provider_not_allowed" {
        return Forbidden::Retired;
    }
    if says(&["verified credit card", "account is not allowed"])
        || code == "operation_not_supported"
    {
        return Forbidden::AccountNotAllowed;
    }
    if code == "feature_not_enabled" || speaks_of_plan(&message) {
        return Forbidden::NotInPlan;
    }
    Forbidden::Otherwise
}

/// The scopes of `Insufficient scope, expected any of: a,b`. Auth0 separates them by commas, its documentation by
/// semicolons; some resources have no list.
fn missing_scopes(message: &str) -> Option<Vec<String>> {
    let rest = message.strip_prefix("Insufficient scope")?;
    if !rest.is_empty() && !rest.starts_with([',', ';', '.']) {
        return None;
    }
    let named = rest.split_once(": ").map_or("", |(_, named)| named);
    let is_scope = |name: &&str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
        name.contains(':') && name.len() <= SCOPE_CHARS_MAX && name.chars().all(is_plain)
    };
    let scopes = named.split(',').map(|name| name.trim().trim_end_matches('.')).filter(is_scope);
    Some(scopes.take(SCOPES_MAX).map(str::to_owned).collect())
}

/// `message` is in lower case.
fn speaks_of_plan(message: &str) -> bool {
    let mut words = message.split(|c: char| !c.is_ascii_alphanumeric());
    // Whole words, so that "explanation" does not match.
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
        use Forbidden::{AccountNotAllowed, MissingScope, NotInPlan, Otherwise, Retired};
        let scopes = |names: &[&str]| MissingScope(names.iter().map(|n| (*n).to_owned()).collect());
        let any = "Insufficient scope, expected any of:";
        let directory = format!("{any} read:directory_provisionings");
        let card = "There must be a verified credit card on file to perform this operation";
        let support =
            "The account is not allowed to perform this operation, please contact our support team";
        let domain = "This feature requires at least one custom domain";
        let deprecated = "Insufficient privileges to use this deprecated feature.";
        let phone = format!(
            "{deprecated} To handle Phone Provider/Templates refer to Tenant Phone Settings"
        );
        let bots = "Please upgrade your subscription to use bot detection";
        let akamai = "Please upgrade your subscription to enable Akamai Signals.";
        let provisionings = scopes(&["read:directory_provisionings"]);
        let two = scopes(&["read:stats", "read:x"]);
        for (message, code, expected) in [
            (&*directory, "insufficient_scope", provisionings),
            ("Insufficient scope; expected any of: read:stats,read:x.", "", two),
            ("Insufficient scope, expected: read:actions", "", scopes(&["read:actions"])),
            ("Insufficient scope.", "insufficient_scope", scopes(&[])),
            ("Insufficient scope, expected any of: <b>:x", "", scopes(&[])),
            ("The requestor is not entitled to perform this operation.", "not_entitled", NotInPlan),
            (card, "operation_not_supported", AccountNotAllowed),
            (card, "", AccountNotAllowed),
            (support, "", AccountNotAllowed),
            (domain, "operation_not_supported", AccountNotAllowed),
            (deprecated, "", Retired),
            (&phone, "legacy_mfa_phone_provider_not_allowed", Retired),
            ("No.", "feature_not_enabled", NotInPlan),
            (bots, "insufficient_entitlement", NotInPlan),
            ("anything", "insufficient_entitlement", NotInPlan),
            (akamai, "insufficient_scope", NotInPlan),
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
    fn a_403_without_an_error_envelope_is_forbidden() {
        for body in ["", "<html>blocked</html>", "[]", "null", "{\"message\":[1]}"] {
            assert_eq!(classify(&Envelope::read(body.as_bytes())), Forbidden::Otherwise, "{body}");
        }
    }

    proptest! {
        #[test]
        fn a_scope_that_is_named_in_a_hint_is_short_and_plain(tail in "\\PC{0,400}") {
            let message = format!("Insufficient scope, expected any of: {tail}");
            let Forbidden::MissingScope(scopes) = classified(&message, "") else { panic!("{message}") };
            prop_assert!(scopes.len() <= SCOPES_MAX);
            prop_assert!(scopes.iter().all(|scope| scope.is_ascii() && scope.len() <= SCOPE_CHARS_MAX));
        }

        #[test]
        fn entitlement_always_wins_and_the_scope_pattern_comes_next(tail in "\\PC{0,60}", separator in "[,;]") {
            let message = format!("Insufficient scope{separator} expected any of: {tail}");
            prop_assert!(matches!(classified(&message, "insufficient_scope"), Forbidden::MissingScope(_)));
            prop_assert_eq!(classified(&message, "insufficient_entitlement"), Forbidden::NotInPlan);
        }

        #[test]
        fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = classify(&Envelope::read(&body));
        }
    }
}
