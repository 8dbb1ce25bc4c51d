//! Collections: filters, offset pagination, checkpoint pagination, totals, within Auth0's limits.

use crate::catalogue::{Collection, Paging};
use crate::reply::{not_allowed, on_property};
use crate::settings::with_fields;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Maximum of `per_page` and `take`, from Auth0's OpenAPI document.
const MAX_PAGE: usize = 100;
const DEFAULT_PAGE: usize = 50;
/// For endpoints whose response is always an envelope.
const DEFAULT_ENVELOPED_PAGE: usize = 20;

type Query = [(String, String)];

/// The page that the query selects. The error is a message about the invalid parameter.
pub(crate) fn page(shape: &Collection, body: &Value, query: &Query) -> Result<Value, String> {
    for (name, _) in query {
        let known = shape.paging.parameters().contains(&name.as_str());
        if !known && !shape.filters.contains(&name.as_str()) {
            return Err(not_allowed(name));
        }
    }
    // Served as it is, so that a test can break a collection.
    let Some(items) = body.as_array() else { return Ok(body.clone()) };
    let items: Vec<&Value> =
        items.iter().filter(|item| matches_filters(shape, item, query)).collect();
    if value(query, "take").is_some() || value(query, "from").is_some() {
        return checkpoint_page(shape, &items, query);
    }
    offset_page(shape, &items, query)
}

/// The index of the item with this id.
pub(crate) fn position(shape: &Collection, body: &Value, id: &str) -> Option<usize> {
    body.as_array()?.iter().position(|item| item[shape.id] == id)
}

/// A repeated filter selects any of its values. Items without the member match, because a tenant file may omit it.
fn matches_filters(shape: &Collection, item: &Value, query: &Query) -> bool {
    shape.filters.iter().all(|filter| {
        let mut values = query.iter().filter(|(name, _)| name == filter).peekable();
        if values.peek().is_none() {
            return true;
        }
        let found = match item.get(*filter) {
            None => return true,
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        values.any(|(_, value)| *value == found)
    })
}

fn offset_page(shape: &Collection, items: &[&Value], query: &Query) -> Result<Value, String> {
    if shape.paging == Paging::Whole {
        return Ok(json!(items));
    }
    let enveloped = shape.paging == Paging::Enveloped;
    let default = if enveloped { DEFAULT_ENVELOPED_PAGE } else { DEFAULT_PAGE };
    let page = number(query, "page", 0, usize::MAX)?.unwrap_or(0);
    let per_page = number(query, "per_page", 1, MAX_PAGE)?.unwrap_or(default);
    let start = page.saturating_mul(per_page);
    let shown: Vec<Value> = items
        .iter()
        .skip(start)
        .take(per_page)
        .map(|item| with_fields((*item).clone(), query))
        .collect();
    if enveloped {
        let total = items.len();
        return Ok(json!({ "total": total, "page": page, "per_page": per_page, shape.key: shown }));
    }
    if value(query, "include_totals").is_some_and(|value| value == "true") {
        return Ok(json!({
            "start": start, "limit": per_page, "total": items.len(),
            shape.key: shown,
        }));
    }
    Ok(json!(shown))
}

fn checkpoint_page(shape: &Collection, items: &[&Value], query: &Query) -> Result<Value, String> {
    for name in ["page", "include_totals"] {
        if value(query, name).is_some() {
            return Err(format!("'{name}' cannot be used with checkpoint pagination."));
        }
    }
    let take = number(query, "take", 1, MAX_PAGE)?.unwrap_or(DEFAULT_PAGE);
    let start = match value(query, "from") {
        None => 0,
        Some(from) => {
            read_checkpoint(from).ok_or_else(|| on_property("Invalid checkpoint", "from"))?
        }
    };
    let shown: Vec<Value> = items
        .iter()
        .skip(start)
        .take(take)
        .map(|item| with_fields((*item).clone(), query))
        .collect();
    let next = start.saturating_add(take);
    let mut answer = json!({ shape.key: shown });
    if next < items.len() {
        answer["next"] = json!(URL_SAFE_NO_PAD.encode(format!("after:{next}")));
    }
    Ok(answer)
}

fn read_checkpoint(from: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(from).ok()?).ok()?;
    text.strip_prefix("after:")?.parse().ok()
}

fn value<'a>(query: &'a Query, parameter: &str) -> Option<&'a str> {
    query.iter().find(|(name, _)| name == parameter).map(|(_, value)| value.as_str())
}

fn number(query: &Query, name: &str, least: usize, most: usize) -> Result<Option<usize>, String> {
    let Some(text) = value(query, name) else { return Ok(None) };
    let wrong = |what: &str| Err(on_property(what, name));
    match text.parse::<usize>() {
        Err(_) => wrong("Expected type integer but found type string"),
        Ok(number) if number < least => {
            wrong(&format!("Value {number} is less than minimum {least}"))
        }
        Ok(number) if number > most => {
            wrong(&format!("Value {number} is greater than maximum {most}"))
        }
        Ok(number) => Ok(Some(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Shape};

    fn shape(path: &str) -> Collection {
        match catalogue::find(path).unwrap().0.shape {
            Shape::Collection(shape) => shape,
            other => panic!("{path} is {other:?}"),
        }
    }

    fn ask(path: &str, count: usize, query: &str) -> Result<Value, String> {
        let items: Vec<Value> = (0..count)
            .map(|n| json!({"client_id": n.to_string(), "enabled": n % 2 == 0, "strategy": "s"}))
            .collect();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        page(&shape(path), &json!(items), &query)
    }

    #[test]
    fn offset_pages_have_each_item_once() {
        let length = |query| ask("clients", 120, query).unwrap().as_array().unwrap().len();
        assert_eq!(length(""), 50);
        assert_eq!(length("page=0&per_page=100"), 100);
        assert_eq!(length("page=1&per_page=100"), 20);
        assert_eq!(length("page=2&per_page=100"), 0);
    }

    #[test]
    fn totals_are_included_on_request() {
        let answer = ask("clients", 3, "include_totals=true&per_page=2&page=1").unwrap();
        assert_eq!(answer["total"], 3);
        assert_eq!(answer["start"], 2);
        assert_eq!(answer["clients"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn checkpoints_lead_to_the_last_page() {
        let first = ask("clients", 5, "take=3").unwrap();
        let next = first["next"].as_str().unwrap();
        let second = ask("clients", 5, &format!("take=3&from={next}")).unwrap();
        assert_eq!(second["clients"].as_array().unwrap().len(), 2);
        assert!(second.get("next").is_none());
        assert!(ask("clients", 5, "from=garbage").is_err());
    }

    #[test]
    fn parameters_outside_auth0s_limits_are_rejected() {
        for query in ["per_page=101", "per_page=0", "page=x", "take=101", "colour=red"] {
            assert!(ask("clients", 1, query).is_err(), "{query}");
        }
        assert!(ask("log-streams", 1, "page=0").is_err());
        assert!(ask("clients", 1, "per_page=100").is_ok());
    }

    #[test]
    fn filters_select_matching_items() {
        assert_eq!(ask("rules", 4, "enabled=true").unwrap().as_array().unwrap().len(), 2);
        let any = "strategy=auth0&strategy=s";
        assert_eq!(ask("connections", 4, any).unwrap().as_array().unwrap().len(), 4);
    }

    #[test]
    fn actions_always_have_an_envelope() {
        let answer = ask("actions/actions", 25, "").unwrap();
        assert_eq!((&answer["total"], &answer["per_page"]), (&json!(25), &json!(20)));
    }
}
