use serde_json::json;

use super::*;
use crate::checks::testing::readings;
use crate::readings::ReadingKind;
use crate::reconcile::Changes;
use crate::test_support::context;

const HIGH: &str = "brute-force-threshold-high";

fn occasion() -> ReconcileContext {
    context(jiff::Timestamp::UNIX_EPOCH)
}

fn tenant(max_attempts: u64) -> Tenant {
    let body = json!({
        "enabled": true, "max_attempts": max_attempts, "mode": "count_per_identifier_and_ip",
        "shields": ["block", "user_notification"], "allowlist": [],
    });
    readings(&[(ReadingKind::BruteForceProtection, body), (ReadingKind::MfaPolicies, json!([]))])
}

fn policy(body: &serde_json::Value) -> Policy {
    Policy::parse(body).unwrap()
}

fn stricter() -> Policy {
    policy(&json!({"thresholds": {HIGH: {"max_attempts": 8}}}))
}

fn known(tenant: &Tenant, policy: &Policy) -> Baseline {
    let evaluation = checks::evaluate_by(tenant, policy);
    let Changes { findings, .. } = reconcile(Vec::new(), tenant, &evaluation, &occasion(), &NoIds);
    Baseline { findings, accepted: BTreeMap::new() }
}

fn ids(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.key.check_id.as_str()).collect()
}

#[test]
fn a_stricter_threshold_opens_and_the_former_one_closes() {
    let (tenant, mild, strict) = (tenant(10), Policy::default(), stricter());
    let there = between(&known(&tenant, &mild), &tenant, [&mild, &strict], &occasion());
    assert_eq!(ids(&there.would_open), [HIGH]);
    assert_eq!(there.would_open[0].evidence[0].expected, json!({"at_most": 8}));
    assert!(there.would_close.is_empty() && there.would_change_severity.is_empty());
    assert!(there.after.score < there.before.score);

    let back = between(&known(&tenant, &strict), &tenant, [&strict, &mild], &occasion());
    assert_eq!((ids(&back.would_close), back.would_open.len()), (vec![HIGH], 0));
    assert!(back.would_close[0].evidence.is_empty());
    assert_eq!((&back.before, &back.after), (&there.after, &there.before));
}

#[test]
fn inconclusive_findings_stay_open_under_either_policy() {
    let (mild, strict) = (Policy::default(), stricter());
    let known = known(&tenant(30), &mild);
    let unread = readings(&[(ReadingKind::MfaPolicies, json!([]))]);
    let preview = between(&known, &unread, [&mild, &strict], &occasion());
    assert!(preview.would_open.is_empty() && preview.would_close.is_empty());
    assert_eq!(preview.before, preview.after);
    let open: u32 = preview.after.findings.values().sum();
    assert_eq!(usize::try_from(open), Ok(known.findings.len()));
    // An open finding lowers the score until its fix is observed.
    let clean = Baseline { findings: Vec::new(), ..known };
    let never_seen = between(&clean, &unread, [&mild, &strict], &occasion());
    assert!(preview.after.score < never_seen.after.score);
}

#[test]
fn acceptances_count_as_in_the_score_of_an_asset() {
    let (tenant, mild, strict) = (tenant(10), Policy::default(), stricter());
    let mut known = known(&tenant, &strict);
    let key = known.findings.iter().find(|each| each.key.check_id == HIGH).unwrap().key.clone();
    let judged = |known: &Baseline| between(known, &tenant, [&mild, &strict], &occasion());
    let open = judged(&known);
    known.accepted.insert(key.clone(), Reason::WontFix);
    let unmended = judged(&known);
    known.accepted.insert(key, Reason::FalsePositive);
    let waived = judged(&known);
    assert_eq!(unmended.after.score, open.after.score);
    assert_eq!(waived.after.score, waived.before.score);
    assert_eq!((waived.before.accepted, waived.after.accepted), (0, 1));
    assert!(waived.would_open[0].is_accepted && !open.would_open[0].is_accepted);
    assert_eq!(waived.after.findings, waived.before.findings);
}

#[test]
fn excess_changes_are_truncated_and_figures_count_all() {
    let (tenant, mild, strict) = (tenant(10), Policy::default(), stricter());
    let whole = between(&known(&tenant, &mild), &tenant, [&mild, &strict], &occasion());
    let (mut cut, mut room) = (whole.clone(), 100_000);
    cut.cut(&mut room);
    assert_eq!((&cut, room < 100_000), (&whole, true));
    cut.cut(&mut 10);
    assert!(cut.is_truncated && cut.would_open.is_empty());
    assert_eq!(cut.after, whole.after);
}
