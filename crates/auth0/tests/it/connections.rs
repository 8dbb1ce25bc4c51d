//! Connections that the tenant closes between or during requests.

use auth0::Freshness;
use domain::inconclusive::UnknownReason;
use domain::readings::ReadingKind;
use domain::tenant::Outcome;

use crate::support::{
    Act, Responder, SCOPES, answer, client, connection, in_seconds, open_soon, quick, reply, token,
};
use crate::tokens::{ROOMY, not_here};
use crate::wire::{TOKEN, open, reason};

/// Without saying so before, as some do: the next request goes to a connection that is closed.
#[tokio::test]
async fn a_tenant_that_closes_its_connection_after_an_error_is_still_read() {
    let responder = Responder::start_with_heads(|head, earlier| {
        if head.starts_with(TOKEN) {
            return token(if earlier == 0 { "first" } else { "second" }, SCOPES);
        }
        if head.contains("authorization: Bearer second") {
            return not_here();
        }
        Act::AnswerAndClose(answer("401 Unauthorized", ROOMY, r#"{"message":"Invalid token"}"#))
    })
    .await;
    let session = open(&responder).await.expect("a token");
    let kinds: Vec<_> = ReadingKind::fetched().collect();
    let read = session.read_all(&kinds, in_seconds(30), &|_| ()).await;
    for (outcome, report) in read {
        assert_eq!(reason(&outcome), Some(UnknownReason::NotSupported), "{report:?}");
    }
    assert_eq!(responder.count(TOKEN), 2);
}

/// The one attempt that is allowed does not count the connection that was closed.
#[tokio::test]
async fn a_request_on_a_closed_pooled_connection_is_retried_once() {
    let responder = Responder::start(|line, earlier| match earlier {
        0 if line.starts_with(TOKEN) => token("first", SCOPES),
        0 => Act::AnswerAndClose(String::new()),
        _ => reply("200 OK", "", "7"),
    })
    .await;
    let limits = auth0::Limits { attempts_transient: 1, ..quick() };
    let auth0 = client(&[&responder.origin], limits, None);
    let connection = connection(&responder.origin);
    let opened = open_soon(&auth0, &connection, Freshness::Fresh).await;
    let session = opened.expect("a token");
    let read = session.read_all(&[ReadingKind::ActiveUsers], in_seconds(30), &|_| ()).await;
    assert!(matches!(read[0].0, Outcome::Read(_)), "{:?}", read[0]);
    assert_eq!((read[0].1.attempts, session.calls()), (2, 3));
}
