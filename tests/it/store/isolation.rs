//! Organisations never read or change each other's data, even with the same ids.

use domain::checks::Severity;
use domain::history::Action;
use domain::sync::{SyncResult, SyncState};
use serde_json::json;
use store::{
    AssetFilter, Error, FindingFilter, FindingSort, Finish, HistoryFilter, InsertOutcome, SortKey,
    Update, UpdateOutcome,
};

use super::fixtures::{World, first, org, t, update};
use super::sync_outcomes::finish;

#[support::test]
async fn no_store_function_reads_other_organisations(world: World) {
    let (integration, asset) = world.synced("acme", &[Severity::High]).await;
    let (store, of, now, other) = (&world.store, integration.id, t(30), org("globex"));
    let sync = world.find(of, now).await.unwrap().last_sync.unwrap().id;
    let finding = store.known_findings(&world.org, of).await.unwrap().remove(0);
    let all = HistoryFilter::default();
    let entry = store.list_history(&world.org, of, &all, first(1), now).await.unwrap().items[0].id;

    assert!(store.find_integration(&other, of, now).await.unwrap().is_none());
    assert!(store.list_integrations(&other, first(9)).await.unwrap().items.is_empty());
    let opened = store.open_client_secret(&other, of).await;
    assert!(matches!(opened, Err(Error::CredentialsUnreadable)));
    assert!(store.find_sync(&other, sync, now).await.unwrap().is_none());
    assert!(store.known_findings(&other, of).await.unwrap().is_empty());
    assert!(store.find_asset_of(&other, of).await.unwrap().is_none());
    assert!(store.find_asset(&other, asset.id, now).await.unwrap().is_none());
    let filter = AssetFilter { integration_ids: Some(vec![of]), ..AssetFilter::default() };
    assert!(store.list_assets(&other, &filter, first(9), now).await.unwrap().items.is_empty());
    assert!(store.list_history(&other, of, &all, first(9), now).await.unwrap().items.is_empty());
    assert!(store.find_history(&other, entry, now).await.unwrap().is_none());
    assert!(store.find_finding(&other, finding.id, now).await.unwrap().is_none());
    assert!(store.list_transitions(&other, finding.id).await.unwrap().is_empty());
    let credential = world.credential().await.id;
    assert!(store.find_credential(&other, credential).await.unwrap().is_none());
    assert!(store.list_credentials(&other, first(9)).await.unwrap().items.is_empty());
    let filter = FindingFilter { integration_ids: Some(vec![of]), ..FindingFilter::default() };
    let sort = FindingSort { key: SortKey::SeverityRank, descending: true };
    let page = store.list_findings(&other, &filter, sort, first(9), now).await.unwrap();
    assert!(page.page.items.is_empty());
}

#[support::test]
async fn no_store_function_writes_other_organisations(world: World) {
    let integration = world.saved("acme").await;
    let claim = world.running(integration.id, t(1)).await;
    let mut other = World::new(world.store.pool().clone());
    other.org = org("globex");

    assert!(!other.delete(integration.id, t(2)).await);
    let update = Update {
        next_sync_at: None,
        now: t(2),
        ..update(&other, &integration, &integration.settings)
    };
    let entry = other.entry(integration.id, Action::Update, t(2));
    let updated = other.store.update_integration(update, &entry, &other.audit("update")).await;
    assert!(matches!(updated, Ok(UpdateOutcome::Missing)), "{updated:?}");
    assert!(other.store.insert_history(&entry, None).await.is_err());
    assert_eq!(other.ask_for_sync(integration.id, t(2)).await.0, InsertOutcome::Missing);
    let (result, details) = (SyncResult::default(), json!({}));
    let stolen =
        Finish { org: &other.org, ..finish(&claim, SyncState::Failed, &result, t(2), &details) };
    assert!(!other.store.finish_sync(stolen).await.unwrap());

    let credential = world.credential().await.id;
    let audit = other.audit("revoke");
    assert!(!other.store.revoke_credential(&other.org, credential, t(2), &audit).await.unwrap());
    let credential = world.store.find_credential(&world.org, credential).await.unwrap().unwrap();
    assert_eq!(credential.revoked_at, None);

    let untouched = world.find(integration.id, t(3)).await.unwrap();
    assert_eq!((untouched.version, untouched.deleted_at), (1, None));
    assert!(world.fail(&claim, t(4)).await);
}

#[support::test]
async fn the_same_ids_in_two_organisations_are_two_things(world: World) {
    let mut other = World::new(world.store.pool().clone());
    other.org = org("globex");
    let (mine, _) = world.synced("acme", &[Severity::High]).await;
    let (theirs, _) = other.synced("acme", &[Severity::Low, Severity::Low]).await;
    assert_eq!(mine.id, theirs.id);
    assert_eq!(world.store.known_findings(&world.org, mine.id).await.unwrap().len(), 1);
    assert_eq!(world.store.known_findings(&other.org, mine.id).await.unwrap().len(), 2);
    assert!(world.delete(mine.id, t(50)).await);
    assert_eq!(other.find(theirs.id, t(60)).await.unwrap().deleted_at, None);
    other.store.open_client_secret(&other.org, theirs.id).await.unwrap();
}
