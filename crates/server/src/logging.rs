//! Logs on standard error: text for people on a terminal, one JSON object a line for machines.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, Result, anyhow};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// What the database says by the way, such as that a table is there already. The configured filter
/// comes after it and wins.
const QUIET: &str = "sqlx::postgres::notice=warn";

/// Starts logging for the rest of the process.
pub fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", log.filter));
    let filter = filter.context("the log filter cannot be used")?;
    let is_terminal = stderr().is_terminal();
    let is_text = match log.format {
        LogFormat::Auto => is_terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let started = if is_text {
        builder.with_ansi(is_terminal).with_target(false).compact().try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(true).try_init()
    };
    started.map_err(|e| anyhow!("logging cannot be started: {e}"))
}
