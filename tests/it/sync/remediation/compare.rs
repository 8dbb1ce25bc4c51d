//! What the remediations are compared by: their commands and snippets, and the tenant as it was.

use std::collections::BTreeMap;

use serde_json::Value;

/// The commands are those of the calls, and a snippet is one of Auth0's resources.
pub fn assert_tools_match(check: &str, fix: &Value) {
    for (call, command) in [("api_call", "auth0_cli"), ("undo_call", "undo_auth0_cli")] {
        let call = &fix[call];
        let method = call["method"].as_str().unwrap().to_lowercase();
        let path = call["path"].as_str().unwrap().strip_prefix("/api/v2/").unwrap();
        let expected = format!("auth0 api {method} \"{path}\" --data '{}'", call["body"]);
        assert_eq!(fix[command], expected, "{check}");
    }
    if let Some(snippet) = fix["terraform"].as_str() {
        assert!(snippet.contains("\nresource \"auth0_"), "{check}: {snippet}");
    }
}

/// Lists of texts are sets to Auth0: their order says nothing.
pub fn sets_sorted(resources: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.iter_mut().for_each(sort);
                if items.iter().all(Value::is_string) {
                    items.sort_by_key(Value::to_string);
                }
            }
            Value::Object(members) => members.values_mut().for_each(sort),
            _ => {}
        }
    }
    resources
        .into_iter()
        .map(|(path, mut body)| {
            sort(&mut body);
            (path, body)
        })
        .collect()
}
