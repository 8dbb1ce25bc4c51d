//! Paged lists: the requests for each page, and malformed pages.

use std::sync::Arc;

use domain::inconclusive::UnknownReason;
use domain::readings::{Reading, ReadingKind};
use domain::sync::ReadingReport;
use domain::tenant::Outcome;

use crate::support::{Act, Responder, answer, in_seconds, reply, token};
use crate::wire::{TOKEN, open, reason};

/// Reads the clients of a tenant whose pages these are; the request lines for them too.
async fn read(pages: Vec<String>) -> (Outcome, ReadingReport, Vec<String>) {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let lines = seen.clone();
    let responder = Responder::start(move |line, _| {
        if line.starts_with(TOKEN) {
            return token("first", "read:clients");
        }
        let mut lines = lines.lock().expect("no panic elsewhere");
        lines.push(line.to_owned());
        reply("200 OK", "", &pages[lines.len() - 1])
    })
    .await;
    let session = open(&responder).await.expect("a token");
    let mut read = session.read_all(&[ReadingKind::Clients], in_seconds(30), &|_| ()).await;
    let (outcome, report) = read.remove(0);
    let lines = seen.lock().expect("no panic elsewhere").clone();
    (outcome, report, lines)
}

#[tokio::test]
async fn numbered_pages_after_the_first_are_read_at_once() {
    const TOTAL: usize = 450;
    let together = Arc::new(tokio::sync::Barrier::new(4));
    let responder = Responder::start(move |line, _| {
        if line.starts_with(TOKEN) {
            return token("first", "read:resource_servers");
        }
        let page = line.split(['?', '&', ' ']).find_map(|part| part.strip_prefix("page="));
        let page: usize = page.and_then(|page| page.parse().ok()).expect("a page");
        let ids = page * 100..TOTAL.min((page + 1) * 100);
        let objects: Vec<_> = ids.map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
        let body = format!(r#"{{"total":{TOTAL},"resource_servers":[{}]}}"#, objects.join(","));
        let headers = "x-ratelimit-limit: 50\r\nx-ratelimit-remaining: 49\r\n";
        match page {
            0 => reply("200 OK", headers, &body),
            _ => Act::AnswerTogether(together.clone(), answer("200 OK", headers, &body)),
        }
    })
    .await;
    let session = open(&responder).await.expect("a token");
    let kinds = [ReadingKind::ResourceServers];
    let (outcome, report) = session.read_all(&kinds, in_seconds(30), &|_| ()).await.remove(0);
    let Outcome::Read(Reading::ResourceServers(all)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((all.0.len(), report.attempts), (TOTAL, 5));
}

#[tokio::test]
async fn a_checkpoint_is_sent_back_unchanged() {
    let first = r#"{"clients":[{"client_id":"a"},{"client_id":"b"}],"next":"a+b/c=&x=1"}"#;
    let last = r#"{"clients":[{"client_id":"b"},{"client_id":"c"}]}"#;
    let (outcome, report, lines) = read(vec![first.into(), last.into()]).await;
    let Outcome::Read(Reading::Clients(clients)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((clients.0.len(), report.attempts), (3, 2));
    assert!(lines[0].starts_with("GET /api/v2/clients?is_global=false&fields=client_id%2Cname"));
    assert!(lines[0].contains("&take=100") && !lines[0].contains("from="), "{}", lines[0]);
    assert!(lines[1].contains("&take=100&from=a%2Bb%2Fc%3D%26x%3D1"), "{}", lines[1]);
    assert!(!lines[0].contains("secret"));
}

#[tokio::test]
async fn a_page_that_is_too_long_truncates_the_list() {
    let long = format!("[\"{}\"]", "x".repeat(100_000));
    let (outcome, report, _) = read(vec![long]).await;
    assert_eq!((reason(&outcome), report.attempts), (Some(UnknownReason::Truncated), 1));
    assert!(report.message.is_some_and(|message| message.contains("page_body_bytes")));
}

#[tokio::test]
async fn a_checkpoint_that_stays_the_same_ends_the_list_at_once() {
    let page = |id: &str| format!(r#"{{"clients":[{{"client_id":"{id}"}}],"next":"x"}}"#);
    let (outcome, report, lines) = read(vec![page("a"), page("b"), page("c")]).await;
    assert_eq!((reason(&outcome), report.attempts), (Some(UnknownReason::Truncated), 2));
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn cyclic_checkpoints_end_the_list() {
    let page =
        |id: &str, next: &str| format!(r#"{{"clients":[{{"client_id":"{id}"}}],"next":"{next}"}}"#);
    let (outcome, _, lines) =
        read(vec![page("a", "x"), page("b", "y"), page("c", "x"), page("d", "y")]).await;
    assert_eq!((reason(&outcome), lines.len()), (Some(UnknownReason::Truncated), 3));
}

#[tokio::test]
async fn a_page_of_another_shape_leaves_nothing_of_the_list() {
    let first = r#"{"clients":[{"client_id":"a"}],"next":"x"}"#;
    for second in [r#"{"error":"x"}"#, "7", "<html>", r#"{"clients":[7]}"#] {
        let (outcome, report, _) = read(vec![first.into(), second.into()]).await;
        assert_eq!(reason(&outcome), Some(UnknownReason::NotUnderstood), "{second}");
        assert_eq!(report.attempts, 2);
    }
}
