//! The column `change`: the fix that the last failing evaluation computed, and its confidence where the tenant's
//! values change it.

use domain::checks::{Change, Confidence};
use domain::finding::Finding;
use serde_json::{Value, json};

use crate::Error;
use crate::convert;

/// Stored beside the members of the change.
const CONFIDENCE: &str = "confidence";

/// None: neither is set.
pub(super) fn write(finding: &Finding) -> Result<Option<Value>, Error> {
    let mut stored = finding.change.as_ref().map(convert::json).transpose()?;
    if let Some(confidence) = finding.confidence {
        stored.get_or_insert_with(|| json!({}))[CONFIDENCE] = convert::json(&confidence)?;
    }
    Ok(stored)
}

/// None: the stored value is neither.
pub(super) fn read(stored: Option<Value>) -> Option<(Option<Change>, Option<Confidence>)> {
    let Some(Value::Object(mut members)) = stored else {
        return stored.is_none().then_some((None, None));
    };
    let confidence = members.remove(CONFIDENCE).map(serde_json::from_value).transpose().ok()?;
    if members.is_empty() {
        return confidence.map(|confidence| (None, Some(confidence)));
    }
    Some((Some(serde_json::from_value(Value::Object(members)).ok()?), confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_confidence_are_read() {
        let change = Change { body: json!({"enabled": true}), undo: json!({"enabled": false}) };
        let stored = json!({"body": {"enabled": true}, "undo": {"enabled": false}});
        assert_eq!(read(Some(stored)), Some((Some(change), None)));
        assert_eq!(read(None), Some((None, None)));
    }

    #[test]
    fn a_confidence_stands_beside_the_change_or_alone() {
        let both = json!({"body": [], "undo": [], "confidence": "low"});
        let change = Change { body: json!([]), undo: json!([]) };
        assert_eq!(read(Some(both)), Some((Some(change), Some(Confidence::Low))));
        let alone = json!({"confidence": "high"});
        assert_eq!(read(Some(alone)), Some((None, Some(Confidence::High))));
    }

    #[test]
    fn anything_else_is_corrupt() {
        for stored in [json!({}), json!(1), json!({"body": 1}), json!({"confidence": "x"})] {
            assert_eq!(read(Some(stored.clone())), None, "{stored}");
        }
    }
}
