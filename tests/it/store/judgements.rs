//! Stored evaluations: snapshots, results and score history.

use domain::checks::{Severity, evaluate};
use domain::policy::Policy;
use domain::readings::ReadingKind;
use domain::reconcile::Changes;
use domain::recorded_evaluation::RecordedEvaluation;
use domain::sync::SyncResult;
use domain::tenant::{Outcome, Tenant};
use domain::{IntegrationId, SyncId};
use serde_json::json;
use store::{PageQuery, Period, Retention};

use super::fixtures::{World, days, first, org, t};
use super::sync_outcomes::tenant;

impl World {
    /// One more successful sync of an integration, of this tenant.
    pub async fn again(&self, of: IntegrationId, at: i64, tenant: &Tenant) -> SyncId {
        let claim = self.running(of, t(at)).await;
        let asset = self.asset(&claim, t(at));
        let none = Changes::default();
        assert!(self.succeed_as(&claim, t(at), &asset, &none, tenant).await);
        claim.sync.id
    }
}

#[support::test]
async fn the_same_tenant_twice_is_kept_once_and_scored_twice(world: World) {
    let (of, asset) = world.synced("acme", &[Severity::Critical, Severity::Low]).await;
    let mut later = tenant(false);
    later.observed_at = t(100);
    let same = world.again(of.id, 100, &later).await;
    assert_eq!((world.count("judgements").await, world.count("sync_scores").await), (1, 2));
    let other = world.again(of.id, 200, &tenant(true)).await;
    assert_eq!((world.count("judgements").await, world.count("sync_scores").await), (2, 3));

    // Each as it was, at its own instant.
    let found = world.store.find_judgement(&world.org, same).await.unwrap().unwrap();
    let expected = RecordedEvaluation::record(&later, Policy::default(), &evaluate(&later));
    assert_eq!(found.judgement, Some(expected));
    assert_eq!((found.score.observed_at, found.score.asset_id), (t(100), asset.id));
    let latest = world.store.latest_judgement(&world.org, of.id).await.unwrap().unwrap();
    assert_eq!(latest.score.sync_id, other);

    let score = latest.score;
    assert_eq!((score.score, score.coverage_percent, score.accepted), (Some(50), Some(100), 0));
    assert_eq!((score.findings.critical, score.findings.low, score.findings.high), (1, 1, 0));
    assert_eq!(score.checks, SyncResult::default().checks);
}

#[support::test]
async fn the_trend_is_listed_newest_first_in_pages_and_periods(world: World) {
    let (of, asset) = world.synced("acme", &[]).await;
    for at in [100, 200, 300] {
        world.again(of.id, at, &tenant(false)).await;
    }
    let list = async |period: Period, slice: PageQuery<SyncId>| {
        let page = world.store.list_scores(&world.org, asset.id, period, slice, t(400)).await;
        page.unwrap()
    };
    let all = Period::default();
    let page = list(all, first(2)).await;
    let at = |page: &store::Page<store::SyncScore>| {
        page.items.iter().map(|row| row.observed_at).collect::<Vec<_>>()
    };
    assert_eq!((at(&page), page.has_more), (vec![t(300), t(200)], true));
    let after = Some(page.items[1].sync_id);
    let page = list(all, PageQuery { limit: 2, after }).await;
    assert_eq!((at(&page), page.has_more), (vec![t(100), t(20)], false));
    let period = Period { from: Some(t(100)), to: Some(t(300)) };
    assert_eq!(at(&list(period, first(9)).await), [t(200), t(100)]);
}

#[support::test]
async fn evaluations_belong_to_one_organisation(world: World) {
    let (of, asset) = world.synced("acme", &[]).await;
    let sync = world.store.latest_judgement(&world.org, of.id).await.unwrap().unwrap();
    let (store, other) = (&world.store, org("globex"));
    assert!(store.latest_judgement(&other, of.id).await.unwrap().is_none());
    assert!(store.find_judgement(&other, sync.score.sync_id).await.unwrap().is_none());
    let list = store.list_scores(&other, asset.id, Period::default(), first(9), t(30)).await;
    assert!(list.unwrap().items.is_empty());
}

#[support::test]
async fn snapshots_are_kept_90_days_and_scores_400(world: World) {
    let (of, asset) = world.synced("acme", &[]).await;
    let old = world.again(of.id, 100, &tenant(true)).await;
    let latest = world.again(of.id, 200, &tenant(false)).await;
    let find = async |sync| world.store.find_judgement(&world.org, sync).await.unwrap();

    world.store.delete_expired(t(99 + days(90)), &Retention::default()).await.unwrap();
    assert!(find(old).await.unwrap().judgement.is_some());
    world.store.delete_expired(t(300 + days(90)), &Retention::default()).await.unwrap();
    let row = find(old).await.unwrap();
    assert_eq!((row.judgement, row.score.observed_at), (None, t(100)));
    // What the latest refers to stays, however old.
    assert!(find(latest).await.unwrap().judgement.is_some());
    assert_eq!((world.count("judgements").await, world.count("sync_scores").await), (1, 3));

    world.store.delete_expired(t(99 + days(400)), &Retention::default()).await.unwrap();
    assert_eq!(world.count("sync_scores").await, 2);
    world.store.delete_expired(t(300 + days(400)), &Retention::default()).await.unwrap();
    let page = world.store.list_scores(&world.org, asset.id, Period::default(), first(9), t(0));
    let left: Vec<_> = page.await.unwrap().items.iter().map(|row| row.sync_id).collect();
    assert_eq!((left, world.count("judgements").await), (vec![latest], 1));
}

#[support::test]
async fn a_snapshot_that_is_too_large_is_not_kept_and_the_rest_is(world: World) {
    let (of, _) = world.synced("acme", &[]).await;
    let url = format!("https://{}.example", "x".repeat(2000));
    let large = |last: &str| {
        let client =
            |n| json!({"client_id": format!("c{n}"), "callbacks": vec![&url; 2000], "name": last});
        let clients = ReadingKind::Clients.decode((0..5).map(client).collect()).unwrap();
        let mut tenant = tenant(true);
        tenant.insert(ReadingKind::Clients, Outcome::Read(clients));
        tenant
    };
    let sync = world.again(of.id, 100, &large("one")).await;
    let found = world.store.find_judgement(&world.org, sync).await.unwrap().unwrap();
    let judgement = found.judgement.unwrap();
    assert_eq!(judgement.snapshot, None);
    assert_eq!(judgement.results.checks.len(), evaluate(&tenant(true)).outcomes.len());
    // It is still told apart from another one.
    world.again(of.id, 200, &large("two")).await;
    world.again(of.id, 300, &large("two")).await;
    assert_eq!(world.count("judgements").await, 3);
}

#[support::test]
async fn a_sync_that_fails_leaves_no_row_of_the_trend(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    assert!(world.fail(&claim, t(20)).await);
    assert_eq!((world.count("judgements").await, world.count("sync_scores").await), (0, 0));
    assert!(world.store.find_judgement(&world.org, claim.sync.id).await.unwrap().is_none());
}

/// A replica whose clock is behind queues a sync with an id that seems to be older.
#[support::test]
async fn the_latest_evaluation_is_by_observation_time(world: World) {
    let (of, asset) = world.synced("acme", &[]).await;
    let earlier = world.again(of.id, 100, &tenant(true)).await;
    let latest = world.again(of.id, 200, &tenant(false)).await;
    let swap = "update sync_scores set observed_at = timestamptz '2026-11-24 08:05:00Z' -
        (observed_at - timestamptz '2026-11-24 08:00:00Z') where sync_id = any($1)";
    sqlx::query(swap).bind([earlier.0, latest.0]).execute(world.store.pool()).await.unwrap();
    let (earlier, latest) = (latest, earlier);

    let found = world.store.latest_judgement(&world.org, of.id).await.unwrap().unwrap();
    assert_eq!((found.score.sync_id, found.score.observed_at), (latest, t(200)));
    let list = async |slice| {
        let of = world.store.list_scores(&world.org, asset.id, Period::default(), slice, t(400));
        of.await.unwrap().items.iter().map(|row| row.sync_id).collect::<Vec<_>>()
    };
    assert_eq!(list(first(2)).await, [latest, earlier]);
    assert_eq!(list(PageQuery { limit: 1, after: Some(latest) }).await, [earlier]);
    world.store.delete_expired(t(300 + days(400)), &Retention::default()).await.unwrap();
    assert_eq!(list(first(9)).await, [latest]);
}

#[support::test]
async fn an_evaluation_summary_has_constant_size(world: World) {
    let (of, _) = world.synced("acme", &[]).await;
    let outline = async || {
        let of = world.store.latest_evaluation_summary(&world.org, of.id).await;
        of.unwrap().unwrap().judgement.unwrap()
    };
    assert_eq!(outline().await.snapshot.unwrap().scopes(), None, "nothing is known of the token");
    let mut large = tenant(true);
    let clients: Vec<_> = (0..50)
        .map(|n| json!({"client_id": format!("c{n}"), "name": "shop", "grant_types": ["implicit"]}))
        .collect();
    let bodies = [
        (ReadingKind::Clients, json!(clients)),
        (ReadingKind::TokenFacts, json!({"scope": "read:clients read:stats"})),
    ];
    for (kind, body) in bodies {
        large.insert(kind, Outcome::Read(kind.decode(body).unwrap()));
    }
    let whole = RecordedEvaluation::record(&large, Policy::default(), &evaluate(&large));
    world.again(of.id, 100, &large).await;
    let found = outline().await;
    let snapshot = found.snapshot.unwrap();
    assert_eq!(snapshot.scopes(), whole.snapshot.as_ref().unwrap().scopes());
    assert!(snapshot.scopes().is_some());
    assert!(!json!(snapshot).to_string().contains("shop"));
    assert_eq!(found.results.not_enabled, whole.results.not_enabled);
    let said = |judgement: &domain::recorded_evaluation::Results| {
        let checks = judgement.checks.iter();
        checks.map(|check| (check.check_id.clone(), check.overall)).collect::<Vec<_>>()
    };
    assert_eq!(said(&found.results), said(&whole.results));
    assert!(whole.results.checks.iter().any(|check| check.resources.len() > 9));
    assert!(found.results.checks.iter().all(|check| check.resources.is_empty()));
}
