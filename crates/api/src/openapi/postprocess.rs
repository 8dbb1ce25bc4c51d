//! What all operations share (problems, request id, security schemes) and what each declares.

use http::Method;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::json::{has_parameter, members};
use super::{links, problems, schemas};
use crate::operation::{Access, Idempotency, Operation, Timeout};
use crate::wire::params::{IdempotencyKey, IfMatch, Prefer};

/// Adds it to a document, and what each operation declares.
pub fn complete(document: &mut Value, operations: &[Operation]) {
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["security"] = json!([{"bearer": []}, {"client_credentials": []}]);
    let mut components = document["components"].take();
    components["securitySchemes"] = security_schemes();
    components["headers"] = headers();
    for operation in operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        let documented = &mut document["paths"][&operation.path][method];
        add_declared(documented, operation);
        complete_request(documented);
        complete_files(documented);
        links::add(documented, operation);
        for (_, response) in members(&mut documented["responses"]) {
            add_shared_headers(response, operation);
        }
        problems::add(&mut components, &mut documented["responses"], operation);
    }
    document["components"] = components;
    schemas::complete(document);
}

fn security_schemes() -> Value {
    json!({"bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "An access token with the claims `sub`, `email`, `org_id` and `role` (`admin` or `viewer`), or the \
            token of an API credential. `x-required-role` of an operation says which role it needs."
    }, "basic": {
        "type": "http", "scheme": "basic",
        "description": "The id and the secret of an API credential, to get an access token with."
    }, "client_credentials": {
        "type": "oauth2",
        "description": "Gets an access token with the id and the secret of an API credential, and renews it. The role \
            of the credential decides; there are no scopes.",
        "flows": {"clientCredentials": {"tokenUrl": "/v1/token", "scopes": {}}}
    }})
}

fn headers() -> Value {
    let header = |text: &str, schema: Value| json!({"description": text, "schema": schema});
    json!({
        "RequestId": header(
            "The request id: the one that the client sent, if valid, else a new UUIDv7.",
            json!({"type": "string", "minLength": 1, "maxLength": 128}),
        ),
        "RateLimit": header(
            "The state of the rate limits that apply (draft-ietf-httpapi-ratelimit-headers).",
            json!({"type": "string", "examples": ["\"default\";r=1999;t=1"]}),
        ),
        "RateLimitPolicy": header(
            "The rate limits that apply.",
            json!({"type": "string", "examples": ["\"default\";q=6000;w=60"]}),
        ),
        "RetryAfter": header(
            "Seconds until the next attempt.",
            json!({"type": "integer", "format": "int32", "minimum": 0}),
        ),
        "WwwAuthenticate": header(
            "Why the credentials are not accepted (RFC 6750, RFC 7617).",
            json!({"type": "string"}),
        ),
        "IdempotencyReplayed": header(
            "`true` when this is the stored response of an earlier request.",
            json!({"type": "boolean"}),
        ),
        "Link": header("The next page, `rel=\"next\"` (RFC 8288).", json!({"type": "string"})),
    })
}

fn reference(header: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{header}")})
}

fn add_shared_headers(response: &mut Value, operation: &Operation) {
    response["headers"]["X-Request-Id"] = reference("RequestId");
    if !operation.is_public() {
        response["headers"]["RateLimit"] = reference("RateLimit");
        response["headers"]["RateLimit-Policy"] = reference("RateLimitPolicy");
    }
}

/// What follows from the declaration of an operation.
fn add_declared(documented: &mut Value, operation: &Operation) {
    let declared = operation.declared;
    add_path_parameters(documented, &operation.path);
    if operation.method == Method::GET && has_parameter(documented, "cursor") {
        documented["responses"]["200"]["headers"]["Link"] = reference("Link");
    }
    if declared.access == Access::Admin {
        let text = documented["description"].as_str().unwrap_or_default();
        documented["description"] = json!(format!("{text} Needs the role `admin`.").trim_start());
    }
    documented["x-required-role"] = json!(declared.access.name());
    documented["security"] = match declared.access {
        Access::Public => json!([]),
        Access::Credential => json!([{"basic": []}]),
        Access::Viewer | Access::Admin => json!([{"bearer": []}, {"client_credentials": []}]),
    };
    if declared.idempotency == Idempotency::Key {
        add_parameters::<IdempotencyKey>(documented);
        for (status, response) in members(&mut documented["responses"]) {
            if status.starts_with('2') {
                response["headers"]["Idempotency-Replayed"] = reference("IdempotencyReplayed");
            }
        }
    }
    if declared.needs_if_match {
        add_parameters::<IfMatch>(documented);
    }
    if declared.timeout == Timeout::RequestAndWait {
        add_parameters::<Prefer>(documented);
    }
}

/// The ids in the path, before the other parameters.
fn add_path_parameters(documented: &mut Value, path: &str) {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .map(|name| {
            let description = format!("The {}.", name.trim_end_matches("_id"));
            let mut parameter = json!({
                "name": name, "in": "path", "required": true, "description": description,
                "schema": {"type": "string", "format": "uuid"}
            });
            if name == "check_id" {
                parameter["schema"] = json!({"type": "string"});
                parameter["example"] = json!("brute-force-protection-off");
            }
            parameter
        })
        .collect();
    if let Some(Value::Array(others)) = documented.get_mut("parameters") {
        parameters.append(others);
    }
    if !parameters.is_empty() {
        documented["parameters"] = json!(parameters);
    }
}

fn add_parameters<P: IntoParams>(documented: &mut Value) {
    let added = json!(P::into_params(|| None));
    match (documented["parameters"].as_array_mut(), added) {
        (Some(parameters), Value::Array(added)) => parameters.extend(added),
        (_, added) => documented["parameters"] = added,
    }
}

/// Optional parts of a request are absent, never null; the derive macro allows both.
fn complete_request(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let Some(kind) = parameter.pointer_mut("/schema/type") else { continue };
        if let Some(first) = kind.as_array().and_then(|kinds| kinds.first()).cloned() {
            *kind = first;
        }
    }
    let Some(content) = operation.pointer_mut("/requestBody/content") else { return };
    for (_, media) in members(content) {
        if let Some(first) = media.pointer("/schema/oneOf/0").cloned() {
            media["schema"] = first;
        }
    }
}

/// A stream is bytes or text, or else generators parse it as one value. `contentSchema` describes a line or an event.
/// Events are `application/octet-stream` because some generators read a string as JSON, and others `binary` as no text.
fn complete_files(operation: &mut Value) {
    let lines = match operation["operationId"].as_str() {
        Some("export_findings") => json!({"anyOf": [
            {"$ref": "#/components/schemas/Finding"}, {"type": "object"},
        ]}),
        Some("list_audit") => json!({"$ref": "#/components/schemas/AuditEvent"}),
        Some("stream_sync_events") => json!({"anyOf": [
            {"$ref": "#/components/schemas/SyncStateEvent"},
            {"$ref": "#/components/schemas/SyncReadingEvent"},
            {"$ref": "#/components/schemas/SecretExpiresEvent"},
        ]}),
        _ => return,
    };
    let Some(content) = operation.pointer_mut("/responses/200/content") else { return };
    for (media_type, media) in members(content).filter(|(name, _)| *name != "application/json") {
        let schema = &mut media["schema"];
        let described =
            if media_type == "text/event-stream" { "application/octet-stream" } else { media_type };
        *schema = json!({"type": "string", "contentMediaType": described});
        if !["text/csv", "application/zip"].contains(&media_type.as_str()) {
            schema["contentSchema"] = lines.clone();
        }
        if !media_type.starts_with("text/") {
            schema["format"] = json!("binary");
        }
    }
}
