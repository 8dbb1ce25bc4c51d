use serde_json::{Value, json};

use super::breaks;
use crate::openapi::openapi;

/// A copy of `openapi.json` at the last release.
const RELEASED: &str = include_str!("../../../../../openapi/released.json");

#[test]
fn clients_of_the_last_release_miss_nothing() {
    let released = serde_json::from_str(RELEASED).unwrap();
    assert_eq!(breaks(&released, &openapi()), [""; 0]);
}

/// One list and one creation.
fn small() -> Value {
    json!({
        "paths": {
            "/v1/things": {
                "get": {
                    "operationId": "list_things",
                    "security": [{"bearer": []}, {"oauth": []}],
                    "parameters": [
                        {"name": "state", "in": "query", "schema": {"type": "array", "items": {"$ref": "#/components/schemas/State"}}},
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
                    ],
                    "responses": {
                        "200": {
                            "headers": {"ETag": {}},
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                                "text/csv": {"schema": {"type": "string"}},
                            },
                        },
                        "404": {"$ref": "#/components/responses/NotFound"},
                    },
                },
                "post": {
                    "operationId": "create_thing",
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingInput"}}}},
                    "responses": {"201": {}},
                },
            },
        },
        "components": {
            "responses": {"NotFound": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}},
            "schemas": {
                "State": {"type": "string", "enum": ["open", "closed"]},
                "Thing": {
                    "type": "object",
                    "properties": {"id": {"type": "string", "format": "uuid"}, "note": {"type": ["string", "null"]}},
                    "required": ["id", "note"],
                },
                "ThingInput": {
                    "type": "object",
                    "properties": {"name": {"type": "string", "maxLength": 9}, "note": {"type": ["string", "null"]}},
                    "required": ["name"],
                },
            },
        },
    })
}

/// Changes the value at a pointer. Null removes it.
fn changed(pointer: &str, value: Value) -> Value {
    let mut document = small();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let name = &name.replace("~1", "/");
    match document.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(name).unwrap()),
        Value::Object(members) => drop(members.insert(name.clone(), value)),
        Value::Array(items) if value.is_null() => drop(items.remove(name.parse().unwrap())),
        Value::Array(items) => items.push(value),
        other => panic!("{other}"),
    }
    document
}

#[test]
fn what_disappears_is_found() {
    const LIST: &str = "/paths/~1v1~1things/get";
    const POST: &str = "/paths/~1v1~1things/post";
    const SCHEMAS: &str = "/components/schemas";
    let cases = [
        (LIST, "", json!(null), "list_things: the operation is gone"),
        (LIST, "/operationId", json!("get_things"), "list_things: the operation is gone"),
        (LIST, "/security/1", json!(null), r#"list_things: {"oauth":[]} is not accepted"#),
        (LIST, "/parameters/0", json!(null), "list_things state: the parameter is gone"),
        (LIST, "/parameters/1/required", json!(true), r#"list_things: "limit" is required"#),
        (LIST, "/parameters/1/schema/maximum", json!(100), "list_things limit: maximum is 100"),
        (LIST, "/responses/404", json!(null), "list_things 404: the status is gone"),
        (
            LIST,
            "/responses/200/headers/ETag",
            json!(null),
            "list_things 200: the header ETag is gone",
        ),
        (
            LIST,
            "/responses/200/content/text~1csv",
            json!(null),
            "list_things 200: text/csv is gone",
        ),
        (POST, "/requestBody/required", json!(true), "create_thing: the body is required"),
        (SCHEMAS, "/State/enum/0", json!(null), r#"State: "open" is refused"#),
        (SCHEMAS, "/Thing/properties/note", json!(null), "Thing.note: the member is gone"),
        (SCHEMAS, "/Thing/properties/id/format", json!(null), "Thing.id: the type is another"),
        (
            SCHEMAS,
            "/Thing/properties/id/type",
            json!(["string", "null"]),
            "Thing.id: it may be null",
        ),
        (SCHEMAS, "/Thing/required/1", json!(null), r#"Thing: "note" may be left out"#),
        (
            SCHEMAS,
            "/ThingInput/properties/note",
            json!(null),
            "ThingInput.note: the member is gone",
        ),
        (
            SCHEMAS,
            "/ThingInput/properties/note/type",
            json!("string"),
            "ThingInput.note: null is refused",
        ),
        (
            SCHEMAS,
            "/ThingInput/properties/name/maxLength",
            json!(8),
            "ThingInput.name: maxLength is 8",
        ),
        (
            SCHEMAS,
            "/ThingInput/properties/name/pattern",
            json!("^a"),
            "ThingInput.name: the pattern is another",
        ),
        (SCHEMAS, "/ThingInput/required/-", json!("note"), r#"ThingInput: "note" is required"#),
    ];
    for (place, pointer, value, expected) in cases {
        let found = breaks(&small(), &changed(&format!("{place}{pointer}"), value));
        assert_eq!(found, [expected], "{place}{pointer}");
    }
    let unnamed = changed("/components/schemas/Unused", json!({"type": "object"}));
    assert_eq!(breaks(&unnamed, &small()), ["Unused: the schema is gone"]);
}

#[test]
fn additions_break_nothing() {
    let parameter = json!({"name": "q", "in": "query", "schema": {"type": "string"}});
    let cases = [
        ("/paths/~1v1~1others", json!({"get": {"operationId": "list_others"}})),
        ("/paths/~1v1~1things/get/parameters/-", parameter),
        ("/paths/~1v1~1things/get/responses/429", json!({})),
        ("/components/schemas/State/enum/-", json!("lost")),
        ("/components/schemas/Thing/properties/more", json!({"type": "string"})),
        ("/components/schemas/Thing/required/-", json!("more")),
        ("/components/schemas/ThingInput/properties/more", json!({"type": "string"})),
        ("/components/schemas/ThingInput/properties/name/maxLength", json!(10)),
        ("/components/schemas/ThingInput/required/0", json!(null)),
    ];
    for (pointer, value) in cases {
        assert_eq!(breaks(&small(), &changed(pointer, value)), [""; 0], "{pointer}");
    }
}
