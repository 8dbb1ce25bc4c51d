//! Placeholders in tenant files: the tenant's audience, and times relative to now.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

/// The audience of the tenant's Management API.
const AUDIENCE: &str = "$AUDIENCE";
/// `$NOW-400d` is the start of the day 400 days ago (UTC), so that it does not change within a day.
const NOW: &str = "$NOW-";

/// Replaces every string that is a placeholder.
pub(crate) fn fill(body: &mut Value, audience: &str, now: Timestamp) {
    match body {
        Value::String(text) => {
            if let Some(filled) = filled(text, audience, now) {
                *text = filled;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, audience, now)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| fill(member, audience, now));
        }
        _ => {}
    }
}

fn filled(text: &str, audience: &str, now: Timestamp) -> Option<String> {
    if text == AUDIENCE {
        return Some(audience.to_owned());
    }
    let days: i64 = text.strip_prefix(NOW)?.strip_suffix('d')?.parse().ok()?;
    let hours = 0.hours().try_hours(days.checked_mul(24)?).ok()?;
    let then = now.checked_sub(hours).ok()?.to_zoned(TimeZone::UTC);
    Some(format!("{:.3}", then.start_of_day().ok()?.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn placeholders_are_replaced_at_any_depth_and_other_text_stays() {
        let mut body = json!({"a": ["$AUDIENCE", "$NOW-2d"], "b": {"c": "$NOW-x"}, "d": 1});
        fill(&mut body, "https://t/api/v2/", "2026-03-10T12:00:00Z".parse().unwrap());
        assert_eq!(
            body,
            json!({"a": ["https://t/api/v2/", "2026-03-08T00:00:00.000Z"],
                "b": {"c": "$NOW-x"}, "d": 1})
        );
    }
}
