//! A replica that loses the database stops its syncs before another replica can claim them.

use std::time::Duration;

use simulator::{Effect, Fault};

use crate::support::{Process, Proxy, ProxyMode, START_MAX, Site, until};

const SETTINGS: &[(&str, &str)] = &[("SAFE_AUTH0_WORKER_LEASE", "5s")];
/// Makes reading the tenant take longer than the lease.
const SLOW: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnected_replica_stops_reading_before_another_one_takes_over() {
    let site = Site::with(&["fresh"]).await;
    let proxy = Proxy::start(site.cluster.socket()).await;
    let program = site.program_on(&proxy.url("postgres"), &["serve"], SETTINGS);
    let first = Process::start(program, &site.log("first"));
    let api = site.api("acme");
    let id = site.create(&api, &first.address, 0).await;
    let tenant = &site.tenants[0];
    tenant.clear_requests();
    tenant.fault(Fault::on_management_api(Effect::Latency(SLOW)));
    let path = format!("/v1/integrations/{id}/syncs");
    let sync = api.post(&first.address, &path, None).await.expect(202).id();
    let is_read = async || (!tenant.requests().is_empty()).then_some(());
    until("the first replica reads", START_MAX, is_read).await;
    // The first replica has its token by now, so the next token request is the second replica's.
    tenant.clear_requests();

    let program = site.program(&["serve"], SETTINGS);
    let second = Process::start(program, &site.log("second"));
    proxy.set(ProxyMode::Cut);
    let has_token_request = async || (tenant.count("POST", "/oauth/token") > 0).then_some(());
    until("the second replica takes over", START_MAX, has_token_request).await;
    tenant.clear_requests();
    let path = format!("/v1/syncs/{sync}");
    let ended = until("the sync ends", START_MAX, async || {
        let sync = api.get(&second.address, &path).await.expect(200).json;
        sync["finished_at"].is_string().then_some(sync)
    });
    let ended = ended.await;
    assert_eq!((&ended["state"], &ended["attempts"]), (&"succeeded".into(), &2.into()));
    let mut paths: Vec<String> = tenant.requests().into_iter().map(|one| one.path).collect();
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all, "both replicas have read");
}
