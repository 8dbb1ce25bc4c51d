//! `/stats/daily`: turns rows relative to today into rows with Auth0's dates and times.

use crate::reply::{Reply, bad_query, management_error};
use crate::reply::{not_allowed, on_property};
use http::StatusCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, civil};
use serde_json::{Value, json};

/// Auth0 aggregates hourly, some minutes after the hour.
const AGGREGATED_AT_MINUTE: i8 = 21;

pub(crate) fn daily(body: &Value, query: &[(String, String)], now: Timestamp) -> Reply {
    let mut bounds = [None, None];
    for (name, value) in query {
        let Some(index) = ["from", "to"].iter().position(|known| known == name) else {
            return bad_query(&not_allowed(name));
        };
        let Some(date) = read_date(value) else {
            return bad_query(&on_property("String does not match format YYYYMMDD", name));
        };
        bounds[index] = Some(date);
    }
    let [from, to] = bounds;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let message = "'from' date cannot be greater than 'to' date.";
        return management_error(StatusCode::BAD_REQUEST, message, None);
    }
    let Some(rows) = body.as_array() else { return Reply::ok(body) };
    let now = now.to_zoned(TimeZone::UTC).datetime();
    let mut shown: Vec<(Option<Date>, Value)> = rows
        .iter()
        .filter_map(|row| dated(row, now))
        .filter(|(date, _)| date.is_none_or(|date| days_between(date, from, to)))
        .collect();
    shown.sort_by_key(|(date, _)| *date);
    let shown: Vec<Value> = shown.into_iter().map(|(_, row)| row).collect();
    Reply::ok(&json!(shown))
}

fn read_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Date::strptime("%Y%m%d", text).ok()
}

fn days_between(date: Date, from: Option<Date>, to: Option<Date>) -> bool {
    from.is_none_or(|from| date >= from) && to.is_none_or(|to| date <= to)
}

/// A row with its date. A row that already has one, or is not an object, stays as it is, for tests.
fn dated(row: &Value, now: civil::DateTime) -> Option<(Option<Date>, Value)> {
    let Some(days_ago) = row.get("days_ago").and_then(Value::as_i64) else {
        let date = row["date"].as_str().and_then(|date| date.get(..10)?.parse().ok());
        return Some((date, row.clone()));
    };
    let date = now.date().checked_sub(Span::new().try_days(days_ago).ok()?).ok()?;
    let last_hour = if days_ago == 0 { hours_aggregated(now)? } else { 23 };
    let updated = row.get("updated_hour").and_then(Value::as_i64).unwrap_or(last_hour);
    // The minutes differ between days, like those of real tenants.
    let varied = AGGREGATED_AT_MINUTE + i8::try_from(days_ago.rem_euclid(4)).unwrap_or(0);
    let instant = |hour: i64, minute: i8, millisecond: i64| {
        format!(
            "{date}T{hour:02}:{minute:02}:{:02}.{millisecond:03}Z",
            12 + days_ago.rem_euclid(40)
        )
    };
    let mut shown = row.clone();
    let members = shown.as_object_mut()?;
    members.remove("days_ago");
    members.remove("updated_hour");
    for count in ["logins", "signups", "leaked_passwords", "leaked_passwords_signup"] {
        members.entry(count).or_insert_with(|| json!(0));
    }
    members.insert("date".to_owned(), json!(format!("{date}T00:00:00.000Z")));
    members.insert("created_at".to_owned(), json!(instant(0, AGGREGATED_AT_MINUTE, 17)));
    members.insert("updated_at".to_owned(), json!(instant(updated, varied, 523)));
    Some((Some(date), shown))
}

/// The last aggregated hour of today; `None` in the first minutes of a day, which has no row yet.
fn hours_aggregated(now: civil::DateTime) -> Option<i64> {
    let hour = i64::from(now.hour());
    let done = if now.minute() > AGGREGATED_AT_MINUTE + 3 { hour } else { hour - 1 };
    (done >= 0).then_some(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(rows: &Value, query: &str, now: &str) -> (StatusCode, Value) {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let reply = daily(rows, &query, now.parse().unwrap());
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn rows_are_dated_from_today_ascending_and_sparse() {
        let rows = json!([{"days_ago": 0, "logins": 3}, {"days_ago": 5, "signups": 2}]);
        let (_, shown) = ask(&rows, "", "2026-03-10T12:30:00Z");
        assert_eq!(
            shown,
            json!([
                {"date": "2026-03-05T00:00:00.000Z", "created_at": "2026-03-05T00:21:17.017Z",
                 "updated_at": "2026-03-05T23:22:17.523Z", "logins": 0, "signups": 2,
                 "leaked_passwords": 0, "leaked_passwords_signup": 0},
                {"date": "2026-03-10T00:00:00.000Z", "created_at": "2026-03-10T00:21:12.017Z",
                 "updated_at": "2026-03-10T12:21:12.523Z", "logins": 3, "signups": 0,
                 "leaked_passwords": 0, "leaked_passwords_signup": 0},
            ])
        );
    }

    #[test]
    fn from_and_to_are_inclusive() {
        let rows = json!([{"days_ago": 1}, {"days_ago": 2}, {"days_ago": 3}, {"days_ago": 4}]);
        let (_, shown) = ask(&rows, "from=20260307&to=20260308", "2026-03-10T12:30:00Z");
        assert_eq!(shown.as_array().unwrap().len(), 2);
    }

    #[test]
    fn today_has_no_row_before_its_first_hour_was_aggregated() {
        let rows = json!([{"days_ago": 0}]);
        assert_eq!(ask(&rows, "", "2026-03-10T00:10:00Z").1, json!([]));
        assert_eq!(ask(&rows, "", "2026-03-10T00:40:00Z").1.as_array().unwrap().len(), 1);
    }

    #[test]
    fn invalid_dates_have_auth0s_errors() {
        let (status, body) = ask(&json!([]), "from=20260309&to=20260308", "2026-03-10T12:30:00Z");
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(body["message"], "'from' date cannot be greater than 'to' date.");
        for query in ["from=2026-03-09", "from=20261345", "until=20260309"] {
            let (status, body) = ask(&json!([]), query, "2026-03-10T12:30:00Z");
            assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
            assert_eq!(body["errorCode"], "invalid_query_string");
        }
    }
}
