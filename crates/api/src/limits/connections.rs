//! Limits open connections, for each address and in total. A new connection beyond the limit closes another one: never
//! one with an authenticated request, idle ones first, and of these the one without progress for longest. So a client
//! that opens many connections and sends nothing closes its own, and new clients get in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::TrustedProxies;
use super::client_network::client_network;

/// Stalled responses after which the whole connection is closed.
const STALLED_ANSWERS_MAX: usize = 8;

/// A new connection has this long to send its first request before it counts as idle: otherwise a burst of new clients
/// would close each other's connections instead of those of requests that make no progress.
const FIRST_REQUEST_TIME: Duration = Duration::from_secs(2);

#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// In total.
    pub total: usize,
    /// For each address (IPv6: each /64).
    pub per_address: usize,
    /// Peers that serve many clients; only the total limits them.
    pub trusted_proxies: TrustedProxies,
}

/// All open connections.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    open: Mutex<HashMap<IpAddr, Vec<Connection>>>,
}

/// The handle of one open connection for its requests. Clones share the state.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    opened_at: Instant,
    has_begun: AtomicBool,
    last_progress: Mutex<Instant>,
    requests_in_hand: AtomicUsize,
    requests_of_callers: AtomicUsize,
    stalled_answers: AtomicUsize,
    /// Notifies the task that waits for the end. A notification without a waiter is stored.
    close: Notify,
}

/// Counts a connection until dropped.
#[derive(Debug)]
pub struct OpenConnection {
    all: Arc<Connections>,
    site: IpAddr,
    connection: Connection,
}

/// A request in progress: its connection is among the last to be closed for others.
#[derive(Debug)]
pub struct RequestInHand(Connection);

/// An authenticated request in progress: its connection is not closed for others.
#[derive(Debug)]
pub struct CallerRequest(Connection);

impl Connections {
    /// No connections.
    pub fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default() })
    }

    /// Counts a new connection of this peer. None if the limit is reached and no connection can be closed.
    pub fn open(self: &Arc<Self>, peer: IpAddr) -> Option<OpenConnection> {
        let site = client_network(peer.to_canonical());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_site = open.get(&site).map_or(0, Vec::len);
        let is_proxy = self.limits.trusted_proxies.contains(peer.to_canonical());
        if !is_proxy && of_site >= self.limits.per_address {
            close_idle(&mut open, site)?;
        } else if open.values().map(Vec::len).sum::<usize>() >= self.limits.total {
            let largest = open.iter().max_by_key(|(_, connections)| connections.len());
            let largest = largest.map(|(site, _)| *site)?;
            close_idle(&mut open, largest)?;
        }
        let connection = Connection::new();
        open.entry(site).or_default().push(connection.clone());
        Some(OpenConnection { all: Arc::clone(self), site, connection })
    }
}

/// Closes the connection of this address without progress for longest, of those without an authenticated request. None
/// if there is none.
fn close_idle(
    open: &mut MutexGuard<'_, HashMap<IpAddr, Vec<Connection>>>,
    site: IpAddr,
) -> Option<()> {
    let connections = open.get_mut(&site)?;
    let idle = connections.iter().enumerate().filter(|(_, connection)| connection.is_idle());
    let (index, _) =
        idle.min_by_key(|(_, connection)| (connection.is_in_use(), connection.last_progress()))?;
    connections.swap_remove(index).close();
    Some(())
}

impl Connection {
    fn new() -> Self {
        let opened_at = Instant::now();
        Self(Arc::new(Inner {
            opened_at,
            has_begun: AtomicBool::new(false),
            last_progress: Mutex::new(opened_at),
            requests_in_hand: AtomicUsize::new(0),
            requests_of_callers: AtomicUsize::new(0),
            stalled_answers: AtomicUsize::new(0),
            close: Notify::new(),
        }))
    }

    /// Records that the client sent a request or read a part of a response.
    pub fn record_progress(&self) {
        let mut last = self.0.last_progress.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Instant::now();
    }

    /// Counts a request.
    pub fn begin_request(&self) -> RequestInHand {
        self.record_progress();
        self.0.has_begun.store(true, Ordering::Relaxed);
        self.0.requests_in_hand.fetch_add(1, Ordering::Relaxed);
        RequestInHand(self.clone())
    }

    /// Counts an authenticated request.
    pub fn begin_caller_request(&self) -> CallerRequest {
        self.0.requests_of_callers.fetch_add(1, Ordering::Relaxed);
        CallerRequest(self.clone())
    }

    /// Records that a response was dropped because the client read nothing of it since then. Closes the connection if
    /// nothing else on it made progress either, or after too many such responses.
    pub fn record_stall(&self, since: Instant) {
        let stalled = self.0.stalled_answers.fetch_add(1, Ordering::Relaxed) + 1;
        if stalled >= STALLED_ANSWERS_MAX || self.last_progress() <= since {
            self.close();
        }
    }

    /// Resolves when the connection must be closed. For one waiter.
    pub async fn closed(self) {
        self.0.close.notified().await;
    }

    fn close(&self) {
        self.0.close.notify_one();
    }

    fn is_idle(&self) -> bool {
        self.0.requests_of_callers.load(Ordering::Relaxed) == 0
    }

    fn is_in_use(&self) -> bool {
        let is_new = !self.0.has_begun.load(Ordering::Relaxed)
            && self.0.opened_at.elapsed() < FIRST_REQUEST_TIME;
        is_new || self.0.requests_in_hand.load(Ordering::Relaxed) > 0
    }

    fn last_progress(&self) -> Instant {
        *self.0.last_progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnection {
    /// The handle for its requests.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connections) = open.get_mut(&self.site) else { return };
        // A connection that was closed for another is no longer in the map.
        connections.retain(|each| !Arc::ptr_eq(&each.0, &self.connection.0));
        if connections.is_empty() {
            open.remove(&self.site);
        }
    }
}

impl Drop for RequestInHand {
    fn drop(&mut self) {
        self.0.0.requests_in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for CallerRequest {
    fn drop(&mut self) {
        self.0.0.requests_of_callers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
