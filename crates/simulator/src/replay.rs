//! Replays recorded exchanges, which have precedence over the rest of the tenant file.

use crate::exchange::RecordedResponse;
use crate::reply::Reply;
use crate::state::State;
use http::{HeaderName, HeaderValue, StatusCode, header};

/// The recorded response to this request. Several are replayed in order; the last one repeats.
pub(crate) fn answer(state: &State, method: &str, path: &str) -> Option<Reply> {
    let answers: Vec<RecordedResponse> = {
        let file = state.file();
        let of_request = file.exchanges.iter().filter(|each| each.request.matches(method, path));
        of_request.map(|each| each.response.clone()).collect()
    };
    let last = answers.len().checked_sub(1)?;
    let answer = answers.into_iter().nth(state.count_replay(method, path).min(last))?;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = Reply::json(status, &answer.body);
    for (name, value) in &answer.headers {
        let pair = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        if let (Ok(name), Ok(value)) = pair
            && name != header::CONTENT_LENGTH
        {
            reply.headers.insert(name, value);
        }
    }
    Some(reply)
}

#[cfg(test)]
mod tests {
    use crate::exchange::Exchange;
    use crate::testing::Tenant;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn exchanges_are_replayed_in_order_and_the_last_one_repeats() {
        let tenant = Tenant::bundled("fresh");
        let exchange = |path: &str, status: u16, body: Value| {
            let exchange = json!({"request": {"method": "GET", "path": path},
                "response": {"status": status, "headers": {"retry-after": "3"}, "body": body}});
            serde_json::from_value::<Exchange>(exchange).unwrap()
        };
        tenant.state.file().exchanges = vec![
            exchange("/api/v2/clients", 429, json!({"message": "slow down"})),
            exchange("/api/v2/clients", 200, json!([])),
            exchange("/api/v2/guardian/*", 403, json!({"message": "no"})),
        ];
        // Without a token: a recorded response needs none.
        let mut seen = Vec::new();
        for path in ["clients", "clients?take=50", "clients", "guardian/factors", "stats/daily"] {
            seen.push(tenant.get(path, "").await);
        }
        let statuses: Vec<u16> = seen.iter().map(|answer| answer.status.as_u16()).collect();
        assert_eq!(statuses, [429, 200, 200, 403, 400]);
        assert_eq!(seen[0].headers["retry-after"], "3");
        assert_eq!(seen[1].json(), json!([]));
    }
}
