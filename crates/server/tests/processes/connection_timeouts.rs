//! Deliberately slow clients over plain TCP are disconnected.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::Site;

const TIMEOUT: &str = "1s";
/// Many times the timeout, for a machine under load.
const CLOSED_WITHIN: Duration = Duration::from_secs(20);

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream.set_write_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream
}

/// Reads until the other side closes or resets the connection.
fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(fault) if fault.kind() == ErrorKind::ConnectionReset => {}
        Err(fault) => panic!("still open: {fault}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_disconnected() {
    let site = Site::with(&[]).await;
    let settings = [
        ("SAFE_AUTH0_HEAD_TIMEOUT", TIMEOUT),
        ("SAFE_AUTH0_STALL_TIMEOUT", TIMEOUT),
        ("SAFE_AUTH0_BODY_TIMEOUT", TIMEOUT),
        ("SAFE_AUTH0_TEST_DEADLINE", "5s"),
        ("SAFE_AUTH0_REQUEST_TIMEOUT", "6s"),
    ];
    let service = site.serve(&["--no-worker"], &settings);
    let token = site.api("acme").token().to_owned();
    let address = service.address.clone();
    long_headers_are_rejected(&address).await;
    tokio::task::spawn_blocking(move || {
        // Nothing, the start of either protocol, an incomplete head.
        for begun in ["", "P", "PRI * HTTP/2", "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = connect(&address);
            stream.write_all(begun.as_bytes()).unwrap();
            let answer = read_to_end(&mut stream);
            assert!(!answer.contains("200 OK"), "{begun}: {answer}");
        }
        long_heads_are_rejected(&address);
        a_dripped_head_is_not_awaited(&address);
        an_idle_connection_is_closed(&address);
        a_late_body_gets_503(&address, &token);
        unread_responses_are_dropped(&address);
        // Other clients are not affected.
        let mut stream = connect(&address);
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        assert!(read_to_end(&mut stream).starts_with("HTTP/1.1 200 OK"));
    })
    .await
    .unwrap();
}

fn long_heads_are_rejected(address: &str) {
    for (length, is_answered) in [(60_000, true), (70_000, false)] {
        let mut stream = connect(address);
        let filler = "x".repeat(length);
        let head = format!(
            "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {filler}\r\n\r\n"
        );
        // The service may close the connection before it has read everything.
        let _ = stream.write_all(head.as_bytes());
        let answer = read_to_end(&mut stream);
        assert_eq!(answer.starts_with("HTTP/1.1 200 OK"), is_answered, "{length}: {answer}");
    }
}

/// The same on HTTP/2.
async fn long_headers_are_rejected(address: &str) {
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for (length, is_answered) in [(60_000, true), (70_000, false)] {
        let request = client.get(format!("http://{address}/livez"));
        let answer = request.header("x-long", "x".repeat(length)).send().await;
        let is_ok = answer.as_ref().is_ok_and(|answer| answer.status().is_success());
        assert_eq!(is_ok, is_answered, "{length}: {answer:?}");
    }
}

fn a_dripped_head_is_not_awaited(address: &str) {
    let mut stream = connect(address);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    let end = Instant::now() + CLOSED_WITHIN;
    while stream.write_all(b"x").is_ok() {
        assert!(Instant::now() < end, "a dripping client keeps the connection");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn an_idle_connection_is_closed(address: &str) {
    let mut stream = connect(address);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(read_to_end(&mut stream).starts_with("HTTP/1.1 200 OK"));
}

fn a_late_body_gets_503(address: &str, token: &str) {
    let mut stream = connect(address);
    let head = format!(
        "POST /v1/connection-tests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let answer = read_to_end(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("did not arrive in time") && answer.contains("connection: close"));
}

fn unread_responses_are_dropped(address: &str) {
    const MANY: usize = 400;
    let mut stream = connect(address);
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(MANY);
    // More than the buffers of both sides hold, possibly also of requests.
    let _ = stream.write_all(requests.as_bytes());
    std::thread::sleep(Duration::from_secs(4));
    let answers = read_to_end(&mut stream).matches("HTTP/1.1 200 OK").count();
    assert!((1..MANY / 2).contains(&answers), "{answers} answers");
}
