//! Idempotency keys.

use jiff::SignedDuration;
use store::{IdempotencyScope, KeyState, StoredAnswer};

use super::fixtures::{World, days, org, t};

const LOCK: SignedDuration = SignedDuration::from_secs(30);
const BODY: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

fn scope() -> IdempotencyScope {
    IdempotencyScope {
        org: org("acme"),
        subject: "user-1".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/integrations".to_owned(),
        key: "key-1".to_owned(),
    }
}

fn answer() -> StoredAnswer {
    StoredAnswer {
        status: 201,
        headers: vec![("location".into(), "/x".into()), ("etag".into(), "\"1\"".into())],
        body: vec![b'{', 0, 0xff, b'}'],
    }
}

#[support::test]
async fn a_stored_response_is_replayed_for_a_day(world: World) {
    let begin = |body, at| {
        let store = world.store.clone();
        async move { store.begin_idempotent(&scope(), &body, t(at), LOCK).await.unwrap() }
    };
    assert_eq!(begin(BODY, 0).await, KeyState::Fresh);
    assert_eq!(begin(BODY, 1).await, KeyState::Running);
    assert_eq!(begin(OTHER, 1).await, KeyState::OtherBody);
    world.store.finish_idempotent(&scope(), &answer(), t(2)).await.unwrap();
    assert_eq!(begin(BODY, 3).await, KeyState::Replay(answer()));
    assert_eq!(begin(OTHER, 3).await, KeyState::OtherBody);
    assert_eq!(begin(BODY, 1 + days(1)).await, KeyState::Replay(answer()));
    assert_eq!(begin(OTHER, 2 + days(1)).await, KeyState::Fresh);
}

#[support::test]
async fn a_released_or_expired_idempotency_key_is_free(world: World) {
    let begin = |body, at| {
        let store = world.store.clone();
        async move { store.begin_idempotent(&scope(), &body, t(at), LOCK).await.unwrap() }
    };
    assert_eq!(begin(BODY, 0).await, KeyState::Fresh);
    world.store.abandon_idempotent(&scope()).await.unwrap();
    assert_eq!(begin(OTHER, 1).await, KeyState::Fresh);
    assert_eq!(begin(OTHER, 30).await, KeyState::Running);
    assert_eq!(begin(BODY, 31).await, KeyState::OtherBody);
    assert_eq!(begin(OTHER, 31).await, KeyState::Fresh);
    world.store.finish_idempotent(&scope(), &answer(), t(32)).await.unwrap();
    world.store.abandon_idempotent(&scope()).await.unwrap();
    assert_eq!(begin(OTHER, 33).await, KeyState::Replay(answer()));
}

#[support::test]
async fn each_part_of_the_scope_makes_another_key(world: World) {
    for scope in [
        scope(),
        IdempotencyScope { org: org("globex"), ..scope() },
        IdempotencyScope { subject: "user-2".into(), ..scope() },
        IdempotencyScope { method: "PUT".into(), ..scope() },
        IdempotencyScope { path: "/v1/other".into(), ..scope() },
        IdempotencyScope { key: "key-2".into(), ..scope() },
    ] {
        let begun = world.store.begin_idempotent(&scope, &BODY, t(0), LOCK).await.unwrap();
        assert_eq!(begun, KeyState::Fresh, "{scope:?}");
    }
}

#[support::test]
async fn one_of_many_concurrent_requests_gets_the_idempotency_key(world: World) {
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = world.store.clone();
        requests.spawn(async move {
            store.begin_idempotent(&scope(), &BODY, t(0), LOCK).await.unwrap()
        });
    }
    let begun = requests.join_all().await;
    assert_eq!(begun.iter().filter(|each| **each == KeyState::Fresh).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|each| **each == KeyState::Running).count(), 7, "{begun:?}");
}

#[support::test]
async fn the_idempotency_keys_of_a_caller_are_limited(world: World) {
    let begin = async |scope: &IdempotencyScope| {
        world.store.begin_idempotent(scope, &BODY, t(0), LOCK).await.unwrap()
    };
    assert_eq!(begin(&scope()).await, KeyState::Fresh);
    let sql = "insert into idempotency_keys
            (organisation_id, subject, method, path, key, fingerprint, locked_until, expires_at)
        select organisation_id, subject, method, path, n::text, fingerprint, locked_until, expires_at
        from idempotency_keys, generate_series(3, 10000) as n";
    sqlx::query(sql).execute(world.store.pool()).await.unwrap();
    let last = IdempotencyScope { key: "last".into(), ..scope() };
    let more = IdempotencyScope { key: "more".into(), ..scope() };
    assert_eq!(begin(&last).await, KeyState::Fresh, "the 10,000th");
    assert_eq!(begin(&more).await, KeyState::TooMany);
    assert_eq!(begin(&last).await, KeyState::Running, "known ones are answered");
    let another = IdempotencyScope { subject: "user-2".into(), ..more.clone() };
    assert_eq!(begin(&another).await, KeyState::Fresh);
    let later = world.store.begin_idempotent(&more, &BODY, t(days(1)), LOCK).await.unwrap();
    assert_eq!(later, KeyState::Fresh, "the others have had their day, purged or not");
    world.store.abandon_idempotent(&more).await.unwrap();
    world.store.abandon_idempotent(&last).await.unwrap();
    assert_eq!(begin(&more).await, KeyState::Fresh, "room again");
}
