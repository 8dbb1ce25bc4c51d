//! Log lines carry the ids of their sync or request, and who sent the request.

use serde_json::Value;

use super::support::{RawConnection, START_MAX, Site, until};

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_sync_names_the_request_the_sync_and_the_integration() {
    let site = Site::with(&["fresh"]).await;
    let level = "info,auth0=trace,engine=trace,store=trace";
    let service = site.serve(&[], &[("SAFE_AUTH0_LOG_LEVEL", level)]);
    let api = site.api("acme");
    let integration = site.create(&api, &service.address, 0).await;
    let path = format!("/v1/integrations/{integration}/syncs");
    let sync = api.post(&service.address, &path, None).await.expect(202).id();
    let lines = until("the end of the sync", START_MAX, async || {
        let log = service.log();
        let lines: Vec<Value> =
            log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        lines.iter().any(|line| line["message"] == "sync ended").then_some(lines)
    });
    let lines = lines.await;
    let audit = api.get(&service.address, "/v1/audit?action=start_sync").await.expect(200).json;
    let request = audit["items"][0]["request_id"].as_str().unwrap();

    let spans = |line: &Value| line["spans"].as_array().cloned().unwrap_or_default();
    let is_of_a_sync = |line: &&Value| spans(line).iter().any(|span| span["name"] == "sync");
    let of_a_sync: Vec<_> = lines.iter().filter(is_of_a_sync).collect();
    assert!(of_a_sync.len() > 1, "{lines:#?}");
    for line in &of_a_sync {
        for (name, id) in
            [("sync_id", &*sync), ("integration_id", &*integration), ("request_id", request)]
        {
            let is_named = spans(line).iter().any(|span| span[name] == id);
            assert!(is_named, "{name}: {line:#}");
        }
    }
    // Spans nest: reading a tenant is always inside the span of its sync.
    let calls_a_tenant = |line: &&Value| {
        spans(line).iter().any(|span| span["name"] == "read_tenant")
            && !spans(line).iter().any(|span| span["name"] == "request")
    };
    for line in lines.iter().filter(calls_a_tenant) {
        assert!(is_of_a_sync(&line), "{line:#}");
    }
    let answered = lines.iter().find(|line| {
        line["operation"] == "start_sync" || {
            spans(line).iter().any(|span| span["request_id"] == request && span["name"] != "sync")
        }
    });
    assert!(answered.is_some(), "the request itself is logged with the same id");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_request_says_who_sent_it_and_names_the_row_of_the_audit() {
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let api = site.api("acme");
    let head = format!(
        "POST /v1/integrations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nX-Request-Id: chosen\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
        api.token()
    );
    let mut connection = RawConnection::open(&service.address);
    let port = connection.local_port();
    connection.send(&head);
    let answer = tokio::task::spawn_blocking(move || connection.answer());
    assert_eq!(answer.await.unwrap().expect("an answer").status(), 422);

    let line = until("the line of the request", START_MAX, async || {
        let log = service.log();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.into_iter().find(|line| line["target"] == "access" && line["request_id"] == "chosen")
    });
    let line = line.await;
    assert_eq!(line["message"], "request answered");
    assert_eq!((&line["organisation"], &line["subject"]), (&"acme".into(), &"ada@acme".into()));
    assert_eq!(line["source"], format!("127.0.0.1:{port}"));
    assert_eq!((&line["status"], &line["route"]), (&422.into(), &"/v1/integrations".into()));
    let own = line["own_request_id"].as_str().expect("an id that the client did not choose");
    assert!(!line.to_string().contains(api.token()));

    let audit = api.get(&service.address, "/v1/audit?outcome=refused").await.expect(200).json;
    let row = &audit["items"][0];
    assert_eq!((&row["request_id"], &row["own_request_id"]), (&"chosen".into(), &own.into()));
    assert_eq!(row["source_port"], port);
}
