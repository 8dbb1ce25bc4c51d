//! Counts SQL statements, from sqlx's log.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

const TARGET: &str = "sqlx::query";

static START: Once = Once::new();
static IS_LISTENING: AtomicBool = AtomicBool::new(false);
static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on, in the whole process.
pub fn listen() {
    START.call_once(|| {
        tracing::subscriber::set_global_default(Listener).expect("there is no other subscriber");
    });
    heard().clear();
    IS_LISTENING.store(true, Ordering::Relaxed);
}

/// The beginnings of the statements since [`listen`].
pub fn stop() -> Vec<String> {
    IS_LISTENING.store(false, Ordering::Relaxed);
    std::mem::take(&mut *heard())
}

fn heard() -> MutexGuard<'static, Vec<String>> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Their transactions: those that were committed, and the one that reads what an evaluation needs. The statement that
/// begins a transaction is not logged.
pub fn transactions(statements: &[String]) -> usize {
    let ends = |each: &&String| each.contains("COMMIT") || each.contains("evaluation_inputs");
    statements.iter().filter(ends).count()
}

struct Listener;

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target() == TARGET { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET && IS_LISTENING.load(Ordering::Relaxed)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Summary);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Summary;

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "summary" {
            heard().push(format!("{value:?}"));
        }
    }
}
