//! Applies a call to the readings of a tenant, which become what Auth0 would return afterwards. Nothing is guessed: a
//! call whose effect the readings cannot hold is not applied.
//!
//! Auth0's `PATCH` merges members. Settings are merged one level deeper (stages, flags), as recorded responses show.
//! Below that, objects and arrays are replaced as a whole.

use serde_json::Value;

use super::{BASE, Call};
use crate::checks::{Method, percent_encoded};
use crate::named_enum::named_enum;
use crate::readings::ReadingKind;
use crate::tenant::{Outcome, Tenant};

named_enum! {
    /// Why a call is not applied.
    pub enum NotApplied {
        /// What it changes was not read.
        NotRead = "not_read",
        /// The object does not exist.
        NoSuchObject = "no_such_object",
        /// It changes values that a reading does not have.
        NotUnderstood = "not_understood",
    }
}

impl Call {
    /// Leaves the tenant as it is unless the whole call can be applied.
    pub fn apply_to(&self, tenant: &mut Tenant) -> Result<(), NotApplied> {
        let (kind, object) = self.target().ok_or(NotApplied::NotRead)?;
        let Some(Outcome::Read(reading)) = tenant.outcome(kind) else {
            return Err(NotApplied::NotRead);
        };
        let mut body = reading.to_json();
        let (pointer, levels) = match object {
            Some((member, id)) => (position(&body, member, id)?, 1),
            None => (String::new(), 2),
        };
        let target = body.pointer_mut(&pointer).ok_or(NotApplied::NoSuchObject)?;
        match (object, self.method) {
            (None, Method::Put) => self.body.clone_into(target),
            // The other members of a factor, the only object with `PUT`, are read-only.
            _ => merge(target, &self.body, levels),
        }
        let reading = kind.decode(body).map_err(|_| NotApplied::NotUnderstood)?;
        let changed = reading.to_json();
        if !changed.pointer(&pointer).is_some_and(|target| has(target, &self.body)) {
            return Err(NotApplied::NotUnderstood);
        }
        tenant.insert(kind, Outcome::Read(reading));
        Ok(())
    }

    /// The reading, and of an object of a collection the member and the encoded id that identify it.
    fn target(&self) -> Option<(ReadingKind, Option<(&'static str, &str)>)> {
        let path = self.path.strip_prefix(BASE)?;
        let mut kinds = ReadingKind::ALL.iter().copied();
        if let Some(kind) = kinds.clone().find(|kind| kind.resource() == path) {
            return Some((kind, None));
        }
        let (collection, id) = path.rsplit_once('/')?;
        let kind = kinds.find(|kind| kind.resource() == collection)?;
        Some((kind, Some((kind.identified_by()?, id))))
    }
}

/// JSON Pointer to the object of a collection with this encoded id. Readings are sorted by id, so it stays.
fn position(body: &Value, member: &str, id: &str) -> Result<String, NotApplied> {
    let mut objects = body.as_array().into_iter().flatten();
    let is_named =
        |object: &Value| object[member].as_str().is_some_and(|own| percent_encoded(own) == id);
    let index = objects.position(is_named).ok_or(NotApplied::NoSuchObject)?;
    Ok(format!("/{index}"))
}

/// Merges members down to `levels`.
fn merge(target: &mut Value, change: &Value, levels: usize) {
    match (target, change) {
        (Value::Object(members), Value::Object(changes)) if levels > 0 => {
            for (name, change) in changes {
                merge(members.entry(name.clone()).or_insert(Value::Null), change, levels - 1);
            }
        }
        (target, change) => change.clone_into(target),
    }
}

/// Whether a reading has everything that was sent. Readings sort their lists, and null means absent.
fn has(reading: &Value, sent: &Value) -> bool {
    match (reading, sent) {
        (Value::Object(members), Value::Object(sent)) => {
            sent.iter().all(|(name, sent)| match members.get(name) {
                Some(own) => has(own, sent),
                None => sent.is_null(),
            })
        }
        (Value::Array(items), Value::Array(sent)) => {
            sent.iter().all(|sent| items.iter().any(|item| has(item, sent)))
        }
        (own, sent) => own == sent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::testing::readings;
    use crate::inconclusive::UnknownReason;

    const BRUTE_FORCE: &str = "attack-protection/brute-force-protection";

    fn call(method: Method, path: &str, body: Value) -> Call {
        Call { method, path: format!("{BASE}{path}"), body }
    }

    fn tenant() -> Tenant {
        let mut tenant = readings(&[
            (
                ReadingKind::BruteForceProtection,
                json!({"enabled": true, "shields": ["block", "user_notification"], "allowlist": []}),
            ),
            (
                ReadingKind::SuspiciousIpThrottling,
                json!({"enabled": true, "stage": {
                    "pre-login": {"max_attempts": 100, "rate": 864_000},
                    "pre-user-registration": {"max_attempts": 50, "rate": 1200}}}),
            ),
            (ReadingKind::MfaPolicies, json!(["confidence-score"])),
            (
                ReadingKind::Clients,
                json!([{"client_id": "a", "name": "A"},
                    {"client_id": "b$c", "jwt_configuration": {"alg": "HS256", "secret_encoded": true}}]),
            ),
            (
                ReadingKind::GuardianFactors,
                json!([{"name": "sms", "enabled": false, "trial_expired": true}]),
            ),
        ]);
        let (reason, message) = (UnknownReason::PlanUnavailable, String::new());
        tenant.insert(ReadingKind::BotDetection, Outcome::Unreadable { reason, message });
        tenant
    }

    #[test]
    fn members_are_merged_and_what_is_below_them_is_replaced() {
        let mut tenant = tenant();
        for (call, kind, pointer, expected) in [
            (
                call(Method::Patch, BRUTE_FORCE, json!({"shields": ["block"]})),
                ReadingKind::BruteForceProtection,
                "",
                json!({"enabled": true, "shields": ["block"], "allowlist": []}),
            ),
            (
                call(
                    Method::Patch,
                    "attack-protection/suspicious-ip-throttling",
                    json!({"stage": {"pre-login": {"max_attempts": 10}}}),
                ),
                ReadingKind::SuspiciousIpThrottling,
                "/stage",
                json!({"pre-login": {"max_attempts": 10},
                    "pre-user-registration": {"max_attempts": 50, "rate": 1200}}),
            ),
            (
                call(Method::Put, "guardian/policies", json!(["all-applications"])),
                ReadingKind::MfaPolicies,
                "",
                json!(["all-applications"]),
            ),
            (
                call(
                    Method::Patch,
                    "clients/b%24c",
                    json!({"jwt_configuration": {"alg": "RS256"}}),
                ),
                ReadingKind::Clients,
                "/1",
                json!({"client_id": "b$c", "jwt_configuration": {"alg": "RS256"}}),
            ),
            (
                call(Method::Put, "guardian/factors/sms", json!({"enabled": true})),
                ReadingKind::GuardianFactors,
                "/0",
                json!({"name": "sms", "enabled": true, "trial_expired": true}),
            ),
        ] {
            assert_eq!(call.apply_to(&mut tenant), Ok(()), "{call:?}");
            assert_eq!(tenant.value_at(kind, pointer), expected, "{call:?}");
        }
    }

    #[test]
    fn a_call_that_cannot_be_applied_changes_nothing() {
        let patch = |path, body| call(Method::Patch, path, body);
        for (call, why) in [
            (patch("attack-protection/bot-detection", json!({})), NotApplied::NotRead),
            (patch("attack-protection/captcha", json!({})), NotApplied::NotRead),
            (patch("things/1", json!({})), NotApplied::NotRead),
            (patch("guardian/policies/x", json!({})), NotApplied::NotRead),
            (patch("clients/c", json!({"name": "C"})), NotApplied::NoSuchObject),
            (patch(BRUTE_FORCE, json!({"new": 1, "enabled": false})), NotApplied::NotUnderstood),
            (patch(BRUTE_FORCE, json!({"enabled": {"new": 1}})), NotApplied::NotUnderstood),
            (call(Method::Put, "guardian/policies", json!({})), NotApplied::NotUnderstood),
        ] {
            let mut tenant = tenant();
            assert_eq!(call.apply_to(&mut tenant), Err(why), "{call:?}");
            assert_eq!(tenant, self::tenant());
        }
    }
}
