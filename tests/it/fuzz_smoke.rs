//! A short run of every fuzz target with mutated examples.

use std::time::Duration;

use proptest::prelude::*;
use support::hostile::TARGETS;

/// Cases for each target; `cargo fuzz` runs more.
const CASES: u32 = 400;

/// `fuzz/seeds/<target>/…`: sound inputs to begin with.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Copy(usize, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0..4096_usize;
    let length = || 1..32_usize;
    let words = prop::sample::select(vec![
        "null",
        "true",
        "-1",
        "0",
        "18446744073709551616",
        "1e308",
        "\"\"",
        "[]",
        "{}",
        "%00",
        "\u{202e}",
        "'",
        "../",
        "0.0.0.0/0",
        "::ffff:127.0.0.1",
        "*",
        "?",
        "&",
        "=",
        ",",
        "\r\n",
        "\u{0}",
        "\\u0000",
        "@",
        "#",
    ]);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (at(), length()).prop_map(|(at, n)| Change::Remove(at, n)),
        (at(), prop::collection::vec(any::<u8>(), 1..8))
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (at(), words).prop_map(|(at, word)| Change::Insert(at, word.as_bytes().to_vec())),
        (at(), at(), length()).prop_map(|(from, to, n)| Change::Copy(from, to, n)),
    ]
}

fn apply(mut input: Vec<u8>, change: &Change) -> Vec<u8> {
    let place = |at: usize, input: &Vec<u8>| at % (input.len() + 1);
    let part = |at: usize, n: usize, input: &Vec<u8>| {
        let from = place(at, input);
        from..(from + n).min(input.len())
    };
    match change {
        Change::Set(at, byte) if !input.is_empty() => {
            let at = at % input.len();
            input[at] = *byte;
        }
        Change::Set(_, byte) => input.push(*byte),
        Change::Remove(at, n) => drop(input.drain(part(*at, *n, &input))),
        Change::Insert(at, bytes) => {
            let at = place(*at, &input);
            input.splice(at..at, bytes.iter().copied());
        }
        Change::Copy(from, to, n) => {
            let copied = input[part(*from, *n, &input)].to_vec();
            let to = place(*to, &input);
            input.splice(to..to, copied);
        }
    }
    input
}

fn run(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no examples");
    for seed in &seeds {
        target(seed);
    }
    let mutated = (prop::sample::select(seeds), prop::collection::vec(change(), 1..6));
    let mutated = mutated.prop_map(|(seed, changes)| changes.iter().fold(seed, apply));
    let noise = prop::collection::vec(any::<u8>(), 0..64);
    let inputs = prop_oneof![9 => mutated, 1 => noise];
    let config =
        ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&inputs, |input| {
        target(&input);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
}

macro_rules! hold {
    ($($name:ident)*) => {
        const RUN: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
    };
}

hold!(tenant_address auth0_body token cursor request cron cidr_list snapshot);

/// What this thread has used of a processor, whatever else runs on the machine.
pub fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split(' ').next().unwrap().parse().unwrap())
}

/// The largest requests of each shape. One whose cost grows with the square of its length takes tens of times as
/// long as is allowed here, and one that is read in a single pass a tenth.
#[test]
fn no_request_costs_more_than_its_length_allows() {
    const LENGTH: usize = 60_000;
    let distinct = |join: &str, part: &dyn Fn(usize) -> String| {
        let parts = (0..LENGTH / 8).map(part);
        let mut text = parts.collect::<Vec<_>>().join(join);
        text.truncate(LENGTH);
        text
    };
    let names = distinct("&", &|n| format!("x{n}"));
    let repeated = "limit&".repeat(LENGTH / 6);
    let filters = format!("state={}", "open,".repeat(LENGTH / 5));
    let get = |query: &str, headers: &str| format!("GET /v1/findings?{query}\n{headers}\n\n");
    let post =
        |body: &str| format!("POST /v1/integrations\ncontent-type: application/json\n\n{body}");
    let members = |part: &dyn Fn(usize) -> String| {
        format!("{{{}}}", (0..LENGTH / 12).map(part).collect::<Vec<_>>().join(","))
    };
    let nested = format!("{}{}", "[".repeat(LENGTH / 2), "]".repeat(LENGTH / 2));
    let deep = format!("{}{}{}", "[".repeat(100), "1,".repeat(LENGTH / 2) + "1", "]".repeat(100));
    let policy = |member: &str| {
        let ids: Vec<_> = (0..LENGTH / 12).map(|n| format!(r#""x{n}":1"#)).collect();
        format!(
            "PUT /v1/policy\ncontent-type: application/json\nif-match: *\n\n{{\"{member}\":{{{}}}}}",
            ids.join(",")
        )
    };
    let ids: Vec<_> =
        (0..LENGTH / 40).map(|n| format!(r#""01990000-0000-7000-8000-{n:012}""#)).collect();
    let ids = ids.join(",");
    let cron =
        format!(r#"{{"auto_sync_frequency":{{"cron":"{} * * * *"}}}}"#, "0,".repeat(LENGTH / 2));
    let requests = [
        get(&names, ""),
        get(&repeated, ""),
        get(&filters, ""),
        get("", &format!("cookie: {}", distinct("; ", &|n| format!("x{n}=y")))),
        get("", &format!("accept: {}", "a/b;q=0.1,".repeat(LENGTH / 10))),
        get("", &format!("prefer: {}", "a=b,".repeat(LENGTH / 4))),
        get("", &format!("x-forwarded-for: {}", "10.0.0.1,".repeat(LENGTH / 9))),
        format!(
            "PATCH /v1/integrations/01990000-0000-7000-8000-000000000000\nif-match: {}\ncontent-type: application/json\n\n{{}}",
            r#""3","#.repeat(LENGTH / 4)
        ),
        post(&members(&|n| format!(r#""x{n}":1"#))),
        post(&members(&|_| r#""x":1"#.to_owned())),
        post(&nested),
        post(&deep),
        post(&cron),
        policy("thresholds"),
        policy("severities"),
        format!(
            "POST /v1/policy/preview\ncontent-type: application/json\n\n{{\"integration_ids\":[{ids}]}}"
        ),
        format!(
            "POST /v1/findings/bulk-acceptance\ncontent-type: application/json\n\n{{\"finding_ids\":[{ids}]}}"
        ),
    ];
    // What is made once is made before the time runs.
    support::hostile::request(get("", "").as_bytes());
    for request in requests {
        let before = processor_time();
        support::hostile::request(request.as_bytes());
        let used = processor_time().saturating_sub(before);
        let shape: String = request.chars().take(100).collect();
        assert!(used < Duration::from_secs(1), "{used:?}: {shape}");
    }
}

#[test]
fn every_target_is_run_here_and_is_a_fuzz_target() {
    let named: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, RUN);
    for name in named {
        let file = format!("{}/../fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains(&format!("support::hostile::{name}(")), "{file}");
    }
}
