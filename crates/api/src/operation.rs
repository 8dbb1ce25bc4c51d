//! What an operation declares, once, in its line of the route table (`routes/mod.rs`). The role check, rate limits,
//! the audit of refusals, the time limit, idempotency and the OpenAPI document follow from it.
//! Not here: texts and schemas, which stand at the handler.

use std::time::Duration;

use domain::credential::Role;
use http::{Extensions, Method};

use crate::problem::ProblemKind;

/// The largest request body, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The longest wait that `Prefer: wait=N` can ask for.
pub const WAIT_MAX: Duration = Duration::from_mins(1);

/// One operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The operation id: the name of the handler.
    pub id: String,
    pub method: Method,
    /// The template, such as `/v1/syncs/{sync_id}`.
    pub path: String,
    pub declared: Declaration,
}

/// What a line of the route table says about its operation.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    pub access: Access,
    pub effect: Effect,
    pub idempotency: Idempotency,
    pub timeout: Timeout,
    /// Calls a tenant or costs as much, so the rate limit of connection tests applies.
    pub tests_connection: bool,
    /// Refuses a request without `If-Match`.
    pub needs_if_match: bool,
    /// The problems that are its own; see [`Operation::problems`].
    pub problems: &'static [ProblemKind],
}

/// What an operation demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: probes and metrics. They are answered under any load and not in the access log.
    Public,
    /// The id and secret of an API credential, as HTTP Basic.
    Credential,
    /// A token of either role.
    Viewer,
    /// A token with the role `admin`.
    Admin,
}

/// Whether an operation changes anything. A refused change is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Reads with GET and writes with any other method.
    ByMethod,
    /// Reads, whatever the method.
    Reads,
}

/// What an operation does with `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Ignores it.
    Ignored,
    /// Runs once for each key and repeats the stored response.
    Key,
    /// Refuses it: the response has a secret, which is not stored.
    Refused,
}

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// The configured time limit.
    Request,
    /// That, and the wait that `Prefer: wait=N` asks for.
    RequestAndWait,
}

/// Anyone may call it.
pub const fn public() -> Declaration {
    Declaration::new(Access::Public)
}

/// For holders of an API credential.
pub const fn credential() -> Declaration {
    Declaration::new(Access::Credential)
}

/// For both roles.
pub const fn viewer() -> Declaration {
    Declaration::new(Access::Viewer)
}

/// For the role `admin`.
pub const fn admin() -> Declaration {
    Declaration::new(Access::Admin)
}

impl Declaration {
    const fn new(access: Access) -> Self {
        Self {
            access,
            effect: Effect::ByMethod,
            idempotency: Idempotency::Ignored,
            timeout: Timeout::Request,
            tests_connection: false,
            needs_if_match: false,
            problems: &[],
        }
    }

    /// Accepts `Idempotency-Key`.
    pub const fn idempotent(self) -> Self {
        Self { idempotency: Idempotency::Key, ..self }
    }

    /// Refuses `Idempotency-Key`, because the response has a secret.
    pub const fn returns_secret(self) -> Self {
        Self { idempotency: Idempotency::Refused, ..self }
    }

    /// Changes nothing, whatever the method.
    pub const fn reads_only(self) -> Self {
        Self { effect: Effect::Reads, ..self }
    }

    /// Counts towards the rate limit of connection tests.
    pub const fn tests_connection(self) -> Self {
        Self { tests_connection: true, ..self }
    }

    /// Needs `If-Match`.
    pub const fn needs_if_match(self) -> Self {
        Self { needs_if_match: true, ..self }
    }

    /// Has these problems besides the ones that follow from the rest of the declaration.
    pub const fn fails_with(self, problems: &'static [ProblemKind]) -> Self {
        Self { problems, ..self }
    }

    /// Accepts `Prefer: wait=N`.
    pub const fn may_wait(self) -> Self {
        Self { timeout: Timeout::RequestAndWait, ..self }
    }
}

impl Operation {
    /// The operation that the route table set for this request. None for unknown paths and methods, and for the
    /// pages of the documentation.
    pub fn matched(extensions: &Extensions) -> Option<&'static Self> {
        extensions.get::<&'static Self>().copied()
    }

    /// Whether it is there to change something.
    pub fn is_write(&self) -> bool {
        self.declared.effect == Effect::ByMethod && self.method != Method::GET
    }

    /// Whether its response has a secret, which is neither stored nor compressed.
    pub fn returns_secret(&self) -> bool {
        self.declared.idempotency == Idempotency::Refused
    }

    /// Every problem that a caller may get, by status.
    pub fn problems(&self) -> Vec<ProblemKind> {
        use ProblemKind as Kind;
        let Declaration { access, idempotency, needs_if_match, problems, .. } = self.declared;
        let has_body = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        let groups: [(bool, &[Kind]); 8] = [
            (true, &[Kind::MalformedRequest, Kind::Internal]),
            (
                access != Access::Public,
                &[
                    Kind::Unauthenticated,
                    Kind::ValidationFailed,
                    Kind::RateLimited,
                    Kind::Unavailable,
                ],
            ),
            (matches!(access, Access::Viewer | Access::Admin), &[Kind::Forbidden]),
            (self.path.contains('{'), &[Kind::NotFound]),
            (has_body, &[Kind::PayloadTooLarge, Kind::UnsupportedMediaType]),
            (
                idempotency == Idempotency::Key,
                &[Kind::IdempotencyKeyReused, Kind::IdempotencyKeyInUse],
            ),
            (needs_if_match, &[Kind::PreconditionRequired, Kind::PreconditionFailed]),
            (true, problems),
        ];
        let apply = groups.into_iter().filter(|(applies, _)| *applies);
        let mut all: Vec<Kind> = apply.flat_map(|(_, kinds)| kinds).copied().collect();
        all.sort_by_key(|kind| kind.spec().status);
        all
    }

    /// Whether it is a probe or the metrics.
    pub fn is_public(&self) -> bool {
        self.declared.access == Access::Public
    }
}

impl Access {
    /// The value of `x-required-role` in the OpenAPI document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "none",
            Self::Credential => "credential",
            Self::Viewer => "viewer",
            Self::Admin => "admin",
        }
    }

    /// Whether a caller with this role may call the operation.
    pub fn allows(self, role: Role) -> bool {
        self != Self::Admin || role == Role::Admin
    }
}
