//! The Finding View: filters.

use domain::checks::Severity;
use domain::finding::FindingStatus;
use domain::reconcile::Changes;
use sqlx::PgPool;
use store::{FindingFilter, FindingSort, PageQuery, SortKey};

use super::fixtures::{World, days, first, t};

const WORST_FIRST: FindingSort = FindingSort { key: SortKey::SeverityRank, descending: true };

async fn checks(world: &World, filter: FindingFilter) -> Vec<String> {
    let page = world
        .store
        .list_findings(&world.org, &filter, WORST_FIRST, first(99), t(30))
        .await
        .unwrap()
        .page;
    assert!(!page.has_more);
    page.items.into_iter().map(|view| view.finding.key.check_id).collect()
}

#[support::test]
async fn each_filter_takes_any_of_its_values_and_all_filters_hold(pool: PgPool) {
    use Severity::{Critical, High, Info};
    let world = World::new(pool);
    let (one, one_asset) = world.synced("one", &[Info, High, Critical]).await;
    let (other, other_asset) = world.synced("other", &[High]).await;
    let sql = "update findings set state = 'resolved', resolved_at = last_seen_at where check_id = 'check-1'";
    sqlx::query(sql).execute(world.store.pool()).await.unwrap();
    let all = FindingFilter::default;
    assert_eq!(checks(&world, all()).await, ["check-2", "check-1", "check-0", "check-0"]);
    for (filter, expected) in [
        (FindingFilter { integration_ids: Some(vec![other.id]), ..all() }, vec!["check-0"]),
        (
            FindingFilter { integration_ids: Some(vec![one.id, other.id]), ..all() },
            vec!["check-2", "check-1", "check-0", "check-0"],
        ),
        (FindingFilter { asset_ids: Some(vec![other_asset.id]), ..all() }, vec!["check-0"]),
        (FindingFilter { states: Some(vec![FindingStatus::Resolved]), ..all() }, vec!["check-1"]),
        (
            FindingFilter { severities: Some(vec![Info, Critical]), ..all() },
            vec!["check-2", "check-0"],
        ),
        (
            FindingFilter { check_ids: Some(vec!["check-1".into(), "check-2".into()]), ..all() },
            vec!["check-2", "check-1"],
        ),
        (FindingFilter { check_ids: Some(Vec::new()), ..all() }, vec![]),
        (
            FindingFilter {
                asset_ids: Some(vec![one_asset.id]),
                severities: Some(vec![High]),
                states: Some(vec![FindingStatus::Open]),
                ..all()
            },
            vec![],
        ),
    ] {
        assert_eq!(checks(&world, filter.clone()).await, expected, "{filter:?}");
    }
}

#[support::test]
async fn q_is_a_literal_substring_of_title_check_and_resource_in_any_case(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let texts = [
        ("a", "Only 100% of Logins", "tenant"),
        ("b", "Only 1000 logins", "clients/x_y"),
        ("c", "Nothing", "clients/xzy"),
        ("d-Off", r"A \ backslash", "tenant"),
    ];
    let findings = texts.map(|(check, title, resource)| {
        let mut finding = world.finding(&asset, check, Severity::Low, t(20));
        finding.title = title.to_owned();
        finding.key.resource = resource.to_owned();
        finding
    });
    let found = Changes { findings: findings.to_vec(), ..Changes::default() };
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    for (q, expected) in [
        ("100%", vec!["a"]),
        ("%", vec!["a"]),
        ("x_y", vec!["b"]),
        ("_", vec!["b"]),
        ("LOGINS", vec!["a", "b"]),
        ("d-oFF", vec!["d-Off"]),
        (r"\", vec!["d-Off"]),
        ("Clients/", vec!["b", "c"]),
        ("", vec!["a", "b", "c", "d-Off"]),
        ("a'; drop table findings", vec![]),
        ("\0", vec![]),
    ] {
        let filter = FindingFilter { q: Some(q.to_owned()), ..FindingFilter::default() };
        assert_eq!(checks(&world, filter).await, expected, "{q}");
    }
}

#[support::test]
async fn a_finding_is_shown_with_its_integrations_schedule_for_ninety_days_more(world: World) {
    let (integration, asset) = world.synced("acme", &[Severity::High]).await;
    let known = world.store.known_findings(&world.org, integration.id).await.unwrap();
    let find = |at| world.store.find_finding(&world.org, known[0].id, at);
    let view = find(t(30)).await.unwrap().unwrap();
    assert_eq!(view.finding, known[0]);
    assert_eq!(view.frequency, integration.settings.auto_sync_frequency);
    assert_eq!(view.next_sync_at, Some(t(3600)));
    assert_eq!(view.deleted_at, None);
    world.delete(integration.id, t(100)).await;
    let all = FindingFilter::default;
    for (at, is_shown) in [(t(99 + days(90)), true), (t(100 + days(90)), false)] {
        let found = find(at).await.unwrap();
        assert_eq!(found.map(|view| view.deleted_at), is_shown.then_some(Some(t(100))));
        for (filter, is_asked_for) in [
            (all(), false),
            (FindingFilter { include_deleted: true, ..all() }, true),
            (FindingFilter { integration_ids: Some(vec![integration.id]), ..all() }, true),
            (FindingFilter { asset_ids: Some(vec![asset.id]), ..all() }, true),
        ] {
            let list = world.store.list_findings(&world.org, &filter, WORST_FIRST, first(9), at);
            let is_listed = !list.await.unwrap().page.items.is_empty();
            assert_eq!(is_listed, is_shown && is_asked_for, "{filter:?} at {at}");
            let export = world.store.export_findings(&world.org, &filter, first(9), usize::MAX, at);
            assert_eq!(!export.await.unwrap().items.is_empty(), is_listed, "{filter:?} at {at}");
        }
    }
}

#[support::test]
async fn a_part_of_an_export_ends_early_if_its_rows_are_long(world: World) {
    let claim = world.running(world.saved("acme").await.id, t(10)).await;
    let asset = world.asset(&claim, t(20));
    let findings: Vec<_> = ["check-0", "check-1", "check-2"]
        .map(|check| world.finding(&asset, check, Severity::Low, t(20)))
        .into();
    let found = Changes { findings, ..Changes::default() };
    assert!(world.succeed(&claim, t(20), &asset, &found).await);
    for (bytes_max, sizes) in [(1, vec![1, 1, 1]), (usize::MAX, vec![3])] {
        let (mut after, mut got) = (None, Vec::new());
        loop {
            let slice = PageQuery { limit: 3, after };
            let all = FindingFilter::default();
            let part = world.store.export_findings(&world.org, &all, slice, bytes_max, t(30));
            let part = part.await.unwrap();
            got.push(part.items.len());
            after = part.items.last().map(|item| item.finding.id);
            if !part.has_more {
                break;
            }
        }
        assert_eq!(got, sizes);
    }
}
