//! The rows are complete, and what they leave out is judged by nobody.

use super::*;
use serde_json::{Value, json};

#[test]
fn every_kind_but_our_token_has_a_row() {
    for kind in ReadingKind::ALL {
        let is_fetched = *kind != ReadingKind::TokenFacts;
        assert_eq!(Endpoint::for_kind(*kind).is_some(), is_fetched, "{}", kind.name());
    }
    assert_eq!(path(ReadingKind::CaptchaPolicies), "/api/v2/attack-protection/captcha/policies");
}

#[test]
fn statistics_cover_400_days_ending_today() {
    let now = "2026-11-03T23:59:59Z".parse().unwrap();
    let kind = ReadingKind::DailyStats;
    let query = Endpoint::for_kind(kind).unwrap().query(kind, None, now);
    assert_eq!(query, [("from", "20250930".to_owned()), ("to", "20261103".to_owned())]);
    assert!(SETTINGS.query(ReadingKind::Prompts, None, now).is_empty());
}

#[test]
fn each_response_has_the_size_limit_of_its_kind() {
    let limits = Limits {
        settings_body_bytes: 1,
        stats_body_bytes: 2,
        page_body_bytes: 3,
        ..Limits::default()
    };
    for (kind, cap) in [
        (ReadingKind::MfaPolicies, 1),
        (ReadingKind::ActiveUsers, 1),
        (ReadingKind::DailyStats, 2),
        (ReadingKind::Clients, 3),
    ] {
        assert_eq!(Endpoint::for_kind(kind).unwrap().body_cap(&limits), cap, "{}", kind.name());
    }
}

#[test]
fn members_without_a_granted_scope_are_not_requested() {
    let kind = ReadingKind::Clients;
    let fields = |granted: Option<&str>| {
        let granted = granted.map(Scopes::parse);
        let query =
            Endpoint::for_kind(kind).unwrap().query(kind, granted.as_ref(), Timestamp::UNIX_EPOCH);
        query.into_iter().find(|(name, _)| *name == "fields").unwrap().1
    };
    let guarded = ",client_authentication_methods";
    let every = fields(Some("read:clients read:client_credentials"));
    assert_eq!(every, CLIENT);
    assert_eq!(fields(Some("read:clients read:client_keys")), CLIENT);
    assert_eq!(fields(Some("read:clients")), CLIENT.replace(guarded, ""));
    assert_eq!(fields(None), CLIENT.replace(guarded, ""));
    let query = |kind: ReadingKind| {
        Endpoint::for_kind(kind).unwrap().query(kind, None, Timestamp::UNIX_EPOCH)
    };
    // Auth0 leaves these out without their scope, and a tenant that is not migrated gives them.
    assert_eq!(query(ReadingKind::Connections), [("fields", CONNECTION.to_owned())]);
}

#[test]
fn no_secret_member_is_requested() {
    for fields in [CLIENT, CONNECTION, SCRIPT] {
        let asked: Vec<&str> = fields.split(',').collect();
        assert!(asked.iter().all(|name| !name.is_empty() && !name.contains(' ')), "{fields}");
        for secret in ["client_secret", "signing_keys", "encryption_key", "script"] {
            assert!(!asked.contains(&secret), "{secret}");
        }
    }
}

/// The fields are listed here and judged in `domain`: what is judged and not listed would be unknown.
#[test]
fn requesting_fields_loses_no_decoded_member() {
    for tenant in [
        include_str!("../../../../simulator/tenants/fresh.json"),
        include_str!("../../../../simulator/tenants/hardened.json"),
        include_str!("../../../../simulator/tenants/weak.json"),
    ] {
        let tenant: Value = serde_json::from_str(tenant).unwrap();
        for kind in ReadingKind::ALL {
            let Some(Endpoint { query: Query::These(these), .. }) = Endpoint::for_kind(*kind)
            else {
                continue;
            };
            let fields = these.iter().find(|(name, _)| *name == "fields").unwrap().1;
            let whole = tenant["resources"][kind.resource()].clone();
            let mut asked = whole.clone();
            for object in asked.as_array_mut().unwrap() {
                let members = object.as_object_mut().unwrap();
                members.retain(|name, _| fields.split(',').any(|field| field == name));
            }
            let read = |body: Value| kind.decode(body).map(|reading| reading.to_json());
            assert_eq!(read(asked), read(whole), "{}", kind.name());
        }
    }
    assert!(ReadingKind::Clients.decode(json!([])).is_ok());
}
