//! A next secret is promoted only if both secrets are unchanged since they were tried.

use domain::IntegrationId;
use domain::history::Action;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use store::{
    Error, ExpiringSecret, NextSecretPut, Promotion, ReminderEntry, Secrets, Update, UpdateOutcome,
};

use super::fixtures::{SECRET, World, days, t, update};

const NEXT: &str = "planted-next-secret-77aa";

async fn put_next(world: &World, id: IntegrationId, secret: &str) {
    let entry = world.entry(id, Action::Update, t(1));
    let (secret, audit) = (SecretString::from(secret), world.audit("put"));
    let put = NextSecretPut { secret: &secret, expires_at: Some(t(days(60))) };
    let of = world.find(id, t(1)).await.unwrap();
    world.store.put_next_secret(&of, put, &entry, &audit).await.unwrap().unwrap();
}

async fn promote(world: &World, id: IntegrationId, secrets: &Secrets) -> bool {
    let entry = world.entry(id, Action::Update, t(2));
    let audit = world.audit("promote");
    let promotion =
        Promotion { org: &world.org, id, secrets, now: t(2), entry: &entry, audit: &audit };
    world.store.promote_next_secret(promotion).await.unwrap()
}

async fn tried(world: &World, id: IntegrationId) -> Secrets {
    world.store.open_secrets(&world.org, id).await.unwrap()
}

#[support::test]
async fn concurrent_promotions_promote_once(world: World) {
    let id = world.saved("acme").await.id;
    put_next(&world, id, NEXT).await;
    let (a, b, c) = (tried(&world, id).await, tried(&world, id).await, tried(&world, id).await);
    let (before, audited) =
        (world.count("history_entries").await, world.count("audit_events").await);
    let (a, b, c) =
        tokio::join!(promote(&world, id, &a), promote(&world, id, &b), promote(&world, id, &c));
    assert_eq!(u8::from(a) + u8::from(b) + u8::from(c), 1);
    let found = world.find(id, t(3)).await.unwrap();
    assert_eq!((found.version, found.next_secret, found.updated_at), (2, None, t(2)));
    assert_eq!(found.client_secret_updated_at, t(2));
    assert_eq!(found.settings.client_secret_expires_at, Some(t(days(60))));
    let secrets = tried(&world, id).await;
    assert_eq!(secrets.current().unwrap().expose_secret(), NEXT);
    assert!(secrets.next.is_none());
    assert_eq!(world.count("history_entries").await, before + 1);
    assert_eq!(world.count("audit_events").await, audited + 1);
}

#[support::test]
async fn a_promotion_requires_the_tried_secrets_to_be_current(world: World) {
    let id = world.saved("acme").await.id;
    assert!(!promote(&world, id, &tried(&world, id).await).await, "there is no next one");
    put_next(&world, id, NEXT).await;
    let early = tried(&world, id).await;
    // The same text sealed again is another secret that somebody put.
    put_next(&world, id, NEXT).await;
    assert!(!promote(&world, id, &early).await);
    let early = tried(&world, id).await;
    let entry = world.entry(id, Action::Update, t(1));
    let audit = world.audit("withdraw");
    assert!(world.store.withdraw_next_secret(&world.org, id, &entry, &audit).await.unwrap());
    assert!(!world.store.withdraw_next_secret(&world.org, id, &entry, &audit).await.unwrap());
    assert!(!promote(&world, id, &early).await);
    put_next(&world, id, NEXT).await;
    let early = tried(&world, id).await;
    let sql = "update integrations set client_secret_sealed = client_secret_sealed || '\\x00'";
    sqlx::query(sql).execute(world.store.pool()).await.unwrap();
    assert!(!promote(&world, id, &early).await, "the present one is another");
    let early = tried(&world, id).await;
    world.delete(id, t(2)).await;
    assert!(!promote(&world, id, &early).await);
    let found = world.find(id, t(3)).await.unwrap();
    assert_eq!((found.version, found.next_secret), (1, None));
}

#[support::test]
async fn current_and_next_secret_cannot_be_swapped(world: World) {
    let id = world.saved("acme").await.id;
    put_next(&world, id, NEXT).await;
    let claim = world.running(id, t(2)).await;
    assert_eq!(claim.secrets.current().unwrap().expose_secret(), SECRET);
    assert_eq!(claim.secrets.next.as_ref().unwrap().as_ref().unwrap().expose_secret(), NEXT);
    assert_eq!(claim.secrets.next_expires_at, Some(t(days(60))));
    let shown = format!("{:?}", claim.secrets);
    assert!(!shown.contains(SECRET) && !shown.contains(NEXT), "{shown}");

    let swap = "update integrations set client_secret_sealed = next_client_secret_sealed,
        next_client_secret_sealed = client_secret_sealed";
    sqlx::query(swap).execute(world.store.pool()).await.unwrap();
    let secrets = tried(&world, id).await;
    assert!(matches!(secrets.current, Err(Error::CredentialsUnreadable)));
    assert!(matches!(secrets.next, Some(Err(Error::CredentialsUnreadable))));
}

#[support::test]
async fn replicas_record_each_reminder_once(world: World) {
    for n in 0..9 {
        world.saved(&format!("t{n}")).await;
    }
    let before = world.count("history_entries").await;
    let entry = |_: &ExpiringSecret| ReminderEntry { message: "soon".into(), details: json!({}) };
    let remind = |at| world.store.remind_in_all_organisations(at, 4, &world.ids, entry);
    assert!(remind(t(-1)).await.unwrap().is_empty(), "a second before the first stage");
    let (a, b, c) = tokio::join!(remind(t(0)), remind(t(0)), remind(t(0)));
    let mut told = [a.unwrap(), b.unwrap(), c.unwrap()].concat();
    while told.len() < 9 {
        let more = remind(t(0)).await.unwrap();
        assert!(!more.is_empty() && more.len() <= 4);
        told.extend(more);
    }
    told.sort_by_key(|each| each.integration_id);
    told.dedup();
    assert_eq!(told.len(), 9);
    assert!(told.iter().all(|each| each.reminder.days == 30 && each.expires_at == t(days(30))));
    assert!(remind(t(0)).await.unwrap().is_empty());
    assert_eq!(world.count("history_entries").await, before + 9);
    let counted = world.store.count_reminded_in_all_organisations().await.unwrap();
    assert_eq!(counted, [(30, 9), (14, 0), (7, 0), (1, 0), (0, 0)]);
}

/// Who has written to the audit holds up everybody else who does, and so must not wait for anything more:
/// else two wait for each other. The trigger sees what is done before.
#[support::test]
async fn the_audit_of_a_change_that_promotes_is_written_last(world: World) {
    let saved = world.saved("acme").await;
    let id = saved.id;
    put_next(&world, id, NEXT).await;
    world.ask_for_sync(id, t(1)).await;
    let last = "create function last() returns trigger language plpgsql security definer as $$
        begin
            if exists (select from syncs where state in ('queued', 'running'))
                or not exists (select from integrations where name = 'Renamed') then
                raise exception '% is written before all else is done', new.action;
            end if;
            return null;
        end $$;
        create trigger last after insert on audit_events for each row execute function last()";
    sqlx::raw_sql(last).execute(world.store.pool()).await.unwrap();
    let secrets = tried(&world, id).await;
    let (entry, promoted) = (world.entry(id, Action::Update, t(2)), world.audit("promote"));
    let promotion = Promotion {
        org: &world.org,
        id,
        secrets: &secrets,
        now: t(2),
        entry: &entry,
        audit: &promoted,
    };
    let mut settings = saved.settings.clone();
    settings.name = "Renamed".to_owned();
    settings.enabled = false;
    let update = Update {
        promotion: Some(&promotion),
        next_sync_at: None,
        now: t(2),
        ..update(&world, &saved, &settings)
    };
    let (entry, audit) = (world.entry(id, Action::Update, t(2)), world.audit("update"));
    let updated = world.store.update_integration(update, &entry, &audit).await.unwrap();
    assert!(matches!(updated, UpdateOutcome::Done(done) if done.version == 3));
    let sql = "select action from audit_events order by sequence desc limit 2";
    let actions: Vec<String> = sqlx::query_scalar(sql).fetch_all(world.store.pool()).await.unwrap();
    assert_eq!(actions, ["update", "promote"]);
}

/// A change of the origin as the engine makes it: with the secret that belongs to it.
async fn move_to_another_origin(world: &World, id: IntegrationId, new_secret: Option<&str>) {
    let of = world.find(id, t(1)).await.unwrap();
    let secret = new_secret.map(SecretString::from);
    let settings = domain::integration::Settings {
        api_identifier: world.integration("elsewhere").settings.api_identifier,
        ..of.settings.clone()
    };
    let update = Update {
        new_secret: secret.as_ref(),
        next_sync_at: None,
        is_rescheduled: false,
        now: t(2),
        ..update(world, &of, &settings)
    };
    let (entry, audit) = (world.entry(id, Action::Update, t(2)), world.audit("update"));
    let outcome = world.store.update_integration(update, &entry, &audit).await;
    assert_eq!(outcome.is_ok(), new_secret.is_some(), "{outcome:?}");
}

#[support::test]
async fn a_stored_secret_cannot_be_moved_to_another_origin(world: World) {
    let id = world.saved("acme").await.id;
    put_next(&world, id, NEXT).await;
    move_to_another_origin(&world, id, None).await;
    assert_eq!(world.find(id, t(3)).await.unwrap().version, 1);
    move_to_another_origin(&world, id, Some("its own")).await;
    let (integration, secrets) =
        world.store.find_with_secrets(&world.org, id, t(3)).await.unwrap().unwrap();
    assert_eq!(integration.settings.api_identifier.host(), "elsewhere.eu.auth0.com");
    assert_eq!(secrets.current().unwrap().expose_secret(), "its own");
    assert!(secrets.next.is_none(), "the next secret was meant for the former origin");
}

#[support::test]
async fn a_next_secret_that_was_put_for_the_former_origin_is_not_kept_for_another(world: World) {
    let of = world.saved("acme").await;
    move_to_another_origin(&world, of.id, Some("its own")).await;
    let (entry, audit) = (world.entry(of.id, Action::Update, t(3)), world.audit("put"));
    let secret = SecretString::from(NEXT);
    let put = NextSecretPut { secret: &secret, expires_at: None };
    assert!(world.store.put_next_secret(&of, put, &entry, &audit).await.unwrap().is_none());
    assert!(tried(&world, of.id).await.next.is_none());
    let now = world.find(of.id, t(3)).await.unwrap();
    assert!(world.store.put_next_secret(&now, put, &entry, &audit).await.unwrap().is_some());
}

#[support::test]
async fn a_next_secret_of_the_former_origin_is_not_promoted_after_a_move(world: World) {
    let id = world.saved("acme").await.id;
    put_next(&world, id, NEXT).await;
    let opened_before = tried(&world, id).await;
    move_to_another_origin(&world, id, Some("its own")).await;
    assert!(!promote(&world, id, &opened_before).await);
    assert_eq!(tried(&world, id).await.current().unwrap().expose_secret(), "its own");
}

#[support::test]
async fn an_origin_is_never_read_with_the_secret_of_another(world: World) {
    let of = world.saved("acme").await;
    let origins = ["acme", "elsewhere"].map(|name| world.integration(name).settings.api_identifier);
    let moves = async {
        for n in 1..=30_usize {
            let origin = &origins[n % 2];
            let secret = SecretString::from(origin.host());
            let settings = domain::integration::Settings {
                api_identifier: origin.clone(),
                ..of.settings.clone()
            };
            let update = Update {
                expected_version: i64::try_from(n).unwrap(),
                new_secret: Some(&secret),
                next_sync_at: None,
                is_rescheduled: false,
                now: t(2),
                ..update(&world, &of, &settings)
            };
            let (entry, audit) = (world.entry(of.id, Action::Update, t(2)), world.audit("update"));
            world.store.update_integration(update, &entry, &audit).await.unwrap();
        }
    };
    let reads = async {
        loop {
            let found = world.store.find_with_secrets(&world.org, of.id, t(3)).await.unwrap();
            let (integration, secrets) = found.unwrap();
            if integration.version > 1 {
                let secret = secrets.current().unwrap();
                assert_eq!(secret.expose_secret(), integration.settings.api_identifier.host());
            }
            if integration.version == 31 {
                break;
            }
        }
    };
    tokio::join!(moves, reads);
}
