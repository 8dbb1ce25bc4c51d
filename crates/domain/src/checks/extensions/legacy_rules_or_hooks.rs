//! LEG-01: code runs in Rules or Hooks, which Auth0 has retired. Each is a finding with its own path.

use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::readings::{Hooks, Rules};

const KIND: ReadingKind = ReadingKind::Rules;

pub const CHECK: Check = Check {
    id: "legacy-rules-or-hooks",
    version: 2,
    title: "A rule or a hook is enabled",
    severity: Severity::Info,
    confidence: Confidence::High,
    risk: "Rules and hooks get no further fixes and stop working when Auth0 removes them; what \
           they protect stops with them.",
    resource: "rules",
    reads: &[KIND, ReadingKind::Hooks],
    parents: &[],
    remediation: &super::remediation(
        "Auth Pipeline > Rules, Hooks",
        &[
            "Write what it does as an Action, and test it.",
            "Deploy the Action, then disable the rule or hook.",
        ],
    ),
    controls: &[&sets::CONFIGURATION],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    let is_off = |enabled: bool| if enabled { None } else { Some(Verdict::Pass) };
    let expected = Expected::Is(json!(false));
    let rules = each::<Rules>(tenant, all_of_them, |rule| {
        let fails = || rule.wrong(CHECK.severity, "/enabled", &expected).into_failure();
        is_off(*rule.item.enabled.known()?).map_or_else(fails, Ok)
    });
    let hooks = each::<Hooks>(tenant, all_of_them, |hook| {
        let fails = || hook.wrong(CHECK.severity, "/enabled", &expected).into_failure();
        is_off(*hook.item.enabled.known()?).map_or_else(fails, Ok)
    });
    let (rules, hooks) = match (rules, hooks) {
        // A tenant on which Auth0 has retired one of the two can still have the other.
        (Ok(rules), Err(Inconclusive::NotApplicable(_))) => (rules, Vec::new()),
        (Err(Inconclusive::NotApplicable(_)), hooks) => (Vec::new(), hooks?),
        (rules, hooks) => (rules?, hooks?),
    };
    // A hook that cannot be identified makes the check incomplete, as a rule does.
    let keyed = hooks.into_iter().map(|(key, judged)| match key.as_str() {
        "hooks" => (CHECK.resource.to_owned(), judged),
        _ => (key, judged),
    });
    Ok(rules.into_iter().chain(keyed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge_each, readings, samples, unknown};
    use crate::inconclusive::NotApplicableReason;
    use crate::tenant::Outcome;

    fn with(rule: serde_json::Value, hook: serde_json::Value) -> Vec<(String, Judgement)> {
        let bodies = [(KIND, json!([rule])), (ReadingKind::Hooks, json!([hook]))];
        judge_each(&CHECK, readings(&bodies)).unwrap()
    }

    #[test]
    fn each_that_is_enabled_fails_under_its_own_path() {
        let judged = with(json!({"id": "a", "enabled": true}), json!({"id": "b", "enabled": true}));
        let keys: Vec<_> = judged.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["rules/a", "hooks/b"]);
        for (_, judged) in judged {
            assert_eq!(evidence(judged), ("/enabled".to_owned(), json!(true), json!(false)));
        }
    }

    #[test]
    fn disabled_ones_and_none_pass() {
        let judged =
            with(json!({"id": "a", "enabled": false}), json!({"id": "b", "enabled": false}));
        assert!(judged.iter().all(|(_, judged)| *judged == PASS));
        let none = readings(&[(KIND, json!([])), (ReadingKind::Hooks, json!([]))]);
        assert_eq!(judge_each(&CHECK, none), Ok(Vec::new()));
    }

    #[test]
    fn what_is_missing_or_new_is_unknown() {
        let judged = with(json!({"id": "a"}), json!({"id": "b", "enabled": "on"}));
        assert!(judged.iter().all(|(_, judged)| *judged == unknown()));
        let unnamed = with(json!({"id": "a", "enabled": false}), json!({"enabled": true}));
        assert_eq!(unnamed[1], ("rules".to_owned(), unknown()));
        let only_rules = readings(&[(KIND, samples::sample_body(KIND))]);
        assert!(judge_each(&CHECK, only_rules).is_err());
    }

    #[test]
    fn where_one_of_the_two_is_retired_the_other_decides() {
        let retired = |kinds: &[ReadingKind], others: &[(ReadingKind, serde_json::Value)]| {
            let mut tenant = readings(others);
            for kind in kinds {
                let (reason, message) = (UnknownReason::NotSupported, String::new());
                tenant.insert(*kind, Outcome::NotOffered { reason, message });
            }
            judge_each(&CHECK, tenant)
        };
        let hooks = (ReadingKind::Hooks, json!([{"id": "b", "enabled": true}]));
        let judged = retired(&[KIND], &[hooks]).unwrap();
        assert_eq!((judged.len(), judged[0].0.as_str()), (1, "hooks/b"));
        assert_eq!(retired(&[ReadingKind::Hooks], &[(KIND, json!([]))]), Ok(Vec::new()));
        let not_offered = NotApplicableReason::FeatureNotOffered;
        assert_eq!(
            retired(&[KIND, ReadingKind::Hooks], &[]),
            Err(Inconclusive::NotApplicable(not_offered))
        );
        assert!(matches!(retired(&[KIND], &[]), Err(Inconclusive::Unknown(_))));
    }
}
