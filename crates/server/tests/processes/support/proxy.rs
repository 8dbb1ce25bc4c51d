//! A proxy between a process and the database that can cut, delay or silence connections.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CHUNK: usize = 16 * 1024;

/// How the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Connections break, and new ones are closed.
    Cut,
    /// Everything that is sent waits, and arrives late.
    Held,
}

#[derive(Debug, Clone, Copy)]
struct Present {
    way: Way,
    /// Connections with a smaller number carry nothing any more, in silence.
    silent_below: u64,
}

pub struct Proxy {
    address: String,
    present: watch::Sender<Present>,
    next: Arc<std::sync::atomic::AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Leads to the server that listens on this socket.
    pub async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (present, seen) = watch::channel(Present { way: Way::Open, silent_below: 0 });
        let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let numbers = Arc::clone(&next);
        let accepting = tokio::spawn(async move {
            loop {
                let Ok((mut client, _)) = listener.accept().await else { continue };
                let number = numbers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let (seen, socket) = (seen.clone(), socket.clone());
                tokio::spawn(async move {
                    if seen.borrow().way == Way::Cut {
                        return;
                    }
                    let Ok(mut server) = UnixStream::connect(socket).await else { return };
                    let (from_client, to_client) = client.split();
                    let (from_server, to_server) = server.split();
                    // Either end, or the cut, ends both.
                    tokio::select! {
                        () = carry(from_client, to_server, number, seen.clone()) => {}
                        () = carry(from_server, to_client, number, seen.clone()) => {}
                        () = cut(seen) => {}
                    }
                });
            }
        });
        Self { address, present, next, accepting }
    }

    /// The address of a database by this way.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}?sslmode=disable", self.address)
    }

    pub fn set(&self, way: Way) {
        self.present.send_modify(|present| present.way = way);
    }

    /// The present connections carry nothing any more and nobody is told, as when a machine between
    /// has forgotten them. New ones work.
    pub fn silence(&self) {
        let next = self.next.load(std::sync::atomic::Ordering::SeqCst);
        self.present.send_modify(|present| present.silent_below = next);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Way::Cut);
    }
}

async fn cut(mut seen: watch::Receiver<Present>) {
    // Without a sender the proxy is gone as well.
    let _ = seen.wait_for(|present| present.way == Way::Cut).await;
}

async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    number: u64,
    mut seen: watch::Receiver<Present>,
) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await;
        let may_pass = |now: &Present| now.way == Way::Open && number >= now.silent_below;
        if seen.wait_for(may_pass).await.is_err() {
            return;
        }
        let Ok(count @ 1..) = read else { return };
        if to.write_all(&chunk[..count]).await.is_err() {
            return;
        }
    }
}
