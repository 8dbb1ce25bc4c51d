//! Whatever a tenant answers within the permitted sizes, it is evaluated within a second.

use std::time::Duration;

use domain::checks;
use domain::readings::ReadingKind;
use domain::tenant::{Outcome, Tenant};
use serde_json::{Map, Value, json};

use super::fuzz_smoke::processor_time;

const HARDENED: &str = include_str!("../../crates/domain/src/checks/testing/hardened.json");
/// The largest body of a settings resource.
const BODY: usize = 1 << 20;
/// The most objects of a list.
const OBJECTS: usize = 5_000;
/// A second of an optimised program; this one is not.
const MOST: Duration = Duration::from_secs(5);

type Fill = fn(usize) -> String;

const FILLS: [(&str, Fill); 3] = [
    ("networks", |n| {
        let n = u32::try_from(n).unwrap();
        format!("{}/{}", std::net::Ipv4Addr::from(n.wrapping_mul(2_654_435_761)), 8 + n % 25)
    }),
    ("urls", |n| format!("https://*.x{n}.example/callback")),
    ("the same", |_| "http://localhost".to_owned()),
];

/// The value with every list of texts in it as long as `bytes` permit.
fn inflate(value: &Value, bytes: usize, fill: Fill) -> Value {
    match value {
        Value::Object(members) => {
            let inflated =
                members.iter().map(|(key, value)| (key.clone(), inflate(value, bytes, fill)));
            Value::Object(inflated.collect::<Map<_, _>>())
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let mut size = 0;
            let texts = (0..).map(fill).take_while(|text| {
                size += text.len() + 3;
                size < bytes
            });
            items.iter().cloned().chain(texts.map(Value::from)).collect()
        }
        Value::Array(items) => items.iter().map(|item| inflate(item, bytes, fill)).collect(),
        other => other.clone(),
    }
}

/// Objects like this one, each with an id of its own.
fn copies(object: &Value, id: &str, count: usize) -> Value {
    let copy = |n: usize| {
        let mut copy = object.clone();
        copy[id] = json!(format!("copy-{n}"));
        copy
    };
    (0..count).map(copy).collect()
}

/// The largest bodies of this kind that look like this one.
fn largest(kind: ReadingKind, body: &Value, fill: Fill) -> Vec<Value> {
    let Some(id) = kind.identified_by() else { return vec![inflate(body, BODY, fill)] };
    let Some(object) = body.as_array().and_then(|objects| objects.first()) else {
        return Vec::new();
    };
    vec![copies(object, id, OBJECTS), copies(&inflate(object, BODY, fill), id, 1)]
}

#[test]
fn evaluating_any_body_of_the_permitted_size_ends_within_a_second() {
    let hardened: Value = serde_json::from_str(HARDENED).unwrap();
    let now = "2026-06-15T12:00:00Z".parse().unwrap();
    let mut sound = Tenant::new("client", now);
    let bodies: Vec<_> = ReadingKind::ALL
        .iter()
        .filter_map(|kind| Some((*kind, hardened.get(kind.name())?)))
        .collect();
    assert!(bodies.len() > 20, "{}", bodies.len());
    for (kind, body) in &bodies {
        sound.insert(*kind, Outcome::Read(kind.decode((*body).clone()).unwrap()));
    }
    let mut slowest = (Duration::ZERO, String::new());
    for (kind, body) in &bodies {
        for (name, fill) in FILLS {
            for body in largest(*kind, body, fill) {
                // One that is not understood costs nothing more.
                let Ok(reading) = kind.decode(body) else { continue };
                let mut tenant = sound.clone();
                tenant.insert(*kind, Outcome::Read(reading));
                let before = processor_time();
                checks::evaluate(&tenant);
                let used = processor_time().saturating_sub(before);
                slowest = slowest.max((used, format!("{} of {name}", kind.name())));
            }
        }
    }
    println!("{slowest:?}");
    assert!(slowest.0 < MOST, "{slowest:?}");
}
