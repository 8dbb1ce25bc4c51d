//! Measures the service, each row against a baseline in the same run. Nothing is asserted about time. `make bench` runs
//! it, `docs/performance.md` explains it. Arguments select topics; `BENCH_QUICK=1` makes everything smaller.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::cast_precision_loss, reason = "figures of a table")]

mod child;
mod cpu;
mod database;
mod export;
mod findings;
mod fleet;
mod large;
mod machine;
mod neighbours;
mod queue;
mod reading;
mod rounds;
mod service;
mod statements;
mod table;
mod tenants;
mod writes;

use std::time::Instant;

/// That of the service.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Scale {
    is_quick: bool,
}

impl Scale {
    pub fn pick<T>(self, quick: T, full: T) -> T {
        if self.is_quick { quick } else { full }
    }
}

const TOPICS: [&str; 8] =
    ["cpu", "reading", "rounds", "writes", "queue", "fleet", "findings", "export"];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|each| each != "--bench").collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if arguments == [child::ARGUMENT] {
        return runtime.block_on(child::run());
    }
    let scale = Scale { is_quick: database::environment("BENCH_QUICK").is_some() };
    let began = Instant::now();
    for topic in TOPICS {
        if !arguments.is_empty() && arguments.iter().all(|each| each != topic) {
            continue;
        }
        table::heading(topic);
        match topic {
            "cpu" => cpu::run(&runtime, scale),
            "reading" => runtime.block_on(reading::run(scale)),
            "rounds" => runtime.block_on(rounds::run(scale)),
            "writes" => runtime.block_on(writes::run(scale)),
            "queue" => runtime.block_on(queue::run(scale)),
            "fleet" => runtime.block_on(fleet::run(scale)),
            "findings" => runtime.block_on(findings::run(scale)),
            _ => runtime.block_on(export::run(scale)),
        }
    }
    println!("\nmeasured in {:.0} s", began.elapsed().as_secs_f64());
}
