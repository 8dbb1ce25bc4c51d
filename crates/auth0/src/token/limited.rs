//! A 429 of the token endpoint: the tenant's limit, the client's quota or the application's own
//! policy, and when to come back.

use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use jiff::Timestamp;
use reqwest::header::HeaderMap;

use crate::open_error::Problem;
use crate::pace::RateNote;
use crate::span_of_time::until;

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Tenant,
    ClientQuota,
    Application,
}

/// When the answer allows the next try; none when it does not say.
pub(crate) fn retry_at(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let note = RateNote::read(headers, now);
    note.retry_at.or(note.refill_at).filter(|then| *then > now)
}

/// The problem that a 429 is.
pub(crate) fn problem(domain: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Problem {
    let when = retry_at(headers, now).map_or_else(
        || "It does not say for how long.".to_owned(),
        |then| format!("Try again after {} (in {} s).", to_second(then), seconds_until(now, then)),
    );
    let (what, hint, who) = match whose(headers, body) {
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

fn whose(headers: &HeaderMap, body: &[u8]) -> Whose {
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
    if headers.contains_key("auth0-client-quota-limit") || text.contains("client quota") {
        Whose::ClientQuota
    } else if headers.contains_key("auth0-ratelimit") {
        Whose::Application
    } else {
        Whose::Tenant
    }
}

fn seconds_until(now: Timestamp, then: Timestamp) -> u64 {
    let wait = until(now, then);
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn to_second(at: Timestamp) -> Timestamp {
    let up = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second().saturating_add(up)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(fields: &[(&'static str, &str)], body: &str) -> Problem {
        let headers =
            fields.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        problem(
            "acme.eu.auth0.com",
            &headers,
            body.as_bytes(),
            Timestamp::from_second(1_793_700_000).unwrap(),
        )
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
