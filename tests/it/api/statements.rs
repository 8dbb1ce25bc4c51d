//! Captures SQL statements, or the messages of Postgres, from sqlx's log, for code on the thread of the test.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// Listens until it is dropped.
pub struct Statements {
    heard: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Statements {
    pub fn listen() -> Self {
        Self::listen_to("sqlx::query", "summary")
    }

    /// Messages of Postgres instead.
    pub fn listen_to_notices() -> Self {
        Self::listen_to("sqlx::postgres::notice", "message")
    }

    fn listen_to(target: &'static str, field: &'static str) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Ear { heard: heard.clone(), target, field };
        Self { heard, _guard: tracing::subscriber::set_default(ear) }
    }

    /// The beginnings of the statements, or the messages, since the previous call.
    pub fn drain(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

struct Ear {
    heard: Arc<Mutex<Vec<String>>>,
    target: &'static str,
    field: &'static str,
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == self.target
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Summary(self));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Summary<'a>(&'a Ear);

impl Visit for Summary<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == self.0.field {
            self.0.heard.lock().unwrap().push(format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}
