//! Request headers with their own grammar.

use std::time::Duration;

use http::HeaderMap;

use crate::operation::WAIT_MAX;

/// The longest idempotency key, in bytes.
const KEY_MAX: usize = 255;

/// `Idempotency-Key`: one, of 1 to 255 visible ASCII characters.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, String> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err("must be given once".into());
    }
    let text = value.to_str().unwrap_or_default();
    let is_sound =
        (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_sound {
        Ok(Some(text.to_owned()))
    } else {
        Err(format!("must be 1 to {KEY_MAX} visible ASCII characters"))
    }
}

/// `Last-Event-ID`; absent or empty is the beginning of the stream.
pub fn last_event_id(headers: &HeaderMap) -> Result<i64, String> {
    let Some(value) = headers.get("last-event-id") else { return Ok(0) };
    let text = value.to_str().unwrap_or("?").trim();
    if text.is_empty() {
        return Ok(0);
    }
    let id = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    id.ok_or_else(|| "must be the id of an event of this stream".into())
}

/// `wait` of `Prefer` (RFC 7240 section 4.3), capped. Other preferences are ignored; the first of several counts.
pub fn prefer_wait(headers: &HeaderMap) -> Result<Option<Duration>, String> {
    for value in headers.get_all("prefer") {
        let Ok(text) = value.to_str() else { return Err("must be ASCII".into()) };
        for preference in text.split(',') {
            // Parameters of a preference follow a semicolon; `wait` has none.
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            if !name.trim().eq_ignore_ascii_case("wait") {
                continue;
            }
            let digits = value.trim().trim_matches('"');
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if !is_number {
                return Err("wait must be a number of seconds, such as wait=30".into());
            }
            // A number that overflows exceeds the cap.
            let seconds = digits.parse().unwrap_or(u64::MAX);
            return Ok(Some(Duration::from_secs(seconds).min(WAIT_MAX)));
        }
    }
    Ok(None)
}
