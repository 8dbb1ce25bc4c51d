//! Sharing, caching and renewal of tokens, and the errors without one.

use auth0::Freshness;
use domain::connection_test::StepCode;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::sync::Cause;
use domain::tenant::Outcome;

use crate::support::{
    Act, Responder, SCOPES, answer, client, connection, in_seconds, open_soon, quick, reply, token,
};
use crate::wire::{TOKEN, open, reason, refused};

#[tokio::test]
async fn a_token_refused_in_the_middle_is_renewed_once_for_all_readings() {
    let responder = Responder::start(|line, earlier| {
        if line.starts_with(TOKEN) {
            return token(if earlier == 0 { "first" } else { "second" }, SCOPES);
        }
        reply("401 Unauthorized", "", r#"{"message":"Expired token"}"#)
    })
    .await;
    let session = open(&responder).await.unwrap();
    let kinds: Vec<_> = ReadingKind::fetched().collect();
    let read = session.read_all(&kinds, in_seconds(30), &|_| ()).await;
    assert!(read.iter().all(|(outcome, _)| reason(outcome) == Some(UnknownReason::Forbidden)));
    assert!(read.iter().all(|(_, report)| report.cause == Some(Cause::TokenRefused)));
    assert_eq!(responder.count(TOKEN), 2);
    // One of them tried the new token; the others are not tried twice.
    assert_eq!(responder.count("GET "), kinds.len() + 1);
    let attempts: u32 = read.iter().map(|(_, report)| report.attempts).sum();
    assert_eq!(session.calls(), 2 + attempts);
    assert_eq!(attempts as usize, responder.count("GET "));
}

/// A wave of readings is under way when the first of them is refused.
#[tokio::test]
async fn a_wave_of_refused_readings_shares_one_renewal_and_two_trials() {
    for is_second_good in [false, true] {
        let responder = Responder::start_with_heads(move |head, earlier| {
            if head.starts_with(TOKEN) {
                return token(if earlier == 0 { "first" } else { "second" }, SCOPES);
            }
            if is_second_good && head.contains("authorization: Bearer second") {
                return not_here();
            }
            let body = r#"{"message":"Bad audience: foo"}"#;
            reply("401 Unauthorized", ROOMY, body)
        })
        .await;
        let session = open(&responder).await.unwrap();
        session.remember(domain::tenant::RateLimitSnapshot {
            bucket_size: Some(50),
            closed_until: None,
        });
        let kinds: Vec<_> = ReadingKind::fetched().collect();
        let read = session.read_all(&kinds, in_seconds(30), &|_| ()).await;
        let expected =
            if is_second_good { UnknownReason::NotSupported } else { UnknownReason::Forbidden };
        assert!(read.iter().all(|(outcome, _)| reason(outcome) == Some(expected)), "{read:?}");
        assert_eq!(responder.count(TOKEN), 2);
        // Two try the renewed one: what the first meets may be about its resource.
        let calls = if is_second_good { 2 * kinds.len() } else { kinds.len() + 2 };
        assert_eq!(responder.count("GET "), calls);
    }
}

/// A tenant that refuses the first token everywhere, and what it says to the second, also by how often it
/// was asked with that before; the outcomes, and how often that was in all.
async fn expired(
    second: impl Fn(&str, usize) -> Act + Send + Sync + 'static,
) -> (Vec<(ReadingKind, Outcome)>, usize) {
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    let responder = Responder::start_with_heads(move |head, earlier| {
        if head.starts_with(TOKEN) {
            return token(if earlier == 0 { "first" } else { "second" }, SCOPES);
        }
        if head.contains("authorization: Bearer second") {
            let before = counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            return second(head, before);
        }
        unauthorised()
    })
    .await;
    let session = open(&responder).await.expect("a token");
    session
        .remember(domain::tenant::RateLimitSnapshot { bucket_size: Some(50), closed_until: None });
    let kinds: Vec<_> = ReadingKind::fetched().collect();
    let read = session.read_all(&kinds, in_seconds(30), &|_| ()).await;
    let outcomes = kinds.into_iter().zip(read.into_iter().map(|(outcome, _)| outcome));
    (outcomes.collect(), asked.load(std::sync::atomic::Ordering::SeqCst))
}

pub const ROOMY: &str = "x-ratelimit-limit: 50\r\nx-ratelimit-remaining: 49\r\n";

pub fn not_here() -> Act {
    let body = r#"{"statusCode":404,"error":"Not Found","message":"Not Found"}"#;
    reply("404 Not Found", ROOMY, body)
}

fn unauthorised() -> Act {
    reply("401 Unauthorized", ROOMY, r#"{"message":"Invalid token"}"#)
}

#[tokio::test]
async fn a_fault_of_the_first_trial_says_nothing_about_the_token() {
    let (read, _) = expired(|head, before| match before {
        0 => reply("503 Service Unavailable", ROOMY, ""),
        _ if head.contains("/stats/active-users") => unauthorised(),
        _ => not_here(),
    })
    .await;
    for (kind, outcome) in read {
        let expected = match kind {
            ReadingKind::ActiveUsers => UnknownReason::Forbidden,
            _ => UnknownReason::NotSupported,
        };
        assert_eq!(reason(&outcome), Some(expected), "{}", kind.name());
    }
}

#[tokio::test]
async fn one_resource_that_takes_no_token_costs_the_others_nothing() {
    let (read, tries) =
        expired(
            |head, _| {
                if head.contains("/stats/active-users") { unauthorised() } else { not_here() }
            },
        )
        .await;
    let refused =
        read.iter().filter(|(_, outcome)| reason(outcome) == Some(UnknownReason::Forbidden));
    let refused: Vec<_> = refused.map(|(kind, _)| *kind).collect();
    assert_eq!((refused, tries), (vec![ReadingKind::ActiveUsers], 13));
}

#[tokio::test]
async fn a_token_that_lacks_a_scope_stays_and_a_refused_one_goes() {
    let scope = r#"{"message":"Insufficient scope, expected any of: read:stats","errorCode":"insufficient_scope"}"#;
    let quota = "auth0-client-quota-limit: b=per_hour;q=10;r=0;t=3540\r\nretry-after: 3540\r\n";
    for (refusal, expected, stays) in [
        (answer("403 Forbidden", "", scope), UnknownReason::MissingScope, true),
        (answer("401 Unauthorized", "", "{}"), UnknownReason::RateLimited, false),
    ] {
        let responder = Responder::start(move |line, earlier| match earlier {
            0 if line.starts_with(TOKEN) => token("first", SCOPES),
            _ if line.starts_with(TOKEN) => reply("429 Too Many Requests", quota, "{}"),
            _ => Act::Answer(refusal.clone()),
        })
        .await;
        let auth0 = client(&[&responder.origin], quick(), None);
        let connection = connection(&responder.origin);
        open_soon(&auth0, &connection, Freshness::Fresh).await.unwrap();
        let session = open_soon(&auth0, &connection, Freshness::Cached).await.unwrap();
        let read = session.read_all(&[ReadingKind::ActiveUsers], in_seconds(30), &|_| ()).await;
        assert_eq!(reason(&read[0].0), Some(expected));
        assert_eq!(
            open_soon(&auth0, &connection, Freshness::CachedRespectingBackoff).await.is_ok(),
            stays
        );
        assert_eq!(responder.count(TOKEN), 2);
    }
}

#[tokio::test]
async fn one_token_serves_a_test_and_what_follows_it() {
    let responder = Responder::start(|line, _| match line {
        line if line.starts_with(TOKEN) => token("first", SCOPES),
        _ => reply("200 OK", "", "[]"),
    })
    .await;
    let auth0 = client(&[&responder.origin], quick(), None);
    let connection = connection(&responder.origin);
    let fresh = || open_soon(&auth0, &connection, Freshness::Fresh);
    let together = futures_util::future::join_all((0..8).map(|_| fresh())).await;
    let calls: u32 = together.iter().map(|session| session.as_ref().ok().unwrap().calls()).sum();
    assert_eq!((calls, responder.count(TOKEN)), (1, 1));
    let cached = open_soon(&auth0, &connection, Freshness::Cached).await.unwrap();
    assert!(cached.was_cached() && cached.calls() == 0);
    assert_eq!(cached.timings(), auth0::OpenTimings::default());
    auth0.forget(&connection);
    assert!(!open_soon(&auth0, &connection, Freshness::Cached).await.unwrap().was_cached());
    assert_eq!(responder.count(TOKEN), 2);
}

#[tokio::test]
async fn a_cached_token_older_than_the_grant_is_renewed_once() {
    let responder = Responder::start(|line, earlier| {
        if line.starts_with(TOKEN) {
            return token(if earlier == 0 { "first" } else { "second" }, SCOPES);
        }
        match earlier {
            0 => reply(
                "403 Forbidden",
                "",
                r#"{"message":"Insufficient scope, expected any of: read:stats","errorCode":"insufficient_scope"}"#,
            ),
            _ => reply("200 OK", "", "7"),
        }
    })
    .await;
    let auth0 = client(&[&responder.origin], quick(), None);
    let connection = connection(&responder.origin);
    open_soon(&auth0, &connection, Freshness::Fresh).await.unwrap();
    let session = open_soon(&auth0, &connection, Freshness::Cached).await.unwrap();
    let read = session.read_all(&[ReadingKind::ActiveUsers], in_seconds(30), &|_| ()).await;
    assert!(matches!(read[0].0, Outcome::Read(_)), "{:?}", read[0]);
    assert_eq!((read[0].1.attempts, session.calls(), responder.count(TOKEN)), (2, 3, 2));
}

#[tokio::test]
async fn a_long_retry_after_is_reported_and_not_waited_for() {
    let act = reply("429 Too Many Requests", "retry-after: 300\r\n", "{}");
    let (error, calls) = refused(act).await;
    assert_eq!(error.code, StepCode::RateLimited);
    assert_eq!((calls, error.rate_limited), (1, 1));
    assert!(error.message.contains("in 300 s"), "{}", error.message);
}

#[tokio::test]
async fn an_error_that_echoes_the_secret_encoded_is_redacted() {
    let percent = "%68%75%6e%74%65%72%32".repeat(2);
    for form in [
        "aHVudGVyMmh1bnRlcjI=",
        "b3VyLWNsaWVudDpodW50ZXIyaHVudGVyMg==",
        "68756E7465723268756e74657232",
        r"hunter2\\u0068unter2",
        &percent,
    ] {
        let body = format!(r#"{{"error":"access_denied","error_description":"no {form} here"}}"#);
        let act = reply("403 Forbidden", "", &body);
        let (error, _) = refused(act).await;
        assert!(error.message.contains("no [removed] here"), "{}", error.message);
    }
}

#[tokio::test]
async fn a_token_request_that_hangs_once_is_answered_the_next_time() {
    let responder = Responder::start(|_, earlier| match earlier {
        0 => Act::Hang,
        _ => token("first", SCOPES),
    })
    .await;
    // Only the timeout of a token request ends the first one before the deadline.
    let [token_timeout, long] = [200, 60_000].map(std::time::Duration::from_millis);
    let limits =
        auth0::Limits { token_timeout, idle_timeout: long, request_timeout: long, ..quick() };
    let auth0 = client(&[&responder.origin], limits, None);
    let connection = connection(&responder.origin);
    let opened = auth0.open(&connection, Freshness::Fresh, "x", in_seconds(10)).await;
    assert_eq!(opened.expect("a token").calls(), 2);
}
