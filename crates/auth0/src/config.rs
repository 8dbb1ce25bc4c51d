//! Configuration of the client: allowed hosts, root certificates, limits.

use std::time::Duration;

use domain::address::AllowedOrigins;

#[derive(Debug, Clone)]
pub struct Config {
    /// Hosts that may be called.
    pub allowed: AllowedOrigins,
    /// PEM certificates that extra origins may have, in addition to those of the operating system.
    pub extra_ca_pem: Option<Vec<u8>>,
    pub limits: Limits,
    /// Product and version, such as `safe-auth0/0.1.0`. The caller is added in parentheses.
    pub user_agent: String,
}

/// Limits on what a tenant or the network can cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// DNS, TCP and TLS of one connection.
    pub connect_timeout: Duration,
    /// One request, until the last byte of the response body.
    pub request_timeout: Duration,
    /// Pause until the first byte of a response, and between two reads.
    pub idle_timeout: Duration,
    /// One token request. Shorter than `request_timeout`, so that one that hangs can be retried.
    pub token_timeout: Duration,
    /// Maximum size of the body of a token response.
    pub token_body_bytes: usize,
    /// Maximum size of the body of a settings resource.
    pub settings_body_bytes: usize,
    /// Maximum size of the body of statistics.
    pub stats_body_bytes: usize,
    /// Maximum size of the body of one page.
    pub page_body_bytes: usize,
    /// Maximum number of pages of a list. A list that exceeds this or one of the next two limits is not truncated but
    /// unreadable, and the message names the limit.
    pub list_pages: u32,
    /// Maximum number of objects of a list.
    pub list_objects: usize,
    /// Maximum size of all pages of a list.
    pub list_bytes: usize,
    /// Maximum size of a body once it is decoded: many small values take much more memory than their text.
    pub decoded_bytes: usize,
    /// Maximum size of all bodies of one session that are in memory at once, decoded while they are. With what the
    /// network and the allocator add, a session stays under 64 MiB.
    pub session_bytes: usize,
    /// Maximum size of all bodies in memory at once, of all sessions of the process.
    pub process_bytes: usize,
    /// Maximum number of header fields of a response.
    pub headers_max: usize,
    /// Maximum size of the header fields of a response on HTTP/2.
    pub headers_bytes: u32,
    /// Origins whose rate limits are kept.
    pub origins_max: usize,
    /// Origins whose connections are kept: each takes about 100 KiB over HTTP/2 and 300 KiB over HTTP/1.1.
    pub clients_max: usize,
    /// How long an unused connection stays open.
    pub connection_idle_timeout: Duration,
    /// Credentials whose tokens are cached.
    pub tokens_max: usize,
    /// Maximum number of concurrent requests to a tenant, whatever its bucket.
    pub wave_max: u32,
    /// The same for a tenant that does not state its limits.
    pub wave_without_limits: u32,
    /// Attempts of a request that meets transient faults.
    pub attempts_transient: u32,
    /// Upper bound of the first backoff; doubles with each attempt.
    pub backoff_base: Duration,
    /// Upper bound of every backoff.
    pub backoff_cap: Duration,
    /// Maximum backoff after one response, whatever it states.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(10),
            token_timeout: Duration::from_secs(7),
            token_body_bytes: 256 << 10,
            settings_body_bytes: 1 << 20,
            stats_body_bytes: 1 << 20,
            page_body_bytes: 4 << 20,
            list_pages: 100,
            list_objects: 5_000,
            list_bytes: 24 << 20,
            decoded_bytes: 12 << 20,
            session_bytes: 32 << 20,
            process_bytes: 256 << 20,
            headers_max: 100,
            headers_bytes: 64 << 10,
            origins_max: 4096,
            clients_max: 64,
            connection_idle_timeout: Duration::from_secs(30),
            tokens_max: 4096,
            wave_max: 32,
            wave_without_limits: 4,
            attempts_transient: 3,
            backoff_base: Duration::from_millis(250),
            backoff_cap: Duration::from_secs(8),
            longest_wait: Duration::from_hours(24),
        }
    }
}

/// Errors of the configuration, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the extra CA certificates cannot be read: {0}")]
    ExtraCa(String),
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    #[error("the user agent must be visible ASCII without parentheses")]
    UserAgent,
}
