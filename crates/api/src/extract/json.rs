//! JSON as we accept it: RFC 8259 without repeated members, of which each reader would see another
//! one; and JSON as we compare it.

use std::fmt::{self, Write as _};

use secrecy::zeroize::{Zeroize as _, Zeroizing};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

const CANONICAL_USUAL: usize = 4096;

/// Reads a whole body. The error says where it breaks, and quotes nothing of it.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    // serde_json refuses more than 128 levels, so a body cannot exhaust the stack.
    serde_json::from_str::<UniqueKeys>(text).map(|strict| strict.0).map_err(|error| {
        if error.is_data() {
            format!("has a member twice, near line {}", error.line())
        } else {
            format!("is not JSON, near line {}, column {}", error.line(), error.column())
        }
    })
}

/// The same text for equal values: members sorted, no spaces. Wiped on drop.
pub fn canonical(value: &Value) -> Zeroizing<String> {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    // Large enough for most bodies: growing leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(CANONICAL_USUAL));
    // Writing to a string cannot fail.
    let _ = write!(text, "{sorted}");
    wipe(&mut sorted);
    text
}

/// Overwrites the texts of a value, which may be secrets.
pub fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

struct UniqueKeys(Value);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueKeysVisitor).map(Self)
    }
}

struct UniqueKeysVisitor;

impl<'de> Visitor<'de> for UniqueKeysVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(UniqueKeys(value)) = access.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, UniqueKeys(value))) = access.next_entry::<String, UniqueKeys>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(Value::Object(map))
    }
}
