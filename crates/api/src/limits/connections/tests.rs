//! Which connection is closed to make room for another.

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
    tokio::time::advance(FIRST_REQUEST_TIME).await;
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
async fn a_request_without_progress_makes_room_before_a_connection_that_has_just_opened() {
    let all = connections(100, 2);
    let silent = open(&all, "192.0.2.1").unwrap();
    let _in_hand = silent.connection().begin_request();
    second().await;
    let new = open(&all, "192.0.2.1").unwrap();
    let _newer = open(&all, "192.0.2.1").unwrap();
    assert!(is_closed(&silent) && !is_closed(&new));
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
