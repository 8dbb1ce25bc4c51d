//! Further words of a request: instants, positions, and what the client would like to get.

use domain::Fault;
use http::header::ACCEPT;
use jiff::Timestamp;

use super::Input;

impl Input {
    /// A parameter that is an instant (RFC 3339).
    pub fn instant(&mut self, name: &'static str) -> Option<Timestamp> {
        let text = self.parameters.get(name)?;
        let read = text.parse().ok();
        if read.is_none() {
            let detail = "must be a time such as 2026-11-24T06:00:00Z (a + has to be sent as %2B)";
            self.faults.push(Fault::parameter(name, detail));
        }
        read
    }

    /// A parameter that is a whole number, 1 or more.
    pub fn position(&mut self, name: &'static str) -> Option<i64> {
        let text = self.parameters.get(name)?;
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let read = text.parse().ok().filter(|number| is_number && *number >= 1);
        if read.is_none() {
            self.faults.push(Fault::parameter(name, "must be a whole number, 1 or more"));
        }
        read
    }

    /// Whether the client names this media type in `Accept`, unless with weight 0.
    pub fn accepts(&self, media_type: &str) -> bool {
        let values = self.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(media_type));
            is_named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    }
}
