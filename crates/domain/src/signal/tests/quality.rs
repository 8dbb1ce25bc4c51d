//! The score that SAFE gives a signal.

use serde_json::{Value, json};

use super::of_result;
use crate::checks;
use crate::recorded_evaluation::RecordedResult;

/// SAFE's published score of a signal, from 0 to 100: the mean of what each member is worth where it is there, and
/// where it is not.
fn quality(signal: &Value) -> f64 {
    let worth = |pointer: &str, there: f64, not: f64| {
        let is_there = signal.pointer(pointer).is_some_and(|value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            Value::String(text) => !text.is_empty(),
            Value::Number(number) => number.as_f64() != Some(0.0),
            _ => true,
        });
        if is_there { there } else { not }
    };
    let confidence = signal["confidence"].as_f64().map_or(30.0, |value| value / 2.0);
    let attributes = "/entity/entityAttributes";
    let members = [
        worth("/name", 60.0, 20.0),
        worth("/source/name", 50.0, 30.0),
        worth("/type", 60.0, 10.0),
        confidence,
        worth("/entity", 60.0, -300.0),
        worth("/entity/type", 60.0, 10.0),
        worth(&format!("{attributes}/type"), 60.0, 30.0),
        worth(&format!("{attributes}/confidentialityRequirement"), 70.0, 30.0),
        worth(&format!("{attributes}/integrityRequirement"), 70.0, 30.0),
        worth(&format!("{attributes}/availabilityRequirement"), 70.0, 30.0),
        worth("/securityContext/type", 70.0, 10.0),
        worth("/securityContext/status/complianceStatus", 70.0, 30.0),
        worth("/securityContext/severity", 50.0, 30.0),
        worth("/securityContext/standardsMapping", 200.0, 50.0),
        worth("/securityContext/attackPattern/0/mapping/techniqueId", 200.0, 50.0),
        worth("/securityContext/degreeOfImpact", 200.0, 50.0),
        worth("/securityContext/controlType", 60.0, 50.0),
        worth("/securityContext/effect", 200.0, 50.0),
    ];
    members.iter().sum::<f64>() / 18.0
}

#[test]
fn the_score_is_that_of_the_published_samples() {
    let entity = json!({"type": "machine", "name": "vm"});
    let mut sample = json!({"name": "Ensure", "source": {"name": "us"}, "entity": entity,
        "securityContext": {"type": "ca", "status": {"complianceStatus": "fail"}, "severity": {"type": "ccss"}}});
    assert_eq!(format!("{:.0}", quality(&sample)), "46");
    sample["entity"]["entityAttributes"] = json!({"confidentialityRequirement": "high",
        "integrityRequirement": "high", "availabilityRequirement": "high"});
    sample["securityContext"]["standardsMapping"] = json!([{"name": "stig", "value": "V-63399"}]);
    sample["securityContext"]["attackPattern"] = json!([{"mapping": {"techniqueId": "T1098"}}]);
    sample["securityContext"]["controlType"] = json!("detection");
    assert_eq!(format!("{:.0}", quality(&sample)), "70");
}

#[test]
fn every_check_makes_signals_of_quality() {
    for check in checks::all() {
        let fail = of_result(check.id, RecordedResult::Fail { severity: check.severity }).unwrap();
        assert!(quality(&fail) >= 90.0, "{}: {}", check.id, quality(&fail));
        let pass = of_result(check.id, RecordedResult::Pass).unwrap();
        assert!(quality(&pass) >= 85.0, "{}: {}", check.id, quality(&pass));
    }
}
