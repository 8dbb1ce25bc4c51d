//! Handles a request: logs it, applies rate limit and faults, and calls the endpoint.

use crate::effect::{delay, replacement, send, too_many_requests};
use crate::fault::{Area, Effect};
use crate::management::{self, Call};
use crate::reply::{Reply, management_error, not_found};
use crate::request_log::bounded;
use crate::signing::signing_key;
use crate::state::State;
use crate::{control, replay, token_endpoint};
use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::form_urlencoded;

const MAX_REQUEST_BYTES: usize = 1024 * 1024;
const MAX_REQUEST_TIME: Duration = Duration::from_secs(30);
const MAX_LOGGED_KEYS: usize = 100;

/// Closes the connection without a response, because of a fault.
#[derive(Debug, thiserror::Error)]
#[error("a fault closes the connection before the response")]
pub(crate) struct ClosedBeforeResponse;

pub(crate) async fn dispatch(
    state: Arc<State>,
    request: Request<Body>,
) -> Result<Response<Body>, ClosedBeforeResponse> {
    let (parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(refusal) => return Ok(send(*refusal, &[])),
    };
    if let Some(path) = parts.uri.path().strip_prefix("/_simulator/") {
        return Ok(send(control::answer(&state, &parts.method, path, &body), &[]));
    }
    let number = state.log.begin(&parts, state.now());
    let _in_flight = state.enter();
    let result = serve(&state, &parts, &body, number).await;
    if let Ok(response) = &result {
        state.log.amend(number, |entry| entry.status = response.status().as_u16());
    }
    result
}

async fn read(body: Body) -> Result<Bytes, Box<Reply>> {
    let collected = Limited::new(body, MAX_REQUEST_BYTES).collect();
    let refused = |status| Box::new(management_error(status, "Payload refused", None));
    match tokio::time::timeout(MAX_REQUEST_TIME, collected).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(refused(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => Err(refused(StatusCode::REQUEST_TIMEOUT)),
    }
}

async fn serve(
    state: &State,
    parts: &Parts,
    body: &Bytes,
    number: u64,
) -> Result<Response<Body>, ClosedBeforeResponse> {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let area = Area::for_path(path);
    let admission = state.admit(area);
    if let Some(refused) = admission.filter(|admission| !admission.admitted) {
        let retry_after = u64::try_from(refused.retry_after_s).ok();
        return Ok(send(too_many_requests(area, retry_after, Some(refused)), &[]));
    }
    // After the rate limit, so that faults count only admitted requests.
    let effects = state.match_faults(parts.method.as_str(), path);
    delay(&effects).await;
    if effects.contains(&Effect::CloseBeforeResponse) {
        return Err(ClosedBeforeResponse);
    }
    if let Some(reply) = replacement(state, area, &parts.headers, admission, &effects) {
        record_body(state, number, body);
        return Ok(send(reply, &effects));
    }
    if let Some(reply) = replay::answer(state, parts.method.as_str(), parts.uri.path()) {
        record_body(state, number, body);
        return Ok(send(reply, &effects));
    }
    let mut reply = endpoint(state, area, parts, body, number);
    if let Some(admission) = admission {
        admission.write_headers(&mut reply.headers);
    }
    Ok(send(reply, &effects))
}

fn endpoint(state: &State, area: Area, parts: &Parts, body: &Bytes, number: u64) -> Reply {
    match area {
        Area::TokenEndpoint if parts.method == Method::POST => {
            let (reply, request) = token_endpoint::answer(state, &parts.headers, body);
            state.log.amend(number, |entry| {
                entry.client_id = request.client_id.as_deref().map(|id| bounded(id).to_owned());
                entry.body_keys = names(request.names);
            });
            reply
        }
        Area::ManagementApi => {
            record_body(state, number, body);
            let query: Vec<(String, String)> =
                form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                    .into_owned()
                    .collect();
            let path = parts.uri.path().strip_prefix("/api/v2/").unwrap_or_default();
            let headers = &parts.headers;
            let call = Call { method: &parts.method, path, query: &query, headers, body };
            let (reply, caller) = management::answer(state, &call);
            state.log.amend(number, |entry| {
                entry.client_id = caller.and_then(|caller| caller.client_id);
            });
            reply
        }
        _ if parts.method != Method::GET => not_found(),
        _ => match parts.uri.path() {
            "/.well-known/jwks.json" => Reply::ok(&signing_key().jwks()),
            "/.well-known/openid-configuration" => Reply::ok(&token_endpoint::discovery(state)),
            _ => not_found(),
        },
    }
}

/// Logs the names of a JSON body's members.
fn record_body(state: &State, number: u64, body: &Bytes) {
    if let Ok(Value::Object(members)) = serde_json::from_slice(body) {
        let keys = names(members.into_iter().map(|(name, _)| name));
        state.log.amend(number, |entry| entry.body_keys = keys);
    }
}

fn names(all: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> =
        all.into_iter().take(MAX_LOGGED_KEYS).map(|name| bounded(&name).to_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;
    use crate::plan::Limit;
    use crate::testing::Tenant;
    use futures_util::FutureExt as _;
    use jiff::SignedDuration;
    use serde_json::json;

    const PATH: &str = "stats/active-users";

    #[tokio::test]
    async fn the_log_has_clients_and_paths_but_no_secrets() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        tenant.get("stats/daily?from=20260301", &token).await;
        let log = tenant.state.log.list();
        assert_eq!(log[0].client_id.as_deref(), Some("simulated-fresh"));
        assert_eq!(log[0].body_keys, ["audience", "client_id", "client_secret", "grant_type"]);
        assert_eq!(log[1].path, "/api/v2/stats/daily?from=20260301");
        assert_eq!((log[1].status, log[1].client_id.as_deref()), (200, Some("simulated-fresh")));
        let text = serde_json::to_string(&log).unwrap();
        assert!(!text.contains("simulated-fresh-secret") && !text.contains(&token));
    }

    #[tokio::test]
    async fn the_free_plan_allows_two_calls_a_second() {
        let tenant = Tenant::bundled("free-plan");
        let token = tenant.token().await;
        tenant.state.file().bucket = Limit::Plan;
        let first = tenant.get(PATH, &token).await;
        assert_eq!(first.headers["x-ratelimit-limit"], "2");
        assert_eq!(first.headers["x-ratelimit-remaining"], "1");
        tenant.get(PATH, &token).await;
        let refused = tenant.get(PATH, &token).await;
        assert_eq!(
            refused.json(),
            json!({"statusCode": 429, "error": "Too Many Requests", "errorCode": "too_many_requests",
                "message": "Global limit has been reached"})
        );
        assert_eq!(refused.headers["retry-after"], "1");
        tenant.advance(SignedDuration::from_secs(1));
        assert_eq!(tenant.get(PATH, &token).await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_fault_applies_to_the_requests_after_skip() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        let fault = Fault::on_management_api(Effect::ServerError(503)).skip(1).times(1);
        tenant.state.faults().push(fault);
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(tenant.get(PATH, &token).await.status.as_u16());
        }
        assert_eq!(seen, [200, 503, 200]);
    }

    #[tokio::test]
    async fn an_expired_token_stays_expired_and_a_new_one_works() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        tenant.state.faults().push(Fault::on_management_api(Effect::ExpireToken).times(1));
        assert_eq!(tenant.get(PATH, &token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(tenant.get(PATH, &token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(tenant.get(PATH, &tenant.token().await).await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_429_fault_has_the_error_format_of_each_api() {
        let tenant = Tenant::bundled("fresh");
        let effect =
            Effect::TooManyRequests { retry_after: Some(7), with_ratelimit_headers: false };
        tenant.state.faults().push(Fault::everywhere(effect));
        let token = tenant.ask_token(json!({})).await;
        assert_eq!(token.json()["error"], "too_many_requests");
        let management = tenant.get(PATH, "a.b.c").await;
        assert_eq!(management.json()["errorCode"], "too_many_requests");
        assert_eq!(management.headers["retry-after"], "7");
        assert!(!management.headers.contains_key("x-ratelimit-limit"));
    }

    #[tokio::test]
    async fn a_connection_can_be_closed_without_a_response() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.faults().push(Fault::everywhere(Effect::CloseBeforeResponse));
        let request = Request::get("/api/v2/stats/daily").body(Body::empty()).unwrap();
        assert!(tenant.try_send(request).await.is_none());
        assert_eq!(tenant.state.log.list()[0].status, 0);
    }

    #[tokio::test]
    async fn waiting_requests_count_as_concurrent() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.faults().push(Fault::everywhere(Effect::Hang));
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(tenant.get(PATH, ""))).collect();
        for request in &mut waiting {
            assert!(request.now_or_never().is_none());
        }
        assert_eq!(tenant.state.most_in_flight(), 3);
        drop(waiting);
        tenant.state.faults().replace(Vec::new());
        tenant.get(PATH, "").await;
        assert_eq!(tenant.state.most_in_flight(), 3);
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_rejected() {
        let tenant = Tenant::bundled("fresh");
        let body = Body::from(vec![b'x'; MAX_REQUEST_BYTES + 1]);
        let request = Request::post("/oauth/token").body(body).unwrap();
        assert_eq!(tenant.try_send(request).await.unwrap().status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn discovery_and_key_set_are_served() {
        let tenant = Tenant::bundled("fresh");
        let document =
            tenant.send("GET", "/.well-known/openid-configuration", "", Value::Null).await;
        assert_eq!(document.json()["issuer"], "http://tenant.test/");
        let keys = tenant.send("GET", "/.well-known/jwks.json", "", Value::Null).await;
        assert_eq!(keys.json()["keys"][0]["alg"], "RS256");
    }
}
