//! What is logged, and in which format.

use tracing_subscriber::EnvFilter;

use super::key::Fallback;
use super::reader::Reader;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Auto,
    Text,
    Json,
}

#[derive(Debug, Clone)]
pub struct Log {
    pub format: LogFormat,
    /// A filter that parses.
    pub filter: String,
}

impl Log {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        reader.section("Logs");
        let format = reader.choice(
            "SAFE_AUTH0_LOG_FORMAT",
            &[("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)],
            "`auto` is text on a terminal and one JSON object per line elsewhere. Logs go to standard error.",
        );
        let filter = reader.parsed(
            "SAFE_AUTH0_LOG_LEVEL",
            "a level (error, warn, info, debug, trace) or a filter such as info,engine=debug",
            Fallback::Text("info".into()),
            "The least severe level that is logged, or a filter by module.",
            |text| {
                EnvFilter::try_new(text)
                    .map(|_| text.to_owned())
                    .map_err(|_| "is no filter".to_owned())
            },
        );
        Self { format, filter: filter.unwrap_or_default() }
    }
}
