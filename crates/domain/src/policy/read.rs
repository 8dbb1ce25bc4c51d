//! Parses the bodies of policies and collects all faults.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Policy, Proposal};
use crate::checks::{self, Check, Disabled, EffectiveThresholds, Severity, Threshold};
use crate::fault::{Fault, Faults, pointer_part};
use crate::ids::IntegrationId;

/// Maximum number of integrations in a preview.
pub const INTEGRATIONS_MAX: usize = 100;
/// Length of a UUID with hyphens. Other spellings are rejected.
const HYPHENATED: usize = 36;

const THRESHOLDS: &str = "thresholds";
const SEVERITIES: &str = "severities";
const DISABLED: &str = "disabled";
/// Maximum length of a reason, in characters.
const REASON_MAX: usize = 500;
const CHECK_ID: &str = "check_id";
const REASON: &str = "reason";
const EXPIRES_AT: &str = "expires_at";
const INTEGRATION_IDS: &str = "integration_ids";
/// Read-only members: in responses, but not accepted in requests.
const READ_ONLY: [&str; 3] = ["version", "updated_at", "updated_by"];

impl Policy {
    /// Parses the body. A value equal to the catalogue's default is stored: it applies even if that default
    /// changes.
    pub fn parse(body: &Value) -> Result<Self, Faults> {
        let mut reader = Reader::new(body, &[THRESHOLDS, SEVERITIES, DISABLED])?;
        let policy = reader.policy();
        reader.finish(policy)
    }
}

impl Proposal {
    pub fn parse(body: &Value) -> Result<Self, Faults> {
        let mut reader = Reader::new(body, &[THRESHOLDS, SEVERITIES, DISABLED, INTEGRATION_IDS])?;
        let (policy, integration_ids) = (reader.policy(), reader.integration_ids());
        reader.finish(Self { policy, integration_ids })
    }
}

struct Reader<'a> {
    map: &'a Map<String, Value>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn new(body: &'a Value, known: &[&str]) -> Result<Self, Faults> {
        let map = body.as_object().ok_or_else(|| Fault::at("", "must be a JSON object"))?;
        let mut reader = Self { map, faults: Vec::new() };
        for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
            let is_ours = READ_ONLY.contains(&key.as_str());
            let detail = if is_ours { "is read-only" } else { "is not a known field" };
            reader.fault(&[key], &format!("{detail}: leave it out"));
        }
        Ok(reader)
    }

    fn finish<T>(self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(value) } else { Err(Faults(self.faults)) }
    }

    fn policy(&mut self) -> Policy {
        let policy = Policy {
            thresholds: self.thresholds(),
            severities: self.severities(),
            disabled: self.disabled(),
        };
        self.refuse_contradictions(&policy);
        policy
    }

    fn thresholds(&mut self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let mut all = BTreeMap::new();
        for (id, value) in self.members(&[THRESHOLDS], self.map.get(THRESHOLDS)) {
            let Some(check) = self.check(THRESHOLDS, id) else { continue };
            let mut of_check = BTreeMap::new();
            for (name, value) in self.members(&[THRESHOLDS, id], Some(value)) {
                let Some(threshold) = self.threshold(check, name) else { continue };
                if value.is_null() {
                    continue;
                }
                if let Some(number) = self.number(threshold, value) {
                    of_check.insert(name.clone(), number);
                }
            }
            if !of_check.is_empty() {
                all.insert(id.clone(), of_check);
            }
        }
        all
    }

    fn threshold(&mut self, check: &Check, name: &str) -> Option<&'static Threshold> {
        let found = check.thresholds.iter().find(|threshold| threshold.name == name);
        if found.is_none() {
            let names: Vec<_> = check.thresholds.iter().map(|threshold| threshold.name).collect();
            let detail = match names.as_slice() {
                [] => "is not a threshold: the check has none".to_owned(),
                names => format!("is not a threshold of the check: it has {}", names.join(", ")),
            };
            self.fault(&[THRESHOLDS, check.id, name], &detail);
        }
        found.copied()
    }

    fn number(&mut self, threshold: &Threshold, value: &Value) -> Option<u64> {
        let Threshold { check, name, min, max, .. } = *threshold;
        let number = value.as_u64().filter(|number| (min..=max).contains(number));
        if number.is_none() {
            let detail = format!("must be a whole number from {min} to {max}");
            self.fault(&[THRESHOLDS, check, name], &detail);
        }
        number
    }

    fn severities(&mut self) -> BTreeMap<String, Severity> {
        let mut all = BTreeMap::new();
        for (id, value) in self.members(&[SEVERITIES], self.map.get(SEVERITIES)) {
            let Some(check) = self.check(SEVERITIES, id) else { continue };
            if value.is_null() {
                continue;
            }
            let named = |severity: &Severity| value.as_str() == Some(severity.name());
            if let Some(severity) = Severity::ALL.into_iter().find(named) {
                all.insert(check.id.to_owned(), severity);
            } else {
                let words = Severity::ALL.map(Severity::name).join(", ");
                self.fault(&[SEVERITIES, id], &format!("must be one of {words}"));
            }
        }
        all
    }

    fn disabled(&mut self) -> BTreeMap<String, Disabled> {
        let mut all = BTreeMap::new();
        let Some(value) = self.map.get(DISABLED).filter(|value| !value.is_null()) else {
            return all;
        };
        let Some(items) = value.as_array() else {
            self.fault(&[DISABLED], "must be a list");
            return all;
        };
        if items.len() > checks::all().count() {
            self.fault(&[DISABLED], "has more entries than there are checks");
            return all;
        }
        for (index, item) in items.iter().enumerate() {
            if let Some((id, entry)) = self.disabled_check(&index.to_string(), item)
                && all.insert(id.to_owned(), entry).is_some()
            {
                let at = [DISABLED, &index.to_string(), CHECK_ID];
                self.fault(&at, "is named twice");
            }
        }
        all
    }

    fn disabled_check(&mut self, index: &str, item: &Value) -> Option<(&'static str, Disabled)> {
        let Some(entry) = item.as_object() else {
            self.fault(&[DISABLED, index], "must be an object");
            return None;
        };
        for key in
            entry.keys().filter(|key| ![CHECK_ID, REASON, EXPIRES_AT].contains(&key.as_str()))
        {
            self.fault(&[DISABLED, index, key], "is not a known field: leave it out");
        }
        let id = entry.get(CHECK_ID).and_then(Value::as_str);
        let check = id.and_then(checks::find);
        if check.is_none() {
            self.fault(
                &[DISABLED, index, CHECK_ID],
                "must be the id of a check: see GET /v1/checks",
            );
        }
        let reason = entry.get(REASON).and_then(Value::as_str).map(str::trim);
        let reason = reason.filter(|text| (1..=REASON_MAX).contains(&text.chars().count()));
        if reason.is_none() {
            let detail = format!("must be a text of 1 to {REASON_MAX} characters");
            self.fault(&[DISABLED, index, REASON], &detail);
        }
        let end = entry.get(EXPIRES_AT).filter(|value| !value.is_null());
        let expires_at = end.and_then(|end| end.as_str()?.parse::<Timestamp>().ok());
        if end.is_some() && expires_at.is_none() {
            let detail = "must be an RFC 3339 time, such as 2027-01-31T00:00:00Z";
            self.fault(&[DISABLED, index, EXPIRES_AT], detail);
        }
        Some((check?.id, Disabled { reason: reason?.to_owned(), expires_at }))
    }

    /// Checks pairs of thresholds of which one must stay below the other, if the body sets either.
    fn refuse_contradictions(&mut self, policy: &Policy) {
        let terms = EffectiveThresholds::under_policy(policy);
        for lower in checks::all().flat_map(|check| check.thresholds).copied() {
            let Some(upper) = lower.not_above else { continue };
            let (value, most) = (terms.value_of(lower), terms.value_of(upper));
            let is_stated = |of: &Threshold| policy.states(of);
            let (at, detail) = match (is_stated(lower), is_stated(upper)) {
                _ if value <= most => continue,
                (true, _) => (lower, format!("must be at most {most}, the {}", named(upper))),
                (false, true) => (upper, format!("must be at least {value}, the {}", named(lower))),
                (false, false) => continue,
            };
            self.fault(&[THRESHOLDS, at.check, at.name], &detail);
        }
    }

    fn integration_ids(&mut self) -> Option<Vec<IntegrationId>> {
        let value = self.map.get(INTEGRATION_IDS).filter(|value| !value.is_null())?;
        let items = value.as_array().filter(|items| (1..=INTEGRATIONS_MAX).contains(&items.len()));
        let Some(items) = items else {
            let detail = format!("must be a list of 1 to {INTEGRATIONS_MAX} ids");
            self.fault(&[INTEGRATION_IDS], &detail);
            return None;
        };
        let mut ids: Vec<IntegrationId> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let text = item.as_str().filter(|text| text.len() == HYPHENATED);
            match text.and_then(|text| text.parse().ok()) {
                Some(id) if ids.contains(&id) => {}
                Some(id) => ids.push(id),
                None => self.fault(&[INTEGRATION_IDS, &index.to_string()], "must be a UUID"),
            }
        }
        Some(ids)
    }

    fn check(&mut self, member: &str, id: &str) -> Option<&'static Check> {
        let check = checks::find(id);
        if check.is_none() {
            self.fault(&[member, id], "is not the id of a check: see GET /v1/checks");
        }
        check
    }

    /// The members of an object; null means empty. A null value leaves a member unset, but its name must be
    /// known.
    fn members(
        &mut self,
        at: &[&str],
        value: Option<&'a Value>,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let given = value.filter(|value| !value.is_null());
        let object = given.and_then(Value::as_object);
        if given.is_some() && object.is_none() {
            self.fault(at, "must be an object");
        }
        object.into_iter().flatten()
    }

    fn fault(&mut self, path: &[&str], detail: &str) {
        let keys: Vec<String> = path.iter().map(|key| pointer_part(key)).collect();
        let pointer = format!("/{}", keys.join("/"));
        self.faults.push(Fault::at(pointer, detail));
    }
}

fn named(threshold: &Threshold) -> String {
    format!("{} of {}", threshold.name, threshold.check)
}
