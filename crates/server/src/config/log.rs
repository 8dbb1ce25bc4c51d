//! What is logged, and in which form.

use tracing_subscriber::EnvFilter;

use super::key::{Fallback, Key, Kind};
use super::reader::Reader;

const FORMAT: Key = Key {
    name: "SAFE_AUTH0_LOG_FORMAT",
    kind: Kind::Choice(&["auto", "text", "json"]),
    default: Fallback::Text("auto"),
    about: "`auto` is text on a terminal and one JSON object a line elsewhere. Logs go to standard \
        error.",
};

const LEVEL: Key = Key {
    name: "SAFE_AUTH0_LOG_LEVEL",
    kind: Kind::Text(
        "a level (error, warn, info, debug, trace) or a filter such as info,engine=debug",
    ),
    default: Fallback::Text("info"),
    about: "What is logged.",
};

pub const KEYS: &[&Key] = &[&FORMAT, &LEVEL];

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    #[default]
    Auto,
    Text,
    Json,
}

/// What is logged, and in which form.
#[derive(Debug, Clone)]
pub struct Log {
    pub format: LogFormat,
    /// A filter that parses.
    pub filter: String,
}

impl Log {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let format = reader.parsed(&FORMAT, |text| match text {
            "auto" => Ok(LogFormat::Auto),
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("is none of them".to_owned()),
        });
        let filter = reader.parsed(&LEVEL, |text| {
            EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| "is no filter".to_owned())
        });
        Self { format: format.unwrap_or_default(), filter: filter.unwrap_or_default() }
    }
}
