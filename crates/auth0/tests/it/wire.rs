//! The client against network faults: raw sockets, real time, short timeouts.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::support::{
    Act, Responder, SCOPES, answer, client, connection, in_seconds, open_soon, quick, reply, token,
};
use auth0::{ConnectError, Freshness, Limits, Session};
use domain::connection_test::{StepCode, StepName};
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::sync::{Cause, ReadingReport};
use domain::tenant::Outcome;

pub const TOKEN: &str = "POST /oauth/token";

pub async fn open(responder: &Responder) -> Result<Session, ConnectError> {
    let auth0 = client(&[&responder.origin], quick(), None);
    open_soon(&auth0, &connection(&responder.origin), Freshness::Fresh).await
}

pub async fn refused(act: Act) -> (ConnectError, usize) {
    let responder = Responder::start(move |_, _| act.clone()).await;
    let error = open(&responder).await.err().expect("a refusal");
    assert!(!format!("{error:?}").contains("hunter2"));
    (error, responder.count(TOKEN))
}

async fn read_one(
    kind: ReadingKind,
    act: impl Fn(usize) -> Act + Send + Sync + 'static,
) -> (Outcome, ReadingReport, Session) {
    let responder = Responder::start(move |line, earlier| {
        if line.starts_with(TOKEN) { token("first", SCOPES) } else { act(earlier) }
    })
    .await;
    let session = open(&responder).await.expect("a token");
    let mut read = session.read_all(&[kind], in_seconds(30), &|_| ()).await;
    let (outcome, report) = read.remove(0);
    assert_eq!(session.calls(), 1 + report.attempts);
    (outcome, report, session)
}

pub fn reason(outcome: &Outcome) -> Option<UnknownReason> {
    match outcome {
        Outcome::Unreadable { reason, .. } | Outcome::NotOffered { reason, .. } => Some(*reason),
        Outcome::Read(_) => None,
    }
}

#[tokio::test]
async fn a_session_can_be_read_in_a_task_of_its_own() {
    let responder = Responder::start(|line, _| match line {
        line if line.starts_with(TOKEN) => token("first", SCOPES),
        _ => reply("200 OK", "", "7"),
    })
    .await;
    let session = open(&responder).await.unwrap();
    let reading = tokio::spawn(async move {
        session.read_all(&[ReadingKind::ActiveUsers], in_seconds(30), &|_| ()).await
    });
    assert!(matches!(reading.await.unwrap()[0].0, Outcome::Read(_)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let act = reply("302 Found", "location: http://127.0.0.1:1/\r\n", "");
    let (error, calls) = refused(act).await;
    assert_eq!((error.step, error.code), (StepName::Token, StepCode::NotAuth0));
    assert_eq!((calls, error.calls), (1, 1));
}

#[tokio::test]
async fn a_page_with_502_is_retried_and_then_auth0_is_down() {
    let (error, calls) = refused(reply("502 Bad Gateway", "", "<html>")).await;
    assert_eq!((error.step, error.code), (StepName::Token, StepCode::Auth0Unavailable));
    assert_eq!((calls, error.calls), (3, 3));
    assert!(error.retryable && error.timings.reachability_ms.is_some());
}

#[tokio::test]
async fn a_200_without_a_token_is_distinguished() {
    let (error, _) = refused(reply("200 OK", "", "<html>")).await;
    assert_eq!(error.code, StepCode::NotAuth0);
    let (error, _) = refused(reply("200 OK", "", "{}")).await;
    assert_eq!(error.code, StepCode::NotUnderstood);
    let (error, _) = refused(Act::Answer("SSH-2.0-OpenSSH_9.2\r\n\r\n".into())).await;
    assert_eq!(error.code, StepCode::NotAuth0, "{error:?}");
}

#[tokio::test]
async fn a_token_in_an_answer_that_is_too_long_is_not_read() {
    let token = |length: usize| {
        let head = r#"{"access_token":"t","expires_in":86400,"token_type":"Bearer","x":""#;
        let filler = "x".repeat(length - head.len() - 2);
        reply("200 OK", "", &format!("{head}{filler}\"}}"))
    };
    let cap = quick().token_body_bytes;
    let responder = Responder::start(move |_, _| token(cap)).await;
    assert!(open(&responder).await.is_ok());
    let (error, calls) = refused(token(cap + 1)).await;
    assert_eq!((error.code, calls), (StepCode::NotAuth0, 1));
    assert!(error.message.contains("far too long"), "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_closes_without_an_answer_is_retried() {
    let (error, calls) = refused(Act::AnswerAndClose(String::new())).await;
    assert_eq!(error.code, StepCode::Auth0Unavailable);
    assert_eq!((calls, error.calls), (3, 3));
}

#[tokio::test]
async fn hanging_and_dripping_answers_time_out_and_are_tried_again() {
    for act in [Act::Hang, Act::Drip("HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n".into())] {
        let started = Instant::now();
        let (error, calls) = refused(act).await;
        assert_eq!((error.step, error.code), (StepName::Token, StepCode::Timeout));
        assert_eq!(calls, 3);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

/// Each of the two limits by itself, with the others far away.
#[tokio::test]
async fn a_silent_connection_times_out_before_the_whole_request() {
    let far = Limits { request_timeout: Duration::from_mins(1), ..quick() };
    let responder = Responder::start(|_, _| Act::Hang).await;
    // Connections to it are taken, and nobody greets.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = format!("https://{}", listener.local_addr().unwrap());
    let unconnected = Limits {
        connect_timeout: Duration::from_millis(300),
        idle_timeout: far.request_timeout,
        ..far.clone()
    };
    for (origin, limits, step) in
        [(&responder.origin, far, StepName::Token), (&mute, unconnected, StepName::Reachability)]
    {
        let started = Instant::now();
        let auth0 = client(&[origin], limits, None);
        let error = open_soon(&auth0, &connection(origin), Freshness::Fresh).await.err().unwrap();
        assert_eq!((error.step, error.code), (step, StepCode::Timeout), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(10), "{origin}");
    }
}

#[tokio::test]
async fn nothing_listening_is_a_refused_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let auth0 = client(&[&origin], quick(), None);
    let opened = open_soon(&auth0, &connection(&origin), Freshness::Fresh).await;
    let error = opened.err().unwrap();
    assert_eq!((error.step, error.code), (StepName::Reachability, StepCode::ConnectionRefused));
    assert_eq!(error.calls, 0);
}

#[tokio::test]
async fn a_name_without_an_address_is_a_dns_failure() {
    let origin = "http://no-such-host.invalid:9";
    let auth0 = client(&[origin], quick(), None);
    let error = open_soon(&auth0, &connection(origin), Freshness::Fresh).await.err().unwrap();
    assert_eq!((error.step, error.code), (StepName::Reachability, StepCode::DnsFailure));
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_contacted() {
    let responder = Responder::start(|_, _| token("first", SCOPES)).await;
    let auth0 = client(&[], quick(), None);
    let opened = open_soon(&auth0, &connection(&responder.origin), Freshness::Fresh).await;
    let error = opened.err().unwrap();
    assert_eq!((error.step, error.code), (StepName::Configuration, StepCode::HostNotAllowed));
    assert_eq!((error.calls, responder.connections.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_body_cut_in_the_middle_is_retried() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[\"all-appl".to_owned();
    let (outcome, report, _) = read_one(ReadingKind::MfaPolicies, move |earlier| match earlier {
        0 => Act::AnswerAndClose(cut.clone()),
        // Without a length, only the end of the connection ends the body.
        1 => Act::AnswerAndClose("HTTP/1.1 200 OK\r\n\r\n[\"all-a".into()),
        _ => reply("200 OK", "", "[]"),
    })
    .await;
    assert!(matches!(outcome, Outcome::Read(_)), "{outcome:?}");
    assert_eq!(report.attempts, 3);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read_to_its_end() {
    let long = format!("\"{}\"", "x".repeat(100_000));
    let announced = answer("200 OK", "", &long);
    let endless = "HTTP/1.1 200 OK\r\n\r\n\"".to_owned() + &"x".repeat(100_000);
    for text in [announced, endless] {
        let act = move |_| Act::AnswerAndClose(text.clone());
        let (outcome, report, _) = read_one(ReadingKind::ActiveUsers, act).await;
        assert_eq!(reason(&outcome), Some(UnknownReason::NotUnderstood));
        assert_eq!(report.attempts, 1);
    }
}

#[tokio::test]
async fn an_answer_may_have_as_many_headers_as_the_limit_and_no_more() {
    // Content-Type and Content-Length are two of them.
    for (count, is_read) in [(48, true), (49, false)] {
        let text = answer("200 OK", &"x-more: y\r\n".repeat(count), "[]");
        let act = move |_| Act::Answer(text.clone());
        let (outcome, _, _) = read_one(ReadingKind::MfaPolicies, act).await;
        assert_eq!(matches!(outcome, Outcome::Read(_)), is_read, "{count}: {outcome:?}");
    }
    let huge = format!("x: {}\r\n", "y".repeat(1 << 20));
    let text = answer("200 OK", &huge, "[]");
    let (outcome, _, _) =
        read_one(ReadingKind::MfaPolicies, move |_| Act::Answer(text.clone())).await;
    assert!(!matches!(outcome, Outcome::Read(_)), "{outcome:?}");
}

/// A body that grows when it is unpacked has no jitter: nothing is unpacked, nor asked for packed.
#[tokio::test]
async fn compressed_responses_are_not_decompressed() {
    let text = answer("200 OK", "content-encoding: gzip\r\n", "[]");
    let (outcome, _, _) =
        read_one(ReadingKind::MfaPolicies, move |_| Act::Answer(text.clone())).await;
    assert!(matches!(outcome, Outcome::Read(_)), "read as it came: {outcome:?}");
}

#[tokio::test]
async fn faults_of_a_reading_have_their_reasons() {
    let dripping = "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n[";
    for (act, expected, attempts) in [
        (Act::Hang, UnknownReason::TimedOut, 3),
        (Act::Drip(dripping.into()), UnknownReason::TimedOut, 3),
        (reply("502 Bad Gateway", "", "<html>"), UnknownReason::ApiError, 3),
        (reply("200 OK", "", "<html>"), UnknownReason::NotUnderstood, 1),
        (reply("302 Found", "location: /x\r\n", ""), UnknownReason::NotUnderstood, 1),
        (reply("404 Not Found", "", "{}"), UnknownReason::NotSupported, 1),
        (reply("400 Bad Request", "", r#"{"message":"no"}"#), UnknownReason::ApiError, 1),
    ] {
        let (outcome, report, session) =
            read_one(ReadingKind::ActiveUsers, move |_| act.clone()).await;
        assert_eq!((reason(&outcome), report.attempts), (Some(expected), attempts));
        let is_refused = report.cause == Some(Cause::RequestRefused);
        assert_eq!(is_refused, expected == UnknownReason::ApiError && attempts == 1);
        assert_eq!(session.rate_limited(), 0);
    }
}

#[tokio::test]
async fn requests_are_as_auth0_expects_them() {
    let responder = Responder::start(|line, _| match line {
        line if line.starts_with(TOKEN) => token("first", "read:stats"),
        _ => reply("200 OK", "", "[]"),
    })
    .await;
    let session = open(&responder).await.unwrap();
    let kinds = [ReadingKind::DailyStats, ReadingKind::MfaPolicies, ReadingKind::TokenFacts];
    let done = std::sync::Mutex::new(Vec::new());
    let read = session
        .read_all(&kinds, in_seconds(30), &|report| done.lock().unwrap().push(report.reading))
        .await;
    assert!(matches!(read[0].0, Outcome::Read(_)) && matches!(read[2].0, Outcome::Read(_)));
    assert_eq!(reason(&read[1].0), Some(UnknownReason::MissingScope));
    assert_eq!((read[1].1.attempts, read[1].1.duration_ms), (0, None));
    assert_eq!(done.lock().unwrap().len(), 3);
    let requests = responder.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 2);
    assert!(
        requests[0].contains("grant_type=client_credentials") && !requests[0].contains("scope=")
    );
    assert!(requests[1].starts_with("GET /api/v2/stats/daily?from=2"));
    for request in &requests {
        assert!(request.contains("user-agent: safe-auth0/0.1.0 (connection-test)"), "{request}");
        assert!(request.contains("accept: application/json") && !request.contains("cookie"));
        assert!(!request.contains("accept-encoding"), "{request}");
    }
    assert!(requests[1].contains("authorization: Bearer first"));
    assert_eq!(responder.connections.load(Ordering::SeqCst), 1, "the connection is reused");
}
