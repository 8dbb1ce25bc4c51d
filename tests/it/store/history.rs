//! The History table.

use domain::history::{Action, HistoryStatus};
use store::{HistoryFilter, PageQuery};

use super::fixtures::{World, days, first, t};

#[support::test]
async fn the_list_is_newest_first_filtered_and_paged(world: World) {
    let of = world.saved("acme").await.id;
    world.saved("other").await;
    let mut tests = Vec::new();
    for n in 0..5 {
        let mut entry = world.entry(of, Action::TestConnection, t(n));
        if n == 2 {
            entry.status = HistoryStatus::Failed;
            entry.error = Some("invalid_client".to_owned());
        }
        let audit = world.audit("integration.test");
        world.store.insert_history(&entry, Some(&audit)).await.unwrap();
        tests.push(entry);
    }
    assert_eq!(world.count("audit_events").await, 7);
    tests.reverse();
    let list = |filter: HistoryFilter, slice| {
        let (store, org) = (world.store.clone(), world.org.clone());
        async move { store.list_history(&org, of, &filter, slice, t(9)).await.unwrap() }
    };
    let page = list(HistoryFilter::default(), first(5)).await;
    assert_eq!((&page.items, page.has_more), (&tests, true));
    let after = Some(page.items[4].id);
    let page = list(HistoryFilter::default(), PageQuery { limit: 5, after }).await;
    assert_eq!((page.items.len(), page.has_more), (1, false));
    assert_eq!(page.items[0].action, Action::Update);
    let only_tests = HistoryFilter { actions: Some(vec![Action::TestConnection]), statuses: None };
    assert_eq!(list(only_tests, first(9)).await.items, tests);
    let only_failed = HistoryFilter { actions: None, statuses: Some(vec![HistoryStatus::Failed]) };
    assert_eq!(list(only_failed, first(9)).await.items, tests[2..3]);
    let none = HistoryFilter {
        actions: Some(vec![Action::Update]),
        statuses: Some(vec![HistoryStatus::Failed]),
    };
    assert!(list(none, first(9)).await.items.is_empty());
}

#[support::test]
async fn history_of_a_deleted_integration_stays_ninety_days(world: World) {
    let of = world.saved("acme").await.id;
    let entry = world.entry(of, Action::TestConnection, t(1));
    world.store.insert_history(&entry, None).await.unwrap();
    world.delete(of, t(100)).await;
    for (at, is_shown) in [(t(99 + days(90)), true), (t(100 + days(90)), false)] {
        let found = world.store.find_history(&world.org, entry.id, at).await.unwrap();
        assert_eq!(found.is_some(), is_shown);
        let all = HistoryFilter::default();
        let page = world.store.list_history(&world.org, of, &all, first(9), at).await.unwrap();
        assert_eq!(!page.items.is_empty(), is_shown);
    }
}
