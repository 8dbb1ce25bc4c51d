//! Applies the effects of faults: delays, replaced responses, changed or interrupted bodies.

use crate::authentication;
use crate::bucket::Admission;
use crate::fault::{Area, Effect};
use crate::reply::{
    Reply, bot_detection_not_in_plan, expired_token, insufficient_scope, management_error,
    not_found, oauth_error,
};
use crate::state::State;
use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;

const DRIP_BYTES: usize = 16;
const HUGE_CHUNK_BYTES: usize = 64 * 1024;
const HTML_502: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";

/// Waits for the sum of the delays; without end on `Hang`.
pub(crate) async fn delay(effects: &[Effect]) {
    for effect in effects {
        match effect {
            Effect::Latency(duration) => tokio::time::sleep(*duration).await,
            Effect::Hang => std::future::pending::<()>().await,
            _ => {}
        }
    }
}

/// The response of the first effect that replaces the response.
pub(crate) fn replacement(
    state: &State,
    area: Area,
    headers: &HeaderMap,
    admission: Option<Admission>,
    effects: &[Effect],
) -> Option<Reply> {
    effects.iter().find_map(|effect| {
        Some(match effect {
            Effect::Status { code, headers, body, content_type } => {
                status_reply(*code, headers, body, content_type)
            }
            Effect::TooManyRequests { retry_after, with_ratelimit_headers } => {
                let admission = admission.filter(|_| *with_ratelimit_headers);
                too_many_requests(area, *retry_after, admission)
            }
            Effect::ClientQuotaExceeded { retry_after } => client_quota(*retry_after),
            Effect::RatePolicyExceeded { retry_after } => rate_policy(*retry_after),
            Effect::ServerError(code) => server_error(area, *code),
            Effect::Html502 => Reply::new(StatusCode::BAD_GATEWAY, "text/html", HTML_502),
            Effect::Redirect { to } => {
                let mut reply = Reply::empty(StatusCode::FOUND);
                if let Ok(location) = HeaderValue::from_str(to) {
                    reply.headers.insert(header::LOCATION, location);
                }
                reply
            }
            _ => {
                // Errors of the Management API, which have rate limit headers.
                let mut reply = management_reply(state, headers, effect)?;
                if let Some(admission) = admission {
                    admission.write_headers(&mut reply.headers);
                }
                reply
            }
        })
    })
}

fn management_reply(state: &State, headers: &HeaderMap, effect: &Effect) -> Option<Reply> {
    match effect {
        Effect::NotFound => Some(not_found()),
        Effect::ExpireToken => {
            if let Some(id) = authentication::token_id(state, headers) {
                state.expire(&id);
            }
            Some(expired_token())
        }
        Effect::InsufficientScope(scopes) => Some(insufficient_scope(scopes)),
        Effect::InsufficientEntitlement => Some(bot_detection_not_in_plan()),
        Effect::Refused(refusal) => Some(refusal.reply()),
        _ => None,
    }
}

/// 429 of the tenant's rate limit, or of a fault that simulates it.
pub(crate) fn too_many_requests(
    area: Area,
    retry_after: Option<u64>,
    admission: Option<Admission>,
) -> Reply {
    let (status, message) = (StatusCode::TOO_MANY_REQUESTS, "Global limit has been reached");
    let mut reply = match area {
        Area::TokenEndpoint => oauth_error(status, "too_many_requests", message),
        _ => management_error(status, message, Some("too_many_requests")),
    };
    if let Some(seconds) = retry_after {
        reply.headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(admission) = admission {
        Admission { remaining: 0, ..admission }.write_headers(&mut reply.headers);
    }
    reply
}

/// 429 of Auth0's token quotas.
fn client_quota(retry_after: u64) -> Reply {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let quota = format!("b=per_hour;q=10;r=0;t={retry_after}");
    let mut reply = oauth_error(status, "too_many_requests", "Client quota exceeded")
        .with_header("retry-after", retry_after)
        .with_header("x-ratelimit-limit", 10)
        .with_header("x-ratelimit-remaining", 0);
    if let Ok(quota) = HeaderValue::from_str(&quota) {
        reply.headers.insert("auth0-client-quota-limit", quota);
    }
    reply
}

/// 429 of Auth0's rate limit policies.
fn rate_policy(retry_after: u64) -> Reply {
    let status = StatusCode::TOO_MANY_REQUESTS;
    oauth_error(status, "too_many_requests", "Rate limit exceeded.")
        .with_header("retry-after", retry_after)
        .with_header("auth0-ratelimit", HeaderValue::from_static("client;q=10;t=1;r=0"))
}

fn server_error(area: Area, code: u16) -> Reply {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = status.canonical_reason().unwrap_or("Server error");
    match area {
        Area::TokenEndpoint => oauth_error(status, "server_error", message),
        _ => management_error(status, message, None),
    }
}

fn status_reply<'a>(
    code: u16,
    headers: impl IntoIterator<Item = (&'a String, &'a String)>,
    body: &str,
    content_type: &str,
) -> Reply {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = Reply::new(status, content_type, body.to_owned());
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            reply.headers.insert(name, value);
        }
    }
    reply
}

/// Applies the changes to the reply and builds the response, with an interrupted or slow body if an effect says so.
pub(crate) fn send(mut reply: Reply, effects: &[Effect]) -> Response<Body> {
    for effect in effects {
        match effect {
            Effect::ReplaceBody(body) => reply.body = body.to_string().into(),
            Effect::WrongType => reply.body = of_another_type(&reply.body).to_string().into(),
            Effect::MalformedJson => reply.body = Bytes::from_static(b"{\"enabled\": tru"),
            Effect::OmitRateLimitHeaders => {
                for name in ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
                    reply.headers.remove(name);
                }
            }
            _ => {}
        }
    }
    let whole = reply.body.len();
    let on_the_wire = effects.iter().find_map(|effect| match effect {
        Effect::DropMidBody => Some((Some(whole), first_half(&reply.body))),
        Effect::Drip { chunk_every } => Some((Some(whole), dripping(&reply.body, *chunk_every))),
        Effect::HugeBody { bytes } => Some((None, huge(*bytes))),
        _ => None,
    });
    let (length, body) =
        on_the_wire.unwrap_or_else(|| (Some(whole), Body::from(reply.body.clone())));
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    // Explicit, because a streamed body has no length; a dropped body sends less.
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, (length as u64).into());
    }
    response
}

fn of_another_type(body: &[u8]) -> Value {
    match serde_json::from_slice::<Value>(body).unwrap_or_default() {
        Value::Object(members) => json!([members]),
        Value::Array(items) => json!({ "items": items }),
        other => json!(other.to_string()),
    }
}

fn first_half(body: &Bytes) -> Body {
    let half = body.slice(..body.len().div_ceil(2).min(body.len().saturating_sub(1)));
    let cut = stream::once(async {
        // Lets the first half be sent before the connection is closed.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(stream::once(async { Ok::<_, io::Error>(half) }).chain(cut))
}

fn dripping(body: &Bytes, every: Duration) -> Body {
    let rest = body.clone();
    Body::from_stream(stream::unfold(rest, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(every).await;
        let chunk = rest.split_to(DRIP_BYTES.min(rest.len()));
        Some((Ok::<_, io::Error>(chunk), rest))
    }))
}

fn huge(bytes: u64) -> Body {
    let head = stream::once(async { Ok::<_, io::Error>(Bytes::from_static(b"{\"padding\":\"")) });
    let filler = Bytes::from(vec![b'x'; HUGE_CHUNK_BYTES]);
    let middle = stream::unfold(bytes, move |left| {
        let length = HUGE_CHUNK_BYTES.min(usize::try_from(left).unwrap_or(usize::MAX));
        let chunk = filler.slice(..length);
        async move { (left > 0).then(|| (Ok(chunk), left.saturating_sub(length as u64))) }
    });
    let tail = stream::once(async { Ok(Bytes::from_static(b"\"}")) });
    Body::from_stream(head.chain(middle).chain(tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    fn sent(effect: Effect) -> Response<Body> {
        send(Reply::ok(&json!({ "enabled": true })), &[effect])
    }

    async fn body(response: Response<Body>) -> Bytes {
        response.into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn a_dropped_body_announces_more_than_it_sends() {
        let response = sent(Effect::DropMidBody);
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "16");
        let mut body = response.into_body();
        let half = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(half.len(), 8);
        assert!(body.frame().await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_huge_body_has_its_size_but_no_content_length() {
        let response = sent(Effect::HugeBody { bytes: 100_000 });
        assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
        let value: Value = serde_json::from_slice(&body(response).await).unwrap();
        assert_eq!(value["padding"].as_str().unwrap().len(), 100_000);
    }

    #[tokio::test]
    async fn bodies_are_replaced_retyped_and_malformed() {
        assert_eq!(body(sent(Effect::ReplaceBody(json!(1)))).await, "1");
        assert_eq!(body(sent(Effect::WrongType)).await, r#"[{"enabled":true}]"#);
        let malformed = body(sent(Effect::MalformedJson)).await;
        assert!(serde_json::from_slice::<Value>(&malformed).is_err());
    }

    #[tokio::test]
    async fn a_drip_sends_the_whole_body_in_pieces() {
        let mut body = sent(Effect::Drip { chunk_every: Duration::from_hours(1) }).into_body();
        assert!(body.frame().now_or_never().is_none());
        let quick = sent(Effect::Drip { chunk_every: Duration::ZERO });
        assert_eq!(self::body(quick).await, r#"{"enabled":true}"#);
    }

    #[tokio::test]
    async fn only_delays_wait() {
        assert!(delay(&[Effect::Latency(Duration::from_hours(1))]).now_or_never().is_none());
        assert!(delay(&[Effect::Hang]).now_or_never().is_none());
        assert!(delay(&[Effect::DropMidBody]).now_or_never().is_some());
    }
}
