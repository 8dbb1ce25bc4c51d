//! Deliberately slow clients over plain TCP: none holds a connection for long.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::Site;

const PATIENCE: &str = "1s";
/// By when a connection that should be closed is: many times the patience, on a machine under load.
const CLOSED_WITHIN: Duration = Duration::from_secs(20);

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream.set_write_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream
}

/// Everything until the other side closes, one way or another.
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
async fn a_slow_client_is_cut_off() {
    let site = Site::with(&[]).await;
    let settings = [
        ("SAFE_AUTH0_HEAD_TIMEOUT", PATIENCE),
        ("SAFE_AUTH0_STALL_TIMEOUT", PATIENCE),
        ("SAFE_AUTH0_BODY_TIMEOUT", PATIENCE),
        ("SAFE_AUTH0_TEST_DEADLINE", "5s"),
        ("SAFE_AUTH0_REQUEST_TIMEOUT", "6s"),
    ];
    let service = site.serve(&["--no-worker"], &settings);
    let token = site.api("acme").token().to_owned();
    let address = service.address.clone();
    long_headers_are_refused(&address).await;
    tokio::task::spawn_blocking(move || {
        // Nothing, the beginning of either protocol, a head that stops in the middle.
        for begun in ["", "P", "PRI * HTTP/2", "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            let mut stream = connect(&address);
            stream.write_all(begun.as_bytes()).unwrap();
            let answer = read_to_end(&mut stream);
            assert!(!answer.contains("200 OK"), "{begun}: {answer}");
        }
        long_heads_are_refused(&address);
        dripped_head_is_cut_off(&address);
        idle_connection_is_closed(&address);
        late_body_is_answered(&address, &token);
        unread_answers_are_given_up(&address);
        // And nobody else noticed.
        let mut stream = connect(&address);
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        assert!(read_to_end(&mut stream).starts_with("HTTP/1.1 200 OK"));
    })
    .await
    .unwrap();
}

fn long_heads_are_refused(address: &str) {
    for (length, is_answered) in [(60_000, true), (70_000, false)] {
        let mut stream = connect(address);
        let filler = "x".repeat(length);
        let head = format!(
            "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: {filler}\r\n\r\n"
        );
        // What is refused early need not be taken to its end.
        let _ = stream.write_all(head.as_bytes());
        let answer = read_to_end(&mut stream);
        assert_eq!(answer.starts_with("HTTP/1.1 200 OK"), is_answered, "{length}: {answer}");
    }
}

/// The same on HTTP/2.
async fn long_headers_are_refused(address: &str) {
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    for (length, is_answered) in [(60_000, true), (70_000, false)] {
        let asked = client.get(format!("http://{address}/livez"));
        let answer = asked.header("x-long", "x".repeat(length)).send().await;
        let is_ok = answer.as_ref().is_ok_and(|answer| answer.status().is_success());
        assert_eq!(is_ok, is_answered, "{length}: {answer:?}");
    }
}

fn dripped_head_is_cut_off(address: &str) {
    let mut stream = connect(address);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    let end = Instant::now() + CLOSED_WITHIN;
    while stream.write_all(b"x").is_ok() {
        assert!(Instant::now() < end, "a byte now and then keeps the connection");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn idle_connection_is_closed(address: &str) {
    let mut stream = connect(address);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(read_to_end(&mut stream).starts_with("HTTP/1.1 200 OK"));
}

fn late_body_is_answered(address: &str, token: &str) {
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

fn unread_answers_are_given_up(address: &str) {
    const MANY: usize = 400;
    let mut stream = connect(address);
    let asked = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(MANY);
    // More than the buffers of both sides hold; the last requests may not fit either.
    let _ = stream.write_all(asked.as_bytes());
    std::thread::sleep(Duration::from_secs(4));
    let answers = read_to_end(&mut stream).matches("HTTP/1.1 200 OK").count();
    assert!((1..MANY / 2).contains(&answers), "{answers} answers");
}
