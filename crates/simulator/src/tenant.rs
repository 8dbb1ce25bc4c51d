//! Starts, controls and stops tenants.

use crate::address::{certificate_names, origin};
use crate::certificate::Tls;
use crate::dispatch::dispatch;
use crate::exchange::Exchange;
use crate::fault::Fault;
use crate::request_log::LoggedRequest;
use crate::signing::signing_key;
use crate::state::{Now, State};
use crate::tenant_file::TenantFile;
use axum::body::Body;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use http::Request;
use serde_json::Value;
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tower::service_fn;

/// Time for the head of a request. Then the connection is closed.
const MAX_HEAD_TIME: Duration = Duration::from_secs(30);

pub struct Options {
    /// Port 0: any free port.
    pub listen: SocketAddr,
    pub tls: Tls,
    pub now: Now,
}

/// A tenant that runs until stopped or dropped.
pub struct SimulatedTenant {
    state: Arc<State>,
    handle: Handle<SocketAddr>,
    serving: JoinHandle<io::Result<()>>,
}

impl SimulatedTenant {
    pub async fn start(file: TenantFile, options: Options) -> io::Result<Self> {
        // Generating the key is slow and would block this thread.
        tokio::task::spawn_blocking(signing_key).await.map_err(io::Error::other)?;
        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let origin = origin(&options.tls, file.host.as_deref(), address);
        let names = certificate_names(file.host.as_deref(), address.ip());
        let tls = options.tls.server_config(names)?;
        let state = Arc::new(State::new(origin, file, options.now));
        let handle = Handle::new();
        let serving = serve_connections(listener, tls, Arc::clone(&state), handle.clone())?;
        Ok(Self { state, handle, serving })
    }

    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT` with TLS.
    pub fn origin(&self) -> String {
        self.state.origin.clone()
    }

    /// The address of the Management API, with a trailing slash.
    pub fn api_identifier(&self) -> String {
        self.state.api_identifier()
    }

    /// The audience that the Management API accepts.
    pub fn audience(&self) -> String {
        self.state.audience()
    }

    /// Client id and secret of the first application; empty if an edit removed all applications.
    pub fn credentials(&self) -> (String, String) {
        let file = self.state.file();
        let first = file.applications.first();
        first
            .map_or_else(Default::default, |one| (one.client_id.clone(), one.client_secret.clone()))
    }

    /// Every request except those to the control endpoints, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state.log.list()
    }

    pub fn clear_requests(&self) {
        self.state.log.clear();
    }

    /// The number of requests with this method and path prefix.
    pub fn count(&self, method: &str, path_prefix: &str) -> usize {
        let meant = |one: &&LoggedRequest| {
            one.method.eq_ignore_ascii_case(method) && one.path.starts_with(path_prefix)
        };
        self.requests().iter().filter(meant).count()
    }

    /// The number of requests that wait for a response.
    pub fn in_flight(&self) -> usize {
        self.state.in_flight()
    }

    /// The maximum number of requests that waited for a response at the same time.
    pub fn most_concurrent(&self) -> usize {
        self.state.most_in_flight()
    }

    /// Changes the tenant while it runs, except its address. The tenant is locked meanwhile: `change` must not call its
    /// methods.
    pub fn edit(&self, change: impl FnOnce(&mut TenantFile)) {
        change(&mut self.state.file());
    }

    /// A copy of the tenant's current file.
    pub fn file(&self) -> TenantFile {
        self.state.file().clone()
    }

    /// Replaces the body of a resource; `path` without `/api/v2/`.
    pub fn set(&self, path: &str, body: Value) {
        self.edit(|file| {
            file.resources.insert(path.to_owned(), body);
        });
    }

    /// Replays these recorded exchanges from now on.
    pub fn replay(&self, exchanges: Vec<Exchange>) {
        self.state.replay(exchanges);
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.state.faults().push(fault);
    }

    pub fn clear_faults(&self) {
        self.state.faults().replace(Vec::new());
    }

    /// Closes the port and all connections and waits for that.
    pub async fn stop(mut self) {
        self.handle.shutdown();
        // A cancelled or panicked task has stopped, too.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for SimulatedTenant {
    fn drop(&mut self) {
        self.handle.shutdown();
        self.serving.abort();
    }
}

/// Starts one tenant for each file, on consecutive ports from `first`, or on any free ports if its port is 0.
pub async fn serve(
    files: Vec<TenantFile>,
    first: SocketAddr,
    tls: Tls,
    now: Now,
) -> io::Result<Vec<SimulatedTenant>> {
    let ports = ports(first.port(), files.len()).ok_or_else(|| {
        let what = "there are not enough ports above the first";
        io::Error::new(io::ErrorKind::InvalidInput, what)
    })?;
    let mut tenants = Vec::with_capacity(files.len());
    for (file, port) in files.into_iter().zip(ports) {
        let listen = SocketAddr::new(first.ip(), port);
        let options = Options { listen, tls: tls.clone(), now: Arc::clone(&now) };
        tenants.push(SimulatedTenant::start(file, options).await?);
    }
    Ok(tenants)
}

fn ports(first: u16, count: usize) -> Option<Vec<u16>> {
    let step = u16::from(first != 0);
    let ports = 0..u16::try_from(count).ok()?;
    ports.map(|index| first.checked_add(index * step)).collect()
}

fn serve_connections(
    listener: TcpListener,
    tls: Option<rustls::ServerConfig>,
    state: Arc<State>,
    handle: Handle<SocketAddr>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let service =
        service_fn(move |request: Request<_>| dispatch(Arc::clone(&state), request.map(Body::new)));
    let for_each_connection = service_fn(move |_peer: SocketAddr| {
        std::future::ready(Ok::<_, Infallible>(service.clone()))
    });
    let mut server =
        axum_server::from_tcp(listener)?.handle(handle).first_request_timeout(MAX_HEAD_TIME);
    server.http_builder().http1().header_read_timeout(MAX_HEAD_TIME);
    Ok(match tls {
        None => tokio::spawn(server.serve(for_each_connection)),
        Some(config) => {
            let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(Arc::new(config)));
            tokio::spawn(server.acceptor(acceptor).serve(for_each_connection))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Effect;
    use jiff::Timestamp;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    async fn started(names: &[&str]) -> Vec<SimulatedTenant> {
        let files = names.iter().map(|name| TenantFile::bundled(name).unwrap()).collect();
        let listen = "127.0.0.1:0".parse().unwrap();
        serve(files, listen, Tls::Plain, Arc::new(|| Timestamp::UNIX_EPOCH)).await.unwrap()
    }

    /// Everything received until the connection is closed.
    async fn ask(tenant: &SimulatedTenant, path: &str) -> String {
        let address = tenant.origin().replace("http://", "");
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn several_tenants_run_independently() {
        let tenants = started(&["fresh", "weak"]).await;
        for tenant in &tenants {
            let document = ask(tenant, "/.well-known/openid-configuration").await;
            assert!(document.contains(&format!("\"issuer\":\"{}/\"", tenant.origin())));
            assert_eq!(tenant.count("get", "/.well-known"), 1);
        }
        assert_eq!(tenants[1].credentials().0, "simulated-weak");
        assert_eq!(tenants[0].audience(), tenants[0].api_identifier());
    }

    #[tokio::test]
    async fn faults_close_connections_early() {
        let tenant = started(&["fresh"]).await.remove(0);
        tenant.fault(Fault::everywhere(Effect::CloseBeforeResponse));
        assert_eq!(ask(&tenant, "/.well-known/jwks.json").await, "");

        tenant.clear_faults();
        let whole = ask(&tenant, "/.well-known/jwks.json").await;
        tenant.fault(Fault::everywhere(Effect::DropMidBody));
        let half = ask(&tenant, "/.well-known/jwks.json").await;
        let body = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.len();
        assert!(half.contains(&format!("content-length: {}", body(&whole))), "{half}");
        assert_eq!(body(&half), body(&whole).div_ceil(2));
    }

    #[tokio::test]
    async fn a_stopped_tenant_refuses_connections() {
        let tenant = started(&["fresh"]).await.remove(0);
        let address = tenant.origin().replace("http://", "");
        tenant.stop().await;
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn ports_are_consecutive_and_can_run_out() {
        let files = vec![TenantFile::bundled("fresh").unwrap(); 2];
        let last = "127.0.0.1:65535".parse().unwrap();
        let error = serve(files, last, Tls::Plain, Arc::new(|| Timestamp::UNIX_EPOCH)).await.err();
        assert_eq!(error.unwrap().kind(), io::ErrorKind::InvalidInput);
    }
}
