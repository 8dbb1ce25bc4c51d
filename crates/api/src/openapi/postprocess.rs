//! What every operation shares, said once: the problems, the request id, the security scheme.

use serde_json::{Map, Value, json};

use crate::routes::roles::{self, Access};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Adds it to a document.
pub fn complete(document: &mut Value) {
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
        "description": "The id of the request: the client's own when it sent a sane one, else a new UUIDv7.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128}
    }});
    components["responses"] = json!({
        "ClientError": problem("The request cannot be answered as it is: see `code`.", &[
            ("WWW-Authenticate", "Why the token is not accepted (RFC 6750); with 401 and 403.", "string"),
            ("RateLimit", "How the limits stand that the request met (draft-ietf-httpapi-ratelimit-headers).", "string"),
            ("RateLimit-Policy", "Those limits.", "string"),
            ("Allow", "The methods that the path answers; with 405.", "string"),
            ("Retry-After", "Seconds until it is worth trying again; with 409 and 429 where it can help.", "integer"),
            ("Idempotency-Replayed", "`true` when this is the answer of an earlier request.", "string"),
        ]),
        "ServerError": problem("The service cannot answer at the moment: see `code`.", &[
            ("Retry-After", "Seconds until it is worth trying again; with 503.", "integer"),
        ]),
    });
    for (_, item) in members(&mut document["paths"]) {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            let required = operation["operationId"].as_str().and_then(roles::required);
            operation["x-required-role"] = json!(required.map(Access::name));
            operation["security"] = json!(required.map(Access::security));
            complete_request(operation);
            complete_responses(&mut operation["responses"]);
        }
    }
}

/// What is optional is left out, in requests never null: the derive says both.
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
