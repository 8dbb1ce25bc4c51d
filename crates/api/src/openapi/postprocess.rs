//! What all operations share (problems, request id, security schemes) and what each declares.

use http::Method;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use crate::operation::{Access, Idempotency, Operation, Timeout};
use crate::wire::params::{IdempotencyKey, IfMatch, Prefer};

/// Adds it to a document, and what each operation declares.
pub fn complete(document: &mut Value, operations: &[Operation]) {
    document["security"] = json!([{"bearer": []}]);
    let components = &mut document["components"];
    components["securitySchemes"] = json!({"bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "An access token with the claims `sub`, `email`, `org_id` and `role` (`admin` or `viewer`), or the \
            token of an API credential. `x-required-role` of an operation says which role it needs."
    }, "basic": {
        "type": "http", "scheme": "basic",
        "description": "The id and the secret of an API credential, to get an access token with."
    }});
    components["headers"] = json!({"RequestId": {
        "description": "The request id: the one that the client sent, if valid, else a new UUIDv7.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128}
    }});
    components["responses"] = json!({
        "ClientError": problem("A client error: see `code`.", &[
            ("WWW-Authenticate", "Why the token is not accepted (RFC 6750); with 401 and 403.", "string"),
            ("RateLimit", "The state of the rate limits that apply (draft-ietf-httpapi-ratelimit-headers).", "string"),
            ("RateLimit-Policy", "The rate limits that apply.", "string"),
            ("Allow", "The methods that the path supports; with 405.", "string"),
            ("Retry-After", "Seconds until the next attempt; with 429 and some 409.", "integer"),
            ("Idempotency-Replayed", "`true` when this is the stored response of an earlier request.", "string"),
        ]),
        "ServerError": problem("A server error: see `code`.", &[
            ("Retry-After", "Seconds until the next attempt; with 503.", "integer"),
        ]),
    });
    for operation in operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        let documented = &mut document["paths"][&operation.path][method];
        add_declared(documented, operation);
        complete_request(documented);
        complete_responses(&mut documented["responses"]);
    }
}

/// What follows from the declaration of an operation.
fn add_declared(documented: &mut Value, operation: &Operation) {
    let declared = operation.declared;
    add_path_parameters(documented, &operation.path);
    if operation.method == Method::GET && has_parameter(documented, "cursor") {
        documented["responses"]["200"]["headers"]["Link"] = json!({
            "description": "The next page, `rel=\"next\"`.", "schema": {"type": "string"}
        });
    }
    if declared.access == Access::Admin {
        let text = documented["description"].as_str().unwrap_or_default();
        documented["description"] = json!(format!("{text} Needs the role `admin`.").trim_start());
    }
    documented["x-required-role"] = json!(declared.access.name());
    documented["security"] = match declared.access {
        Access::Public => json!([]),
        Access::Credential => json!([{"basic": []}]),
        Access::Viewer | Access::Admin => json!([{"bearer": []}]),
    };
    if declared.idempotency == Idempotency::Key {
        add_parameters::<IdempotencyKey>(documented);
        for (status, response) in members(&mut documented["responses"]) {
            if status.starts_with('2') {
                response["headers"]["Idempotency-Replayed"] = json!({
                    "description": "`true` when this is the stored response of an earlier request.",
                    "schema": {"type": "boolean"}
                });
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

fn has_parameter(documented: &Value, name: &str) -> bool {
    let parameters = documented["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|each| each["name"] == name))
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

fn complete_responses(responses: &mut Value) {
    for (_, response) in members(responses) {
        response["headers"]["X-Request-Id"] = json!({"$ref": "#/components/headers/RequestId"});
    }
    responses["4XX"] = json!({"$ref": "#/components/responses/ClientError"});
    responses["5XX"] = json!({"$ref": "#/components/responses/ServerError"});
}

fn problem(description: &str, headers: &[(&str, &str, &str)]) -> Value {
    let mut all = Map::new();
    all.insert("X-Request-Id".into(), json!({"$ref": "#/components/headers/RequestId"}));
    for (name, text, kind) in headers {
        all.insert((*name).into(), json!({"description": text, "schema": {"type": kind}}));
    }
    json!({
        "description": description,
        "headers": all,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    })
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}
