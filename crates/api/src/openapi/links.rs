//! Links: the operations that follow on a response.

use http::Method;
use serde_json::{Value, json};

use super::json::{has_parameter, members};
use crate::operation::Operation;

/// Operation, its link, the operation that it leads to, and the parameter that takes `id` of the response.
const FOLLOWING: [(&str, &str, &str, &str); 7] = [
    ("create_integration", "integration", "get_integration", "integration_id"),
    ("create_integration", "sync", "start_sync", "integration_id"),
    ("start_sync", "sync", "get_sync", "sync_id"),
    ("start_sync", "events", "stream_sync_events", "sync_id"),
    ("start_sync", "cancellation", "cancel_sync", "sync_id"),
    ("create_api_credential", "credential", "get_api_credential", "credential_id"),
    ("create_api_credential", "revocation", "revoke_api_credential", "credential_id"),
];

/// Adds the links of an operation.
pub fn add(documented: &mut Value, operation: &Operation) {
    for (_, name, target, parameter) in FOLLOWING.iter().filter(|row| row.0 == operation.id) {
        for (_, response) in
            members(&mut documented["responses"]).filter(|(status, _)| status.starts_with('2'))
        {
            response["links"][*name] =
                json!({"operationId": target, "parameters": {*parameter: "$response.body#/id"}});
        }
    }
    if operation.method == Method::GET && has_parameter(documented, "cursor") {
        let mut parameters = json!({"cursor": "$response.body#/next"});
        let in_path = documented["parameters"].as_array().into_iter().flatten();
        let in_path = in_path.filter(|each| each["in"] == "path");
        for name in in_path.filter_map(|each| each["name"].as_str()) {
            parameters[name] = json!(format!("$request.path.{name}"));
        }
        documented["responses"]["200"]["links"]["next"] =
            json!({"operationId": operation.id, "parameters": parameters});
    }
}
