//! Drops what no check reads from a page of a list: the rest stays in memory until the list is complete.

use domain::readings::ReadingKind;
use domain::tenant::Outcome;
use serde_json::{Map, Value};

use crate::reading::classify::{ResponseClass, decoded};
use crate::reading::pagination::List;

/// The members of an envelope beside the objects.
const ENVELOPE: [&str; 2] = ["total", "next"];

/// A page whose objects are not understood is unreadable; other answers pass.
pub(crate) fn prune(kind: ReadingKind, list: List, class: ResponseClass) -> ResponseClass {
    let ResponseClass::Body(body) = class else { return class };
    let (objects, rest) = match body {
        Value::Array(objects) => (objects, None),
        Value::Object(mut members) => match members.remove(list.key) {
            Some(Value::Array(objects)) => {
                members.retain(|name, _| ENVELOPE.contains(&name.as_str()));
                (objects, Some(members))
            }
            // Reported by whoever reads the page.
            _ => return ResponseClass::Body(Value::Object(Map::new())),
        },
        other => return ResponseClass::Body(other),
    };
    match decoded(kind, Value::Array(objects)) {
        Outcome::Read(reading) => {
            let objects = reading.to_json();
            ResponseClass::Body(match rest {
                None => objects,
                Some(mut members) => {
                    members.insert(list.key.to_owned(), objects);
                    Value::Object(members)
                }
            })
        }
        unreadable => ResponseClass::Over(Box::new(unreadable), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::pagination::PagingScheme;
    use serde_json::json;

    const CLIENTS: List = List { style: PagingScheme::Checkpoint, key: "clients" };

    fn pruned(body: Value) -> ResponseClass {
        prune(ReadingKind::Clients, CLIENTS, ResponseClass::Body(body))
    }

    #[test]
    fn what_no_check_reads_is_dropped_and_the_rest_of_a_page_kept() {
        let client = json!({"client_id": "a", "name": "A", "signing_keys": ["x".repeat(100)]});
        let kept = json!({"client_id": "a", "name": "A"});
        let page = json!({"clients": [client], "next": "b", "filler": [0, 0, 0]});
        assert_eq!(pruned(page), ResponseClass::Body(json!({"clients": [kept], "next": "b"})));
        assert_eq!(pruned(json!([client])), ResponseClass::Body(json!([kept])));
        assert!(matches!(pruned(json!({"clients": [0, 0]})), ResponseClass::Over(..)));
        assert_eq!(pruned(json!({"rules": []})), ResponseClass::Body(json!({})));
        assert_eq!(pruned(json!(7)), ResponseClass::Body(json!(7)));
    }
}
