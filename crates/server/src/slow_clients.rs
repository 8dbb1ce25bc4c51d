//! Slow clients must not hold connections for ever: the head of a request arrives in time, an idle
//! connection is closed, and whoever does not read an answer is cut off. Bodies have the request's own
//! time cap (`api`).

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::Server;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// On HTTP/2 a connection without a sign of life is asked for one so often.
const PING_EVERY: Duration = Duration::from_secs(20);
/// More requests at once on one HTTP/2 connection wait.
const STREAMS_MAX: u32 = 128;
/// Longest head of a request on HTTP/1, in bytes.
const HEAD_MAX: usize = 64 * 1024;
/// The same on HTTP/2.
const HEADERS_MAX: u32 = 64 * 1024;

/// How long we wait for a client.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, from the connection's beginning or the end of the request before.
    pub head: Duration,
    /// For a sign that anything of an answer was read.
    pub stall: Duration,
}

/// Puts the bounds on a server's connections.
pub fn bound(mut server: Server<SocketAddr>, patience: &Patience) -> Server<SocketAddr, Acceptor> {
    let http = server.http_builder();
    http.http1().header_read_timeout(patience.head).max_buf_size(HEAD_MAX);
    http.http2()
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(patience.head)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_MAX);
    // Before its first bytes a connection is of neither protocol, and no other bound holds.
    server.first_request_timeout(patience.head).acceptor(Acceptor { stall: patience.stall })
}

/// Makes each connection one that notices a client that does not read.
#[derive(Debug, Clone, Copy)]
pub struct Acceptor {
    stall: Duration,
}

impl<I, S> Accept<I, S> for Acceptor {
    type Stream = Watched<I>;
    type Service = S;
    type Future = Ready<io::Result<(Watched<I>, S)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        ready(Ok((Watched { stream, stall: self.stall, waiting: None }, service)))
    }
}

/// A connection whose writes fail when nothing of them was taken for too long.
pub struct Watched<I> {
    stream: I,
    stall: Duration,
    /// Since a write could not go on.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<I> Watched<I> {
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.waiting = None;
            return outcome;
        }
        let stall = self.stall;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall)));
        waiting.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Watched<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Watched<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.watch(cx, outcome)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_cut_off_and_a_slow_reader_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(16);
        let stall = Duration::from_secs(30);
        let mut connection = Watched { stream: ours, stall, waiting: None };
        let reader = tokio::spawn(async move {
            let mut piece = [0; 16];
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(29)).await;
                theirs.read_exact(&mut piece).await.unwrap();
            }
            theirs
        });
        connection.write_all(&[1; 64]).await.unwrap();
        let _still_open = reader.await.unwrap();
        let started = tokio::time::Instant::now();
        let fault = connection.write_all(&[1; 64]).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 30);
    }
}
