//! Whose limit a 429 of the token endpoint concerns (the tenant, the client's quota, or the application's own
//! policy), and its message. When to call again is in `rate_limit::RateLimitHeaders`.

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

use crate::connect_error::Problem;
use crate::time::{ceil_to_second, time_until};
use crate::token_backoff::{BackoffWindow, LimitScope};

/// The problem of a 429. `retry_at`: when it allows the next attempt, if stated.
pub(crate) fn problem(
    domain: &str,
    scope: LimitScope,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) -> Problem {
    let when = retry_at.map_or_else(
        || "It does not say for how long; a minute is usual.".to_owned(),
        |then| {
            format!("Try again after {} (in {} s).", ceil_to_second(then), seconds_until(now, then))
        },
    );
    let (what, hint, who) = match scope {
        LimitScope::Tenant => (
            "limits the rate of token requests for the whole tenant",
            "Wait, then test again. Monitoring > Logs in the Auth0 dashboard shows which application uses \
             the limit up (event api_limit).",
            WhoMustAct::Auth0,
        ),
        LimitScope::ClientQuota => (
            "refuses further tokens: the Machine to Machine quota of this application is used up",
            "Wait until the quota is renewed, or raise it in the Auth0 dashboard under Applications > \
             Applications > your application > Settings > Token Quota.",
            WhoMustAct::Customer,
        ),
        LimitScope::Application => (
            "limits the rate of this application by a custom rate limit policy",
            "Wait, then test again, or raise the rate limit policy that applies to this application.",
            WhoMustAct::Customer,
        ),
    };
    let message = format!("{domain} {what}. {when}");
    Problem::caused_by_customer(StepName::Token, StepCode::RateLimited, message, hint)
        .acted_on_by(who)
        .retryable()
}

/// The same during the backoff of an earlier 429.
pub(crate) fn backing_off(domain: &str, window: BackoffWindow, now: Timestamp) -> Problem {
    let problem = problem(domain, window.scope, Some(window.until), now);
    let message = format!("{} It said so before, so it was not asked again.", problem.message);
    Problem { message, ..problem }
}

pub(crate) fn classify(headers: &HeaderMap, body: &[u8]) -> LimitScope {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    if headers.contains_key("auth0-client-quota-limit") || text.contains("client quota") {
        LimitScope::ClientQuota
    } else if is_of_client(headers) {
        LimitScope::Application
    } else {
        LimitScope::Tenant
    }
}

/// `Auth0-RateLimit: client;q=10;t=1;r=0`, possibly beside other policies.
fn is_of_client(headers: &HeaderMap) -> bool {
    let values = headers.get_all("auth0-ratelimit").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|policy| {
        let name = policy.split(';').next().unwrap_or_default();
        name.trim().trim_matches('"').eq_ignore_ascii_case("client")
    })
}

fn seconds_until(now: Timestamp, then: Timestamp) -> u64 {
    let wait = time_until(now, then);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::RateLimitHeaders;
    use std::time::Duration;

    fn limited(fields: &[(&'static str, &str)], body: &str) -> Problem {
        let headers = headers(fields);
        let longest = Duration::from_hours(24);
        let retry_at = RateLimitHeaders::read(&headers, now()).stated_retry_at(now(), longest);
        problem("acme.eu.auth0.com", classify(&headers, body.as_bytes()), retry_at, now())
    }

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_793_700_000).unwrap()
    }

    #[test]
    fn only_a_policy_of_the_client_is_the_clients() {
        let scope_of = |value: &str| classify(&headers(&[("auth0-ratelimit", value)]), b"");
        assert_eq!(scope_of("client;q=10;t=1;r=0"), LimitScope::Application);
        assert_eq!(scope_of("tenant;q=9;t=1;r=0, client;q=10;t=1;r=0"), LimitScope::Application);
        assert_eq!(scope_of("tenant;q=10;t=1;r=0"), LimitScope::Tenant);
        assert_eq!(scope_of(""), LimitScope::Tenant);
    }

    #[test]
    fn the_three_limits_are_told_apart_and_say_when() {
        let tenant = limited(&[("retry-after", "30")], "");
        assert!(tenant.message.contains("whole tenant") && tenant.message.contains("in 30 s"));
        let quota = limited(
            &[("auth0-client-quota-limit", "b=per_hour;q=10;r=0;t=3540"), ("retry-after", "3540")],
            "",
        );
        assert!(quota.message.contains("quota") && quota.who_must_act == WhoMustAct::Customer);
        assert!(
            limited(&[], r#"{"error_description":"Client quota exceeded"}"#)
                .message
                .contains("quota")
        );
        let policy = limited(&[("auth0-ratelimit", "client;q=10;t=1;r=9")], "");
        assert!(policy.message.contains("policy") && policy.message.contains("does not say"));
        assert!(
            [tenant, quota, policy].iter().all(|p| p.retryable && p.code == StepCode::RateLimited)
        );
    }
}
