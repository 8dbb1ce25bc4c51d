//! Authenticates callers of the Management API: verifies form, signature, issuer, expiry and audience of the token.

use crate::reply::{Reply, expired_token, management_error, management_error_with_attributes};
use crate::signing::{TokenFault, signing_key};
use crate::state::State;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

/// The client of an accepted token.
#[derive(Debug)]
pub(crate) struct Caller {
    pub client_id: Option<String>,
    scopes: Vec<String>,
}

impl Caller {
    pub fn has_any(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.scopes.iter().any(|granted| granted == scope))
    }
}

pub(crate) fn authenticate(state: &State, headers: &HeaderMap) -> Result<Caller, Box<Reply>> {
    let unauthorized =
        |message: &str| Box::new(management_error(StatusCode::UNAUTHORIZED, message, None));
    let invalid =
        || Box::new(management_error_with_attributes(StatusCode::UNAUTHORIZED, "Invalid token"));
    let token = bearer_token(headers).ok_or_else(|| unauthorized("Missing authentication"))?;
    let claims = signing_key().verify(token).map_err(|fault| match fault {
        TokenFault::NotAJwt => Box::new(management_error(
            StatusCode::BAD_REQUEST,
            "Bad HTTP authentication header format",
            Some("Bearer"),
        )),
        TokenFault::Unreadable => invalid(),
        TokenFault::BadSignature => {
            unauthorized("Invalid signature received for JSON Web Token validation")
        }
    })?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    if text("iss") != state.issuer() {
        return Err(invalid());
    }
    let expires = claims["exp"].as_i64().unwrap_or(0);
    let token_id = text("jti");
    if expires <= state.now().as_second() || state.is_expired(&token_id) {
        return Err(Box::new(expired_token()));
    }
    if text("aud") != state.audience() {
        return Err(unauthorized(&format!("Bad audience: {}", text("aud"))));
    }
    Ok(Caller {
        client_id: claims["azp"].as_str().map(str::to_owned),
        scopes: claims["scope"]
            .as_str()
            .map_or_else(Vec::new, |scope| scope.split_whitespace().map(str::to_owned).collect()),
    })
}

/// The id of the token of this request, if this tenant issued it.
pub(crate) fn token_id(state: &State, headers: &HeaderMap) -> Option<String> {
    let claims: Value = signing_key().verify(bearer_token(headers)?).ok()?;
    let is_own = claims["iss"] == state.issuer().as_str();
    claims["jti"].as_str().filter(|_| is_own).map(str::to_owned)
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant_file::TenantFile;
    use crate::testing::{Answer, Tenant};
    use jiff::SignedDuration;
    use serde_json::json;

    const PATH: &str = "stats/active-users";

    fn refusal(answer: &Answer) -> (u16, Value) {
        (answer.status.as_u16(), answer.json())
    }

    #[tokio::test]
    async fn a_valid_token_is_accepted() {
        let tenant = Tenant::bundled("fresh");
        let answer = tenant.get(PATH, &tenant.token().await).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!(3)));
    }

    #[tokio::test]
    async fn a_missing_and_an_invalid_token_have_different_errors() {
        let tenant = Tenant::bundled("fresh");
        let request = http::Request::get("/api/v2/stats/daily").body(axum::body::Body::empty());
        let answer = tenant.try_send(request.unwrap()).await.unwrap();
        assert_eq!(
            refusal(&answer),
            (
                401,
                json!({"statusCode": 401, "error": "Unauthorized", "message": "Missing authentication"})
            )
        );
        assert_eq!(
            refusal(&tenant.get(PATH, "opaque").await),
            (
                400,
                json!({"statusCode": 400, "error": "Bad Request", "errorCode": "Bearer",
                    "message": "Bad HTTP authentication header format"})
            )
        );
        let (status, body) = refusal(&tenant.get(PATH, "a.b.c").await);
        assert_eq!((status, &body["message"]), (401, &json!("Invalid token")));
    }

    #[tokio::test]
    async fn a_token_expires_to_the_second() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        tenant.advance(SignedDuration::from_secs(86_399));
        assert_eq!(tenant.get(PATH, &token).await.status, StatusCode::OK);
        tenant.advance(SignedDuration::from_secs(1));
        let message = "Expired token received for JSON Web Token validation";
        assert_eq!(
            refusal(&tenant.get(PATH, &token).await),
            (
                401,
                json!({"statusCode": 401, "error": "Unauthorized", "message": message,
                    "attributes": {"error": message}})
            )
        );
    }

    #[tokio::test]
    async fn tenants_do_not_accept_each_others_tokens() {
        let other = Tenant::at(TenantFile::bundled("weak").unwrap(), "http://other.test");
        let answer = Tenant::bundled("fresh").get(PATH, &other.token().await).await;
        assert_eq!(refusal(&answer).1["message"], "Invalid token");
    }

    #[tokio::test]
    async fn a_token_for_another_api_has_a_bad_audience() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.file().applications[0].other_grants.insert("https://a/".to_owned(), vec![]);
        let answer = tenant.ask_token(json!({"audience": "https://a/"})).await.json();
        let answer = tenant.get(PATH, answer["access_token"].as_str().unwrap()).await;
        assert_eq!(refusal(&answer).1["message"], "Bad audience: https://a/");
    }

    #[tokio::test]
    async fn a_changed_token_has_an_invalid_signature() {
        let tenant = Tenant::bundled("fresh");
        let (token, other) = (tenant.token().await, tenant.token().await);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        let answer = tenant.get(PATH, &format!("{signed}.{signature}")).await;
        let message = "Invalid signature received for JSON Web Token validation";
        assert_eq!(refusal(&answer).1["message"], message);
    }
}
