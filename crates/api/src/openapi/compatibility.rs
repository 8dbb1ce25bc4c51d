//! Nothing that clients rely on disappears: the document is compared with the one of the last release,
//! `openapi/released.json`. The rules are in docs/clients.md.

mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::json::resolve;

/// Who sends the value of a schema. Clients may be offered more and the service may send more, never less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Client,
    Service,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    seen: BTreeSet<(&'a str, Sender)>,
    breaks: Vec<String>,
}

/// What a client of the old document misses in the new one.
fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, seen: BTreeSet::new(), breaks: Vec::new() };
    for name in keys(&old["components"]["schemas"]) {
        comparison.expect(has(&new["components"]["schemas"], name), name, "the schema is gone");
    }
    for (path, item) in members(&old["paths"]) {
        for (method, operation) in members(item) {
            let place = operation["operationId"].as_str().unwrap_or_default();
            let now = &new["paths"][path][method];
            comparison.expect(now["operationId"] == place, place, "the operation is gone");
            if now.is_object() {
                comparison.operation(place, operation, now);
            }
        }
    }
    comparison.breaks
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn keys(value: &Value) -> impl Iterator<Item = &String> {
    value.as_object().into_iter().flat_map(Map::keys)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn has(value: &Value, name: &str) -> bool {
    value.get(name).is_some()
}

/// The alternatives of a schema, and whether null is one of them.
fn alternatives(schema: &Value) -> (Vec<&Value>, bool) {
    let Some(all) = schema["oneOf"].as_array() else {
        return (vec![schema], items(&schema["type"]).any(|name| name == "null"));
    };
    let (null, others): (Vec<_>, Vec<_>) = all.iter().partition(|each| each["type"] == "null");
    (others, !null.is_empty())
}

/// Without null.
fn types(schema: &Value) -> BTreeSet<&str> {
    let all = schema["type"].as_str().into_iter();
    let all = all.chain(items(&schema["type"]).filter_map(Value::as_str));
    all.filter(|name| *name != "null").collect()
}

impl<'a> Comparison<'a> {
    fn expect(&mut self, holds: bool, place: &str, text: &str) {
        if !holds {
            self.breaks.push(format!("{place}: {text}"));
        }
    }

    fn operation(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        for way in items(&old["security"]) {
            let accepted = items(&new["security"]).any(|each| each == way);
            self.expect(accepted, place, &format!("{way} is not accepted"));
        }
        self.parameters(place, old, new);
        let (body, now) = (&old["requestBody"], &new["requestBody"]);
        self.expect(
            now["required"] != true || body["required"] == true,
            place,
            "the body is required",
        );
        self.content(place, &body["content"], &now["content"], Sender::Client);
        for (status, response) in members(&old["responses"]) {
            let place = format!("{place} {status}");
            let Some(now) = new["responses"].get(status) else {
                self.expect(false, &place, "the status is gone");
                continue;
            };
            let (response, now) = (resolve(self.old, response), resolve(self.new, now));
            for header in keys(&response["headers"]) {
                let text = format!("the header {header} is gone");
                self.expect(has(&now["headers"], header), &place, &text);
            }
            self.content(&place, &response["content"], &now["content"], Sender::Service);
        }
    }

    fn parameters(&mut self, place: &str, old: &'a Value, new: &'a Value) {
        let same =
            |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        for parameter in items(&old["parameters"]) {
            let place = format!("{place} {}", parameter["name"].as_str().unwrap_or_default());
            match items(&new["parameters"]).find(|each| same(each, parameter)) {
                Some(now) => {
                    self.schema(&place, &parameter["schema"], &now["schema"], Sender::Client);
                }
                None => self.expect(false, &place, "the parameter is gone"),
            }
        }
        for parameter in items(&new["parameters"]).filter(|each| each["required"] == true) {
            let before = items(&old["parameters"]).find(|each| same(each, parameter));
            let was_required = before.is_some_and(|before| before["required"] == true);
            self.expect(was_required, place, &format!("{} is required", parameter["name"]));
        }
    }

    fn content(&mut self, place: &str, old: &'a Value, new: &'a Value, sender: Sender) {
        for (media_type, media) in members(old) {
            match new.get(media_type) {
                Some(now) => self.schema(place, &media["schema"], &now["schema"], sender),
                None => self.expect(false, place, &format!("{media_type} is gone")),
            }
        }
    }

    fn schema(&mut self, place: &str, old: &'a Value, new: &'a Value, sender: Sender) {
        let name = old["$ref"].as_str();
        if name.is_some_and(|name| !self.seen.insert((name, sender))) {
            return;
        }
        let place = name.and_then(|name| name.rsplit('/').next()).unwrap_or(place);
        let (old, new) = (resolve(self.old, old), resolve(self.new, new));
        let ((before, was_nullable), (now, is_nullable)) = (alternatives(old), alternatives(new));
        match sender {
            Sender::Client => self.expect(is_nullable || !was_nullable, place, "null is refused"),
            Sender::Service => self.expect(was_nullable || !is_nullable, place, "it may be null"),
        }
        self.expect(before.len() == now.len(), place, "it has other alternatives");
        for (before, now) in before.into_iter().zip(now) {
            if std::ptr::eq(before, old) && std::ptr::eq(now, new) {
                self.single(place, old, new, sender);
            } else {
                self.schema(place, before, now, sender);
            }
        }
    }

    /// Compares two schemas without alternatives.
    fn single(&mut self, place: &str, old: &'a Value, new: &'a Value, sender: Sender) {
        let is_same = types(old) == types(new) && old["format"] == new["format"];
        self.expect(is_same, place, "the type is another");
        if sender == Sender::Client {
            self.bounds(place, old, new);
        }
        self.object(place, old, new, sender);
        for inner in ["items", "additionalProperties"] {
            if old[inner].is_object() {
                self.schema(&format!("{place} {inner}"), &old[inner], &new[inner], sender);
            }
        }
    }

    fn bounds(&mut self, place: &str, old: &Value, new: &Value) {
        for (bound, is_least) in [
            ("minLength", true),
            ("minItems", true),
            ("minimum", true),
            ("maxLength", false),
            ("maxItems", false),
            ("maximum", false),
        ] {
            let Some(now) = new[bound].as_f64() else { continue };
            let before = old[bound].as_f64();
            let is_wider =
                before.is_some_and(|before| if is_least { now <= before } else { now >= before });
            self.expect(is_wider, place, &format!("{bound} is {now}"));
        }
        let is_free = new["pattern"].is_null() || new["pattern"] == old["pattern"];
        self.expect(is_free, place, "the pattern is another");
        if let Some(values) = new["enum"].as_array() {
            self.expect(old["enum"].is_array(), place, "the values are limited");
            for value in items(&old["enum"]).filter(|value| !values.contains(value)) {
                self.expect(false, place, &format!("{value} is refused"));
            }
        }
    }

    fn object(&mut self, place: &str, old: &'a Value, new: &'a Value, sender: Sender) {
        for (name, member) in members(&old["properties"]) {
            let place = format!("{place}.{name}");
            match new["properties"].get(name) {
                Some(now) => self.schema(&place, member, now, sender),
                None => self.expect(false, &place, "the member is gone"),
            }
        }
        let (more, less, text) = match sender {
            Sender::Client => (&new["required"], &old["required"], "is required"),
            Sender::Service => (&old["required"], &new["required"], "may be left out"),
        };
        for name in items(more).filter(|name| !items(less).any(|each| each == *name)) {
            self.expect(false, place, &format!("{name} {text}"));
        }
    }
}
