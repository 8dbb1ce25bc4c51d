//! The audit event of an export: who exported what, and how many rows were sent. It is written when the export ends,
//! however it ends.

use engine::{Actor, Engine};
use serde_json::json;

/// The event in the making; written on drop.
pub struct ExportAudit {
    engine: Engine,
    actor: Actor,
    action: &'static str,
    /// Filters and format.
    query: String,
    rows: usize,
    is_complete: bool,
}

impl ExportAudit {
    pub fn new(engine: Engine, actor: Actor, action: &'static str, query: String) -> Self {
        Self { engine, actor, action, query, rows: 0, is_complete: false }
    }

    /// So many more rows were sent.
    pub fn add(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// All rows were sent.
    pub fn complete(mut self) {
        self.is_complete = true;
    }
}

impl Drop for ExportAudit {
    fn drop(&mut self) {
        let details = json!({"query": self.query, "rows": self.rows, "complete": self.is_complete});
        self.engine.record_export(&self.actor, self.action, details);
    }
}
