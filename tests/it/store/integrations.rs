//! Creating, reading and changing integrations.

use domain::frequency::Frequency;
use domain::history::Action;
use domain::integration::Settings;
use secrecy::{ExposeSecret, SecretString};
use store::{Constraint, Error, Update, UpdateOutcome};

use super::fixtures::{SECRET, World, days, first, org, t, update};

#[support::test]
async fn what_was_saved_is_found_with_every_field(world: World) {
    let saved = world.saved("acme").await;
    let found = world.find(saved.id, t(1)).await.unwrap();
    assert_eq!(format!("{found:?}"), format!("{saved:?}"));
    assert_eq!(world.count("history_entries").await, 1);
    assert_eq!(world.count("audit_events").await, 1);
    let sql = "select host(source_address), source_port from audit_events";
    let from: (String, i32) = sqlx::query_as(sql).fetch_one(world.store.pool()).await.unwrap();
    assert_eq!(from, ("2001:db8::1".to_owned(), 4711));
}

#[support::test]
async fn a_taken_asset_name_or_tenant_is_a_conflict_that_leaves_nothing(world: World) {
    let saved = world.saved("acme").await;
    let mut same_name = world.integration("other");
    same_name.settings.asset_name = "acme".to_owned();
    let mut same_tenant = world.integration("acme");
    same_tenant.settings.asset_name = "another".to_owned();
    let mut same_name_in_capitals = world.integration("third");
    same_name_in_capitals.settings.asset_name = "ACME".to_owned();
    let mut same_in_all = world.integration("acme");
    same_in_all.settings.name = "Again".to_owned();
    for (integration, constraint) in [
        (&same_name, Constraint::AssetNameTaken(saved.id)),
        (&same_name_in_capitals, Constraint::AssetNameTaken(saved.id)),
        (&same_tenant, Constraint::TenantClientTaken(saved.id)),
        (&same_in_all, Constraint::TenantClientTaken(saved.id)),
    ] {
        let error = world.insert(integration).await.unwrap_err();
        assert!(matches!(error, Error::Conflict(which) if which == constraint), "{error:?}");
    }
    assert_eq!(world.count("history_entries").await, 1);
    assert_eq!(world.count("audit_events").await, 1);

    let mut elsewhere = World::new(world.store.pool().clone());
    elsewhere.org = org("globex");
    elsewhere.saved("acme").await;

    assert!(world.delete(saved.id, t(1)).await);
    world.insert(&same_name).await.unwrap();
    world.insert(&same_tenant).await.unwrap();
}

#[support::test]
async fn the_same_tenant_is_named_before_another_integration_with_the_same_asset_name(
    world: World,
) {
    let saved = [world.saved("acme").await, world.saved("other").await];
    for (tenant, asset_name, taker) in
        [("acme", "other", saved[0].id), ("other", "acme", saved[1].id)]
    {
        let mut integration = world.integration(tenant);
        integration.settings.asset_name = asset_name.to_owned();
        let error = world.insert(&integration).await.unwrap_err();
        let is_of_the_tenant =
            matches!(error, Error::Conflict(Constraint::TenantClientTaken(by)) if by == taker);
        assert!(is_of_the_tenant, "{tenant}: {error:?}");
    }
}

#[support::test]
async fn one_of_two_concurrent_changes_is_stored(world: World) {
    let saved = world.saved("acme").await;
    let change = |name: &str| Settings { name: name.to_owned(), ..saved.settings.clone() };
    let (one, other) = (change("one"), change("other"));
    let entries = [(); 2].map(|()| world.entry(saved.id, Action::Update, t(100)));
    let audit = world.audit("update");
    let (first, second) = tokio::join!(
        world.store.update_integration(update(&world, &saved, &one), &entries[0], &audit),
        world.store.update_integration(update(&world, &saved, &other), &entries[1], &audit),
    );
    let stored = match (first.unwrap(), second.unwrap()) {
        (UpdateOutcome::Done(stored), UpdateOutcome::VersionMoved)
        | (UpdateOutcome::VersionMoved, UpdateOutcome::Done(stored)) => stored,
        other => panic!("{other:?}"),
    };
    assert_eq!(stored.version, 2);
    assert_eq!(stored.updated_at, t(100));
    let found = world.find(saved.id, t(101)).await.unwrap();
    assert_eq!(found.settings, stored.settings);
    assert_eq!(world.count("history_entries").await, 2);
    assert_eq!(world.count("audit_events").await, 2);
}

#[support::test]
async fn a_change_stores_every_setting_and_resumes(world: World) {
    let (saved, asset) = world.synced("acme", &[]).await;
    world.pause(saved.id).await;
    let other = world.integration("other").settings;
    let settings = Settings {
        name: "renamed".to_owned(),
        auto_sync_frequency: Frequency::Manual,
        client_secret_expires_at: None,
        ..other
    };
    let secret = SecretString::from("next");
    let update = Update {
        new_secret: Some(&secret),
        promotion: None,
        next_sync_at: None,
        ..update(&world, &saved, &settings)
    };
    let entry = world.entry(saved.id, Action::Update, t(100));
    let updated =
        world.store.update_integration(update, &entry, &world.audit("update")).await.unwrap();
    let UpdateOutcome::Done(stored) = updated else { panic!("{updated:?}") };
    assert_eq!(stored.settings, settings);
    assert_eq!((stored.paused_at, stored.failing_since, stored.next_sync_at), (None, None, None));
    assert_eq!(stored.client_secret_updated_at, t(100));
    assert!(stored.last_sync.is_some());
    let opened = world.store.open_client_secret(&world.org, saved.id).await.unwrap();
    assert_eq!(opened.expose_secret(), "next");
    let asset = world.store.find_asset(&world.org, asset.id, t(100)).await.unwrap().unwrap();
    assert_eq!(asset.asset.name, "other");
}

#[support::test]
async fn a_change_without_a_secret_keeps_the_old_one(world: World) {
    let saved = world.saved("acme").await;
    let entry = world.entry(saved.id, Action::Update, t(100));
    let updated = world
        .store
        .update_integration(update(&world, &saved, &saved.settings), &entry, &world.audit("update"))
        .await
        .unwrap();
    let UpdateOutcome::Done(stored) = updated else { panic!("{updated:?}") };
    assert_eq!(stored.client_secret_updated_at, t(0));
    let opened = world.store.open_client_secret(&world.org, saved.id).await.unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
}

#[support::test]
async fn a_change_to_a_taken_name_is_a_conflict_and_to_a_deleted_one_missing(world: World) {
    let saved = world.saved("acme").await;
    let other = world.saved("other").await;
    let settings = Settings { asset_name: "acme".to_owned(), ..other.settings.clone() };
    let entry = world.entry(other.id, Action::Update, t(100));
    let audit = world.audit("update");
    let outcome =
        world.store.update_integration(update(&world, &other, &settings), &entry, &audit).await;
    assert!(matches!(outcome, Err(Error::Conflict(Constraint::AssetNameTaken(_)))), "{outcome:?}");
    assert!(world.delete(saved.id, t(1)).await);
    let outcome = world
        .store
        .update_integration(update(&world, &saved, &saved.settings), &entry, &audit)
        .await;
    assert!(matches!(outcome, Ok(UpdateOutcome::Missing)), "{outcome:?}");
    assert_eq!(world.find(other.id, t(1)).await.unwrap().version, 1);
}

#[support::test]
async fn the_list_has_the_undeleted_ones_page_by_page(world: World) {
    let mut saved = Vec::new();
    for n in 0..5 {
        saved.push(world.saved(&format!("t{n}")).await.id);
    }
    world.delete(saved.remove(2), t(1)).await;
    let mut listed = Vec::new();
    let mut slice = first(3);
    loop {
        let page = world.store.list_integrations(&world.org, slice).await.unwrap();
        listed.extend(page.items.iter().map(|item| item.id));
        slice.after = listed.last().copied();
        if !page.has_more {
            break;
        }
    }
    assert_eq!(listed, saved);
    assert!(world.find(saved[0], t(days(200))).await.is_some());
}

#[support::test]
async fn names_that_differ_in_case_stay_until_renamed(world: World) {
    let (older, younger) = (world.saved("acme").await, world.saved("other").await);
    // As the schema was before, with what it let in.
    let before = "drop index integrations_asset_name_key;
        alter table integrations drop column asset_name_key;
        create unique index integrations_asset_name_key
            on integrations (organisation_id, asset_name) where deleted_at is null;
        update integrations set asset_name = 'ACME' where asset_name = 'other'";
    sqlx::raw_sql(before).execute(world.store.pool()).await.unwrap();
    let migration =
        include_str!("../../../migrations/20261130120000_compare_asset_names_without_case.sql");
    sqlx::raw_sql(migration).execute(world.store.pool()).await.unwrap();

    let change = async |name: &str, asset_name: &str, version| {
        let settings = Settings {
            name: name.to_owned(),
            asset_name: asset_name.to_owned(),
            ..younger.settings.clone()
        };
        let update = Update { expected_version: version, ..update(&world, &younger, &settings) };
        let entry = world.entry(younger.id, Action::Update, t(100));
        world.store.update_integration(update, &entry, &world.audit("update")).await
    };
    assert!(matches!(change("renamed", "ACME", 1).await, Ok(UpdateOutcome::Done(_))));
    let mut third = world.integration("third");
    third.settings.asset_name = "AcMe".to_owned();
    let taken = world.insert(&third).await.unwrap_err();
    let is_of_the_older = |error: &Error| matches!(error, Error::Conflict(Constraint::AssetNameTaken(by)) if *by == older.id);
    assert!(is_of_the_older(&taken), "{taken:?}");
    let taken = change("renamed", "Acme", 2).await.unwrap_err();
    assert!(is_of_the_older(&taken), "{taken:?}");
    assert!(matches!(change("renamed", "acme 2", 2).await, Ok(UpdateOutcome::Done(_))));
}
