//! Properties of the parsers of untrusted input: one function for each parser, called with any bytes,
//! panics if its property fails. `tests/it/fuzz_smoke.rs` runs them briefly, the fuzz targets in `fuzz/`
//! without a limit.

mod requests;

use std::sync::OnceLock;

use api::auth::development::DevelopmentKey;
use api::auth::{ClaimRules, Verifier};
use domain::address::{AllowedOrigins, Origin, Permission, TenantAddress};
use domain::checks::{self, CheckResult};
use domain::frequency::Frequency;
use domain::readings::{Reading, ReadingKind};
use domain::tenant::{Outcome, Tenant};
use serde_json::{Value, json};

use crate::app::{AUDIENCE, ISSUER};
use crate::at;

pub use requests::{cursor, request};

const NOW: &str = "2026-06-15T12:00:00Z";

/// A parser at the edge.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also the name of its file in `fuzz/fuzz_targets`.
pub const TARGETS: [(&str, Target); 8] = [
    ("tenant_address", tenant_address),
    ("auth0_body", auth0_body),
    ("token", token),
    ("cursor", cursor),
    ("request", request),
    ("cron", cron),
    ("cidr_list", cidr_list),
    ("snapshot", snapshot),
];

/// An address that is accepted is in its normal form, and is allowed only under Auth0's own names or
/// as exactly the configured origin.
pub fn tenant_address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let extra = Origin::parse("http://127.0.0.1:9001").expect("an origin");
    let allowed = AllowedOrigins::new(vec![extra]);
    let Ok(parsed) = TenantAddress::parse(text, &allowed) else { return };
    let address = parsed.address;
    let again = TenantAddress::parse(address.as_str(), &allowed).expect("the normal form is one");
    assert!(again.address == address && !again.was_changed, "{text:?} → {address}");
    assert_eq!(TenantAddress::from_stored(address.as_str()).as_ref(), Some(&address));
    match allowed.permission(&address) {
        Some(Permission::Extra) => panic!("a literal address is meant as written: {address}"),
        Some(Permission::PrivateExtra) => {
            assert_eq!(address.as_str(), "http://127.0.0.1:9001/api/v2/");
        }
        Some(Permission::Auth0) => {
            let host = address.host();
            assert!(host.ends_with(".auth0.com") || host.ends_with(".auth0app.com"), "{host}");
            assert!(address.literal_ip().is_none() && address.port() == 443, "{address}");
            assert!(address.as_str().starts_with("https://"), "{address}");
        }
        None => {}
    }
}

/// The first line names a kind of reading, the rest is its body: either understood, and then the same after it was kept, or the reading is unreadable.
/// It can be judged without a panic, and the same each time.
pub fn auth0_body(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let name = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let Some(kind) = ReadingKind::from_name(name) else { return };
    let Ok(body) = serde_json::from_slice::<Value>(&bytes[end..]) else { return };
    let Ok(reading) = kind.decode(body) else { return };
    let kept = kind.decode(reading.to_json()).expect("what was understood is understood again");
    assert_eq!(kept, reading, "{}", kind.name());
    judge(&tenant_with(kind, reading));
}

fn tenant_with(kind: ReadingKind, reading: Reading) -> Tenant {
    let mut tenant = Tenant::new("client", at(NOW));
    let scopes = domain::checks::scopes::useful().into_iter().collect::<Vec<_>>().join(" ");
    let facts = json!({"scope": scopes, "expires_in": 86400, "token_type": "Bearer"});
    if let Ok(facts) = ReadingKind::TokenFacts.decode(facts) {
        tenant.insert(ReadingKind::TokenFacts, Outcome::Read(facts));
    }
    tenant.insert(kind, Outcome::Read(reading));
    tenant
}

fn judge(tenant: &Tenant) {
    let (one, other) = (checks::evaluate(tenant), checks::evaluate(tenant));
    for (one, other) in one.outcomes.iter().zip(&other.outcomes) {
        assert_eq!(one.results, other.results, "{}", one.check.id);
        for each in &one.results {
            if let CheckResult::Fail(violation) = &each.result {
                assert!(!violation.evidence.is_empty(), "{} shows no evidence", one.check.id);
            }
        }
    }
}

/// Nobody gets in who cannot sign.
pub fn token(bytes: &[u8]) {
    static VERIFIER: OnceLock<Verifier> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let verifier = VERIFIER.get_or_init(|| {
        let key = DevelopmentKey::generate().expect("a key");
        Verifier::from_development_key(&key, ClaimRules::new(ISSUER, AUDIENCE))
    });
    let answer = futures_util::FutureExt::now_or_never(verifier.verify(text, at(NOW)));
    assert!(answer.expect("a fixed key needs no waiting").is_err(), "{text:?} got in");
}

/// A schedule that is accepted runs after any instant, or never again, and is the same after it was kept.
pub fn cron(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (cron, zone) = text.split_once('\n').unwrap_or((text, "UTC"));
    let candidates = [
        json!({"cron": cron, "time_zone": zone}),
        json!({"every": cron}),
        serde_json::from_str(text).unwrap_or_default(),
    ];
    for frequency in candidates.iter().filter_map(|value| Frequency::parse(value).ok()) {
        let kept = Frequency::from_stored(&frequency.to_json());
        assert!(kept.is_some_and(|kept| kept == frequency), "{text:?}");
        let now = at(NOW);
        assert!(frequency.next_after(now).is_none_or(|next| next > now), "{text:?}");
        assert!(frequency.interval(now).is_none_or(|interval| interval.is_positive()), "{text:?}");
    }
}

/// Any allowlist is judged without a panic, and an entry that covers everything is never passed over.
pub fn cidr_list(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut entries: Vec<&str> = text.lines().take(200).collect();
    entries.push("0.0.0.0/0");
    let body = json!({"enabled": true, "allowlist": entries, "shields": ["block", "user_notification"],
        "mode": "count_per_identifier", "max_attempts": 10});
    let kind = ReadingKind::BruteForceProtection;
    let reading = kind.decode(body).expect("any list of strings is understood");
    let evaluation = checks::evaluate(&tenant_with(kind, reading));
    let id = "brute-force-allowlist-too-broad";
    let found = evaluation.outcomes.iter().find(|outcome| outcome.check.id == id);
    assert!(found.is_some_and(|outcome| matches!(outcome.overall, CheckResult::Fail(_))));
}

/// A snapshot file is judged or refused.
pub fn snapshot(bytes: &[u8]) {
    let Ok(snapshot) = serde_json::from_slice::<domain::snapshot::Snapshot>(bytes) else { return };
    let Ok(tenant) = Tenant::try_from(snapshot) else { return };
    judge(&tenant);
}
