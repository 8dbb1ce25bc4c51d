//! A proxy between a process and the database that can cut, delay or silence connections.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CHUNK: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyMode {
    Open,
    /// Connections are closed, also new ones.
    Cut,
    /// Data is delayed until the mode changes.
    Held,
}

#[derive(Debug, Clone, Copy)]
struct State {
    mode: ProxyMode,
    /// Connections with a smaller number transfer nothing, without an error.
    silent_below: u64,
}

pub struct Proxy {
    address: String,
    state: watch::Sender<State>,
    next: Arc<std::sync::atomic::AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Forwards connections to the server that listens on this socket.
    pub async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (state, seen) = watch::channel(State { mode: ProxyMode::Open, silent_below: 0 });
        let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let numbers = Arc::clone(&next);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((mut client, _)) = listener.accept().await else { continue };
                let number = numbers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let (seen, socket) = (seen.clone(), socket.clone());
                tokio::spawn(async move {
                    if seen.borrow().mode == ProxyMode::Cut {
                        return;
                    }
                    let Ok(mut server) = UnixStream::connect(socket).await else { return };
                    let (from_client, to_client) = client.split();
                    let (from_server, to_server) = server.split();
                    // The end of either direction, or a cut, closes both.
                    tokio::select! {
                        () = forward(from_client, to_server, number, seen.clone()) => {}
                        () = forward(from_server, to_client, number, seen.clone()) => {}
                        () = cut(seen) => {}
                    }
                });
            }
        });
        Self { address, state, next, accepting }
    }

    /// The URL of a database through the proxy.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}?sslmode=disable", self.address)
    }

    pub fn set(&self, mode: ProxyMode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Present connections transfer nothing any more and are not closed, as when a firewall has dropped them. New ones
    /// work.
    pub fn silence(&self) {
        let next = self.next.load(std::sync::atomic::Ordering::SeqCst);
        self.state.send_modify(|state| state.silent_below = next);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(ProxyMode::Cut);
    }
}

async fn cut(mut seen: watch::Receiver<State>) {
    // An error means that the proxy was dropped.
    let _ = seen.wait_for(|state| state.mode == ProxyMode::Cut).await;
}

async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    number: u64,
    mut seen: watch::Receiver<State>,
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await;
        let is_open = |state: &State| state.mode == ProxyMode::Open && number >= state.silent_below;
        if seen.wait_for(is_open).await.is_err() {
            return;
        }
        let Ok(count @ 1..) = read else { return };
        if to.write_all(&chunk[..count]).await.is_err() {
            return;
        }
    }
}
