//! `GET /v1/syncs/{sync_id}/events`: server-sent events (SSE, `text/event-stream`; WHATWG HTML, section 9.2).

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::{OrganisationId, SyncId};
use futures_util::stream::{self, Stream};
use http::StatusCode;
use store::{Progress, SyncEvent, SyncEventKind};
use tokio::time::Instant;

use crate::AppState;
use crate::extract::{Caller, Id, RequestInput};
use crate::limits::OrganisationPermit;
use crate::problem::ApiError;
use crate::wire::params::LastEventId;
use crate::wire::sync::{SecretExpiresEvent, SyncReadingEvent, SyncStateEvent};

/// How often to poll for new events: another replica may write them.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Interval of the comments that keep the connection open.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// The server ends the stream after this time; the client continues with `Last-Event-ID`.
const STREAM_MAX: Duration = Duration::from_secs(30 * 60);

/// Stream the events of a sync
///
/// A stream of `state` events (each state of the sync with SAFE's stage), `reading` events (one for each kind of
/// resource) and, when the client secret has expired or expires within 30 days, a `secret_expires` event before the
/// readings. It starts at the beginning or after `Last-Event-ID`, sends a comment as heartbeat, and ends after the
/// final state. More event names may be added.
#[utoipa::path(
    get,
    path = "/v1/syncs/{sync_id}/events",
    tag = "syncs",
    params(LastEventId),
    responses((status = 200, description = "Events; `data` is a SyncStateEvent, a SyncReadingEvent or a SecretExpiresEvent.",
        body = Vec<u8>, content_type = "text/event-stream"),
        (status = 204, description = "The sync has ended, and there are no events after `Last-Event-ID`."))
)]
pub async fn stream_sync_events(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SyncId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let after = input.last_event_id();
    input.reject_unknown()?;
    let organisation = caller.organisation().clone();
    let found = state.store().find_sync(&organisation, id, state.now()).await?;
    let sync = found.ok_or(ApiError::NotFound)?;
    if sync.state.is_over() && after > 0 {
        let left = state.store().list_sync_events(&organisation, id, after).await?;
        if left.is_empty() {
            // The client has received the final state; 204 tells an EventSource not to reconnect.
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    let permit = state
        .waits
        .acquire(&organisation)
        .ok()
        .ok_or(ApiError::unavailable(5, "Too many event streams are open. Try again later."))?;
    let follower = Follower {
        state,
        organisation,
        id,
        after,
        unsent: VecDeque::new(),
        is_over: false,
        give_up_at: Instant::now() + STREAM_MAX,
        _permit: permit,
    };
    let keep_alive = KeepAlive::new().interval(HEARTBEAT_EVERY).text("still here");
    Ok(Sse::new(follower.into_stream()).keep_alive(keep_alive).into_response())
}

/// One event stream of one sync.
struct Follower {
    state: AppState,
    organisation: OrganisationId,
    id: SyncId,
    after: i64,
    unsent: VecDeque<SyncEvent>,
    is_over: bool,
    give_up_at: Instant,
    _permit: OrganisationPermit,
}

impl Follower {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(follower.event(&event)), follower))
        })
    }

    /// The next event. None after the final state, or when the time is up.
    async fn next(&mut self) -> Option<SyncEvent> {
        loop {
            if let Some(event) = self.unsent.pop_front() {
                self.after = event.id;
                self.is_over |= matches!(event.kind,
                    SyncEventKind::State { state, .. } if state.is_over());
                return Some(event);
            }
            if self.is_over || Instant::now() >= self.give_up_at {
                return None;
            }
            let store = self.state.store();
            match store.list_sync_events(&self.organisation, self.id, self.after).await {
                Ok(events) if events.is_empty() => match self.end().await {
                    Some(end) => self.unsent.push_back(end),
                    None => tokio::time::sleep(POLL_INTERVAL).await,
                },
                Ok(events) => self.unsent.extend(events),
                Err(error) => {
                    tracing::warn!(sync_id = %self.id, %error, "reading sync events failed: trying again");
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
            }
        }
    }

    /// The final state, when the sync has ended and no event is left. A client that continues from an unknown id
    /// receives it too.
    async fn end(&self) -> Option<SyncEvent> {
        let store = self.state.store();
        let found = store.find_sync(&self.organisation, self.id, self.state.now()).await;
        let sync = found.ok()??;
        let at = sync.finished_at?;
        let late = store.list_sync_events(&self.organisation, self.id, self.after).await;
        late.is_ok_and(|events| events.is_empty()).then_some(SyncEvent {
            id: self.after,
            at,
            kind: SyncEventKind::State { state: sync.state, attempts: sync.attempts },
        })
    }

    fn event(&self, event: &SyncEvent) -> Event {
        let message = Event::default().id(event.id.to_string());
        let message = match &event.kind {
            SyncEventKind::State { state, attempts } => message
                .event("state")
                .json_data(SyncStateEvent::new(self.id, *state, *attempts, event.at)),
            SyncEventKind::Progress(Progress::Reading(report)) => {
                message.event("reading").json_data(SyncReadingEvent::new(report, event.at))
            }
            SyncEventKind::Progress(Progress::SecretExpires(expires)) => message
                .event("secret_expires")
                .json_data(SecretExpiresEvent::new(expires, event.at)),
        };
        message.unwrap_or_else(|_| Event::default().comment("an event could not be serialised"))
    }
}
