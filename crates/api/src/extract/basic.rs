//! HTTP Basic credentials (RFC 7617) of a token request, with id and secret form-encoded (RFC 6749 section 2.3.1).
//! First argument of its handler, so that wrong credentials give 401 before anything else is read.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::CredentialId;
use domain::credential::Credential;
use engine::{Error, TokenRequest};
use http::header::AUTHORIZATION;
use http::request::Parts;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use store::TokenHash;

use super::PathId as _;
use super::encoding::form_decode;
use crate::AppState;
use crate::limits::{AttemptReservation, client_network};
use crate::middleware::RequestContext;
use crate::middleware::idempotency::run_detached;
use crate::problem::ApiError;

/// In bytes. Valid headers have about 120.
const HEADER_MAX: usize = 1024;

/// The program that requests a token. Extraction verifies its secret before query and body are read.
pub struct Program {
    pub asked: TokenRequest,
    pub credential: Credential,
}

impl FromRequestParts<AppState> for Program {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let authenticator = &state.authenticator;
        let context = RequestContext::from_request_parts(parts, state).await?;
        let mut values = parts.headers.get_all(AUTHORIZATION).iter();
        let only = values.next().filter(|_| values.next().is_none());
        let credentials = only.and_then(|value| read(value.as_bytes()));
        // The request counts as failed until the secret is verified. An address over its limit is refused here,
        // before hashing, unless this secret was verified not long ago.
        let (rates, now) = (&authenticator.rates, authenticator.clock.now());
        let address = context.client_address().map(|source| source.ip());
        let hashed = credentials.as_ref().and_then(|(id, secret)| {
            let id = (*id)?;
            Some(TokenHash::of_credential(id, secret))
        });
        let attempt = match rates.reserve_attempt(address, now) {
            Ok(attempt) => attempt,
            Err(_) if hashed.is_some_and(|caller| rates.known.admit(caller, now)) => {
                AttemptReservation::UNCOUNTED
            }
            Err(status) => {
                context.record_rate_limit(status)?;
                return Err(ApiError::WrongCredentials);
            }
        };
        let Some((id, secret)) = credentials else {
            return Err(failed(&context, &attempt, ApiError::WrongCredentials));
        };
        let asked = TokenRequest {
            id,
            secret,
            is_known: hashed.is_some_and(|caller| rates.known.is_known(caller, now)),
            source_address: context.client_address(),
            client_network: context.client_address().map(|address| client_network(address.ip())),
            request_id: context.request_id().to_owned(),
            own_request_id: context.own_request_id().map(str::to_owned),
        };
        // Detached, so that a wrong secret counts even if the client disconnects.
        run_detached(authenticate(state.clone(), asked, hashed, attempt, context)).await?
    }
}

async fn authenticate(
    state: AppState,
    asked: TokenRequest,
    hashed: Option<TokenHash>,
    attempt: AttemptReservation,
    context: RequestContext,
) -> Result<Program, ApiError> {
    let rates = &state.authenticator.rates;
    let credential = match state.engine.authenticate(&asked).await {
        Ok(credential) => credential,
        Err(refusal @ (Error::WrongCredentials | Error::TooManyGuesses { .. })) => {
            // A known one that is revoked or has expired.
            if let Some(caller) = hashed {
                rates.known.forget(caller);
            }
            return Err(failed(&context, &attempt, refusal.into()));
        }
        Err(fault) => {
            rates.refund(&attempt);
            return Err(fault.into());
        }
    };
    rates.refund(&attempt);
    let now = state.authenticator.clock.now();
    let organisation = &credential.organisation_id;
    if let Some(caller) = hashed {
        rates.known.remember(caller, organisation, now);
    }
    context.set_organisation(organisation.clone());
    state.authenticator.admit_caller(&context, organisation, &credential.subject())?;
    Ok(Program { asked, credential })
}

/// The attempt stays counted, and the response has the headers of its rate limit.
fn failed(context: &RequestContext, attempt: &AttemptReservation, refusal: ApiError) -> ApiError {
    let recorded = attempt.status().map_or(Ok(()), |status| context.record_rate_limit(status));
    recorded.err().unwrap_or(refusal)
}

/// The id, if it is valid, and the secret. None for anything but a Basic header.
fn read(value: &[u8]) -> Option<(Option<CredentialId>, SecretString)> {
    let text = std::str::from_utf8(value).ok().filter(|text| text.len() <= HEADER_MAX)?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let colon = plain.iter().position(|byte| *byte == b':')?;
    let id = form_decode(&plain[..colon]).ok()?;
    let secret = form_decode(&plain[colon + 1..]).ok()?;
    Some((CredentialId::read(&id), SecretString::from(secret.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use secrecy::ExposeSecret as _;

    const ID: &str = "01996e1e-11aa-7c55-8e21-5d2b7c9f3e02";

    fn header(plain: &str) -> String {
        format!("Basic {}", STANDARD.encode(plain))
    }

    fn secret_of(plain: &str) -> Option<String> {
        let (_, secret) = read(header(plain).as_bytes())?;
        Some(secret.expose_secret().to_owned())
    }

    #[test]
    fn id_and_secret_are_split_before_they_are_decoded() {
        let (id, secret) = read(header(&format!("{ID}:sac_a-b_c")).as_bytes()).unwrap();
        assert_eq!((id, secret.expose_secret()), (CredentialId::read(ID), "sac_a-b_c"));
        let encoded = ID.replace('-', "%2D");
        let (id, _) = read(header(&format!("{encoded}:x")).as_bytes()).unwrap();
        assert_eq!(id, CredentialId::read(ID));
        assert_eq!(secret_of("x:a%3Ab%2bc+d:e%C3%A9").as_deref(), Some("a:b+c d:eé"));
        assert_eq!(secret_of("x:").as_deref(), Some(""));
        let (id, _) = read(header("not-an-id:x").as_bytes()).unwrap();
        assert_eq!(id, None);
    }

    #[test]
    fn a_header_that_is_not_basic_is_ignored() {
        let bearer = header(&format!("{ID}:x")).replace("Basic", "Bearer");
        let long = header(&format!("{ID}:{}", "x".repeat(HEADER_MAX)));
        for bad in ["", "Basic", "Basic !", "Basic eA==", &bearer, &long] {
            assert!(read(bad.as_bytes()).is_none(), "{bad}");
        }
        for bad in ["x:%", "x:%4", "x:%zz", "x:%FF"] {
            assert_eq!(secret_of(bad), None, "{bad}");
        }
        assert!(read(header(&format!("{ID}:x")).replace("Basic", "bASIC").as_bytes()).is_some());
    }

    proptest! {
        #[test]
        fn a_form_encoded_secret_round_trips(secret in "\\PC{0,60}") {
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            prop_assert_eq!(secret_of(&format!("{ID}:{encoded}")), Some(secret));
        }

        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _ = read(&bytes);
            let _ = read(format!("Basic {}", STANDARD.encode(&bytes)).as_bytes());
        }
    }
}
