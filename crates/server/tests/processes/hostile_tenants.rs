//! A tenant that answers with bodies which take far more memory than they are long.

use domain::readings::ReadingKind;
use http::Method;
use serde_json::json;
use simulator::{Effect, Fault};
use tokio::task::JoinSet;

use crate::support::Site;

/// Concurrent connection tests.
const TESTS: usize = 8;
/// Of the whole process. Decoded, the bodies would take more than ten times as much.
const MEMORY_MAX_KIB: u64 = 384 * 1024;

/// A list of zeros of so many bytes.
fn zeros(bytes: usize) -> Effect {
    Effect::Status {
        code: 200,
        headers: std::collections::BTreeMap::default(),
        body: format!("[{}0]", "0,".repeat(bytes / 2 - 8)),
        content_type: "application/json".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_many_small_values_do_not_exhaust_memory() {
    let site = Site::with(&["hardened"]).await;
    let service = site.serve(&[], &[]);
    let (api, at) = (site.api("acme"), service.address.clone());
    let id = site.create(&api, &at, 0).await;
    let tenant = &site.tenants[0];
    for kind in ReadingKind::ALL {
        // Under the limits of settings and of pages.
        let bytes = if kind.identified_by().is_some() { 7 << 20 } else { 1000 << 10 };
        let path = format!("/api/v2/{}", kind.resource());
        tenant.fault(Fault::on_get(&path, zeros(bytes)));
    }
    let path = format!("/v1/integrations/{id}/connection-tests");
    let mut tests = JoinSet::new();
    for _ in 0..TESTS {
        let (api, at, path) = (api.clone(), at.clone(), path.clone());
        tests.spawn(async move { api.call(&at, Method::POST, &path, Some(&json!({}))).await });
    }
    for answer in tests.join_all().await {
        assert_eq!(answer.expect(200).json["outcome"], "failed");
    }
    let peak = crate::resource_exhaustion::peak_kib(&service);
    assert!(peak < MEMORY_MAX_KIB, "{peak} KiB");
    assert_eq!(api.get(&at, "/v1/integrations").await.expect(200).json["items"][0]["id"], id);
}
