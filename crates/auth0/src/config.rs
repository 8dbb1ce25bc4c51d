//! What this client is given: whom it may call, whom it trusts, and a limit for everything.

use std::time::Duration;

use domain::address::AllowedOrigins;

/// Configuration of the whole client.
#[derive(Debug, Clone)]
pub struct Config {
    /// Hosts that may be called.
    pub allowed: AllowedOrigins,
    /// Further trusted roots, beside the machine's: one or more PEM certificates.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Limits of everything.
    pub limits: Limits,
    /// Product and version, such as `safe-auth0/0.1.0`; who asks is added in parentheses.
    pub user_agent: String,
}

/// A limit for everything that a tenant or the network could draw out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// DNS, TCP and TLS of one connection.
    pub connect_timeout: Duration,
    /// One request, from its first byte to the last of the answer's body.
    pub request_timeout: Duration,
    /// Between two pieces of an answer, and until its first.
    pub idle_timeout: Duration,
    /// One request for a token: shorter, so that one which hangs is tried again.
    pub token_timeout: Duration,
    /// Longest body of a token answer.
    pub token_body_bytes: usize,
    /// Longest body of a settings resource.
    pub settings_body_bytes: usize,
    /// Longest body of statistics.
    pub stats_body_bytes: usize,
    /// Longest body of one page of a list.
    pub page_body_bytes: usize,
    /// Pages that are read of one list. A list that is longer, by this or by one of the next two, is
    /// not shortened: it is unread, and says which cap it was.
    pub list_pages: u32,
    /// Objects that are read of one list.
    pub list_objects: usize,
    /// Bodies that are read of one list, together.
    pub list_bytes: usize,
    /// Header fields of one answer.
    pub headers_max: usize,
    /// Size of all header fields of one answer on HTTP/2.
    pub headers_bytes: u32,
    /// Origins whose connections and pacing are remembered.
    pub origins_max: usize,
    /// Credentials whose token is remembered.
    pub tokens_max: usize,
    /// Requests to one tenant at the same time, however large its bucket.
    pub wave_max: u32,
    /// The same where a tenant does not state its limits.
    pub wave_without_limits: u32,
    /// Tries of one request that meets transient faults.
    pub attempts_transient: u32,
    /// Ceiling of the first backoff; doubles with each.
    pub backoff_base: Duration,
    /// Ceiling of every backoff.
    pub backoff_cap: Duration,
    /// Longest that one answer can close a tenant for us, whatever it says.
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
            settings_body_bytes: 2 << 20,
            stats_body_bytes: 8 << 20,
            page_body_bytes: 8 << 20,
            list_pages: 100,
            list_objects: 5_000,
            list_bytes: 32 << 20,
            headers_max: 100,
            headers_bytes: 64 << 10,
            origins_max: 4096,
            tokens_max: 4096,
            wave_max: 16,
            wave_without_limits: 4,
            attempts_transient: 3,
            backoff_base: Duration::from_millis(250),
            backoff_cap: Duration::from_secs(8),
            longest_wait: Duration::from_hours(24),
        }
    }
}

/// Why the client cannot be made: the operator's to fix.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The extra roots are not PEM certificates.
    #[error("the extra CA certificates cannot be read: {0}")]
    ExtraCa(String),
    /// The cryptography library refuses.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The user agent cannot stand in a header.
    #[error("the user agent must be visible ASCII without parentheses")]
    UserAgent,
}
