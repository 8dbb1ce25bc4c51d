//! Whole readings of a tenant whose bucket is small, on a manual clock that pauses advance.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0::{Auth0, Freshness, Pause, Session};
use domain::Clock;
use domain::readings::ReadingKind;
use domain::sync::Cause;
use domain::tenant::{Outcome, UnknownReason};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::support::{Act, Responder, SCOPES, answer, config, connection, quick, token};
use crate::wire::{TOKEN, reason};

#[derive(Clone)]
pub struct Manual(pub Arc<Mutex<Timestamp>>);

impl Manual {
    pub fn start() -> Timestamp {
        Timestamp::from_second(1_793_700_000).expect("an instant")
    }

    pub fn passed_s(&self) -> i64 {
        self.now().duration_since(Self::start()).as_secs()
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no panic elsewhere")
    }
}

impl Pause for Manual {
    fn pause(&self, wait: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            let mut now = clock.0.lock().expect("no panic elsewhere");
            *now += SignedDuration::try_from(wait).expect("a short wait");
        })
    }
}

/// A tenant with a bucket of `burst`, filled up at the top of each second, read once.
async fn read_all(burst: u32, deadline_s: i64) -> (Vec<Outcome>, Session, Manual) {
    let clock = Manual(Arc::new(Mutex::new(Manual::start())));
    let tenants_clock = clock.clone();
    let level = Mutex::new((burst, 0));
    let responder = Responder::start(move |line, _| {
        if line.starts_with(TOKEN) {
            return token("first", SCOPES);
        }
        let second = tenants_clock.now().as_second();
        let mut level = level.lock().expect("no panic elsewhere");
        if level.1 != second {
            *level = (burst, second);
        }
        let is_admitted = level.0 > 0;
        level.0 = level.0.saturating_sub(1);
        let (left, reset) = (level.0, second + 1);
        let headers = format!(
            "x-ratelimit-limit: {burst}\r\nx-ratelimit-remaining: {left}\r\nx-ratelimit-reset: {reset}\r\n"
        );
        if is_admitted {
            Act::Answer(answer("404 Not Found", &headers, "{}"))
        } else {
            let headers = headers + "retry-after: 1\r\n";
            Act::Answer(answer("429 Too Many Requests", &headers, "{}"))
        }
    })
    .await;
    let config = config(&[&responder.origin], quick(), None);
    let auth0 = Auth0::new(config, Arc::new(clock.clone()), Arc::new(clock.clone()))
        .expect("a good configuration");
    let connection = connection(&responder.origin);
    let session = auth0.open(&connection, Freshness::Fresh, "x").await.expect("a token");
    let deadline = clock.now() + SignedDuration::from_secs(deadline_s);
    let kinds: Vec<_> = ReadingKind::fetched().collect();
    let read = session.read_all(&kinds, deadline, &|_| ()).await;
    (read.into_iter().map(|(outcome, _)| outcome).collect(), session, clock)
}

#[tokio::test]
async fn a_free_tenant_is_read_in_six_seconds_without_a_429() {
    let (outcomes, session, clock) = read_all(2, 60).await;
    assert!(outcomes.iter().all(|outcome| reason(outcome) == Some(UnknownReason::NotSupported)));
    assert_eq!((session.calls(), session.rate_limited()), (14, 0));
    assert_eq!(clock.passed_s(), 6);
}

#[tokio::test]
async fn an_enterprise_tenant_is_read_at_once() {
    let (_, session, clock) = read_all(50, 60).await;
    assert_eq!((session.calls(), session.rate_limited()), (14, 0));
    assert_eq!(clock.passed_s(), 0);
}

#[tokio::test]
async fn what_is_left_at_the_deadline_is_rate_limited() {
    let (outcomes, session, clock) = read_all(2, 2).await;
    let unread = outcomes.iter().filter(|o| reason(o) == Some(UnknownReason::RateLimited)).count();
    assert_eq!((unread, session.calls()), (13 - 4, 5));
    assert!(clock.passed_s() < 2);
}

#[tokio::test]
async fn a_limit_past_the_deadline_is_the_cause_with_its_end() {
    let headers = "retry-after: 3600\r\n";
    let responder = Responder::start(move |line, _| match line {
        line if line.starts_with(TOKEN) => token("first", SCOPES),
        _ => Act::Answer(answer("429 Too Many Requests", headers, "{}")),
    })
    .await;
    let clock = Manual(Arc::new(Mutex::new(Manual::start())));
    let config = config(&[&responder.origin], quick(), None);
    let auth0 = Auth0::new(config, Arc::new(clock.clone()), Arc::new(clock.clone()))
        .expect("a good configuration");
    let connection = connection(&responder.origin);
    let session = auth0.open(&connection, Freshness::Fresh, "x").await.expect("a token");
    let deadline = clock.now() + SignedDuration::from_secs(60);
    let kinds = [ReadingKind::ActiveUsers, ReadingKind::MfaPolicies];
    let then = Manual::start() + SignedDuration::from_secs(3600);
    for (outcome, report) in session.read_all(&kinds, deadline, &|_| ()).await {
        assert_eq!(report.cause, Some(Cause::LimitedUntil(then)));
        let Outcome::Unreadable { message, .. } = outcome else { panic!("{outcome:?}") };
        assert!(message.contains(&then.to_string()), "{message}");
    }
}
