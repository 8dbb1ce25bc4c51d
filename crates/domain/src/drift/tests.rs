use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{
    Cause, Drift, FindingChange, FindingChangeKind, ResultState, SettingChange, SettingChangeKind,
    between,
};
use crate::checks::testing::{readings, samples};
use crate::checks::{Policy, Severity, evaluate_by};
use crate::inconclusive::UnknownReason;
use crate::readings::ReadingKind;
use crate::recorded_evaluation::{RecordedEvaluation, RecordedResult};
use crate::tenant::{Outcome, Tenant};

fn judged(tenant: &Tenant) -> RecordedEvaluation {
    RecordedEvaluation::record(tenant, Policy::default(), &evaluate_by(tenant, &Policy::default()))
}

fn drift(before: &Tenant, after: &Tenant) -> Drift {
    between(judged(before), judged(after)).unwrap()
}

fn with(bodies: &[(ReadingKind, Value)]) -> Tenant {
    let scopes = "read:attack_protection read:mfa_policies read:stats read:clients";
    let mut tenant = readings(&[(ReadingKind::TokenFacts, json!({"scope": scopes}))]);
    let read = readings(bodies);
    for (kind, outcome) in read.outcomes() {
        tenant.insert(kind, outcome.clone());
    }
    tenant
}

fn protection(enabled: bool) -> (ReadingKind, Value) {
    (ReadingKind::BruteForceProtection, json!({"enabled": enabled, "shields": ["block", "new"]}))
}

fn clients(clients: &Value) -> (ReadingKind, Value) {
    (ReadingKind::Clients, clients.clone())
}

/// (resource, pointer, kind, before, after).
fn summarised(changes: &[SettingChange]) -> Vec<(&str, &str, SettingChangeKind, Value, Value)> {
    let value = |value: &Option<Value>| value.clone().unwrap_or(json!("absent"));
    let values = |c: &SettingChange| (value(&c.before), value(&c.after));
    let rows = changes.iter().map(|c| (&*c.resource, &*c.pointer, c.change, values(c)));
    rows.map(|(resource, pointer, change, (b, a))| (resource, pointer, change, b, a)).collect()
}

fn find<'a>(drift: &'a Drift, check: &str) -> &'a FindingChange {
    drift.findings.iter().find(|each| each.check_id == check).unwrap()
}

const BRUTE_FORCE: &str = "attack-protection/brute-force-protection";
const OFF: &str = "brute-force-protection-off";

#[test]
fn a_switch_turned_off_is_reported_with_the_finding_it_opens() {
    let drift = drift(&with(&[protection(true)]), &with(&[protection(false)]));
    let switched = (BRUTE_FORCE, "/enabled", SettingChangeKind::Changed, json!(true), json!(false));
    assert_eq!(summarised(&drift.settings), [switched]);
    let off = find(&drift, OFF);
    assert_eq!((off.change, off.severity), (FindingChangeKind::Opened, Severity::Critical));
    assert_eq!(off.before, ResultState::Judged(RecordedResult::Pass));
    assert_eq!(off.causes, [Cause::TenantChanged]);
    assert_eq!(drift.findings[0].check_id, OFF, "what fails comes first");
    assert!(!drift.is_truncated);
}

#[test]
fn objects_are_matched_by_their_id_and_lists_are_sets() {
    use SettingChangeKind::{Added, Changed, Removed};
    let before = with(&[clients(&json!([
        {"client_id": "a", "name": "A", "callbacks": ["https://x.example", "https://y.example"]},
        {"client_id": "b", "name": "B"},
        {"name": "nameless"},
    ]))]);
    let after = with(&[clients(&json!([
        {"client_id": "0", "name": "new"},
        {"client_id": "a", "name": "A/1", "callbacks": ["https://y.example", "https://x.example"]},
        {"name": "nameless"},
        {"name": "another"},
    ]))]);
    let drift = drift(&before, &after);
    let absent = json!("absent");
    let expected = [
        ("clients", "", Added, absent.clone(), json!({"name": "another"})),
        ("clients/0", "", Added, absent.clone(), json!({"client_id": "0", "name": "new"})),
        ("clients/a", "/name", Changed, json!("A"), json!("A/1")),
        ("clients/b", "", Removed, json!({"client_id": "b", "name": "B"}), absent),
    ];
    assert_eq!(summarised(&drift.settings), expected);
}

#[test]
fn objects_added_or_removed_without_failures_are_only_in_settings() {
    // Only the ids are known.
    let [before, after] = ["a", "b"].map(|id| with(&[clients(&json!([{"client_id": id}]))]));
    let drift = drift(&before, &after);
    assert_eq!((drift.findings.len(), drift.settings.len()), (0, 2));
}

#[test]
fn a_failed_reading_is_neither_a_changed_value_nor_a_fix() {
    let before = with(&[protection(false)]);
    let mut after = before.clone();
    let reason = UnknownReason::RateLimited;
    after.insert(
        ReadingKind::BruteForceProtection,
        Outcome::Unreadable { reason, message: "slow".to_owned() },
    );
    let lost = drift(&before, &after);
    let [only] = lost.settings.as_slice() else { panic!("{:?}", lost.settings) };
    assert_eq!(only.change, SettingChangeKind::BecameUnreadable);
    assert_eq!((&only.before, &only.after), (&None, &None));
    assert_eq!((only.unread_before, only.unread_after), (None, Some("rate_limited")));
    assert_eq!(find(&lost, OFF).change, FindingChangeKind::BecameUnknown);
    assert_eq!(find(&drift(&after, &before), OFF).change, FindingChangeKind::BecameKnown);
    assert!(lost.findings.iter().all(|each| each.change != FindingChangeKind::Resolved));
}

#[test]
fn a_revoked_scope_is_reported_and_fixes_nothing() {
    let mut app = samples::sample_body(ReadingKind::Clients)[0].clone();
    app["client_id"] = json!("a");
    app["callbacks"] = json!(["http://a.example/x"]);
    let before = with(&[clients(&json!([app]))]);
    let scopes = "read:stats read:mfa_policies read:attack_protection";
    let after = readings(&[(ReadingKind::TokenFacts, json!({"scope": scopes}))]);
    let drift = drift(&before, &after);
    let token = drift.settings.iter().find(|c| c.reading == ReadingKind::TokenFacts).unwrap();
    assert_eq!(token.before.as_ref().unwrap()[1], "read:clients");
    let read = drift.settings.iter().find(|c| c.reading == ReadingKind::Clients).unwrap();
    assert_eq!(read.unread_after, Some("not_fetched"));
    let has_failed = |each: &&FindingChange| {
        matches!(each.before, ResultState::Judged(RecordedResult::Fail { .. }))
            && each.resource == "clients/a"
    };
    let failed: Vec<_> = drift.findings.iter().filter(has_failed).collect();
    assert!(!failed.is_empty());
    for each in failed {
        assert_eq!(each.change, FindingChangeKind::BecameUnknown, "{each:?}");
        assert_eq!(
            (each.after, &each.causes),
            (ResultState::NotEnabled, &vec![Cause::TenantChanged])
        );
    }
}

#[test]
fn statistics_are_no_settings() {
    let stats = |users| with(&[(ReadingKind::ActiveUsers, json!(users))]);
    assert!(drift(&stats(1), &stats(2)).settings.is_empty());
}

#[test]
fn a_changed_check_is_reported_as_the_cause() {
    let (on, off) = (judged(&with(&[protection(true)])), judged(&with(&[protection(false)])));
    let check = |judgement: &mut RecordedEvaluation,
                 change: &dyn Fn(&mut crate::recorded_evaluation::RecordedCheck)| {
        let checks = &mut judgement.results.checks;
        change(checks.iter_mut().find(|check| check.check_id == OFF).unwrap());
    };
    let mut older = on.clone();
    check(&mut older, &|check| check.version = 0);
    let causes = |from: &RecordedEvaluation, to: &RecordedEvaluation| {
        find(&between(from.clone(), to.clone()).unwrap(), OFF).causes.clone()
    };
    assert_eq!(causes(&older, &off), [Cause::TenantChanged, Cause::CheckChanged]);
    // The same tenant passes an earlier version of the condition.
    let mut lenient = off.clone();
    check(&mut lenient, &|check| check.resources[0].result = RecordedResult::Pass);
    assert_eq!(causes(&lenient, &off), [Cause::CheckChanged]);
    // Before the check existed.
    let mut without = off.clone();
    without.results.checks.retain(|check| check.check_id != OFF);
    assert_eq!(causes(&without, &off), [Cause::CheckChanged]);
    let drift = between(without, off).unwrap();
    assert_eq!(find(&drift, OFF).before, ResultState::NoSuchCheck);
}

#[test]
fn excess_changes_are_truncated_and_marked() {
    let many = |suffix: &str| {
        let client = |n| json!({"client_id": format!("c{n}"), "name": format!("{n}{suffix}")});
        with(&[clients(&(0..=super::SETTINGS_MAX).map(client).collect())])
    };
    let all = drift(&many("a"), &many("b"));
    assert_eq!((all.settings.len(), all.is_truncated), (super::SETTINGS_MAX, true));

    let urls: Vec<_> = (0..9).map(|n| format!("https://{n}{}.example", "x".repeat(999))).collect();
    let long = with(&[clients(&json!([{"client_id": "a", "callbacks": urls}]))]);
    let short = with(&[clients(&json!([{"client_id": "a", "callbacks": []}]))]);
    let change = &drift(&short, &long).settings[0];
    assert_eq!((&change.before, &change.after), (&Some(json!([])), &None));
    assert!(change.is_value_left_out);

    let (mut cut, whole) =
        (judged(&with(&[protection(false)])), judged(&with(&[protection(false)])));
    cut.results = cut.results.cut();
    let drift = between(whole.clone(), cut.clone()).unwrap();
    assert_eq!((drift.findings.len(), drift.is_truncated), (0, true));
    cut.snapshot = None;
    assert_eq!(between(whole, cut), Err(super::NotComparable::TooLarge));
}

/// A tenant with some switches, applications and failed readings.
fn tenants() -> impl Strategy<Value = Tenant> {
    let flags = vec(any::<bool>(), 6);
    let apps = vec((0..4_u8, any::<bool>(), any::<bool>()), 0..5);
    (flags, apps, vec(0..ReadingKind::ALL.len(), 0..3)).prop_map(|(flags, apps, failed)| {
        let scope = if flags[0] {
            "read:attack_protection read:mfa_policies read:stats read:clients"
        } else {
            "read:attack_protection read:stats"
        };
        let policies = if flags[1] { json!(["all-applications", "new"]) } else { json!([]) };
        let app = |(id, is_named, is_open): &(u8, bool, bool)| {
            let callback = if *is_open { "http://a.example" } else { "https://a.example" };
            let mut app = json!({"name": "app", "callbacks": [callback, "https://b.example"]});
            if *is_named {
                app["client_id"] = json!(format!("c{id}"));
            }
            app
        };
        let mut tenant = readings(&[
            (ReadingKind::TokenFacts, json!({"scope": scope})),
            protection(flags[2]),
            (ReadingKind::MfaPolicies, policies),
            (ReadingKind::BotDetection, json!({"bot_detection_level": "low", "allowlist": []})),
            (ReadingKind::ActiveUsers, json!(u8::from(flags[3]))),
        ]);
        if flags[0] {
            let body = apps.iter().map(app).collect();
            let reading = ReadingKind::Clients.decode(body).unwrap();
            tenant.insert(ReadingKind::Clients, Outcome::Read(reading));
        }
        for index in failed {
            let reason = if flags[4] { UnknownReason::TimedOut } else { UnknownReason::Forbidden };
            let message = "failed".to_owned();
            tenant.insert(ReadingKind::ALL[index], Outcome::Unreadable { reason, message });
        }
        tenant
    })
}

fn mirrored(change: SettingChange) -> SettingChange {
    use SettingChangeKind as Kind;
    SettingChange {
        change: match change.change {
            Kind::Added => Kind::Removed,
            Kind::Removed => Kind::Added,
            Kind::BecameReadable => Kind::BecameUnreadable,
            Kind::BecameUnreadable => Kind::BecameReadable,
            same => same,
        },
        before: change.after,
        after: change.before,
        unread_before: change.unread_after,
        unread_after: change.unread_before,
        ..change
    }
}

proptest! {
    #[test]
    fn a_tenant_does_not_drift_from_itself(tenant in tenants()) {
        prop_assert_eq!(drift(&tenant, &tenant), Drift::default());
    }

    #[test]
    fn drift_is_symmetric(one in tenants(), other in tenants()) {
        let (there, back) = (drift(&one, &other), drift(&other, &one));
        let sorted = |mut changes: Vec<SettingChange>| {
            changes.sort_by_cached_key(|change| format!("{change:?}"));
            changes
        };
        let returned = back.settings.into_iter().map(mirrored).collect();
        prop_assert_eq!(sorted(there.settings), sorted(returned));
        let by_key = |findings: Vec<FindingChange>, is_back: bool| {
            let mut all: Vec<_> = findings.into_iter().map(|each| {
                let sides = if is_back { (each.after, each.before) } else { (each.before, each.after) };
                (each.check_id, each.resource, sides)
            }).collect();
            all.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            all
        };
        prop_assert_eq!(by_key(there.findings, false), by_key(back.findings, true));
    }

    #[test]
    fn every_change_of_a_finding_has_a_cause(one in tenants(), other in tenants()) {
        for each in drift(&one, &other).findings {
            prop_assert_eq!(&each.causes, &[Cause::TenantChanged], "{:?}", each);
            let is_mended = each.change == FindingChangeKind::Resolved;
            let is_known = matches!(each.after, ResultState::Judged(RecordedResult::Pass) | ResultState::NotThere);
            prop_assert!(!is_mended || is_known);
        }
    }
}
