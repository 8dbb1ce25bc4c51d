//! Links: the operations that follow on a response.

use http::Method;
use serde_json::{Value, json};

use super::json::{has_parameter, members};
use crate::operation::Operation;

/// Operation, its link, the operation that it leads to, the parameter that takes a member of the response, and which.
const FOLLOWING: [(&str, &str, &str, &str, &str); 17] = [
    ("create_integration", "integration", "get_integration", "integration_id", "/id"),
    ("create_integration", "sync", "start_sync", "integration_id", "/id"),
    ("start_sync", "sync", "get_sync", "sync_id", "/id"),
    ("start_sync", "events", "stream_sync_events", "sync_id", "/id"),
    ("start_sync", "cancellation", "cancel_sync", "sync_id", "/id"),
    ("create_api_credential", "credential", "get_api_credential", "credential_id", "/id"),
    ("create_api_credential", "revocation", "revoke_api_credential", "credential_id", "/id"),
    ("list_integrations", "first", "get_integration", "integration_id", "/items/0/id"),
    ("list_integrations", "history", "list_history", "integration_id", "/items/0/id"),
    ("list_integrations", "coverage", "get_coverage", "integration_id", "/items/0/id"),
    ("list_history", "first", "get_history_entry", "entry_id", "/items/0/id"),
    ("list_findings", "first", "get_finding", "finding_id", "/items/0/id"),
    ("list_findings", "acceptance", "accept_finding", "finding_id", "/items/0/id"),
    ("list_assets", "first", "get_asset", "asset_id", "/items/0/id"),
    ("list_assets", "scores", "list_score_history", "asset_id", "/items/0/id"),
    ("list_assets", "drift", "get_drift", "asset_id", "/items/0/id"),
    ("list_checks", "first", "get_check", "check_id", "/items/0/id"),
];

/// Adds the links of an operation.
pub fn add(documented: &mut Value, operation: &Operation) {
    for (_, name, target, parameter, member) in FOLLOWING.iter().filter(|row| row.0 == operation.id)
    {
        for (_, response) in
            members(&mut documented["responses"]).filter(|(status, _)| status.starts_with('2'))
        {
            let value = format!("$response.body#{member}");
            response["links"][*name] =
                json!({"operationId": target, "parameters": {*parameter: value}});
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
