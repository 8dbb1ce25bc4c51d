//! Clients that try to exhaust shared resources with bodies that never arrive, unread responses and huge queries,
//! without credentials or with the token of one organisation. Other clients still get responses, and memory stays
//! bounded. All limits have their defaults, except timeouts.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::support::{Answer, Api, Process, RawConnection, Site, until};

/// More than ten times the expected duration.
const SOON: Duration = Duration::from_secs(120);
/// More than the limits of connections of one address and of concurrent requests.
const MANY: usize = 600;
/// More than the quota of one organisation.
const MANY_OF_ONE: usize = 200;
/// Maximum concurrent streams of an HTTP/2 connection.
const STREAMS: usize = 128;
const CONNECTIONS: usize = 4;
/// Memory for unread responses. About 20 MiB are expected; a copy for each response would take 700 MiB.
const MEMORY_MAX_KIB: u64 = 200 * 1024;

/// Processor time for the huge queries and the other clients' requests. Quadratic cost would take several times as
/// much.
const TICKS_MAX: u64 = 1000;

async fn list(api: &Api, address: &str) -> Answer {
    api.get(address, "/v1/integrations").await
}

/// Asserts that another caller gets responses.
async fn assert_responsive(api: &Api, address: &str) {
    for _ in 0..20 {
        list(api, address).await.expect(200);
    }
}

/// Peak memory of the process.
pub fn peak_kib(process: &Process) -> u64 {
    let path = format!("/proc/{}/status", process.pid().as_raw_nonzero());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Processor time of the process in Linux clock ticks, 100 a second.
pub fn processor_ticks(process: &Process) -> u64 {
    let path = format!("/proc/{}/stat", process.pid().as_raw_nonzero());
    let stat = std::fs::read_to_string(path).unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_ascii_whitespace().collect();
    // User and system time are fields 14 and 15; the name of the program, in parentheses, is field 2.
    fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Opens connections that announce a body and send nothing of it.
fn silent_bodies(
    address: &str,
    path: &str,
    token: Option<&str>,
    count: usize,
) -> Vec<RawConnection> {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n{}\r\n",
        authorization.unwrap_or_default()
    );
    let open = |_| {
        let mut connection = RawConnection::open(address);
        connection.send(&head);
        connection
    };
    (0..count).map(open).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn announced_bodies_that_never_arrive_block_no_other_organisation() {
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[("SAFE_AUTH0_BODY_TIMEOUT", "50s")]);
    let (acme, evil) = (site.api("acme"), site.api("evil"));
    let _unauthenticated = silent_bodies(&service.address, "/v1/token", None, MANY);
    assert_responsive(&acme, &service.address).await;
    let path = "/v1/integrations";
    let _authenticated = silent_bodies(&service.address, path, Some(evil.token()), MANY_OF_ONE);
    until("the organisation has used up its quota", SOON, async || {
        (list(&evil, &service.address).await.status == 429).then_some(())
    })
    .await;
    assert_responsive(&acme, &service.address).await;
    acme.post(&service.address, path, Some(&serde_json::json!({}))).await.expect(422);
}

/// An HTTP/2 connection whose client accepts no response bytes. The task ends when the connection is closed.
async fn connect_without_window(address: &str) -> (SendRequest<Bytes>, JoinHandle<()>) {
    let stream = TcpStream::connect(address).await.unwrap();
    let mut client = h2::client::Builder::new();
    let (sender, connection) =
        client.initial_window_size(0).handshake::<_, Bytes>(stream).await.unwrap();
    let driver = tokio::spawn(async move {
        // An error is a closed connection, too.
        let _ = connection.await;
    });
    (sender, driver)
}

/// Sends as many requests as a connection allows and reads no response. Returns when the service has closed it.
async fn leave_unread(address: String, path: &'static str, token: Option<String>) {
    let (sender, driver) = connect_without_window(&address).await;
    let mut unread = Vec::new();
    for _ in 0..STREAMS {
        // An encoder for each response would take hundreds of MiB, too.
        let mut request =
            Request::get(format!("http://{address}{path}")).header("accept-encoding", "zstd, gzip");
        if let Some(token) = &token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let Ok(mut ready) = sender.clone().ready().await else { break };
        let Ok((answer, _)) = ready.send_request(request.body(()).unwrap(), true) else { break };
        unread.push(answer);
    }
    driver.await.unwrap();
    drop(unread);
}

async fn attack(service: &Process, path: &'static str, token: Option<&str>, other: &Api) {
    let attack =
        || tokio::spawn(leave_unread(service.address.clone(), path, token.map(str::to_owned)));
    let attacks: Vec<_> = (0..CONNECTIONS).map(|_| attack()).collect();
    assert_responsive(other, &service.address).await;
    for attack in attacks {
        let closed = tokio::time::timeout(SOON, attack).await;
        closed.expect("a connection without progress is closed").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_responses_use_bounded_memory_and_time() {
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[("SAFE_AUTH0_STALL_TIMEOUT", "5s")]);
    let (acme, evil) = (site.api("acme"), site.api("evil"));
    assert_responsive(&acme, &service.address).await;
    let before = peak_kib(&service);
    attack(&service, "/docs/swagger-ui-bundle.js", None, &acme).await;
    attack(&service, "/v1/checks?limit=200", Some(evil.token()), &acme).await;
    let grown = peak_kib(&service) - before;
    assert!(grown < MEMORY_MAX_KIB, "{grown} KiB");
    until("the organisation's permits are released", SOON, async || {
        (list(&evil, &service.address).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_secrets_uses_bounded_memory() {
    // Each hash takes 19 MiB: kept for each thread that ever hashed, they would add up to hundreds of MiB.
    const GUESSES: usize = 120;
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let acme = site.api("acme");
    assert_responsive(&acme, &service.address).await;
    let before = peak_kib(&service);
    for round in 0..GUESSES / 8 {
        let guess = |n| {
            // Different ids, because an id with many failures is locked.
            let id = format!("01996e1e-11aa-7c55-8e21-{:012x}", 8 * round + n);
            let basic = STANDARD.encode(format!("{id}:sac_{}", "A".repeat(43)));
            let mut connection = RawConnection::open(&service.address);
            connection.send(&format!(
                "POST /v1/token HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\nContent-Length: 0\r\n\r\n"
            ));
            tokio::task::spawn_blocking(move || connection.answer())
        };
        for answer in (0..8).map(guess).collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap().expect("an answer").status(), 401);
        }
    }
    assert_responsive(&acme, &service.address).await;
    let grown = peak_kib(&service) - before;
    assert!(grown < MEMORY_MAX_KIB, "{grown} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejecting_a_huge_query_costs_time_proportional_to_its_length() {
    let site = Site::with(&[]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let acme = site.api("acme");
    let names: Vec<String> = (0..10_000).map(|n| format!("x{n}")).collect();
    let names = names.join("&");
    let token = site.token("evil");
    let before = processor_ticks(&service);
    for (authorization, path, status) in [
        (String::new(), "/v1/token", 401),
        ("Authorization: Basic eDp5\r\n".to_owned(), "/v1/token", 401),
        ("Authorization: Bearer x\r\n".to_owned(), "/v1/findings", 401),
        (format!("Authorization: Bearer {token}\r\n"), "/v1/findings", 422),
    ] {
        let method = if path == "/v1/token" { "POST" } else { "GET" };
        let head = format!("{method} {path}?{names} HTTP/1.1\r\nHost: x\r\n{authorization}\r\n");
        let mut connections: Vec<_> =
            (0..16).map(|_| RawConnection::open(&service.address)).collect();
        for connection in &mut connections {
            connection.send(&head);
        }
        assert_responsive(&acme, &service.address).await;
        for mut connection in connections {
            let answer = tokio::task::spawn_blocking(move || connection.answer());
            let answer = answer.await.unwrap().expect("an answer");
            assert_eq!(answer.status(), status, "{authorization}");
            assert!(answer.body.len() < 16 * 1024, "{} bytes", answer.body.len());
        }
    }
    let used = processor_ticks(&service) - before;
    assert!(used < TICKS_MAX, "{used} ticks");
}
