//! Key rotation while the service runs.

use std::process::Output;

use http::Method;
use serde_json::json;

use crate::support::{START_MAX, Site, until};

const RING: &str = "SAFE_AUTH0_ENCRYPTION_KEYS";
const OLD: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "k2:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const UNKNOWN: &str = "k3:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const NEXT: &str = "the-next-secret-of-the-tenant";

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_is_rotated_while_the_service_runs() {
    let site = Site::with(&["fresh"]).await;
    let both = format!("{NEW},{OLD}");
    // As in a rotation: the replica has both keys and still encrypts with the old one.
    let mut program = site.program(&["serve"], &[]);
    program.env(RING, format!("{OLD},{NEW}"));
    let service = crate::support::Process::start(program, &site.log("serve"));
    let api = site.api("acme");
    let id = site.create(&api, &service.address, 0).await;
    let path = format!("/v1/integrations/{id}/next-secret");
    let body = json!({"client_secret": NEXT});
    api.call(&service.address, Method::PUT, &path, Some(&body)).await.expect(200);

    let secret = site.tenants[0].credentials().1;
    let keys = |arguments: &[&str], ring: &str| -> (Option<i32>, String) {
        let mut program = site.program(&[&["keys"], arguments].concat(), &[]);
        let Output { status, stdout, stderr } = program.env(RING, ring).output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        for hidden in [NEXT, &secret, &OLD[3..], &NEW[3..], &UNKNOWN[3..]] {
            assert!(!stdout.contains(hidden) && !stderr.contains(hidden), "{stdout} {stderr}");
        }
        (status.code(), stdout.trim_end().to_owned())
    };
    let is = |code: i32, text: &str| (Some(code), text.to_owned());
    assert_eq!(keys(&["status"], &both), is(0, "k1, format 2: 2"));
    assert_eq!(
        keys(&["reseal", "--dry-run"], UNKNOWN),
        is(1, "k1 (not in the key ring), format 2: 2")
    );
    let counts = |resealed: u8, fine: u8, unreadable: u8| {
        format!("re-encrypted: {resealed}, up to date: {fine}, unreadable: {unreadable}")
    };
    assert_eq!(keys(&["reseal"], UNKNOWN), is(1, &counts(0, 0, 2)));
    assert_eq!(keys(&["reseal"], &both), is(0, &counts(2, 0, 0)));
    assert_eq!(keys(&["reseal"], &both), is(0, &counts(0, 2, 0)));
    assert_eq!(keys(&["status"], NEW), is(0, "k2 (encrypts), format 2: 2"));

    let path = format!("/v1/integrations/{id}/syncs");
    let sync = api.post(&service.address, &path, None).await.expect(202).id();
    let path = format!("/v1/syncs/{sync}");
    let ended = until("the sync ends", START_MAX, async || {
        let sync = api.get(&service.address, &path).await.expect(200).json;
        sync["finished_at"].is_string().then_some(sync)
    });
    assert_eq!(ended.await["state"], "succeeded");
}
