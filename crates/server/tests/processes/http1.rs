//! HTTP/1.1 over plain TCP: a rejected request leaves the connection usable or closes it, and a request needs exactly
//! one `Host`.

use crate::support::{Process, RawConnection, Site};

const LIVEZ: &str = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

/// Status, a head that announces a body, and the body.
fn refused_requests(token: &str) -> Vec<(u16, String, &'static str)> {
    let head = |line: &str, more: &str, length: usize| {
        format!("{line} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n")
    };
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let json = format!("{bearer}Content-Type: application/json\r\n");
    let viewer = "Authorization: Bearer no.good.token\r\n";
    vec![
        (401, head("POST /v1/integrations", "", 2), "{}"),
        (401, head("POST /v1/integrations", viewer, 2), "{}"),
        (401, head("POST /v1/token?x=1", "", 2), "{}"),
        (404, head("POST /v1/nowhere", &json, 2), "{}"),
        (404, head("PATCH /v1/integrations/no-id", &json, 2), "{}"),
        (405, head("PUT /v1/integrations", &json, 2), "{}"),
        (415, head("POST /v1/integrations", &bearer, 2), "{}"),
        (400, head("POST /v1/integrations", &json, 2), "{x"),
        (422, head("POST /v1/integrations", &json, 2), "[]"),
        (200, head("GET /v1/integrations", &bearer, 2), "{}"),
    ]
}

fn refusals_leave_a_usable_connection(service: &Process, token: &str) {
    for (status, head, body) in refused_requests(token) {
        let mut connection = RawConnection::open(&service.address);
        for _ in 0..3 {
            connection.send(&head);
            connection.send(body);
            let answer = connection.answer().expect("an answer");
            assert_eq!(answer.status(), status, "{head}{answer:?}");
            assert_eq!(answer.header("connection"), None, "{head}");
        }
        connection.send(LIVEZ);
        assert_eq!(connection.answer().expect(&head).status(), 200, "{head}");
    }
}

/// Bodies that cannot be drained, or are too large to drain.
fn refusals_say_that_the_connection_is_closed(service: &Process) {
    let head = |more: &str| format!("POST /v1/integrations HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    for head in [
        head("Content-Length: 2\r\nExpect: 100-continue\r\n"),
        head("Content-Length: 70000\r\n"),
        head("Content-Length: 2\r\n"),
        head("Transfer-Encoding: chunked\r\n") + "2\r\n{}\r\n",
    ] {
        let mut connection = RawConnection::open(&service.address);
        connection.send(&head);
        let answer = connection.answer().expect("an answer");
        assert_eq!((answer.status(), answer.header("connection")), (401, Some("close")), "{head}");
        assert!(connection.answer().is_none(), "{head}");
    }
}

fn a_request_without_a_host_is_refused(service: &Process) {
    for hosts in ["", "Host: a\r\nHost: a\r\n", "Host: a b\r\n"] {
        let mut connection = RawConnection::open(&service.address);
        connection.send(&format!("GET /livez HTTP/1.1\r\n{hosts}\r\n"));
        let answer = connection.answer().expect("an answer");
        assert_eq!(answer.status(), 400, "{hosts}{answer:?}");
        assert!(answer.body.contains(r#""header":"host""#), "{}", answer.body);
    }
    let mut connection = RawConnection::open(&service.address);
    connection.send("GET /livez HTTP/1.0\r\n\r\n");
    assert_eq!(connection.answer().expect("an answer").status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_request_leaves_the_connection_usable_or_closes_it() {
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let token = site.token("acme");
    tokio::task::spawn_blocking(move || {
        refusals_leave_a_usable_connection(&service, &token);
        refusals_say_that_the_connection_is_closed(&service);
        a_request_without_a_host_is_refused(&service);
    })
    .await
    .unwrap();
}
