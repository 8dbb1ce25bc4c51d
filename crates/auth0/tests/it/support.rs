//! A raw responder: reads a request and writes exactly the given bytes, so that tests can send broken
//! responses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth0::{Auth0, Config, ConnectError, Freshness, Limits, Session, TokioSleeper};
use domain::address::{AllowedOrigins, ExtraOrigin, TenantAddress};
use domain::clock::{ManualClock, SystemClock};
use domain::connection::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the responder does with one request.
#[derive(Clone)]
pub enum Act {
    /// Writes this and keeps the connection.
    Answer(String),
    /// Writes this and closes.
    AnswerAndClose(String),
    /// Writes this, then one byte each 20 ms without end.
    Drip(String),
    /// Writes this once so many requests wait for the barrier.
    AnswerTogether(Arc<tokio::sync::Barrier>, String),
    /// Writes nothing and keeps the connection open.
    Hang,
}

/// Decides by the request line and the number of earlier requests with the same line.
pub type Script = Arc<dyn Fn(&str, usize) -> Act + Send + Sync>;

/// A running responder.
pub struct Responder {
    pub origin: String,
    /// Heads of all requests.
    pub requests: Arc<Mutex<Vec<String>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Responder {
    pub async fn start(script: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        Self::start_with_heads(move |head, earlier| {
            script(head.lines().next().unwrap_or_default(), earlier)
        })
        .await
    }

    /// The same, deciding by the whole head.
    pub async fn start_with_heads(
        script: impl Fn(&str, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let script: Script = Arc::new(script);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (seen, opened) = (Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        Self { origin, requests, connections }
    }

    pub fn count(&self, line: &str) -> usize {
        self.requests
            .lock()
            .expect("no panic elsewhere")
            .iter()
            .filter(|head| head.starts_with(line))
            .count()
    }
}

async fn serve(mut stream: TcpStream, script: Script, seen: Arc<Mutex<Vec<String>>>) {
    while let Some(head) = read_request(&mut stream).await {
        let line = head.lines().next().unwrap_or_default().to_owned();
        let earlier = {
            let mut seen = seen.lock().expect("no panic elsewhere");
            let earlier = seen.iter().filter(|head| head.starts_with(&line)).count();
            seen.push(head.clone());
            earlier
        };
        match script(&head, earlier) {
            Act::Answer(text) => stream.write_all(text.as_bytes()).await.unwrap_or_default(),
            Act::AnswerTogether(barrier, text) => {
                barrier.wait().await;
                stream.write_all(text.as_bytes()).await.unwrap_or_default();
            }
            Act::AnswerAndClose(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                return;
            }
            Act::Drip(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                return;
            }
            Act::Hang => tokio::time::sleep(Duration::from_hours(1)).await,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut text = Vec::new();
    let end = loop {
        if let Some(at) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => text.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&text[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let mut body = text.split_off(end);
    while body.len() < length {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&piece[..count]);
    }
    Some(format!("{}{}", String::from_utf8_lossy(&text), String::from_utf8_lossy(&body)))
}

/// A whole answer.
pub fn answer(status: &str, extra_headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{extra_headers}\r\n{body}"
    )
}

pub fn reply(status: &str, extra_headers: &str, body: &str) -> Act {
    Act::Answer(answer(status, extra_headers, body))
}

pub const SCOPES: &str = "read:attack_protection read:mfa_policies read:stats";

/// A token answer; each call of a test should use its own text.
pub fn token(text: &str, scope: &str) -> Act {
    let body = format!(
        r#"{{"access_token":"{text}","scope":"{scope}","expires_in":86400,"token_type":"Bearer"}}"#
    );
    reply("200 OK", "", &body)
}

/// Limits with short times.
pub fn quick() -> Limits {
    Limits {
        connect_timeout: Duration::from_secs(2),
        request_timeout: Duration::from_millis(700),
        idle_timeout: Duration::from_millis(300),
        backoff_base: Duration::from_millis(5),
        backoff_cap: Duration::from_millis(20),
        settings_body_bytes: 64 << 10,
        page_body_bytes: 64 << 10,
        // Not the HTTP client's own.
        headers_max: 50,
        ..Limits::default()
    }
}

pub fn client(origins: &[&str], limits: Limits, extra_ca_pem: Option<Vec<u8>>) -> Auth0 {
    let config = config(origins, limits, extra_ca_pem);
    Auth0::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper)).expect("a good configuration")
}

/// A client of one tenant, on a manual clock that waits advance.
pub fn client_on(clock: &ManualClock, origin: &str) -> Auth0 {
    let clock = Arc::new(clock.clone());
    Auth0::new(config(&[origin], quick(), None), clock.clone(), clock)
        .expect("a good configuration")
}

/// Opens a session, which may take 20 seconds.
pub async fn open_soon(
    auth0: &Auth0,
    connection: &Connection,
    freshness: Freshness,
) -> Result<Session, ConnectError> {
    auth0.open(connection, freshness, "connection-test", in_seconds(20)).await
}

pub fn config(origins: &[&str], limits: Limits, extra_ca_pem: Option<Vec<u8>>) -> Config {
    Config {
        allowed: allowed(origins),
        extra_ca_pem,
        limits,
        user_agent: "safe-auth0/0.1.0".into(),
    }
}

pub fn connection(origin: &str) -> Connection {
    let address = TenantAddress::parse(origin, &allowed(&[origin])).expect("an address").address;
    Connection {
        api_identifier: address.clone(),
        api_audience: address,
        client_id: "our-client".into(),
        client_secret: "hunter2hunter2".into(),
    }
}

/// Also names of private addresses.
fn allowed(origins: &[&str]) -> AllowedOrigins {
    let private = |origin: &&str| ExtraOrigin::parse(&format!("{origin};private"));
    AllowedOrigins::new(origins.iter().map(|each| private(each).expect("an origin")))
}

pub fn in_seconds(seconds: i64) -> jiff::Timestamp {
    let now = domain::Clock::now(&SystemClock);
    now.checked_add(jiff::SignedDuration::from_secs(seconds)).expect("in range")
}
