//! Further words of a request: instants, positions, and what the client would like to get.

use domain::Fault;
use jiff::Timestamp;

use super::RequestInput;
use crate::extract::accept;

impl RequestInput {
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

    /// Which of these media types the client would like most; none when it accepts none of them.
    pub fn preferred(&self, offered: &[&'static str]) -> Option<&'static str> {
        accept::preferred(&self.headers, offered)
    }
}
