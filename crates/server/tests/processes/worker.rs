//! The API and the worker as processes of their own.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Process, START_MAX, Site, until};

/// A sync of a simulated tenant takes well under a second.
const SYNC_MAX: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn an_api_without_a_worker_queues_what_a_worker_without_an_api_runs() {
    let site = Site::with(&["fresh"]).await;
    let service = site.serve(&["--no-worker"], &[]);
    let api = site.api("acme");
    let id = site.create(&api, &service.address, 0).await;
    let path = format!("/v1/integrations/{id}/syncs");
    let sync = api.post(&service.address, &path, None).await.expect(202).id();
    let path = format!("/v1/syncs/{sync}");
    // Three times as long as an idle worker takes to look.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(api.get(&service.address, &path).await.expect(200).json["state"], "queued");

    let command = site.program(&["worker"], &[]);
    let mut worker = Process::spawn(command, &site.log("worker"));
    let ended = until("the worker runs it", SYNC_MAX, async || {
        let sync = api.get(&service.address, &path).await.expect(200).json;
        (sync["finished_at"] != json!(null)).then_some(sync)
    });
    assert_eq!(ended.await["state"], "succeeded");
    assert!(!worker.log().contains("the API listens"), "{}", worker.log());

    worker.signal(Signal::TERM);
    assert!(worker.wait().success(), "{}", worker.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_on_a_data_directory_in_use_says_so_and_runs_there_alone_later() {
    let site = Site::with(&[]).await;
    let embedded = |command: &str| {
        let mut program = Process::program();
        program.arg(command).env("SAFE_AUTH0_DATA_DIR", site.dir().join("data"));
        program
    };
    let mut service = Process::start(embedded("serve"), &site.log("serve"));
    let refused = embedded("worker").output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success());
    assert!(said.contains("without DATABASE_URL a worker needs a data directory that"), "{said}");
    assert!(said.contains("is in use by another safe-auth0 (process "), "{said}");
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
