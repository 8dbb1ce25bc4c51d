//! Logs on standard error: text on a terminal, otherwise one JSON object for each line.

use std::io::{IsTerminal, stderr};

use anyhow::{Context, Result, anyhow};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Hides notices of the database, such as that a table exists already. The configured filter comes later and so
/// has precedence.
const DEFAULT_FILTER: &str = "sqlx::postgres::notice=warn";

/// Starts logging for the whole process; fails the second time.
pub fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(format!("{DEFAULT_FILTER},{}", log.filter));
    let filter = filter.context("the log filter is invalid")?;
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
    started.map_err(|e| anyhow!("cannot start logging: {e}"))
}
