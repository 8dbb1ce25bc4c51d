//! The Management API (`/api/v2/`): finds the endpoint, checks scope and plan, reads or changes the resource.

use crate::authentication::{Caller, authenticate};
use crate::catalogue::{self, Endpoint, Shape};
use crate::reply::{
    Reply, bad_body, bad_query, insufficient_scope, no_email_provider, not_allowed, not_found,
};
use crate::state::State;
use crate::{collection, guarded, placeholder, refusal::not_offered, settings, stats, writable};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

/// A request; `path` is relative to `/api/v2/`.
pub(crate) struct Call<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// The response, and the caller if its token was accepted.
pub(crate) fn answer(state: &State, call: &Call<'_>) -> (Reply, Option<Caller>) {
    match authenticate(state, call.headers) {
        Err(refusal) => (*refusal, None),
        Ok(caller) => (route(state, call, &caller), Some(caller)),
    }
}

fn route(state: &State, call: &Call<'_>, caller: &Caller) -> Reply {
    let Some((endpoint, item)) = catalogue::find(call.path) else {
        return unlisted(state, call, caller);
    };
    if *call.method == Method::GET {
        if let Err(refusal) = permitted(state, endpoint, endpoint.scopes, caller) {
            return *refusal;
        }
        return read(state, call, endpoint, item, caller);
    }
    match endpoint.write {
        Some((method, scope)) if method == call.method.as_str() => {
            match permitted(state, endpoint, &[scope], caller) {
                Err(refusal) => *refusal,
                Ok(()) => write(state, call, endpoint, item),
            }
        }
        _ => not_found(),
    }
}

fn permitted(
    state: &State,
    endpoint: &Endpoint,
    scopes: &[&str],
    caller: &Caller,
) -> Result<(), Box<Reply>> {
    if !caller.has_any(scopes) {
        return Err(Box::new(insufficient_scope(&scopes.join(","))));
    }
    match endpoint.feature {
        Some(feature) if !state.file().offers(feature) => Err(Box::new(not_offered(feature))),
        _ => Ok(()),
    }
}

fn read(
    state: &State,
    call: &Call<'_>,
    endpoint: &Endpoint,
    item: Option<&str>,
    caller: &Caller,
) -> Reply {
    let count = state.count_read(call.path);
    let (audience, now) = (state.audience(), state.now());
    let file = state.file();
    let stored = file.resources.get(endpoint.path);
    let mut body = match (endpoint.shape, stored) {
        (Shape::Collection(_), None) => json!([]),
        (_, None) if endpoint.path == "emails/provider" => return no_email_provider(),
        (_, None) => return not_found(),
        (_, Some(stored)) => stored.clone(),
    };
    settings::vary(endpoint.path, &mut body, count);
    if file.extra_keys {
        settings::add_unknown_key(&mut body);
    }
    if let Err(refusal) = guarded::hide(&file, endpoint.path, caller, call.query, &mut body) {
        return *refusal;
    }
    drop(file);
    placeholder::fill(&mut body, &audience, now);
    let answer = match endpoint.shape {
        Shape::Settings => settings::project(&body, call.query),
        Shape::Bare => no_parameters(call.query).map(|()| body),
        Shape::DailyStats => return stats::daily(&body, call.query, now),
        Shape::Collection(shape) => match item {
            Some(id) => match collection::position(&shape, &body, id) {
                Some(index) => settings::project(&body[index], call.query),
                None => return not_found(),
            },
            None => collection::page(&shape, &body, call.query),
        },
    };
    match answer {
        Ok(body) => Reply::ok(&body),
        Err(what) => bad_query(&what),
    }
}

fn no_parameters(query: &[(String, String)]) -> Result<(), String> {
    match query.first() {
        Some((name, _)) => Err(not_allowed(name)),
        None => Ok(()),
    }
}

fn write(state: &State, call: &Call<'_>, endpoint: &Endpoint, item: Option<&str>) -> Reply {
    let (audience, now) = (state.audience(), state.now());
    let Ok(change) = serde_json::from_slice::<Value>(call.body) else {
        return bad_body("Invalid JSON body");
    };
    let mut file = state.file();
    let Some(stored) = file.resources.get_mut(endpoint.path) else { return not_found() };
    let target = match (endpoint.shape, item) {
        (Shape::Collection(shape), Some(id)) => match collection::position(&shape, stored, id) {
            Some(index) => &mut stored[index],
            None => return not_found(),
        },
        (Shape::Collection(_), None) => return not_found(),
        _ => stored,
    };
    let expected = settings::type_name(target);
    if settings::type_name(&change) != expected {
        let found = settings::type_name(&change);
        return bad_body(&format!("'Expected type {expected} but found type {found}'."));
    }
    if let Err(what) = writable::accepts(endpoint.path, target, &change) {
        return bad_body(&what);
    }
    let levels = match endpoint.shape {
        Shape::Settings => 2,
        Shape::Collection(_) => 1,
        Shape::Bare | Shape::DailyStats => 0,
    };
    settings::patch(target, change, levels);
    let mut changed = target.clone();
    placeholder::fill(&mut changed, &audience, now);
    Reply::ok(&changed)
}

/// A path that is only in the tenant file, not in the catalogue: read with the scope of its first segment.
fn unlisted(state: &State, call: &Call<'_>, caller: &Caller) -> Reply {
    let Some(body) = state.file().resources.get(call.path).cloned() else { return not_found() };
    if *call.method != Method::GET {
        return not_found();
    }
    let first = call.path.split('/').next().unwrap_or_default();
    let scope = format!("read:{}", first.replace('-', "_"));
    if caller.has_any(&[scope.as_str()]) { Reply::ok(&body) } else { insufficient_scope(&scope) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ENDPOINTS;
    use crate::plan::Feature;
    use crate::testing::Tenant;

    const BOT: &str = "attack-protection/bot-detection";
    const BRUTE_FORCE: &str = "attack-protection/brute-force-protection";

    #[tokio::test]
    async fn a_hardened_tenant_serves_every_endpoint() {
        let tenant = Tenant::bundled("hardened");
        let scopes: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.scopes[0]).collect();
        let token = tenant.token_with(&scopes).await;
        for endpoint in ENDPOINTS {
            assert_eq!(tenant.get(endpoint.path, &token).await.status, 200, "{}", endpoint.path);
        }
    }

    #[tokio::test]
    async fn a_missing_scope_has_auth0s_error() {
        let tenant = Tenant::bundled("fresh");
        let answer = tenant.get("clients", &tenant.token().await).await;
        assert_eq!(
            answer.json(),
            json!({"statusCode": 403, "error": "Forbidden", "errorCode": "insufficient_scope",
                "message": "Insufficient scope, expected any of: \
                    read:clients,read:client_keys,read:client_credentials,read:client_summary"})
        );
    }

    #[tokio::test]
    async fn features_that_the_free_plan_lacks_have_their_own_errors() {
        let tenant = Tenant::bundled("free-plan");
        let scopes = ["read:attack_protection", "read:custom_domains", "read:log_streams"];
        let token = tenant.token_with(&scopes).await;
        let card = "There must be a verified credit card on file to perform this operation";
        let bots = "Please upgrade your subscription to use bot detection";
        let akamai = "Please upgrade your subscription to enable Akamai Signals.";
        let phone = "Exponential backoff is not enabled for this tenant.";
        let provider = "attack-protection/phone-provider-protection";
        for (path, status, message, code) in [
            ("custom-domains", 403, card, json!("operation_not_supported")),
            ("log-streams", 403, card, json!("operation_not_supported")),
            (BOT, 403, bots, json!("insufficient_entitlement")),
            ("attack-protection/captcha", 403, bots, json!("insufficient_entitlement")),
            ("supplemental-signals", 403, akamai, json!("insufficient_scope")),
            (provider, 403, phone, Value::Null),
            ("attack-protection/captcha/policies", 404, "Not Found", Value::Null),
        ] {
            let answer = tenant.get(path, &token).await;
            let body = answer.json();
            let found = (answer.status.as_u16(), &body["message"], &body["errorCode"]);
            assert_eq!(found, (status, &json!(message), &code), "{path}");
        }
    }

    #[tokio::test]
    async fn features_can_be_overridden_one_by_one() {
        let tenant = Tenant::bundled("hardened");
        let token = tenant.token().await;
        tenant.state.file().unavailable.insert(Feature::BotDetection);
        assert_eq!(tenant.get(BOT, &token).await.status, 403);
        assert_eq!(tenant.get("attack-protection/captcha", &token).await.status, 200);
    }

    #[tokio::test]
    async fn sets_vary_in_order_between_reads() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        let first = tenant.get(BRUTE_FORCE, &token).await.json();
        let second = tenant.get(BRUTE_FORCE, &token).await.json();
        assert_eq!(first["shields"], json!(["block", "user_notification"]));
        assert_eq!(second["shields"], json!(["user_notification", "block"]));
        assert!(first.get(settings::UNKNOWN_KEY).is_some());
    }

    #[tokio::test]
    async fn changing_settings_needs_the_write_scope() {
        let tenant = Tenant::bundled("fresh");
        let path = format!("/api/v2/{BRUTE_FORCE}");
        let change = json!({"shields": ["block"]});
        let refused = tenant.send("PATCH", &path, &tenant.token().await, change.clone()).await;
        assert_eq!(refused.status, 403);
        let token = tenant.token_with(&["update:attack_protection", "update:mfa_policies"]).await;
        let changed = tenant.send("PATCH", &path, &token, change).await;
        assert_eq!((changed.status.as_u16(), &changed.json()["shields"]), (200, &json!(["block"])));
        assert_eq!(tenant.get(BRUTE_FORCE, &token).await.json()["max_attempts"], 10);

        let policies = "/api/v2/guardian/policies";
        let put = tenant.send("PUT", policies, &token, json!(["all-applications"])).await;
        assert_eq!(put.json(), json!(["all-applications"]));
        assert_eq!(tenant.send("PUT", policies, &token, json!({})).await.status, 400);
    }

    #[tokio::test]
    async fn an_item_of_a_collection_is_read_and_changed() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token_with(&["read:clients", "update:clients"]).await;
        let path = "/api/v2/clients/default-app";
        let change = json!({"grant_types": ["authorization_code"]});
        assert_eq!(tenant.send("PATCH", path, &token, change).await.status, 200);
        let item = tenant.get("clients/default-app", &token).await.json();
        assert_eq!(item["grant_types"], json!(["authorization_code"]));
        assert_eq!(tenant.get("clients/unknown", &token).await.status, 404);
    }

    #[tokio::test]
    async fn unknown_paths_are_not_found() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token_with(&["read:email_provider", "read:things"]).await;
        let expected = json!({"statusCode": 404, "error": "Not Found", "message": "Not Found"});
        assert_eq!(tenant.get("things", &token).await.json(), expected);
        tenant.state.file().resources.insert("things".to_owned(), json!([1]));
        assert_eq!(tenant.get("things", &token).await.json(), json!([1]));
        let provider = tenant.get("emails/provider", &token).await;
        assert_eq!(provider.json()["errorCode"], "inexistent_email_provider");
    }
}
