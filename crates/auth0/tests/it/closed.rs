//! The backoff of a token endpoint after a 429, shared by all callers it applies to.

use auth0::{Auth0, ConnectError, Freshness, Session};
use domain::Clock;
use domain::clock::ManualClock;
use domain::connection::Connection;
use domain::connection_test::{StepCode, StepName};
use jiff::SignedDuration;

use crate::pacing::{passed_s, start};
use crate::support::{
    Act, Responder, SCOPES, client, client_on, connection, in_seconds, open_soon, quick, reply,
    token,
};
use crate::wire::TOKEN;

/// What a call that is waited for may take.
const BUDGET: SignedDuration = SignedDuration::from_secs(20);

/// A tenant, a client of it on a manual clock, and that clock.
struct Stage {
    responder: Responder,
    auth0: Auth0,
    clock: ManualClock,
}

impl Stage {
    /// Answers token requests by how many came before.
    async fn new(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let responder = Responder::start(move |_, earlier| act(earlier)).await;
        let clock = ManualClock::new(start());
        let auth0 = client_on(&clock, &responder.origin);
        Self { responder, auth0, clock }
    }

    /// Refuses so many token requests by 429, then gives tokens.
    async fn limited(refusals: usize, headers: &'static str) -> Self {
        Self::new(
            move |earlier| {
                if earlier < refusals { limited(headers) } else { token("first", SCOPES) }
            },
        )
        .await
    }

    async fn open(&self, client_id: &str, freshness: Freshness) -> Result<Session, ConnectError> {
        let connection =
            Connection { client_id: client_id.into(), ..connection(&self.responder.origin) };
        self.auth0.open(&connection, freshness, "x", self.clock.now() + BUDGET).await
    }

    async fn refused(&self, client_id: &str, freshness: Freshness) -> ConnectError {
        let error = self.open(client_id, freshness).await.err().expect("a refusal");
        assert_eq!((error.step, error.code), (StepName::Token, StepCode::RateLimited));
        assert!(error.retryable);
        error
    }

    fn calls(&self) -> usize {
        self.responder.count(TOKEN)
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}

fn limited(headers: &str) -> Act {
    reply("429 Too Many Requests", headers, r#"{"error":"too_many_requests"}"#)
}

#[tokio::test]
async fn during_a_backoff_no_call_is_made_and_its_end_is_reported() {
    let stage = Stage::limited(1, "retry-after: 600\r\n").await;
    let first = stage.refused("ours", Freshness::Fresh).await;
    assert_eq!((first.calls, first.rate_limited), (1, 1));
    stage.advance(100);
    // What other credentials met holds for five minutes only.
    for (client, left) in [("ours", "(in 500 s)"), ("of another organisation", "(in 200 s)")] {
        let error = stage.refused(client, Freshness::CachedRespectingBackoff).await;
        assert_eq!((error.calls, error.rate_limited), (0, 0));
        assert!(error.message.contains("whole tenant"), "{}", error.message);
        assert!(error.message.contains(left), "{}", error.message);
    }
    assert_eq!((stage.calls(), passed_s(&stage.clock)), (1, 100));
    stage.advance(500);
    assert_eq!(
        stage.open("ours", Freshness::CachedRespectingBackoff).await.expect("a token").calls(),
        1
    );
}

#[tokio::test]
async fn a_client_quota_backs_off_for_its_client_only() {
    for headers in [
        "auth0-client-quota-limit: b=per_hour;q=10;r=0;t=3540\r\nretry-after: 3540\r\n",
        "auth0-ratelimit: client;q=10;t=1;r=0\r\nretry-after: 3540\r\n",
    ] {
        let stage = Stage::limited(1, headers).await;
        stage.refused("ours", Freshness::Fresh).await;
        assert_eq!(stage.refused("ours", Freshness::CachedRespectingBackoff).await.calls, 0);
        assert!(stage.open("theirs", Freshness::CachedRespectingBackoff).await.is_ok());
        assert_eq!(stage.calls(), 2);
    }
}

#[tokio::test]
async fn a_valid_cached_token_is_used_during_a_backoff() {
    let stage = Stage::new(|earlier| match earlier {
        0 => token("first", SCOPES),
        _ => limited("retry-after: 600\r\n"),
    })
    .await;
    stage.open("ours", Freshness::Fresh).await.expect("a token");
    stage.refused("ours", Freshness::Fresh).await;
    assert!(
        stage.open("ours", Freshness::CachedRespectingBackoff).await.expect("a token").was_cached()
    );
    assert_eq!(stage.calls(), 2);
}

#[tokio::test]
async fn a_connection_test_ignores_the_backoff_and_its_token_ends_it() {
    let stage = Stage::limited(2, "retry-after: 600\r\n").await;
    for freshness in [Freshness::Fresh, Freshness::Cached] {
        assert_eq!(stage.refused("ours", freshness).await.calls, 1);
    }
    assert_eq!(stage.refused("theirs", Freshness::CachedRespectingBackoff).await.calls, 0);
    assert!(stage.open("ours", Freshness::Fresh).await.is_ok());
    assert!(
        stage.open("theirs", Freshness::CachedRespectingBackoff).await.is_ok(),
        "the limit is over"
    );
    assert_eq!(stage.calls(), 4);
}

#[tokio::test]
async fn a_backoff_within_the_token_deadline_is_waited_for() {
    let stage = Stage::new(|earlier| match earlier {
        0 => limited("retry-after: 30\r\n"),
        1 => limited("x-ratelimit-reset: 1793700035\r\n"),
        _ => token("first", SCOPES),
    })
    .await;
    stage.refused("ours", Freshness::Fresh).await;
    stage.advance(20);
    let session = stage.open("theirs", Freshness::CachedRespectingBackoff).await.expect("a token");
    assert_eq!((session.calls(), session.rate_limited(), stage.calls()), (2, 1, 3));
    // A second more than stated: clocks differ.
    assert_eq!(passed_s(&stage.clock), 36);
}

/// Without a time, with one that is past, and with none that can be used: a wait of its own, which grows.
#[tokio::test]
async fn a_429_without_a_retry_time_is_waited_for_and_starts_no_shared_backoff() {
    for headers in
        ["", "retry-after: 0\r\n", "x-ratelimit-reset: 1793699880\r\n", "retry-after: soon\r\n"]
    {
        let stage = Stage::limited(3, headers).await;
        let session = stage.open("ours", Freshness::Fresh).await.expect("a token");
        assert_eq!((session.rate_limited(), stage.calls()), (3, 4), "{headers}");
        assert!((7..=14).contains(&passed_s(&stage.clock)), "{}", passed_s(&stage.clock));
        assert!(stage.open("theirs", Freshness::CachedRespectingBackoff).await.is_ok());
    }
}

#[tokio::test]
async fn a_sync_succeeds_with_a_token_endpoint_refilled_each_minute() {
    let clock = ManualClock::new(start());
    let tenants = clock.clone();
    let responder = Responder::start(move |_, _| {
        if passed_s(&tenants) < 59 { limited("") } else { token("first", SCOPES) }
    })
    .await;
    let auth0 = client_on(&clock, &responder.origin);
    let connection = connection(&responder.origin);
    let open = async |seconds| {
        let deadline = clock.now() + SignedDuration::from_secs(seconds);
        auth0.open(&connection, Freshness::CachedRespectingBackoff, "x", deadline).await
    };
    let error = open(20).await.err().expect("too little time");
    assert_eq!((error.code, passed_s(&clock) < 20), (StepCode::RateLimited, true));
    assert!(error.message.contains("a minute is usual"), "{}", error.message);
    assert!(open(300).await.expect("a token").rate_limited() <= 7);
}

#[tokio::test]
async fn a_fresh_token_request_does_not_wait_behind_callers_that_respect_the_backoff() {
    let responder = Responder::start(|_, earlier| match earlier {
        0 => limited("retry-after: 10\r\n"),
        _ => token("first", SCOPES),
    })
    .await;
    let limits = auth0::Limits { attempts_transient: 1, ..quick() };
    let auth0 = client(&[&responder.origin], limits, None);
    let connection = connection(&responder.origin);
    assert!(auth0.open(&connection, Freshness::Fresh, "x", in_seconds(4)).await.is_err());
    tokio::select! {
        biased;
        _ = open_soon(&auth0, &connection, Freshness::CachedRespectingBackoff) => panic!("it respects the backoff"),
        tested = open_soon(&auth0, &connection, Freshness::Fresh) => assert!(tested.is_ok()),
    }
}

#[tokio::test]
async fn a_failing_connection_test_does_not_fail_waiting_syncs() {
    let responder = Responder::start(|_, earlier| match earlier {
        0 => limited("retry-after: 3\r\n"),
        1 => reply("503 Service Unavailable", "", ""),
        _ => token("first", SCOPES),
    })
    .await;
    let limits = auth0::Limits { attempts_transient: 1, ..quick() };
    let auth0 = client(&[&responder.origin], limits, None);
    let connection = connection(&responder.origin);
    assert!(auth0.open(&connection, Freshness::Fresh, "x", in_seconds(4)).await.is_err());
    let (synced, tested) = tokio::join!(
        open_soon(&auth0, &connection, Freshness::CachedRespectingBackoff),
        open_soon(&auth0, &connection, Freshness::Fresh),
    );
    assert!(
        tested.is_err() && synced.is_ok(),
        "the test fails, and the sync has waited for its turn"
    );
    assert_eq!(responder.count(TOKEN), 3);
}

#[tokio::test]
async fn a_token_obtained_by_another_caller_is_used_during_a_backoff() {
    let unauthorised = || reply("401 Unauthorized", "", "{}");
    let responder = Responder::start_with_heads(move |head, earlier| match earlier {
        0 if head.starts_with(TOKEN) => token("first", SCOPES),
        1 if head.starts_with(TOKEN) => token("second", SCOPES),
        _ if head.starts_with(TOKEN) => limited("retry-after: 600\r\n"),
        _ if head.contains("authorization: Bearer first") => unauthorised(),
        _ => reply("200 OK", "", "7"),
    })
    .await;
    let auth0 = client(&[&responder.origin], quick(), None);
    let connection = connection(&responder.origin);
    let open = async |freshness| open_soon(&auth0, &connection, freshness).await;
    open(Freshness::Fresh).await.expect("a token");
    let session = open(Freshness::CachedRespectingBackoff).await.expect("the first one");
    open(Freshness::Fresh).await.expect("another token");
    assert!(open(Freshness::Fresh).await.is_err(), "closed");
    let kinds = [domain::readings::ReadingKind::ActiveUsers];
    let read = session.read_all(&kinds, in_seconds(30), &|_| ()).await;
    assert!(matches!(read[0].0, domain::tenant::Outcome::Read(_)), "{:?}", read[0]);
    assert_eq!(responder.count(TOKEN), 3);
}
