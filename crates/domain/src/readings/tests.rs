//! What holds of every kind.

mod absent;

use super::*;
use serde_json::{Value, json};

use crate::checks::testing::samples;

#[test]
fn names_are_unique_and_found_again() {
    for kind in ReadingKind::ALL {
        assert_eq!(ReadingKind::from_name(kind.name()), Some(*kind));
    }
    assert_eq!(ReadingKind::fetched().count(), 13);
}

#[test]
fn a_body_of_another_shape_is_not_a_reading() {
    for kind in ReadingKind::ALL {
        let wrong = if kind.decode(json!([])).is_ok() { json!({}) } else { json!([]) };
        assert!(kind.decode(wrong).is_err(), "{}", kind.name());
        assert!(kind.decode(json!("x")).is_err() && kind.decode(json!(null)).is_err());
        for entry in [json!([[]]), json!([["2026-06-14T00:00:00.000Z", 1]]), json!([null])] {
            assert!(kind.decode(entry.clone()).is_err(), "{} {entry}", kind.name());
        }
    }
    assert!(ReadingKind::BruteForceProtection.decode(json!({"error": "x"})).is_err());
    assert!(ReadingKind::ActiveUsers.decode(json!(1.0)).is_ok());
}

#[test]
fn unknown_keys_are_dropped_and_sets_are_sorted() {
    let body = json!({"enabled": true, "shields": ["user_notification", "block"],
        "mode": "new_mode", "client_secret": "s3cret"});
    let reading = ReadingKind::BruteForceProtection.decode(body).unwrap();
    assert_eq!(
        reading.to_json(),
        json!({"enabled": true, "shields": ["block", "user_notification"], "mode": "new_mode"})
    );
}

#[test]
fn optional_kinds_are_fetched_only_with_their_scope() {
    let core: Vec<_> = ReadingKind::fetched().collect();
    let with = |text: &str| ReadingKind::fetched_with(&Scopes::parse(text));
    // A required scope that is missing is a finding of the sync, so those kinds stay.
    assert_eq!(with(""), core);
    assert_eq!(with("read:stats read:users update:clients"), core);
    let some = with("read:clients read:prompts");
    assert_eq!(some[..13], core);
    assert_eq!(some[13..], [ReadingKind::Clients, ReadingKind::Prompts]);
    let optional: Vec<_> = crate::checks::scopes::optional().into_iter().collect();
    assert_eq!(optional.len(), 17, "two of them open a part of a resource");
    assert_eq!(with(&optional.join(" ")).len(), 28);
}

#[test]
fn nothing_secret_of_an_optional_resource_is_kept() {
    let secrets = ["client_secret", "signing_secret", "sink", "cert", "credentials", "code"];
    for (kind, mut body) in samples::optional() {
        let clean = kind.decode(body.clone()).unwrap();
        let objects = match &mut body {
            serde_json::Value::Array(items) => items.iter_mut().collect(),
            object => vec![object],
        };
        for object in objects {
            for name in secrets {
                object[name] = json!({"key": "s3cret"});
            }
            if let Some(options) = object.get_mut("options") {
                options["client_secret"] = json!("s3cret");
            }
        }
        assert_eq!(kind.decode(body).unwrap(), clean, "{}", kind.name());
    }
}

#[test]
fn oversized_texts_and_other_types_are_not_kept() {
    let long =
        json!([{"client_id": "a", "name": "x".repeat(2_049), "callbacks": ["y".repeat(2_049)]}]);
    let reading = ReadingKind::Clients.decode(long).unwrap();
    assert!(reading.to_json().to_string().len() < 200);
    for body in [json!(["a"]), json!([["a"]]), json!([{"client_id": "a"}, null])] {
        assert!(ReadingKind::Clients.decode(body.clone()).is_err(), "{body}");
        assert!(ReadingKind::GuardianFactors.decode(body).is_err());
    }
}

#[test]
fn an_allowlist_longer_than_any_of_auth0_is_not_understood() {
    let with = |entries: Vec<String>| {
        let body = json!({"enabled": true, "allowlist": entries});
        let reading = ReadingKind::BruteForceProtection.decode(body).unwrap();
        reading.to_json()["allowlist"].clone()
    };
    let addresses = |n: u32| -> Vec<String> {
        (0..n).map(|n| std::net::Ipv4Addr::from(n).to_string()).collect()
    };
    assert_eq!(with(addresses(2_000)).as_array().unwrap().len(), 2_000);
    assert_eq!(with(addresses(2_001)), "(too long to keep)");
    assert_eq!(with(vec!["a".repeat(100_001)]), "(too long to keep)");
}

#[test]
fn a_missing_email_provider_is_conclusive() {
    let reading = Reading::no_email_provider();
    assert_eq!(reading.to_json(), json!({"name": "", "enabled": false}));
    assert_eq!(ReadingKind::EmailProvider.decode(reading.to_json()), Ok(reading));
}

#[test]
fn decoding_a_normalised_body_is_idempotent() {
    for (kind, body) in samples::optional() {
        let reading = kind.decode(body).unwrap();
        assert_eq!(kind.decode(reading.to_json()), Ok(reading));
    }
}

/// The pointers to the objects within, the outermost of a reading or of a list's entry left out.
fn objects_within(body: &Value, pointer: &str, depth: u32) -> Vec<String> {
    let below: Vec<(String, &Value)> = match body {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    let below = below.into_iter().flat_map(|(key, value)| {
        let depth = depth + u32::from(body.is_object());
        objects_within(value, &format!("{pointer}/{key}"), depth)
    });
    let own = (body.is_object() && depth > 0).then(|| pointer.to_owned());
    own.into_iter().chain(below).collect()
}

#[test]
fn nothing_within_a_value_of_another_shape_is_kept() {
    let hidden = json!({"site_key": "k", "secret": "s3cret"});
    for odd in [hidden.clone(), json!([hidden]), json!([[hidden]]), json!([1, [hidden]])] {
        let body = json!({"active_provider_id": "arkose", "arkose": odd});
        let read = ReadingKind::Captcha.decode(body).unwrap().to_json().to_string();
        assert!(!read.contains("s3cret"), "{read}");
    }
}

#[test]
fn a_list_where_an_object_is_expected_is_not_read_by_position() {
    let throttling = json!({"enabled": true, "stage": {"pre-login": {"max_attempts": 100,
        "rate": 864_000}, "pre-user-registration": {"max_attempts": 50, "rate": 1_200}}});
    let captcha = json!({"active_provider_id": "arkose", "arkose": {"fail_open": false}});
    let core = [
        (ReadingKind::SuspiciousIpThrottling, throttling),
        (ReadingKind::Captcha, captcha.clone()),
        (ReadingKind::CaptchaPolicies, json!([{"id": "a", "action": captcha}])),
        (
            ReadingKind::Clients,
            json!([{"client_id": "a", "refresh_token": {"policies": [
            {"audience": "https://orders.example/", "scope": ["read:orders"]}]}}]),
        ),
    ];
    let mut tried = 0;
    // One entry of a list at a time: they are sorted when they are read.
    let each = samples::optional().chain(core).flat_map(|(kind, body)| match body {
        Value::Array(items) => items.into_iter().map(|item| (kind, json!([item]))).collect(),
        whole => vec![(kind, whole)],
    });
    for (kind, body) in each {
        for pointer in objects_within(&body, "", 0) {
            let mut odd = body.clone();
            let place = odd.pointer_mut(&pointer).unwrap();
            let members: Vec<Value> = place.as_object().unwrap().values().cloned().collect();
            *place = Value::Array(members);
            let read = kind.decode(odd).unwrap().to_json();
            // What is dropped was never read.
            let kept = read.pointer(&pointer);
            assert!(
                kept.is_none_or(|kept| !kept.is_object()),
                "{}{pointer}: {kept:?}",
                kind.name()
            );
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried}");
}
