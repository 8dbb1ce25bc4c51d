//! A 429 of the token endpoint: the tenant's limit, the client's quota or the application's own
//! policy, and when to come back.

use std::time::Duration;

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

use crate::open_error::Problem;
use crate::pace::{REFILL_MAX, RateNote};
use crate::span_of_time::{after, to_second, until};
use crate::token::closures::Closed;

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Tenant,
    ClientQuota,
    Application,
}

/// When the answer allows the next try, as far off as is believed; none when it does not say.
pub(crate) fn retry_at(
    headers: &HeaderMap,
    now: Timestamp,
    longest: Duration,
) -> Option<Timestamp> {
    let note = RateNote::read(headers, now);
    // A refill is never far away, so a reset far ahead is a clock that is wrong.
    let refill_at = note.refill_at.map(|then| then.min(after(now, REFILL_MAX)));
    let stated = note.retry_at.or(refill_at).filter(|then| *then > now);
    stated.map(|then| then.min(after(now, longest)))
}

/// The problem that a 429 is; `retry_at` is when it allows the next try.
pub(crate) fn problem(
    domain: &str,
    whose: Whose,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) -> Problem {
    let when = retry_at.map_or_else(
        || "It does not say for how long.".to_owned(),
        |then| format!("Try again after {} (in {} s).", to_second(then), seconds_until(now, then)),
    );
    let (what, hint, who) = match whose {
        Whose::Tenant => (
            "limits the rate of token requests for the whole tenant",
            "Wait, then test again. Monitoring > Logs in the Auth0 dashboard shows which application uses \
             the limit up (event api_limit).",
            WhoMustAct::Auth0,
        ),
        Whose::ClientQuota => (
            "refuses further tokens: the Machine to Machine quota of this application is used up",
            "Wait until the quota is renewed, or raise it in the Auth0 dashboard under Applications > \
             Applications > your application > Settings > Token Quota.",
            WhoMustAct::Customer,
        ),
        Whose::Application => (
            "limits the rate of this application by a custom rate limit policy",
            "Wait, then test again, or raise the rate limit policy that applies to this application.",
            WhoMustAct::Customer,
        ),
    };
    let message = format!("{domain} {what}. {when}");
    Problem::of_customer(StepName::Token, StepCode::RateLimited, message, hint).by(who).passing()
}

/// The same while the endpoint is closed by a 429 of before.
pub(crate) fn closed(domain: &str, closed: Closed, now: Timestamp) -> Problem {
    let problem = problem(domain, closed.whose, Some(closed.until), now);
    let message = format!("{} It said so before, so it was not asked again.", problem.message);
    Problem { message, ..problem }
}

/// Whose limit a 429 is about.
pub(crate) fn whose(headers: &HeaderMap, body: &[u8]) -> Whose {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    if headers.contains_key("auth0-client-quota-limit") || text.contains("client quota") {
        Whose::ClientQuota
    } else if is_of_client(headers) {
        Whose::Application
    } else {
        Whose::Tenant
    }
}

/// `Auth0-RateLimit: client;q=10;t=1;r=0`, perhaps beside other policies.
fn is_of_client(headers: &HeaderMap) -> bool {
    let values = headers.get_all("auth0-ratelimit").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|policy| {
        let name = policy.split(';').next().unwrap_or_default();
        name.trim().trim_matches('"').eq_ignore_ascii_case("client")
    })
}

fn seconds_until(now: Timestamp, then: Timestamp) -> u64 {
    let wait = until(now, then);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(fields: &[(&'static str, &str)], body: &str) -> Problem {
        let headers = headers(fields);
        let retry_at = retry_at(&headers, now(), Duration::from_hours(24));
        problem("acme.eu.auth0.com", whose(&headers, body.as_bytes()), retry_at, now())
    }

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_793_700_000).unwrap()
    }

    #[test]
    fn only_a_policy_of_the_client_is_the_clients() {
        let whose = |value: &str| whose(&headers(&[("auth0-ratelimit", value)]), b"");
        assert_eq!(whose("client;q=10;t=1;r=0"), Whose::Application);
        assert_eq!(whose("tenant;q=9;t=1;r=0, client;q=10;t=1;r=0"), Whose::Application);
        assert_eq!(whose("tenant;q=10;t=1;r=0"), Whose::Tenant);
        assert_eq!(whose(""), Whose::Tenant);
    }

    #[test]
    fn no_answer_closes_for_longer_than_is_believed() {
        let wait_s = |fields: &[(&'static str, &str)]| {
            let at = retry_at(&headers(fields), now(), Duration::from_hours(24));
            at.map(|at| until(now(), at).as_secs())
        };
        assert_eq!(wait_s(&[("retry-after", "600")]), Some(600));
        assert_eq!(wait_s(&[("retry-after", "99999999999")]), Some(24 * 3600));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793700007")]), Some(7));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793703000")]), Some(600));
        assert_eq!(wait_s(&[("retry-after", "5"), ("x-ratelimit-reset", "1793700007")]), Some(5));
        assert_eq!(wait_s(&[("x-ratelimit-reset", "1793690000")]), None);
        assert_eq!(wait_s(&[]), None);
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
