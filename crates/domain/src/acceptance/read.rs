//! Parses the bodies of acceptances and collects all faults.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{AcceptanceTerms, Reason};
use crate::clock::to_micros;
use crate::fault::{Fault, Faults, pointer_part};
use crate::ids::FindingId;

/// Maximum length of a rationale, in characters.
pub const RATIONALE_MAX: usize = 2000;
/// Maximum number of findings in one request.
pub const BULK_MAX: usize = 500;
/// Length of a UUID with hyphens. Other spellings are rejected.
const HYPHENATED: usize = 36;

const TERMS: [&str; 3] = ["reason", "rationale", "expires_at"];
/// Read-only members: in responses, but not accepted in requests.
const READ_ONLY: [&str; 2] = ["accepted_by", "accepted_at"];

impl AcceptanceTerms {
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, Faults> {
        let mut reader = Reader::new(body, now)?;
        reader.refuse_strangers(&TERMS);
        let terms = reader.terms();
        reader.finish(terms)
    }
}

/// One acceptance for many findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAcceptance {
    /// In request order; may contain duplicates.
    pub finding_ids: Vec<FindingId>,
    pub terms: AcceptanceTerms,
}

impl BulkAcceptance {
    pub fn parse(body: &Value, now: Timestamp) -> Result<Self, Faults> {
        let mut reader = Reader::new(body, now)?;
        reader.refuse_strangers(&["finding_ids", TERMS[0], TERMS[1], TERMS[2]]);
        let finding_ids = reader.finding_ids();
        let terms = reader.terms();
        let read = finding_ids.zip(terms).map(|(finding_ids, terms)| Self { finding_ids, terms });
        reader.finish(read)
    }
}

struct Reader<'a> {
    map: &'a Map<String, Value>,
    now: Timestamp,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn new(body: &'a Value, now: Timestamp) -> Result<Self, Faults> {
        let map = body.as_object().ok_or_else(|| Fault::at("", "must be a JSON object"))?;
        Ok(Self { map, now, faults: Vec::new() })
    }

    /// A parser without a value has recorded a fault.
    fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults(self.faults)),
        }
    }

    fn refuse_strangers(&mut self, known: &[&str]) {
        for key in self.map.keys().filter(|key| !known.contains(&key.as_str())) {
            let detail = if READ_ONLY.contains(&key.as_str()) {
                "is read-only: leave it out"
            } else {
                "is not a known field: leave it out"
            };
            self.fault::<()>(&pointer_part(key), detail);
        }
    }

    fn terms(&mut self) -> Option<AcceptanceTerms> {
        let (reason, rationale, expires_at) = (self.reason(), self.rationale(), self.expiry());
        Some(AcceptanceTerms { reason: reason?, rationale: rationale?, expires_at: expires_at? })
    }

    fn reason(&mut self) -> Option<Reason> {
        let Some(value) = self.given("reason") else {
            return self.fault("reason", "is required");
        };
        let reason = value.as_str().and_then(Reason::from_name);
        reason.or_else(|| {
            let detail = "must be one of compensating_controls, false_positive, wont_fix";
            self.fault("reason", detail)
        })
    }

    fn rationale(&mut self) -> Option<String> {
        let Some(value) = self.given("rationale") else {
            return self.fault("rationale", "is required");
        };
        let text = value.as_str().map(str::trim);
        let is_sound = |text: &&str| (1..=RATIONALE_MAX).contains(&text.chars().count());
        text.filter(is_sound).map(str::to_owned).or_else(|| {
            let detail = format!("must be a text of 1 to {RATIONALE_MAX} characters");
            self.fault("rationale", &detail)
        })
    }

    /// The outer option is none if there is a fault.
    #[expect(clippy::option_option, reason = "no expiry is a value")]
    fn expiry(&mut self) -> Option<Option<Timestamp>> {
        const FIELD: &str = "expires_at";
        let Some(value) = self.given(FIELD) else { return Some(None) };
        match value.as_str().map(|text| text.parse::<Timestamp>().map(to_micros)) {
            Some(Ok(at)) if at > self.now => Some(Some(at)),
            Some(Ok(_)) => self.fault(FIELD, "must be in the future"),
            _ => self.fault(FIELD, "must be a time such as 2027-01-31T00:00:00Z, or null"),
        }
    }

    fn finding_ids(&mut self) -> Option<Vec<FindingId>> {
        const FIELD: &str = "finding_ids";
        let Some(value) = self.given(FIELD) else { return self.fault(FIELD, "is required") };
        let items = value.as_array().filter(|items| (1..=BULK_MAX).contains(&items.len()));
        let Some(items) = items else {
            return self.fault(FIELD, &format!("must be a list of 1 to {BULK_MAX} ids"));
        };
        let read = |item: &Value| {
            let text = item.as_str().filter(|text| text.len() == HYPHENATED)?;
            text.parse().ok()
        };
        let ids: Vec<Option<FindingId>> = items.iter().map(read).collect();
        for (index, _) in ids.iter().enumerate().filter(|(_, id)| id.is_none()) {
            self.fault::<()>(&format!("{FIELD}/{index}"), "must be a UUID");
        }
        ids.into_iter().collect()
    }

    /// Treats absent and null alike.
    fn given(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field).filter(|value| !value.is_null())
    }

    fn fault<T>(&mut self, field: &str, detail: &str) -> Option<T> {
        self.faults.push(Fault::at(format!("/{field}"), detail));
        None
    }
}
