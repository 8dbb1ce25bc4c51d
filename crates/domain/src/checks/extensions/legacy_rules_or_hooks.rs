//! LEG-01: code runs in rules or hooks, which Auth0 has put an end to. Each is a finding under its
//! own path.

use crate::checks::logic;
use crate::checks::objects::all_of_them;
use crate::checks::prelude::*;
use crate::readings::{Hooks, Rules};
use crate::tenant::NotApplicableReason;

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
    controls: &[&sets::CFG],
    thresholds: &[],
    evaluate: Condition::Each(evaluate),
};

fn evaluate(tenant: &Tenant) -> Judgements {
    if CHECK.reads.iter().all(|kind| logic::is_not_offered(tenant, *kind)) {
        return Err(Unjudged::NotApplicable(NotApplicableReason::FeatureNotOffered));
    }
    let is_off = |enabled: bool| if enabled { None } else { Some(Verdict::Pass) };
    let expected = Expected::Is(json!(false));
    let rules = unless_retired(each::<Rules>(tenant, all_of_them, |rule| {
        let fails = || rule.wrong(CHECK.severity, "/enabled", &expected).fails();
        is_off(*rule.item.enabled.known()?).map_or_else(fails, Ok)
    }))?;
    let hooks = unless_retired(each::<Hooks>(tenant, all_of_them, |hook| {
        let fails = || hook.wrong(CHECK.severity, "/enabled", &expected).fails();
        is_off(*hook.item.enabled.known()?).map_or_else(fails, Ok)
    }))?;
    // A hook that cannot be named leaves the check as incomplete as a rule does.
    let keyed = hooks.into_iter().map(|(key, judged)| match key.as_str() {
        "hooks" => (CHECK.resource.to_owned(), judged),
        _ => (key, judged),
    });
    Ok(rules.into_iter().chain(keyed).collect())
}

/// Where Auth0 has retired one of the two, nothing of it runs, and the other is judged alone.
fn unless_retired(judged: Judgements) -> Judgements {
    match judged {
        Err(Unjudged::NotApplicable(NotApplicableReason::FeatureNotOffered)) => Ok(Vec::new()),
        judged => judged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::testing::{PASS, evidence, judge_each, readings, samples, unknown};
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
        let only_rules = readings(&[(KIND, samples::of(KIND))]);
        assert!(judge_each(&CHECK, only_rules).is_err());
    }

    #[test]
    fn once_both_are_retired_nothing_is_judged_and_once_one_is_the_other_is() {
        let retired =
            || Outcome::NotOffered { reason: UnknownReason::NotSupported, message: String::new() };
        let mut tenant = readings(&[(ReadingKind::Hooks, json!([{"id": "b", "enabled": true}]))]);
        tenant.insert(KIND, retired());
        let judged = judge_each(&CHECK, tenant.clone()).unwrap();
        assert_eq!(judged.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["hooks/b"]);
        tenant.insert(ReadingKind::Hooks, retired());
        let not_offered = Unjudged::NotApplicable(NotApplicableReason::FeatureNotOffered);
        assert_eq!(judge_each(&CHECK, tenant), Err(not_offered));
    }
}
