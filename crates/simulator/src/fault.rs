//! Fault injection: the faults and their JSON form. `effect` applies them.

use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// A fault: which requests it affects, and how. Several can be active: delays add up, the first replacement wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default)]
    pub on: Target,
    /// Number of matching requests that pass first.
    #[serde(default)]
    pub skip: u64,
    /// Number of matching requests affected after that; null or absent: all.
    #[serde(default)]
    pub times: Option<u64>,
    pub effect: Effect,
}

/// The requests that a fault matches.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    #[default]
    Everything,
    TokenEndpoint,
    ManagementApi,
    /// Paths that start with `prefix`, which includes `/api/v2/`.
    Path {
        #[serde(default)]
        method: Option<String>,
        prefix: String,
    },
}

/// What happens to a matching request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The response is delayed.
    #[serde(rename = "latency_ms", with = "milliseconds")]
    Latency(Duration),
    /// The response never comes; the connection stays open.
    Hang,
    CloseBeforeResponse,

    // Replacements of the response.
    Status {
        code: u16,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        body: String,
        #[serde(default = "json_type")]
        content_type: String,
    },
    /// 429 of the tenant's global rate limit.
    TooManyRequests {
        /// Seconds.
        #[serde(default)]
        retry_after: Option<u64>,
        #[serde(default)]
        with_ratelimit_headers: bool,
    },
    /// 429 of the token quota of one client.
    ClientQuotaExceeded {
        retry_after: u64,
    },
    /// 429 of a rate limit policy of one application.
    RatePolicyExceeded {
        retry_after: u64,
    },
    ServerError(u16),
    /// 502 with the HTML page of a proxy.
    Html502,
    Redirect {
        to: String,
    },
    NotFound,
    /// The token of this request expires permanently; a new one works.
    ExpireToken,
    /// 403 as if the token lacked these scopes (comma-separated).
    InsufficientScope(String),
    /// 403 as if the plan lacked the feature.
    InsufficientEntitlement,
    /// Rejected for a reason other than scopes.
    Refused(Refusal),
    /// Streams a JSON string of this many bytes, without `content-length`.
    HugeBody {
        bytes: u64,
    },

    // Changes to the response.
    ReplaceBody(Value),
    /// The body has another JSON type.
    WrongType,
    /// The body ends within a literal; `content-length` is correct.
    MalformedJson,
    OmitRateLimitHeaders,
    /// Announces the whole body, sends half of it, closes the connection.
    DropMidBody,
    /// Sends 16 bytes at a time.
    Drip {
        #[serde(rename = "chunk_every_ms", with = "milliseconds")]
        chunk_every: Duration,
    },
}

impl Fault {
    pub fn new(on: Target, effect: Effect) -> Self {
        Self { on, skip: 0, times: None, effect }
    }

    pub fn everywhere(effect: Effect) -> Self {
        Self::new(Target::Everything, effect)
    }

    pub fn on_token_endpoint(effect: Effect) -> Self {
        Self::new(Target::TokenEndpoint, effect)
    }

    pub fn on_management_api(effect: Effect) -> Self {
        Self::new(Target::ManagementApi, effect)
    }

    /// `path_prefix` includes `/api/v2/`.
    pub fn on_get(path_prefix: impl Into<String>, effect: Effect) -> Self {
        let on = Target::Path { method: Some("GET".to_owned()), prefix: path_prefix.into() };
        Self::new(on, effect)
    }

    #[must_use]
    pub fn skip(self, skip: u64) -> Self {
        Self { skip, ..self }
    }

    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }
}

impl Target {
    fn matches(&self, method: &str, path: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::TokenEndpoint => Area::for_path(path) == Area::TokenEndpoint,
            Self::ManagementApi => Area::for_path(path) == Area::ManagementApi,
            Self::Path { method: wanted, prefix } => {
                path.starts_with(prefix.as_str())
                    && wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            }
        }
    }
}

/// The API that a path belongs to. Each has its own rate limit and error format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    TokenEndpoint,
    ManagementApi,
    Other,
}

impl Area {
    pub fn for_path(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or(path);
        if path == "/oauth/token" {
            Self::TokenEndpoint
        } else if path.starts_with("/api/v2/") {
            Self::ManagementApi
        } else {
            Self::Other
        }
    }
}

/// The active faults, and how often each matched.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, u64)>);

impl Faults {
    pub fn push(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    pub fn replace(&mut self, faults: Vec<Fault>) {
        self.0 = faults.into_iter().map(|fault| (fault, 0)).collect();
    }

    pub fn list(&self) -> Vec<Fault> {
        self.0.iter().map(|(fault, _)| fault.clone()).collect()
    }

    /// Counts this request and returns the effects on it. `path` includes the query.
    pub fn apply(&mut self, method: &str, path: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (fault, met) in &mut self.0 {
            if !fault.on.matches(method, path) {
                continue;
            }
            *met += 1;
            let spoiled = met.saturating_sub(fault.skip);
            if spoiled > 0 && fault.times.is_none_or(|times| spoiled <= times) {
                effects.push(fault.effect.clone());
            }
        }
        effects
    }
}

fn json_type() -> String {
    "application/json; charset=utf-8".to_owned()
}

/// Durations as whole milliseconds.
mod milliseconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        u64::try_from(value.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(faults: &mut Faults, path: &str) -> usize {
        faults.apply("GET", path).len()
    }

    #[test]
    fn a_fault_applies_after_skip_for_its_times() {
        let mut faults = Faults::default();
        faults.push(Fault::on_management_api(Effect::Html502).skip(1).times(2));
        let counts: Vec<usize> = (0..5).map(|_| effects(&mut faults, "/api/v2/clients")).collect();
        assert_eq!(counts, [0, 1, 1, 0, 0]);
    }

    #[test]
    fn targets_match_only_their_requests() {
        let mut faults = Faults::default();
        faults.push(Fault::on_token_endpoint(Effect::Html502));
        faults.push(Fault::on_get("/api/v2/stats", Effect::Html502));
        assert_eq!(effects(&mut faults, "/oauth/token"), 1);
        assert_eq!(effects(&mut faults, "/api/v2/stats/daily?from=20260101"), 1);
        assert_eq!(effects(&mut faults, "/api/v2/clients"), 0);
        assert_eq!(faults.apply("PATCH", "/api/v2/stats").len(), 0);
    }

    #[test]
    fn faults_survive_a_json_round_trip() {
        let second = Duration::from_secs(1);
        for effect in [
            Effect::Latency(second),
            Effect::TooManyRequests { retry_after: Some(1), with_ratelimit_headers: true },
            Effect::ServerError(503),
            Effect::ReplaceBody(serde_json::json!({"a": [1]})),
            Effect::Drip { chunk_every: second },
            Effect::ExpireToken,
        ] {
            let fault = Fault::on_get("/api/v2/", effect).skip(1).times(2);
            let text = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault, "{text}");
        }
    }

    #[test]
    fn short_forms_are_accepted() {
        for text in [
            r#"{"effect":{"latency_ms":250}}"#,
            r#"{"on":"token_endpoint","times":1,"effect":{"too_many_requests":{}}}"#,
            r#"{"on":{"path":{"prefix":"/api/v2/stats"}},"effect":"drop_mid_body"}"#,
            r#"{"effect":{"status":{"code":418}}}"#,
            r#"{"effect":{"refused":"credit_card"}}"#,
        ] {
            serde_json::from_str::<Fault>(text).unwrap();
        }
        assert!(serde_json::from_str::<Fault>(r#"{"efect":"hang"}"#).is_err());
    }
}
