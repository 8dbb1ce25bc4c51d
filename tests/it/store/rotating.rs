//! A next secret takes the place of the present one only if both are still what was tried.

use domain::IntegrationId;
use domain::history::Action;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use store::{Error, Promotion, Secrets, Update, Updated};

use super::fixtures::{SECRET, World, days, t};

const NEXT: &str = "planted-next-secret-77aa";

async fn put_next(world: &World, id: IntegrationId, secret: &str) {
    let entry = world.entry(id, Action::Update, t(1));
    let (secret, expires_at) = (SecretString::from(secret), Some(t(days(60))));
    let audit = world.audit("put");
    let put = world.store.put_next_secret(&world.org, id, &secret, expires_at, &entry, &audit);
    put.await.unwrap().unwrap();
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

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn of_many_that_promote_one_does(pool: PgPool) {
    let world = World::new(pool);
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

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_was_tried_must_still_be_there(pool: PgPool) {
    let world = World::new(pool);
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

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_claim_opens_both_and_neither_opens_in_the_others_place(pool: PgPool) {
    let world = World::new(pool.clone());
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
    sqlx::query(swap).execute(&pool).await.unwrap();
    let secrets = tried(&world, id).await;
    assert!(matches!(secrets.current, Err(Error::CredentialsUnreadable)));
    assert!(matches!(secrets.next, Some(Err(Error::CredentialsUnreadable))));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn replicas_share_the_reminders_and_none_is_told_twice(pool: PgPool) {
    let world = World::new(pool.clone());
    for n in 0..9 {
        world.saved(&format!("t{n}")).await;
    }
    let before = world.count("history_entries").await;
    let remind = |at| world.store.remind_in_all_organisations(at, 4, &world.ids);
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
    assert!(told.iter().all(|each| each.days == 30 && each.expires_at == t(days(30))));
    assert!(remind(t(0)).await.unwrap().is_empty());
    assert_eq!(world.count("history_entries").await, before + 9);
    let counted = world.store.count_reminded_in_all_organisations().await.unwrap();
    assert_eq!(counted, [(30, 9), (14, 0), (7, 0), (1, 0), (0, 0)]);
}

/// Who has written to the audit holds up everybody else who does, and so must not wait for anything more:
/// else two wait for each other. The trigger sees what is done before.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_audit_of_a_change_that_promotes_is_written_last(pool: PgPool) {
    let world = World::new(pool.clone());
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
    sqlx::raw_sql(last).execute(&pool).await.unwrap();
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
        org: &world.org,
        id,
        expected_version: 1,
        settings: &settings,
        new_secret: None,
        promotion: Some(&promotion),
        next_sync_at: None,
        is_rescheduled: true,
        now: t(2),
    };
    let (entry, audit) = (world.entry(id, Action::Update, t(2)), world.audit("update"));
    let updated = world.store.update_integration(update, &entry, &audit).await.unwrap();
    assert!(matches!(updated, Updated::Done(done) if done.version == 3));
    let sql = "select action from audit_events order by sequence desc limit 2";
    let actions: Vec<String> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    assert_eq!(actions, ["update", "promote"]);
}
