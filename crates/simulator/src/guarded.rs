//! Members of objects that need a separate scope besides the endpoint's.

use crate::authentication::Caller;
use crate::reply::{Reply, management_error};
use crate::tenant_file::TenantFile;
use http::StatusCode;
use serde_json::Value;

struct GuardedService {
    path: &'static str,
    members: &'static [&'static str],
    /// Any of these allows reading them.
    scopes: &'static [&'static str],
    /// Whether a request that names one in `fields` gets 403 instead of a response without it.
    is_refused: bool,
}

const CONNECTIONS: &str = "connections";

const GUARDED: &[GuardedService] = &[
    GuardedService {
        path: CONNECTIONS,
        members: &["options"],
        scopes: &["read:connections_options"],
        is_refused: false,
    },
    GuardedService {
        path: "clients",
        members: &[
            "client_secret",
            "client_authentication_methods",
            "encryption_key",
            "signing_key",
            "signing_keys",
        ],
        scopes: &["read:client_keys", "read:client_credentials"],
        is_refused: true,
    },
];

/// Removes the members that the caller may not read from a body, which may be a list.
pub(crate) fn hide(
    file: &TenantFile,
    path: &str,
    caller: &Caller,
    query: &[(String, String)],
    body: &mut Value,
) -> Result<(), Box<Reply>> {
    let is_open = |guarded: &GuardedService| {
        caller.has_any(guarded.scopes)
            || (guarded.path == CONNECTIONS && file.connection_options_without_scope)
    };
    for guarded in GUARDED.iter().filter(|guarded| guarded.path == path && !is_open(guarded)) {
        let named: Vec<&str> = named_fields(query)
            .filter(|field| guarded.is_refused && guarded.members.contains(field))
            .collect();
        if !named.is_empty() {
            let message = format!("You cannot read the following fields: {}", named.join(", "));
            return Err(Box::new(management_error(StatusCode::FORBIDDEN, &message, None)));
        }
        remove(body, guarded.members);
    }
    Ok(())
}

fn named_fields(query: &[(String, String)]) -> impl Iterator<Item = &str> {
    let excludes = query.iter().any(|(name, value)| name == "include_fields" && value == "false");
    let fields = query.iter().filter(move |(name, _)| name == "fields" && !excludes);
    fields.flat_map(|(_, value)| value.split(',').map(str::trim))
}

fn remove(body: &mut Value, members: &[&str]) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| remove(item, members)),
        Value::Object(object) => object.retain(|name, _| !members.contains(&name.as_str())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Tenant;
    use serde_json::json;

    #[tokio::test]
    async fn options_of_connections_need_a_scope_unless_the_tenant_is_not_migrated() {
        let tenant = Tenant::bundled("hardened");
        let has_options = |body: Value| {
            let all = body.as_array().unwrap().iter();
            all.map(|connection| connection.get("options").is_some()).collect::<Vec<_>>()
        };
        let token = tenant.token_with(&["read:connections"]).await;
        let seen = has_options(tenant.get(CONNECTIONS, &token).await.json());
        assert!(!seen.is_empty() && !seen.contains(&true));
        let named = tenant.get("connections?fields=id,options", &token).await;
        assert_eq!(named.status, 200);
        assert!(!has_options(named.json()).contains(&true));

        tenant.state.file().connection_options_without_scope = true;
        assert!(!has_options(tenant.get(CONNECTIONS, &token).await.json()).contains(&false));
        tenant.state.file().connection_options_without_scope = false;
        let token = tenant.token_with(&["read:connections_options"]).await;
        assert!(!has_options(tenant.get(CONNECTIONS, &token).await.json()).contains(&false));
    }

    #[tokio::test]
    async fn credentials_of_applications_are_omitted_or_403_if_named() {
        let tenant = Tenant::bundled("fresh");
        tenant.state.file().extra_keys = false;
        let by_key = json!([{"client_id": "a", "client_secret": "hidden",
            "client_authentication_methods": {"private_key_jwt": {"credentials": []}}}]);
        tenant.state.file().resources.insert("clients".to_owned(), by_key);
        let token = tenant.token_with(&["read:clients"]).await;
        assert_eq!(tenant.get("clients", &token).await.json(), json!([{"client_id": "a"}]));
        let path = "clients?fields=client_id,client_authentication_methods";
        let refused = tenant.get(path, &token).await;
        assert_eq!(refused.status, 403);
        let message = "You cannot read the following fields: client_authentication_methods";
        assert_eq!(refused.json()["message"], message);
        let token = tenant.token_with(&["read:client_credentials"]).await;
        assert!(
            tenant.get(path, &token).await.json()[0]["client_authentication_methods"].is_object()
        );
    }
}
