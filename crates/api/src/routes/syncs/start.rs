//! `POST /v1/integrations/{integration_id}/syncs`

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::fault::pointer_part;
use domain::sync::Sync as Reading;
use domain::{Fault, Faults};
use domain::{IntegrationId, OrganisationId};
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderName, StatusCode};
use serde_json::Value;

use super::RETRY_AFTER_S;
use crate::AppState;
use crate::extract::{Caller, Id, Media, RequestInput};
use crate::problem::ApiError;
use crate::routes::command::command;
use crate::wire::request::EmptyObject;
use crate::wire::sync::Sync;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Start a sync
///
/// Queues a sync and returns 202 with it. With `Prefer: wait=N` the response waits up to N seconds, and is 200 with
/// the finished sync if it ends in that time. While a sync is queued or running the response is the problem
/// `sync_in_progress` with its id.
#[utoipa::path(
    post,
    path = "/v1/integrations/{integration_id}/syncs",
    tag = "syncs",
    request_body(content = Option<EmptyObject>, description = "Empty."),
    responses(
        (status = 202, description = "Queued, or still running after the wait.", body = Sync, headers(
            ("Location" = String, description = "The path of the sync."),
            ("Retry-After" = u32, description = "Seconds until the next request."),
        )),
        (status = 200, description = "Ended within the wait.", body = Sync, headers(
            ("Location" = String, description = "The path of the sync."),
            ("Preference-Applied" = String, description = "The wait that was applied."),
        )),
    )
)]
pub async fn start_sync(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<IntegrationId>,
    mut input: RequestInput,
) -> Result<Response, ApiError> {
    let wait = input.wait();
    let nothing = input.body(Media::Json, true, read_nothing)?;
    command(state, &caller, input, nothing, move |state, actor, ()| async move {
        let sync = state.engine.start_sync(&actor, id).await?;
        Ok(match wait {
            Some(wait) => respond_after_wait(&state, &actor.organisation_id, sync, wait).await,
            None => respond_queued(sync),
        })
    })
    .await
}

/// The sync is already queued, so an error while waiting does not fail the request.
async fn respond_after_wait(
    state: &AppState,
    organisation: &OrganisationId,
    sync: Reading,
    wait: Duration,
) -> Response {
    let permit = state.waits.acquire(organisation).ok();
    let Some(_permit) = permit else { return respond_queued(sync) };
    match state.engine.wait_for_sync(organisation, sync.id, wait).await {
        Ok(Some(ended)) if ended.state.is_over() => {
            let location = format!("/v1/syncs/{}", ended.id);
            let applied = format!("wait={}", wait.as_secs());
            let headers = [(LOCATION, location), (PREFERENCE_APPLIED, applied)];
            (headers, Json(Sync::from(ended))).into_response()
        }
        Ok(Some(running)) => respond_queued(running),
        Ok(None) => respond_queued(sync),
        Err(error) => {
            tracing::warn!(%error, "waiting for a sync failed");
            respond_queued(sync)
        }
    }
}

fn respond_queued(sync: Reading) -> Response {
    let location = format!("/v1/syncs/{}", sync.id);
    let headers = [(LOCATION, location), (RETRY_AFTER, RETRY_AFTER_S.to_string())];
    (StatusCode::ACCEPTED, headers, Json(Sync::from(sync))).into_response()
}

fn read_nothing(body: &Value) -> Result<(), Faults> {
    let Some(members) = body.as_object() else {
        return Err(Fault::at("", "must be an empty JSON object, or no body at all").into());
    };
    let strangers = members.keys().map(|key| {
        Fault::at(format!("/{}", pointer_part(key)), "is not a known field: leave it out")
    });
    let faults: Vec<_> = strangers.collect();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}
