//! The API and the worker as separate processes.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Process, START_MAX, Site, until};

/// A sync of a simulated tenant takes well under a second.
const SYNC_MAX: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_separate_worker_runs_what_an_api_without_worker_queues() {
    let site = Site::with(&["fresh"]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let api = site.api("acme");
    let id = site.create(&api, &service.address, 0).await;
    let path = format!("/v1/integrations/{id}/syncs");
    let sync = api.post(&service.address, &path, None).await.expect(202).id();
    let path = format!("/v1/syncs/{sync}");
    // Three times a worker's poll interval.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(api.get(&service.address, &path).await.expect(200).json["state"], "queued");

    let command = site.program(&["worker"], &[]);
    let mut worker = Process::spawn(command, &site.log("worker"));
    let ended = until("the worker runs it", SYNC_MAX, async || {
        let sync = api.get(&service.address, &path).await.expect(200).json;
        (sync["finished_at"] != json!(null)).then_some(sync)
    });
    assert_eq!(ended.await["state"], "succeeded");
    assert!(!worker.log().contains("API listening"), "{}", worker.log());

    worker.signal(Signal::TERM);
    assert!(worker.wait().success(), "{}", worker.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_fails_on_a_data_directory_in_use_and_runs_on_a_free_one() {
    let site = Site::with(&[]).await;
    let embedded = |command: &str| {
        let mut program = Process::program();
        program.arg(command).env("SAFE_AUTH0_DATA_DIR", site.dir().join("data"));
        program
    };
    let mut service = Process::start(embedded("serve"), &site.log("serve"));
    let refused = embedded("worker").output().unwrap();
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(
        stderr.contains("without DATABASE_URL a worker needs a data directory that"),
        "{stderr}"
    );
    assert!(stderr.contains("is in use by another safe-auth0 (process "), "{stderr}");
    service.signal(Signal::TERM);
    assert!(service.wait().success());

    let mut worker = Process::spawn(embedded("worker"), &site.log("worker"));
    let running = until("the worker starts", START_MAX, async || {
        assert!(worker.ended().is_none(), "{}", worker.log());
        worker.log().contains("worker started").then_some(())
    });
    running.await;
    worker.signal(Signal::TERM);
    assert!(worker.wait().success());
}
