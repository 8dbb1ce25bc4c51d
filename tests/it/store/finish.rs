//! Finishing a sync.

use domain::checks::Severity;
use domain::finding::{FindingState, LastResult};
use domain::history::HistoryStatus;
use domain::inconclusive::UnknownReason;
use domain::reconcile::Changes;
use domain::sync::{Stage, SyncResult, SyncState};
use serde_json::json;
use store::HistoryFilter;

use super::fixtures::{World, first, t, update};
use super::sync_outcomes::{failure, finish};

#[support::test]
async fn a_successful_sync_updates_every_view(world: World) {
    let (integration, asset) = world.synced("acme", &[Severity::Critical, Severity::Low]).await;
    let found = world.find(integration.id, t(30)).await.unwrap();
    let last = found.last_sync.unwrap();
    assert_eq!((last.state, last.finished_at), (SyncState::Succeeded, Some(t(20))));
    assert_eq!(found.last_succeeded_at, Some(t(20)));
    assert_eq!((found.next_sync_at, found.version), (Some(t(3600)), 1));
    let sync = world.store.find_sync(&world.org, last.id, t(30)).await.unwrap().unwrap();
    assert_eq!(sync.result.calls, 13);
    let filter = HistoryFilter { actions: None, statuses: None };
    let page = world.store.list_history(&world.org, found.id, &filter, first(1), t(30)).await;
    let entry = page.unwrap().items.remove(0);
    assert_eq!((entry.status, entry.stage), (HistoryStatus::Success, Stage::Completed));
    assert_eq!((entry.error, entry.last_completed_at), (None, Some(t(20))));
    assert_eq!(entry.details, json!({"calls": 13}));
    let known = world.store.find_asset_of(&world.org, found.id).await.unwrap();
    assert_eq!(known, Some(asset));
}

#[support::test]
async fn failures_count_from_the_first_and_end_with_a_success(world: World) {
    let of = world.saved("acme").await.id;
    for at in [10, 20] {
        let claim = world.running(of, t(at)).await;
        assert!(world.fail(&claim, t(at + 5)).await);
    }
    let failing = world.find(of, t(30)).await.unwrap();
    assert_eq!((failing.failing_since, failing.last_succeeded_at), (Some(t(15)), None));
    let all = HistoryFilter::default();
    let page = world.store.list_history(&world.org, of, &all, first(1), t(30));
    let entry = page.await.unwrap().items.remove(0);
    assert_eq!((entry.status, entry.stage), (HistoryStatus::Failed, Stage::Failed));
    assert_eq!(entry.error.as_deref(), Some("invalid_client"));

    world.pause(of).await;
    let claim = world.running(of, t(40)).await;
    let asset = world.asset(&claim, t(50));
    assert!(world.succeed(&claim, t(50), &asset, &Changes::default()).await);
    let resumed = world.find(of, t(60)).await.unwrap();
    assert_eq!((resumed.failing_since, resumed.paused_at), (None, None));
    assert_eq!(resumed.next_sync_at, Some(t(50 + 3600)));
}

#[support::test]
async fn a_failure_of_a_paused_one_leaves_it_paused(world: World) {
    let of = world.saved("acme").await.id;
    world.pause(of).await;
    let claim = world.running(of, t(40)).await;
    assert!(world.fail(&claim, t(50)).await);
    let paused = world.find(of, t(60)).await.unwrap();
    assert!(paused.paused_at.is_some());
    assert_eq!((paused.next_sync_at, paused.failing_since), (None, Some(t(0))));
}

#[support::test]
async fn a_finding_keeps_its_identity_through_syncs(world: World) {
    let (integration, asset) = world.synced("acme", &[Severity::Critical]).await;
    let before = world.store.known_findings(&world.org, integration.id).await.unwrap();
    assert_eq!(before.len(), 1);
    let claim = world.running(integration.id, t(100)).await;
    // As reconcile would never do: the same finding under a new id, and seen for the first time.
    let mut again = world.finding(&asset, "check-0", Severity::High, t(110));
    again.state = FindingState::Resolved;
    again.resolved_at = Some(t(110));
    again.result = LastResult::Unknown(UnknownReason::RateLimited);
    again.change = None;
    let found = Changes { findings: vec![again.clone()], ..Changes::default() };
    let mut asset_again = world.asset(&claim, t(110));
    asset_again.score_basis = None;
    again.id = before[0].id;
    again.first_seen_at = before[0].first_seen_at;
    assert!(world.succeed(&claim, t(110), &asset_again, &found).await);
    let after = world.store.known_findings(&world.org, integration.id).await.unwrap();
    assert_eq!(after, [again]);
    let known = world.store.find_asset_of(&world.org, integration.id).await.unwrap().unwrap();
    assert_eq!((known.id, known.score_basis), (asset.id, None));
}

#[support::test]
async fn many_findings_take_as_many_statements_as_one(world: World) {
    let integration = world.saved("acme").await;
    let claim = world.running(integration.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let findings: Vec<_> = (0..3000)
        .map(|n| world.finding(&asset, &format!("check-{n}"), Severity::Medium, t(20)))
        .collect();
    let found = world.opened(findings.clone(), claim.sync.id);
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    assert_eq!(world.store.known_findings(&world.org, integration.id).await.unwrap(), findings);
    let transitions = world.store.list_transitions(&world.org, findings[7].id).await.unwrap();
    assert_eq!(transitions, found.transitions[7..8]);
}

#[support::test]
async fn an_error_while_finishing_rolls_back_everything(world: World) {
    let integration = world.saved("acme").await;
    let claim = world.running(integration.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let mut finding = world.finding(&asset, "check", Severity::Medium, t(20));
    finding.resolved_at = Some(t(20)); // Open and resolved at once: the table refuses it.
    let found = world.opened(vec![finding], claim.sync.id);
    let (result, details) = (SyncResult::default(), json!({}));
    let outcome = world.store.finish_sync(store::Finish {
        asset: Some(&asset),
        reconciled: Some(&found),
        ..finish(&claim, SyncState::Succeeded, &result, t(20), &details)
    });
    assert!(outcome.await.is_err());
    assert_eq!(world.count("assets").await, 0);
    let sync = world.store.find_sync(&world.org, claim.sync.id, t(30)).await.unwrap().unwrap();
    assert_eq!(sync.state, SyncState::Running);
    assert!(world.fail(&claim, t(30)).await);
}

#[support::test]
async fn a_nul_from_a_tenant_is_stored_as_a_replacement(world: World) {
    let integration = world.saved("acme").await;
    let claim = world.running(integration.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let mut finding = world.finding(&asset, "check", Severity::Medium, t(20));
    finding.key.resource = "clients/a\0b".to_owned();
    finding.evidence[0].found = json!(["x\0"]);
    let found = world.opened(vec![finding], claim.sync.id);
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    let known = world.store.known_findings(&world.org, integration.id).await.unwrap();
    assert_eq!(known[0].key.resource, "clients/a\u{fffd}b");
    assert_eq!(known[0].evidence[0].found, json!(["x\u{fffd}"]));
}

#[support::test]
async fn only_a_final_state_ends_a_sync(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let result = SyncResult { failure: Some(failure()), ..SyncResult::default() };
    for state in [SyncState::Queued, SyncState::Running] {
        let details = json!({});
        let outcome = world.store.finish_sync(finish(&claim, state, &result, t(20), &details));
        assert!(outcome.await.is_err(), "{state:?}");
    }
    let details = json!({});
    let cancelled = finish(&claim, SyncState::Cancelled, &result, t(20), &details);
    assert!(world.store.finish_sync(cancelled).await.unwrap());
    let integration = world.find(claim.integration.id, t(30)).await.unwrap();
    assert_eq!(integration.failing_since, None);
}

#[support::test]
async fn an_asset_renamed_while_its_sync_ran_keeps_the_new_name(world: World) {
    let of = world.saved("old").await;
    let claim = world.running(of.id, t(0)).await;
    let mut settings = of.settings.clone();
    settings.asset_name = "new".to_owned();
    let update = store::Update {
        next_sync_at: None,
        is_rescheduled: false,
        now: t(1),
        ..update(&world, &of, &settings)
    };
    let entry = world.entry(of.id, domain::history::Action::Update, t(1));
    world.store.update_integration(update, &entry, &world.audit("update")).await.unwrap();
    let asset = world.asset(&claim, t(2));
    assert_eq!(asset.name, "old");
    assert!(world.succeed(&claim, t(2), &asset, &Changes::default()).await);
    let shown = world.store.find_asset(&world.org, asset.id, t(3)).await.unwrap().unwrap();
    assert_eq!(shown.asset.name, "new");
}
