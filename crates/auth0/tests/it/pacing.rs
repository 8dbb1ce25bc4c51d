//! Whole readings of a tenant whose bucket is small, on a manual clock that waits advance.

use std::sync::{Arc, Mutex};

use auth0::{Freshness, Session};
use domain::Clock;
use domain::clock::ManualClock;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::sync::{Cause, ReadingReport};
use domain::tenant::Outcome;
use jiff::{SignedDuration, Timestamp};

use crate::support::{Act, Responder, SCOPES, client_on, connection, reply, token};
use crate::wire::{TOKEN, reason};

pub fn start() -> Timestamp {
    Timestamp::from_second(1_793_700_000).expect("an instant")
}

pub fn passed_s(clock: &ManualClock) -> i64 {
    clock.now().duration_since(start()).as_secs()
}

/// A tenant with a bucket of `burst`, filled up at the top of each second, read once.
async fn read_all(burst: u32, deadline_s: i64) -> (Vec<Outcome>, Session, ManualClock) {
    let clock = ManualClock::new(start());
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
            reply("404 Not Found", &headers, "{}")
        } else {
            let headers = headers + "retry-after: 1\r\n";
            reply("429 Too Many Requests", &headers, "{}")
        }
    })
    .await;
    let auth0 = client_on(&clock, &responder.origin);
    let connection = connection(&responder.origin);
    let session = auth0
        .open(&connection, Freshness::Fresh, "x", clock.now() + SignedDuration::from_secs(20))
        .await
        .expect("a token");
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
    assert_eq!(passed_s(&clock), 6);
}

#[tokio::test]
async fn an_enterprise_tenant_is_read_at_once() {
    let (_, session, clock) = read_all(50, 60).await;
    assert_eq!((session.calls(), session.rate_limited()), (14, 0));
    assert_eq!(passed_s(&clock), 0);
}

#[tokio::test]
async fn readings_left_at_the_deadline_are_rate_limited() {
    let (outcomes, session, clock) = read_all(2, 2).await;
    let unread = outcomes.iter().filter(|o| reason(o) == Some(UnknownReason::RateLimited)).count();
    assert_eq!((unread, session.calls()), (13 - 4, 5));
    assert!(passed_s(&clock) < 2);
}

/// Reads these kinds of a tenant that answers so, by the path and the seconds that have passed; on its clock, and
/// when it was called.
async fn read_limited(
    kinds: &[ReadingKind],
    deadline_s: i64,
    answers: impl Fn(&str, i64) -> Act + Send + Sync + 'static,
) -> (Vec<(Outcome, ReadingReport)>, Session, Vec<i64>) {
    let clock = ManualClock::new(start());
    let (tenants, times) = (clock.clone(), Arc::new(Mutex::new(Vec::new())));
    let called = times.clone();
    let responder = Responder::start(move |line, _| {
        if line.starts_with(TOKEN) {
            return token("first", SCOPES);
        }
        let passed = tenants.now().duration_since(start());
        called
            .lock()
            .expect("no panic elsewhere")
            .push(i64::try_from(passed.as_millis()).expect("a short test"));
        answers(line, passed.as_secs())
    })
    .await;
    let auth0 = client_on(&clock, &responder.origin);
    let (connection, deadline) =
        (connection(&responder.origin), clock.now() + SignedDuration::from_secs(deadline_s));
    let session = auth0.open(&connection, Freshness::Fresh, "x", deadline).await.expect("a token");
    let read = session.read_all(kinds, deadline, &|_| ()).await;
    let times = times.lock().expect("no panic elsewhere").clone();
    (read, session, times)
}

fn limited(headers: &str) -> Act {
    reply("429 Too Many Requests", headers, "{}")
}

fn at_s(passed: i64) -> i64 {
    start().as_second() + passed
}

/// The reset is now, two minutes ago, or beside a `Retry-After`, which is a number or a date.
#[tokio::test]
async fn each_429_is_followed_by_a_wait_of_at_least_a_second_which_grows() {
    type Headers = fn(i64) -> String;
    let variants: [(Headers, i64); 5] = [
        (|_| String::new(), 1_000),
        (|now| format!("x-ratelimit-reset: {}\r\n", at_s(now)), 1_000),
        (|now| format!("x-ratelimit-reset: {}\r\n", at_s(now) - 120), 1_000),
        (|now| format!("retry-after: 3\r\nx-ratelimit-reset: {}\r\n", at_s(now)), 3_000),
        (
            |now| {
                let at = Timestamp::from_second(at_s(now) + 3).expect("an instant");
                let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
                format!("retry-after: {}\r\n", printer.timestamp_to_rfc9110_string(&at).unwrap())
            },
            3_000,
        ),
    ];
    for (headers, least_ms) in variants {
        let refusals = Mutex::new(0);
        let (read, session, times) =
            read_limited(&[ReadingKind::ActiveUsers], 300, move |_, passed_s| {
                let mut refusals = refusals.lock().expect("no panic elsewhere");
                *refusals += 1;
                match *refusals {
                    1..=3 => limited(&headers(passed_s)),
                    _ => reply("200 OK", "", "7"),
                }
            })
            .await;
        assert!(matches!(read[0].0, Outcome::Read(_)), "{read:?}");
        assert_eq!((read[0].1.attempts, session.rate_limited()), (4, 3));
        let waits: Vec<i64> = times.windows(2).map(|two| two[1] - two[0]).collect();
        assert!(waits.iter().all(|wait| *wait >= least_ms), "{waits:?}");
        assert!(waits[2] >= 4_000, "{waits:?}");
    }
}

#[tokio::test]
async fn a_tenant_refilled_each_minute_is_read_with_few_429() {
    let kinds: Vec<_> = ReadingKind::fetched().collect();
    for count in [1, kinds.len()] {
        let (read, session, _) = read_limited(&kinds[..count], 300, |_, passed_s| {
            if passed_s < 59 { limited("") } else { reply("404 Not Found", "", "{}") }
        })
        .await;
        for (outcome, _) in &read {
            assert_eq!(reason(outcome), Some(UnknownReason::NotSupported));
        }
        assert!((1..=7).contains(&session.rate_limited()), "{}", session.rate_limited());
    }
}

#[tokio::test]
async fn a_permanently_limited_resource_costs_few_calls_and_the_others_are_read() {
    let kinds = [ReadingKind::MfaPolicies, ReadingKind::ActiveUsers, ReadingKind::DailyStats];
    let (read, session, _) = read_limited(&kinds, 300, |line, _| {
        if line.contains("guardian/policies") {
            limited("retry-after: 2\r\n")
        } else {
            reply("404 Not Found", "", "{}")
        }
    })
    .await;
    let reasons: Vec<_> = read.iter().map(|(outcome, _)| reason(outcome).expect("none")).collect();
    let (limited, absent) = (UnknownReason::RateLimited, UnknownReason::NotSupported);
    assert_eq!(reasons, [limited, absent, absent]);
    assert!(session.rate_limited() <= 15, "{}", session.rate_limited());
}

#[tokio::test]
async fn a_limit_past_the_deadline_is_the_cause_with_its_end() {
    let headers = "retry-after: 3600\r\n";
    let responder = Responder::start(move |line, _| match line {
        line if line.starts_with(TOKEN) => token("first", SCOPES),
        _ => reply("429 Too Many Requests", headers, "{}"),
    })
    .await;
    let clock = ManualClock::new(start());
    let auth0 = client_on(&clock, &responder.origin);
    let connection = connection(&responder.origin);
    let session = auth0
        .open(&connection, Freshness::Fresh, "x", clock.now() + SignedDuration::from_secs(20))
        .await
        .expect("a token");
    let deadline = clock.now() + SignedDuration::from_secs(60);
    let kinds = [ReadingKind::ActiveUsers, ReadingKind::MfaPolicies];
    let then = start() + SignedDuration::from_secs(3600);
    for (outcome, report) in session.read_all(&kinds, deadline, &|_| ()).await {
        assert_eq!(report.cause, Some(Cause::LimitedUntil(then)));
        let Outcome::Unreadable { message, .. } = outcome else { panic!("{outcome:?}") };
        assert!(message.contains(&then.to_string()), "{message}");
    }
}
