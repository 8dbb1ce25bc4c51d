//! The Finding View: every order, under ties, page by page.

use domain::checks::Severity;
use domain::finding::Finding;
use domain::reconcile::Changes;
use store::{FindingFilter, FindingSort, PageQuery, SortKey};

use super::fixtures::{World, t};

const KEYS: [SortKey; 4] =
    [SortKey::SeverityRank, SortKey::LastSeenAt, SortKey::FirstSeenAt, SortKey::Priority];

/// Numbers that look arbitrary and are the same in every run.
fn scatter(n: u64) -> u64 {
    n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33
}

async fn scattered(world: &World, count: u64) -> Vec<Finding> {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let findings: Vec<Finding> = (0..count)
        .map(|n| {
            let roll = scatter(n);
            let severity = Severity::ALL[usize::try_from(roll % 5).unwrap()];
            let mut finding = world.finding(&asset, &format!("check-{n}"), severity, t(20));
            finding.last_seen_at = t(20 + i64::try_from(roll / 5 % 3).unwrap());
            finding.ranking.priority = u16::try_from(roll % 4).unwrap();
            finding.first_seen_at = t(i64::try_from(roll / 15 % 4).unwrap());
            finding
        })
        .collect();
    let found = Changes { findings: findings.clone(), ..Changes::default() };
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    findings
}

#[support::test]
async fn pages_of_any_size_in_any_order_are_complete_and_never_repeat(world: World) {
    let findings = scattered(&world, 47).await;
    for (key, descending) in KEYS.iter().flat_map(|key| [(*key, true), (*key, false)]) {
        let sort = FindingSort { key, descending };
        let mut expected = findings.clone();
        expected.sort_by_key(|finding| {
            let position = sort.position_of(finding);
            (if descending { -position.value } else { position.value }, position.id)
        });
        for limit in [1, 2, 7, 46, 47, 48] {
            let mut listed = Vec::new();
            let mut slice = PageQuery { limit, after: None };
            loop {
                let all = FindingFilter::default();
                let list =
                    world.store.list_findings(&world.org, &all, sort, slice, t(30)).await.unwrap();
                let page = list.page;
                assert!(page.items.len() <= usize::try_from(limit).unwrap());
                assert!(!page.items.is_empty());
                listed.extend(page.items.into_iter().map(|view| view.finding));
                slice.after = listed.last().map(|finding| sort.position_of(finding));
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(listed, expected, "{sort:?} by {limit}");
        }
    }
}

#[support::test]
async fn a_page_goes_on_although_the_item_it_ended_with_is_gone(world: World) {
    scattered(&world, 20).await;
    let sort = FindingSort { key: SortKey::SeverityRank, descending: true };
    let list = |slice| {
        let (store, org) = (world.store.clone(), world.org.clone());
        let all = FindingFilter::default();
        async move { store.list_findings(&org, &all, sort, slice, t(30)).await.unwrap().page.items }
    };
    let whole = list(PageQuery { limit: 20, after: None }).await;
    let after = Some(sort.position_of(&whole[9].finding));
    let sql = "delete from findings where id = $1";
    sqlx::query(sql).bind(whole[9].finding.id.0).execute(world.store.pool()).await.unwrap();
    assert_eq!(list(PageQuery { limit: 20, after }).await, whole[10..]);
}

#[support::test]
async fn a_cursor_beyond_the_last_item_gives_an_empty_page(world: World) {
    let findings = scattered(&world, 3).await;
    for key in KEYS {
        for value in [i64::MAX, i64::MIN] {
            let sort = FindingSort { key, descending: false };
            let after = Some(store::FindingPosition { value, id: findings[2].id });
            let slice = PageQuery { limit: 9, after };
            let all = FindingFilter::default();
            world.store.list_findings(&world.org, &all, sort, slice, t(30)).await.unwrap();
        }
    }
}

/// The orders by severity, by the last sighting, by the first and by priority.
async fn orders(world: &World, filter: &FindingFilter) -> [Option<i64>; 4] {
    let mut orders = [None; 4];
    for (order, key) in orders.iter_mut().zip(KEYS) {
        let sort = FindingSort { key, descending: true };
        let slice = PageQuery { limit: 1, after: None };
        let list = world.store.list_findings(&world.org, filter, sort, slice, t(90)).await;
        *order = list.unwrap().order;
    }
    orders
}

#[support::test]
async fn a_cursor_is_outdated_only_if_a_sync_changed_the_sort_key(world: World) {
    let (one, one_asset) = world.synced("one", &[Severity::High, Severity::Low]).await;
    let (other, _) = world.synced("other", &[Severity::High]).await;
    let all = FindingFilter::default();
    let of = |id| FindingFilter { integration_ids: Some(vec![id]), ..FindingFilter::default() };
    let before = orders(&world, &all).await;
    assert!(before[0].is_some() && before[1].is_some() && before[2].is_none());

    let findings = world.store.known_findings(&world.org, one.id).await.unwrap();
    let sync = async |findings: Vec<Finding>, at| {
        let claim = world.running(one.id, t(at)).await;
        let asset =
            store::Asset { sync_id: claim.sync.id, evaluated_at: t(at), ..one_asset.clone() };
        let found = Changes { findings, ..Changes::default() };
        assert!(world.succeed(&claim, t(at), &asset, &found).await);
    };
    sync(findings.clone(), 40).await;
    sync(vec![world.finding(&one_asset, "new", Severity::Critical, t(41))], 41).await;
    assert_eq!(orders(&world, &all).await, before, "what stays or comes moves nothing");

    let mut seen = findings.clone();
    seen[0].last_seen_at = t(50);
    sync(seen.clone(), 50).await;
    let after = orders(&world, &all).await;
    assert_eq!(after[0], before[0], "severities are what they were");
    assert_ne!(after[1], before[1]);

    seen[1].severity = Severity::Medium;
    sync(seen.clone(), 60).await;
    let last = orders(&world, &all).await;
    assert_ne!(last[0], before[0]);
    assert_eq!(last[3], before[3]);
    assert_eq!(last[1], after[1]);
    seen[1].ranking.priority = 900;
    sync(seen, 70).await;
    let ranked = orders(&world, &all).await;
    assert_ne!(ranked[3], last[3]);
    assert_eq!(ranked[..3], last[..3]);
    assert_eq!(orders(&world, &of(other.id)).await, before, "of another integration");
    assert_ne!(orders(&world, &of(one.id)).await, before);
}
