//! Control endpoints (`/_simulator/…`) on the tenant's port: faults, request log, tenant file and resources. No
//! logging, rate limit, faults or authentication applies to them, so a simulator belongs on a loopback address.

use crate::fault::Fault;
use crate::reply::Reply;
use crate::settings;
use crate::state::State;
use crate::tenant_file::TenantFile;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// `path` is the part after `/_simulator/`.
pub(crate) fn answer(state: &State, method: &Method, path: &str, body: &[u8]) -> Reply {
    match try_answer(state, method, path, body) {
        Ok(reply) => reply,
        Err(what) => Reply::json(StatusCode::BAD_REQUEST, &json!({ "message": what })),
    }
}

fn try_answer(state: &State, method: &Method, path: &str, body: &[u8]) -> Result<Reply, String> {
    let resource = path.strip_prefix("resources/").filter(|resource| !resource.is_empty());
    Ok(match (method.as_str(), path, resource) {
        ("GET", "faults", _) => Reply::ok(&json!(state.faults().list())),
        ("PUT", "faults", _) => {
            let faults: OneOrMany = parse(body)?;
            state.faults().replace(faults.into_vec());
            Reply::ok(&json!(state.faults().list()))
        }
        ("POST", "faults", _) => {
            let faults: OneOrMany = parse(body)?;
            faults.into_vec().into_iter().for_each(|fault| state.faults().push(fault));
            Reply::ok(&json!(state.faults().list()))
        }
        ("DELETE", "faults", _) => {
            state.faults().replace(Vec::new());
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("GET", "requests", _) => Reply::ok(&json!(state.log.list())),
        ("DELETE", "requests", _) => {
            state.log.clear();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("PATCH", "tenant", _) => {
            change_tenant(state, parse(body)?)?;
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("GET", _, Some(resource)) => match state.file().resources.get(resource) {
            Some(stored) => Reply::ok(stored),
            None => unknown(),
        },
        ("PUT", _, Some(resource)) => {
            let value: Value = parse(body)?;
            let reply = Reply::ok(&value);
            state.file().resources.insert(resource.to_owned(), value);
            reply
        }
        ("DELETE", _, Some(resource)) => {
            state.file().resources.remove(resource);
            Reply::empty(StatusCode::NO_CONTENT)
        }
        _ => unknown(),
    })
}

/// Merges a change into the tenant file. If the result is invalid, the tenant stays unchanged.
fn change_tenant(state: &State, change: Value) -> Result<(), String> {
    let mut file = state.file();
    let mut whole = json!(*file);
    settings::merge(&mut whole, change);
    *file = TenantFile::parse(&whole.to_string()).map_err(|error| error.to_string())?;
    Ok(())
}

fn unknown() -> Reply {
    let message =
        "the endpoints are faults, requests, tenant and resources/{path without /api/v2/}";
    Reply::json(StatusCode::NOT_FOUND, &json!({ "message": message }))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// One fault or a list of faults. Parsed by hand, because errors of an untagged enum do not say what is invalid.
struct OneOrMany(Vec<Fault>);

impl OneOrMany {
    fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

impl<'de> serde::Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let list = if value.is_array() { value } else { json!([value]) };
        serde_json::from_value(list).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tenant;

    #[tokio::test]
    async fn faults_are_set_over_http() {
        let tenant = Tenant::bundled("fresh");
        let path = "/_simulator/faults";
        let fault = json!({"on": "token_endpoint", "effect": "html502"});
        let put = tenant.send("PUT", path, "", fault).await;
        assert_eq!(put.json()[0]["effect"], "html502");
        assert_eq!(tenant.ask_token(json!({})).await.status, 502);
        assert_eq!(
            tenant.send("POST", path, "", put.json()).await.json().as_array().unwrap().len(),
            2
        );
        assert_eq!(tenant.send("DELETE", path, "", Value::Null).await.status, 204);
        assert_eq!(tenant.ask_token(json!({})).await.status, 200);
    }

    #[tokio::test]
    async fn an_invalid_fault_is_rejected_with_the_reason() {
        let tenant = Tenant::bundled("fresh");
        let answer =
            tenant.send("PUT", "/_simulator/faults", "", json!({"effect": "nonsense"})).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["message"].as_str().unwrap().contains("nonsense"));
    }

    #[tokio::test]
    async fn resources_are_replaced_and_requests_listed() {
        let tenant = Tenant::bundled("fresh");
        let token = tenant.token().await;
        let path = "/_simulator/resources/stats/active-users";
        tenant.send("PUT", path, "", json!(77)).await;
        assert_eq!(tenant.get("stats/active-users", &token).await.json(), json!(77));
        let requests = tenant.send("GET", "/_simulator/requests", "", Value::Null).await.json();
        assert_eq!(requests.as_array().unwrap().len(), 2);
        tenant.send("DELETE", "/_simulator/requests", "", Value::Null).await;
        assert!(tenant.state.log.list().is_empty());
    }

    #[tokio::test]
    async fn an_invalid_change_leaves_the_tenant_unchanged() {
        let tenant = Tenant::bundled("fresh");
        let path = "/_simulator/tenant";
        assert_eq!(tenant.send("PATCH", path, "", json!({"plan": "free"})).await.status, 204);
        let wrong = tenant.send("PATCH", path, "", json!({"plan": "golden"})).await;
        assert!(wrong.json()["message"].as_str().unwrap().contains("golden"));
        assert_eq!(tenant.state.file().plan, crate::plan::Plan::Free);
    }
}
