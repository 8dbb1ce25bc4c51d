//! No secret leaves the service: markers are planted in every source of secrets, the whole lifecycle of an
//! integration runs at the most verbose log level, and then logs, responses, exports, a database dump and
//! the cluster's files are searched for the markers.

mod markers;
mod walk;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustix::process::Signal;
use simulator::TenantFile;

use crate::support::Site;
use markers::{ENCRYPTION_KEY, PLANTED, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_logs_responses_exports_or_the_database() {
    let mut site = Site::start(vec![tenant("weak"), tenant("hardened"), fresh()]).await;
    let mut service = site.serve(&[], &[("SAFE_AUTH0_LOG_LEVEL", "trace,h2=info,hyper_util=info")]);
    let walked = walk::run(&site, &service).await;
    service.signal(Signal::TERM);
    assert!(service.wait().success(), "{}", service.log());

    let planted = PLANTED.iter().chain([&ENCRYPTION_KEY]);
    let mut needles: Vec<String> = planted.map(|marker| (*marker).to_owned()).collect();
    needles.extend(walked.shown_once);
    let mut places = vec![("the log".to_owned(), service.log().into_bytes())];
    places.extend(walked.answers);
    places.push((
        "a dump of the database".to_owned(),
        site.cluster.dump("postgres", "postgres").into_bytes(),
    ));
    site.cluster.stop();
    places.extend(site.cluster.files());
    let total: usize = places.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(total > 1_000_000, "only {total} bytes were searched");
    let forms: Vec<_> = needles.iter().flat_map(|needle| forms(needle)).collect();
    let search = AhoCorasick::new(forms.iter().map(|(_, bytes)| bytes)).unwrap();
    for (place, bytes) in &places {
        if let Some(found) = search.find(bytes) {
            panic!("{} is in {place}", forms[found.pattern().as_usize()].0);
        }
        assert!(!has_jwt(bytes), "a signed token is in {place}");
    }
}

#[test]
fn the_leak_search_finds_planted_secrets() {
    let text = format!("x {} y", URL_SAFE_NO_PAD.encode(PLANTED[0]));
    let search = AhoCorasick::new(forms(PLANTED[0]).iter().map(|(_, bytes)| bytes)).unwrap();
    assert!(search.is_match(&text));
    assert!(has_jwt(b"Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"));
    assert!(!has_jwt(b"eyJub3QiOiJhIHRva2VuIn0 and eyJhbGciOiJFUzI1NiJ9.only-two"));
}

fn fresh() -> TenantFile {
    TenantFile::bundled("fresh").unwrap()
}

/// Encodings of a secret. Base64 depends on the offset modulo 3; these are the parts independent of the neighbours.
fn forms(secret: &str) -> Vec<(String, Vec<u8>)> {
    let each = |form: fn(u8) -> String| secret.bytes().map(form).collect::<Vec<_>>().concat();
    let hex = hex::encode(secret);
    let percent = each(|byte| format!("%{byte:02X}"));
    let mut all = vec![
        ("in plain text", secret.as_bytes().to_vec()),
        ("in hexadecimal", hex.to_uppercase().into_bytes()),
        ("percent-encoded", percent.into_bytes()),
        ("reversed", secret.bytes().rev().collect()),
    ];
    all.push(("in hexadecimal", hex.into_bytes()));
    for shift in 0..3 {
        let padded = [&vec![b' '; shift][..], secret.as_bytes()].concat();
        for text in [STANDARD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            let text = text.trim_end_matches('=');
            all.push(("in Base64", text.as_bytes()[4..text.len() - 3].to_vec()));
        }
    }
    all.into_iter().map(|(form, bytes)| (format!("{secret}, {form},"), bytes)).collect()
}

/// Whether there is a JWT: three Base64url parts, the first two JSON objects (RFC 7519).
fn has_jwt(bytes: &[u8]) -> bool {
    static BEGINS: LazyLock<AhoCorasick> = LazyLock::new(|| AhoCorasick::new(["eyJ"]).unwrap());
    BEGINS.find_iter(bytes).any(|found| {
        let rest = &bytes[found.start()..bytes.len().min(found.start() + 4096)];
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let end = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let parts: Vec<&[u8]> = rest[..end].split(|byte| *byte == b'.').collect();
        parts.len() == 3 && parts[1].starts_with(b"eyJ") && parts[2].len() >= 11
    })
}
