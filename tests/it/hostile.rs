//! A short run of every fuzz target: sound examples, and what becomes of them when bytes are changed,
//! dropped, doubled or mixed with those of others.

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
