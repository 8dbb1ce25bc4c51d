//! Problems of token requests without a response, and of 5xx. Whether a fault is transient is in
//! `TransportError::is_transient`.

use domain::address::Permission;
use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;
use reqwest::StatusCode;

use crate::connect_error::Problem;
use crate::transport::{BodyFault, TlsFault, TransportError};

pub(crate) fn problem(fault: TransportError, domain: &str, permission: Permission) -> Problem {
    // Auth0 operates its own hosts, the customer a configured one.
    let owner = match permission {
        Permission::Auth0 => WhoMustAct::Auth0,
        Permission::Extra | Permission::PrivateExtra => WhoMustAct::Customer,
    };
    let reach = |code, message: String, hint: &str| {
        Problem::caused_by_customer(StepName::Reachability, code, message, hint)
    };
    let problem = match fault {
        TransportError::NotPublic(_) => host_not_public(domain),
        TransportError::UnknownName => reach(
            StepCode::DnsFailure,
            format!("The name {domain} does not resolve."),
            "Check the API Identifier for typing errors and its region, such as .eu.auth0.com or .us.auth0.com.",
        ),
        TransportError::NoNameServer => reach(
            StepCode::DnsFailure,
            format!("The name servers did not answer for {domain} in time."),
            "Try again; if it stays, the operator of this service must check its DNS.",
        )
        .acted_on_by(WhoMustAct::Safe),
        TransportError::Refused => reach(
            StepCode::ConnectionRefused,
            format!("{domain} refused the connection."),
            "Check the API Identifier. A firewall between this service and the tenant may refuse it too.",
        )
        .acted_on_by(owner),
        TransportError::NoRoute => reach(
            StepCode::ConnectionRefused,
            format!("There is no way to {domain} from here."),
            "The operator of this service must check its network and firewall.",
        )
        .acted_on_by(WhoMustAct::Safe),
        TransportError::Tls(fault) => {
            let message = format!("The TLS connection to {domain} failed: {}.", fault.message());
            let is_ours = permission == Permission::Auth0 || fault == TlsFault::UnknownIssuer;
            let who = if is_ours { WhoMustAct::Safe } else { owner };
            reach(StepCode::TlsFailure, message, fault.hint()).acted_on_by(who)
        }
        TransportError::ConnectTimeout => reach(
            StepCode::Timeout,
            format!("No connection to {domain} in time."),
            "Try again; if it stays, check the API Identifier and the firewall between this service and it.",
        )
        .acted_on_by(owner),
        TransportError::AnswerTimeout | TransportError::Body(BodyFault::TimedOut) => {
            timed_out(domain).acted_on_by(owner)
        }
        TransportError::Closed | TransportError::Body(BodyFault::Cut | BodyFault::NoRoom) => {
            closed(domain).acted_on_by(owner)
        }
        TransportError::Body(BodyFault::TooLong | BodyFault::TooManyValues) => Problem::caused_by_customer(
            StepName::Token,
            StepCode::NotAuth0,
            format!(
                "{domain} is not an Auth0 tenant: its answer to a token request is far too long."
            ),
            "The API Identifier must be the address of the tenant.",
        ),
        TransportError::NotHttp => Problem::caused_by_customer(
            StepName::Token,
            StepCode::NotAuth0,
            format!("{domain} is not an Auth0 tenant: what it answers is not HTTP."),
            "The API Identifier must be the address of the tenant.",
        ),
    };
    Problem { retryable: fault.is_transient(), ..problem }
}

/// The host may not be called.
pub(crate) fn host_not_allowed(domain: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Configuration,
        StepCode::HostNotAllowed,
        format!("{domain} is not an address that this service may call; nothing was contacted."),
        "Use the tenant's own address, under .auth0.com or .auth0app.com. A custom domain or private host \
         must first be allowed by the operator of this service (SAFE_AUTH0_EXTRA_TENANT_ORIGINS).",
    )
}

fn host_not_public(domain: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Configuration,
        StepCode::HostNotAllowed,
        format!("{domain} resolves to an address that is not public; nothing was contacted."),
        "Check the API Identifier. If it is right, the DNS that this service uses gives a private address \
         for it; its operator can allow the origin (SAFE_AUTH0_EXTRA_TENANT_ORIGINS).",
    )
    .acted_on_by(WhoMustAct::Safe)
}

/// A 5xx.
pub(crate) fn unavailable(domain: &str, status: StatusCode) -> Problem {
    down(format!("{domain} answers {status}."))
}

fn closed(domain: &str) -> Problem {
    down(format!("{domain} accepted the connection and closed it before the answer was complete."))
}

fn down(message: String) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::Auth0Unavailable,
        message,
        "Try again in a few minutes; status.auth0.com shows disturbances by region.",
    )
    .acted_on_by(WhoMustAct::Auth0)
    .retryable()
}

fn timed_out(domain: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Token,
        StepCode::Timeout,
        format!("{domain} did not answer the token request in time."),
        "Try again in a few minutes; status.auth0.com shows disturbances by region.",
    )
    .retryable()
}

/// A defect: the HTTP client cannot be built.
pub(crate) fn no_client(domain: &str) -> Problem {
    Problem::caused_by_customer(
        StepName::Reachability,
        StepCode::TlsFailure,
        format!("This service could not prepare a connection to {domain}."),
        "Report this to the operator of this service; its log has the cause.",
    )
    .acted_on_by(WhoMustAct::Safe)
}
