//! Open connections: how many there may be, from one address and in all. A new connection beyond the limit closes
//! another one: not one with an authenticated request, an idle one first, of these the one without progress for longest. So
//! a client that opens many and sends nothing closes its own, and a new client gets in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::TrustedProxies;
use super::client_network::client_network;

/// Answers that a client did not take, after which its whole connection is closed.
const STALLED_ANSWERS_MAX: usize = 8;

/// A new connection has this long to send its first request before it counts as idle: otherwise a burst of new clients
/// would close each other's connections instead of those of requests that make no progress.
const FIRST_REQUEST_TIME: Duration = Duration::from_secs(2);

/// How many connections there may be.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one address (IPv6: one /64).
    pub per_address: usize,
    /// Peers that stand for many clients; only the total counts for them.
    pub trusted_proxies: TrustedProxies,
}

/// Every open connection.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    open: Mutex<HashMap<IpAddr, Vec<Connection>>>,
}

/// One open connection, as its requests know it. Clones share everything.
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
    /// Wakes whoever waits for the end; a permit is stored when nobody does.
    close: Notify,
}

/// A connection that is counted as long as this value is kept.
#[derive(Debug)]
pub struct OpenConnection {
    all: Arc<Connections>,
    site: IpAddr,
    connection: Connection,
}

/// A request that is being answered: its connection is among the last that are closed to make room.
#[derive(Debug)]
pub struct RequestInHand(Connection);

/// A request of a known caller: its connection is not closed to make room.
#[derive(Debug)]
pub struct CallerRequest(Connection);

impl Connections {
    /// None yet.
    pub fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default() })
    }

    /// Counts a new connection of this peer. None when there is no room and none can be made.
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

/// Closes the connection of this address that made no progress for longest, of those without a request of
/// a caller. None when there is none.
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

    /// Notes that its client sent a request or took a part of an answer.
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

    /// Counts a request whose caller is known.
    pub fn begin_caller_request(&self) -> CallerRequest {
        self.0.requests_of_callers.fetch_add(1, Ordering::Relaxed);
        CallerRequest(self.clone())
    }

    /// Notes that an answer was given up because nothing of it was taken since then. The connection is
    /// closed when nothing else moved on it either, or when it is one such answer too many.
    pub fn record_stall(&self, since: Instant) {
        let stalled = self.0.stalled_answers.fetch_add(1, Ordering::Relaxed) + 1;
        if stalled >= STALLED_ANSWERS_MAX || self.last_progress() <= since {
            self.close();
        }
    }

    /// Ends when the connection is to be closed. For one waiter.
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
    /// For the requests on it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connections) = open.get_mut(&self.site) else { return };
        // One that was closed to make room is no longer there.
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
