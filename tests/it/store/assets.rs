//! The Asset View.

use domain::checks::Severity;
use domain::coverage::UnknownCheck;
use domain::inconclusive::UnknownReason;
use domain::reconcile::Changes;
use sqlx::PgPool;
use store::{AssetFilter, SeverityCounts};

use super::fixtures::{World, days, first, t};

#[support::test]
async fn an_asset_counts_its_open_findings_by_severity(pool: PgPool) {
    use Severity::{Critical, High, Info, Low, Medium};
    let world = World::new(pool);
    let severities = [Critical, High, High, Medium, Low, Low, Low, Info];
    let (integration, asset) = world.synced("acme", &severities).await;
    world.synced("other", &[Critical]).await;
    let sql = "update findings set state = 'resolved', resolved_at = last_seen_at where check_id = 'check-4'";
    sqlx::query(sql).execute(world.store.pool()).await.unwrap();
    let view = world.store.find_asset(&world.org, asset.id, t(30)).await.unwrap().unwrap();
    let counts = SeverityCounts { critical: 1, high: 2, medium: 1, low: 2, info: 1 };
    assert_eq!(view.findings, counts);
    assert_eq!(view.asset, asset);
    assert_eq!(view.frequency, integration.settings.auto_sync_frequency);
    assert_eq!((view.next_sync_at, view.created_at), (Some(t(3600)), t(0)));
    assert_eq!(view.deleted_at, None);
}

#[support::test]
async fn unknown_checks_are_stored_with_the_asset(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let mut asset = world.asset(&claim, t(20));
    asset.unknown_checks = vec![UnknownCheck {
        check_id: "bot-detection-off".to_owned(),
        reason: UnknownReason::PlanUnavailable,
        since: t(20),
    }];
    asset.logins_30d = Some(u64::MAX);
    assert!(world.succeed(&claim, t(20), &asset, &Changes::default()).await);
    let kept = world.store.find_asset_of(&world.org, asset.integration_id).await.unwrap().unwrap();
    assert_eq!(kept.unknown_checks, asset.unknown_checks);
    assert_eq!(kept.logins_30d, Some(i64::MAX.unsigned_abs()));
}

#[support::test]
async fn the_list_takes_integrations_and_pages(world: World) {
    let mut all = Vec::new();
    for n in 0..5 {
        all.push(world.synced(&format!("t{n}"), &[]).await);
    }
    let list = |ids: Option<Vec<_>>, slice| {
        let (store, org) = (world.store.clone(), world.org.clone());
        let filter = AssetFilter { integration_ids: ids, ..AssetFilter::default() };
        async move { store.list_assets(&org, &filter, slice, t(50)).await.unwrap() }
    };
    let page = list(None, first(2)).await;
    assert!(page.has_more);
    let last = page.items[1].asset.id;
    let page = list(None, store::PageQuery { limit: 3, after: Some(last) }).await;
    let ids: Vec<_> = page.items.iter().map(|view| view.asset.id).collect();
    assert_eq!((ids, page.has_more), (all[2..].iter().map(|(_, a)| a.id).collect(), false));
    let page = list(Some(vec![all[1].0.id, all[3].0.id]), first(9)).await;
    assert_eq!(page.items.len(), 2);
    assert_eq!(list(Some(Vec::new()), first(9)).await.items.len(), 0);
}

#[support::test]
async fn assets_of_a_deleted_integration_stay_ninety_days(world: World) {
    let (integration, asset) = world.synced("acme", &[]).await;
    world.delete(integration.id, t(100)).await;
    for (at, expected) in [(t(101), 1), (t(99 + days(90)), 1), (t(100 + days(90)), 0)] {
        let named = Some(vec![integration.id]);
        for (filter, expected) in [
            (AssetFilter::default(), 0),
            (AssetFilter { include_deleted: true, ..AssetFilter::default() }, expected),
            (AssetFilter { integration_ids: named, ..AssetFilter::default() }, expected),
        ] {
            let page = world.store.list_assets(&world.org, &filter, first(9), at).await.unwrap();
            assert_eq!(page.items.len(), expected, "{filter:?} at {at}");
        }
        let found = world.store.find_asset(&world.org, asset.id, at).await.unwrap();
        assert_eq!(found.is_some(), expected == 1, "{at}");
        assert!(found.is_none_or(|view| view.deleted_at == Some(t(100))));
    }
}
