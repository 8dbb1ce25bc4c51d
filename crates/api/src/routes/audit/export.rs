//! The audit as a stream, a page in memory at a time: JSON Lines or CSV (RFC 4180).

use std::collections::VecDeque;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::OrganisationId;
use futures_util::stream::{self, Stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use store::{AuditFilter, Error, Slice};
use tokio::time::{Duration, Instant};

use crate::State;
use crate::edge::Place;
use crate::extract::Caller;
use crate::problem::ApiError;
use crate::wire::audit::AuditEvent;

/// Rows in memory at once.
const ROWS: u32 = 500;
/// A stream that is not read by then is cut off, visibly: its end is missing.
const STREAM_MAX: Duration = Duration::from_secs(30 * 60);

/// How rows are written.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// One record a line, after a header.
    Csv,
}

/// Everything that matches.
pub fn stream(
    state: &State,
    caller: &Caller,
    filter: AuditFilter,
    format: Format,
) -> Result<Response, ApiError> {
    let organisation = caller.organisation().clone();
    let place = state.edge.place_to_wait(&organisation).ok_or(ApiError::Unavailable {
        retry_after_s: 5,
        detail: "Too many streams are open at the moment. Try again.",
        cause: None,
    })?;
    let (media_type, name) = match format {
        Format::JsonLines => ("application/x-ndjson", "audit.jsonl"),
        Format::Csv => ("text/csv; charset=utf-8; header=present", "audit.csv"),
    };
    let unsent = match format {
        Format::JsonLines => VecDeque::new(),
        Format::Csv => VecDeque::from([Bytes::from_static(HEADER.as_bytes())]),
    };
    let export = Export {
        store: state.store().clone(),
        organisation,
        filter,
        format,
        after: None,
        is_over: false,
        unsent,
        give_up_at: Instant::now() + STREAM_MAX,
        _place: place,
    };
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(export.into_stream())).into_response())
}

struct Export {
    store: store::Store,
    organisation: OrganisationId,
    filter: AuditFilter,
    format: Format,
    after: Option<i64>,
    is_over: bool,
    unsent: VecDeque<Bytes>,
    give_up_at: Instant,
    _place: Place,
}

impl Export {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Error>> {
        stream::try_unfold(self, |mut export| async move {
            if export.unsent.is_empty() && !export.is_over {
                export.fetch().await.inspect_err(|error| {
                    tracing::warn!(%error, "an export of the audit was cut off");
                })?;
            }
            Ok(export.unsent.pop_front().map(|piece| (piece, export)))
        })
    }

    async fn fetch(&mut self) -> Result<(), Error> {
        if Instant::now() >= self.give_up_at {
            let cause: Box<dyn std::error::Error + Send + Sync> = "its time is up".into();
            return Err(Error::Unavailable(cause));
        }
        let slice = Slice { limit: ROWS, after: self.after };
        let page = self.store.list_audit(&self.organisation, &self.filter, slice).await?;
        self.is_over = !page.has_more;
        self.after = page.items.last().map(|event| event.position);
        let mut text = String::new();
        for event in page.items.into_iter().map(AuditEvent::from) {
            match self.format {
                Format::JsonLines => {
                    let line = serde_json::to_string(&event);
                    text += &line.expect("an event is made of plain JSON types");
                    text.push('\n');
                }
                Format::Csv => text += &record(&event),
            }
        }
        if !text.is_empty() {
            self.unsent.push_back(Bytes::from(text));
        }
        Ok(())
    }
}

const HEADER: &str = "seq,at,actor_subject,actor_email,source_address,source_port,action,target,\
    outcome,request_id,details,hash\r\n";

fn record(event: &AuditEvent) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let fields = [
        text(event.seq.map(|seq| seq.to_string())),
        event.at.to_string(),
        event.actor_subject.clone(),
        event.actor_email.clone(),
        text(event.source_address.clone()),
        text(event.source_port.map(|port| port.to_string())),
        event.action.clone(),
        text(event.target.map(|id| id.to_string())),
        event.outcome.clone(),
        event.request_id.clone(),
        if event.details.is_null() { String::new() } else { event.details.to_string() },
        text(event.hash.clone()),
    ];
    fields.map(|field| quoted(&field)).join(",") + "\r\n"
}

/// RFC 4180. A field that a spreadsheet would run as a formula gets an apostrophe first.
fn quoted(field: &str) -> String {
    let is_formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula { format!("'{field}") } else { field.to_owned() };
    if guarded.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_formulas_disarmed() {
        for (field, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("=a,b", "\"'=a,b\""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}
