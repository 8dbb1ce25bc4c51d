//! Limits of a connection: time for a request head, idle time, time without write progress, HTTP/2 buffers. Counts
//! connections and closes those that `api` evicts. `api` limits request and response bodies.

use std::future::{Future, Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use api::{Connection, Connections, OpenConnection};
use axum_server::Server;
use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutStream;
use tower_http::add_extension::AddExtension;

/// Interval of HTTP/2 keep-alive pings.
const PING_EVERY: Duration = Duration::from_secs(20);
/// Maximum concurrent requests of one HTTP/2 connection; more of them wait.
const STREAMS_MAX: u32 = 128;
/// Maximum size of a request head on HTTP/1, in bytes.
const HEAD_MAX: usize = 64 * 1024;
/// The same on HTTP/2.
const HEADERS_MAX: u32 = 64 * 1024;

/// HTTP/2 receive window of a request, in bytes: the largest body fits.
const STREAM_WINDOW: u32 = 64 * 1024;
/// HTTP/2 receive window of a connection, in bytes.
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// HTTP/2 send buffer of a response, in bytes.
const SEND_BUFFER: usize = 64 * 1024;

#[derive(Debug, Clone, Copy)]
pub struct ConnectionTimeouts {
    /// Time for a request head, from the start of the connection or the end of the previous request.
    pub head: Duration,
    /// Time without write progress on a response.
    pub stall: Duration,
}

/// Applies the limits to a server's connections.
pub fn apply_limits(
    mut server: Server<SocketAddr>,
    timeouts: &ConnectionTimeouts,
    connections: Arc<Connections>,
) -> Server<SocketAddr, Acceptor> {
    let http = server.http_builder();
    http.http1().header_read_timeout(timeouts.head).max_buf_size(HEAD_MAX);
    http.http2()
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(timeouts.head)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER);
    // Until its first bytes a connection has no protocol, and only this timeout applies.
    let acceptor = Acceptor { stall: timeouts.stall, connections };
    server.first_request_timeout(timeouts.head).acceptor(acceptor)
}

/// Counts each connection, adds it to the extensions of its requests, and gives it a write timeout and an end.
#[derive(Debug, Clone)]
pub struct Acceptor {
    stall: Duration,
    connections: Arc<Connections>,
}

impl<S> Accept<TcpStream, S> for Acceptor {
    type Stream = EvictableStream<TcpStream>;
    type Service = AddExtension<S, Connection>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.count(stream).map(|(stream, connection)| {
            let service = AddExtension::new(service, connection);
            (stream, service)
        }))
    }
}

impl Acceptor {
    fn count(&self, stream: TcpStream) -> io::Result<(EvictableStream<TcpStream>, Connection)> {
        let open = self.connections.open(stream.peer_addr()?.ip());
        let open = open.ok_or(io::ErrorKind::QuotaExceeded)?;
        let connection = open.connection().clone();
        Ok((EvictableStream::new(stream, self.stall, Some(open)), connection))
    }
}

/// A connection whose reads fail after its eviction.
pub struct EvictableStream<I> {
    stream: Pin<Box<TimeoutStream<I>>>,
    closed: Pin<Box<dyn Future<Output = ()> + Send>>,
    _open: Option<OpenConnection>,
}

impl<I: AsyncRead + AsyncWrite> EvictableStream<I> {
    /// Writes fail after `stall` without progress.
    fn new(stream: I, stall: Duration, open: Option<OpenConnection>) -> Self {
        let closed: Pin<Box<dyn Future<Output = ()> + Send>> = match &open {
            Some(open) => Box::pin(open.connection().clone().closed()),
            None => Box::pin(std::future::pending()),
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(stall));
        Self { stream: Box::pin(stream), closed, _open: open }
    }
}

impl<I: AsyncRead + AsyncWrite> AsyncRead for EvictableStream<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // The server reads every connection all the time, so checking for eviction here is enough.
        if self.closed.as_mut().poll(cx).is_ready() {
            self.closed = Box::pin(ready(()));
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        self.stream.as_mut().poll_read(cx, into)
    }
}

impl<I: AsyncRead + AsyncWrite> AsyncWrite for EvictableStream<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{ConnectionLimits, TrustedProxies};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn an_evicted_connection_is_closed_on_both_sides() {
        let trusted_proxies = TrustedProxies::default();
        let all = Connections::new(ConnectionLimits { total: 1, per_address: 1, trusted_proxies });
        let (server, mut client) = tokio::io::duplex(16);
        let peer = [192, 0, 2, 1].into();
        let mut connection = EvictableStream::new(server, Duration::from_mins(1), all.open(peer));
        let serving = tokio::spawn(async move { connection.read_u8().await });
        let _new = all.open(peer).unwrap();
        let fault = serving.await.unwrap().unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_disconnected_and_a_slow_reader_is_not() {
        let (server, mut client) = tokio::io::duplex(16);
        let stall = Duration::from_secs(30);
        let mut connection = EvictableStream::new(server, stall, None);
        let reader = tokio::spawn(async move {
            let mut piece = [0; 16];
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(29)).await;
                client.read_exact(&mut piece).await.unwrap();
            }
            client
        });
        connection.write_all(&[1; 64]).await.unwrap();
        let _still_open = reader.await.unwrap();
        let started = tokio::time::Instant::now();
        let fault = connection.write_all(&[1; 64]).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 30);
    }
}
