//! What a check says once the value that decides it is missing or of another type: unknown. And which
//! objects of a collection a check is about.

use serde_json::{Value, json};

use super::cases::cases;
use super::fixtures::Bodies;
use super::result;
use crate::checks::testing::is_assumed;
use crate::checks::{Check, CheckResult, evaluate};
use crate::inconclusive::UnknownReason;
use crate::readings::ReadingKind;

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Loss {
    Absent,
    Mistyped,
    /// A name that no enumeration has.
    New,
}

/// Where what is absent is not offered, or answered elsewhere.
const NOT_OFFERED: [(&str, &str); 2] = [
    ("suspicious-ip-token-exchange-loosened", "/stage/pre-custom-token-exchange"),
    ("connection-enabled-for-machines", "/1/enabled_clients"),
];

/// Values that may be any text.
const TEXTS: [(&str, &str); 10] = [
    ("integration-client-can-write", "/scope"),
    ("integration-client-excess-read-scopes", "/scope"),
    ("support-contact-missing", "/support_email"),
    ("support-contact-missing", "/support_url"),
    ("default-audience-set", "/default_audience"),
    ("default-directory-with-password-grant", "/default_directory"),
    ("session-cookie-persistent", "/0/name"),
    ("connection-developer-keys", "/1/options/client_id"),
    ("application-example-bundle-id", "/0/mobile/ios/app_bundle_identifier"),
    ("application-left-over", "/0/name"),
];

fn lose(bodies: &mut Bodies, kind: ReadingKind, pointer: &str, loss: Loss) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let body = bodies.0.get_mut(&kind).unwrap();
    let object = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match loss {
        Loss::Absent => object.remove(key),
        Loss::Mistyped => object.insert(key.to_owned(), json!([{"a new": "form"}])),
        Loss::New => object.insert(key.to_owned(), json!("a new value")),
    };
}

/// The member at a pointer and those that hold it; an object of a list is no member.
fn members_down_to(pointer: &str) -> Vec<&str> {
    let ends = pointer.match_indices('/').skip(1).map(|(at, _)| at).chain([pointer.len()]);
    let is_member =
        |at: &&str| at.rsplit('/').next().is_some_and(|key| key.parse::<usize>().is_err());
    ends.map(|end| &pointer[..end]).filter(is_member).collect()
}

#[test]
fn a_value_that_is_missing_or_new_makes_the_check_that_it_fails_unknown() {
    let unknown = CheckResult::Unknown(UnknownReason::NotUnderstood);
    let hardened = Bodies::hardened();
    let mut tried = 0;
    for case in cases() {
        let changed = |(kind, pointer, value): &&(ReadingKind, &str, Value)| {
            !pointer.is_empty() && hardened.0[kind].pointer(pointer) != Some(value)
        };
        // Which of several factors is on decides nothing by itself.
        let is_of_factors = case.set.len() > 1 && case.set[0].0 == ReadingKind::GuardianFactors;
        let settings = case.set.iter().filter(|_| !is_of_factors).filter(changed);
        let settings = settings.flat_map(|(kind, pointer, _)| {
            members_down_to(pointer).into_iter().map(move |pointer| (*kind, pointer))
        });
        for (kind, pointer) in settings {
            for loss in [Loss::Absent, Loss::Mistyped, Loss::New] {
                let is_exempt = match loss {
                    Loss::Absent => {
                        is_assumed(kind, &case.bodies().0[&kind], pointer)
                            || NOT_OFFERED.contains(&(case.trips, pointer))
                    }
                    Loss::Mistyped => false,
                    Loss::New => TEXTS.contains(&(case.trips, pointer)),
                };
                let mut bodies = case.bodies();
                lose(&mut bodies, kind, pointer, loss);
                let evaluation = evaluate(&bodies.tenant());
                let after = result(&evaluation, case.trips);
                let id = case.trips;
                assert_eq!(*after != unknown, is_exempt, "{id} {pointer} {loss:?}: {after:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

/// The objects of the samples that a check is about.
fn objects_of(check: &Check) -> &'static [&'static str] {
    match (check.id, check.reads[0]) {
        (
            "application-shared-secret"
            | "application-requests-not-hardened"
            | "application-left-over",
            _,
        ) => &["clients/app1"],
        (_, ReadingKind::Clients) => &["clients/app1", "clients/our-client"],
        ("grant-all-scopes", _) => {
            &["client-grants/grant1", "client-grants/grant2", "client-grants/grant3"]
        }
        (_, ReadingKind::ClientGrants) => &["client-grants/grant1"],
        ("api-hs256", _) => &["resource-servers/orders", "resource-servers/system"],
        ("management-api-open-to-users", _) => &["resource-servers/system"],
        (_, ReadingKind::ResourceServers) => &["resource-servers/orders"],
        ("connection-developer-keys", _) => &["connections/con_google"],
        ("connection-enabled-for-machines", _) => {
            &["connections/con_db", "connections/con_google", "connections/con_saml"]
        }
        (_, ReadingKind::Connections) => &["connections/con_db"],
        (_, ReadingKind::SigningKeys) => &["keys/signing/key0", "keys/signing/key1"],
        (_, ReadingKind::Actions) => &["actions/actions/act_1"],
        ("legacy-rules-or-hooks", _) => &["rules/rul_1", "hooks/hok_1"],
        _ => &[],
    }
}

#[test]
fn a_check_on_a_collection_judges_the_objects_that_it_is_about() {
    let evaluation = evaluate(&Bodies::hardened().tenant());
    for outcome in evaluation.outcomes.iter().filter(|o| o.check.evaluate.is_on_collection()) {
        let judged: Vec<_> = outcome.results.iter().map(|each| each.resource.as_str()).collect();
        assert_eq!(judged, objects_of(outcome.check), "{}", outcome.check.id);
    }
}
