//! Open connections: how many there may be, of one address and in all. A connection too many closes one
//! on which nobody is known to wait for an answer, the one that was silent for longest: whoever opens many and
//! says nothing closes their own, and a new client is let in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::TrustedProxies;
use super::client_network::client_network;

/// Answers that a client did not take, after which its whole connection is closed.
const STALLED_ANSWERS_MAX: usize = 8;

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
        Self(Arc::new(Inner {
            last_progress: Mutex::new(Instant::now()),
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
        self.0.requests_in_hand.load(Ordering::Relaxed) > 0
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
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    const STALL: Duration = Duration::from_secs(30);

    fn connections(total: usize, per_address: usize) -> Arc<Connections> {
        let proxies = vec![TrustedProxies::parse_network("10.0.0.0/8").unwrap()];
        let trusted_proxies = TrustedProxies::new(proxies);
        Connections::new(ConnectionLimits { total, per_address, trusted_proxies })
    }

    fn open(all: &Arc<Connections>, peer: &str) -> Option<OpenConnection> {
        all.open(peer.parse().unwrap())
    }

    fn is_closed(connection: &OpenConnection) -> bool {
        connection.connection().clone().closed().now_or_never().is_some()
    }

    async fn second() {
        tokio::time::advance(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn over_the_limit_of_an_address_its_most_idle_connection_is_closed() {
        let all = connections(100, 3);
        let busy = open(&all, "192.0.2.1").unwrap();
        let _caller = busy.connection().begin_caller_request();
        let first = open(&all, "192.0.2.1").unwrap();
        let in_hand = first.connection().begin_request();
        second().await;
        let silent = open(&all, "192.0.2.1").unwrap();
        let other = open(&all, "192.0.2.2").unwrap();
        let fourth = open(&all, "192.0.2.1").unwrap();
        assert!(is_closed(&silent) && !is_closed(&first) && !is_closed(&other));
        assert!(!is_closed(&busy), "somebody waits for an answer on it");
        let _requests = [&first, &fourth].map(|each| each.connection().begin_caller_request());
        assert!(open(&all, "192.0.2.1").is_none(), "all of them are in use");
        assert!(open(&all, "192.0.2.9").is_some());
        drop((first, silent, in_hand));
        assert!(open(&all, "192.0.2.1").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn over_the_total_limit_the_address_with_the_most_connections_loses_one() {
        let all = connections(4, 3);
        let many = [1, 2, 3].map(|_| open(&all, "10.0.0.1").unwrap());
        let one = open(&all, "192.0.2.1").unwrap();
        let _new = open(&all, "192.0.2.2").unwrap();
        assert_eq!(many.iter().filter(|each| is_closed(each)).count(), 1);
        assert!(!is_closed(&one));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trusted_proxy_is_limited_by_the_total_only() {
        let all = connections(100, 2);
        let of_proxy: Vec<_> = (0..50).map(|_| open(&all, "10.0.0.1").unwrap()).collect();
        assert!(of_proxy.iter().all(|each| !is_closed(each)));
        let ipv6 = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(|ip| open(&all, ip).unwrap());
        assert!(ipv6.iter().any(is_closed), "one /64 is one client");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_progress_or_with_too_many_dropped_responses_is_closed() {
        let all = connections(100, 100);
        let dead = open(&all, "192.0.2.1").unwrap();
        let since = Instant::now();
        tokio::time::advance(STALL).await;
        dead.connection().record_stall(since);
        assert!(is_closed(&dead));
        let alive = open(&all, "192.0.2.1").unwrap();
        for stalled in 1..=STALLED_ANSWERS_MAX {
            let since = Instant::now();
            tokio::time::advance(STALL).await;
            alive.connection().record_progress();
            alive.connection().record_stall(since);
            assert_eq!(is_closed(&alive), stalled == STALLED_ANSWERS_MAX, "{stalled}");
        }
    }
}
