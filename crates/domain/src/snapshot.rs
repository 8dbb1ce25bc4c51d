//! A snapshot of a tenant: its normalised readings without secrets. It can be stored, sent and evaluated
//! again, with a newer catalogue or without the tenant.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::inconclusive::UnknownReason;
use crate::readings::{Reading, ReadingKind};
use crate::scope::Scopes;
use crate::tenant::{Outcome, Tenant};

/// Version of the format.
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: u32,
    client_id: String,
    observed_at: Timestamp,
    readings: BTreeMap<String, StoredReading>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
enum StoredReading {
    Read { body: Value },
    Unreadable { reason: UnknownReason, message: String },
    NotOffered { reason: UnknownReason, message: String },
}

impl Snapshot {
    /// Scopes of the token; none if the token response did not list them.
    pub fn scopes(&self) -> Option<Scopes> {
        let kind = ReadingKind::TokenFacts;
        let StoredReading::Read { body } = self.readings.get(kind.name())? else { return None };
        match kind.decode(body.clone()) {
            Ok(Reading::TokenFacts(facts)) => facts.scopes(),
            _ => None,
        }
    }
}

impl From<&Tenant> for Snapshot {
    fn from(tenant: &Tenant) -> Self {
        let kept = |kind: ReadingKind, outcome: &Outcome| match outcome {
            Outcome::Read(_) => StoredReading::Read { body: tenant.body_of(kind).clone() },
            Outcome::Unreadable { reason, message } => {
                StoredReading::Unreadable { reason: *reason, message: message.clone() }
            }
            Outcome::NotOffered { reason, message } => {
                StoredReading::NotOffered { reason: *reason, message: message.clone() }
            }
        };
        Self {
            format: FORMAT,
            client_id: tenant.client_id.clone(),
            observed_at: tenant.observed_at,
            readings: tenant.outcomes().map(|(k, o)| (k.name().to_owned(), kept(k, o))).collect(),
        }
    }
}

impl TryFrom<Snapshot> for Tenant {
    type Error = String;

    /// The error names the content that this version does not know. A body that is no longer understood
    /// makes its reading unreadable, never empty.
    fn try_from(snapshot: Snapshot) -> Result<Self, String> {
        if snapshot.format != FORMAT {
            return Err(format!("the snapshot has format {}, not {FORMAT}", snapshot.format));
        }
        let mut tenant = Self::new(snapshot.client_id, snapshot.observed_at);
        for (name, kept) in snapshot.readings {
            let kind = ReadingKind::from_name(&name);
            let kind =
                kind.ok_or_else(|| format!("the snapshot has an unknown reading: {name}"))?;
            let outcome = match kept {
                StoredReading::Read { body } => match kind.decode(body) {
                    Ok(reading) => Outcome::Read(reading),
                    Err(message) => {
                        Outcome::Unreadable { reason: UnknownReason::NotUnderstood, message }
                    }
                },
                StoredReading::Unreadable { reason, message } => {
                    Outcome::Unreadable { reason, message }
                }
                StoredReading::NotOffered { reason, message } => {
                    Outcome::NotOffered { reason, message }
                }
            };
            tenant.insert(kind, outcome);
        }
        Ok(tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::evaluate;
    use crate::checks::testing::readings;
    use serde_json::json;

    fn tenant() -> Tenant {
        let mut tenant = readings(&[
            (ReadingKind::BruteForceProtection, json!({"enabled": false, "shields": ["new"]})),
            (ReadingKind::MfaPolicies, json!([])),
        ]);
        let message = "The tenant's plan does not include it.".to_owned();
        let reason = UnknownReason::PlanUnavailable;
        tenant.insert(ReadingKind::BotDetection, Outcome::Unreadable { reason, message });
        tenant
    }

    #[test]
    fn a_tenant_read_back_from_its_snapshot_is_judged_the_same() {
        let text = serde_json::to_string(&Snapshot::from(&tenant())).unwrap();
        let back = Tenant::try_from(serde_json::from_str::<Snapshot>(&text).unwrap()).unwrap();
        assert_eq!(back, tenant());
        let judged = |tenant: &Tenant| {
            let outcomes = evaluate(tenant).outcomes.into_iter();
            outcomes.map(|o| (o.check.id, o.results)).collect::<Vec<_>>()
        };
        assert_eq!(judged(&back), judged(&tenant()));
    }

    #[test]
    fn unknown_content_of_a_snapshot_is_an_error_and_never_empty() {
        let document = |readings: Value| {
            let at = "2026-06-15T12:00:00Z";
            json!({"format": 1, "client_id": "c", "observed_at": at, "readings": readings})
        };
        let read = |document: Value| -> Result<Tenant, String> {
            serde_json::from_value::<Snapshot>(document).map_err(|e| e.to_string())?.try_into()
        };
        assert!(read(document(json!({"a_new_one": {"outcome": "read", "body": 1}}))).is_err());
        let mut other = document(json!({}));
        other["format"] = json!(2);
        assert!(read(other).is_err());
        let odd = json!({"mfa_policies": {"outcome": "read", "body": {"x": 1}}});
        let tenant = read(document(odd)).unwrap();
        let outcome = tenant.outcome(ReadingKind::MfaPolicies);
        assert!(matches!(outcome, Some(Outcome::Unreadable { .. })));
    }
}
