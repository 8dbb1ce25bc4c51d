//! Audit details of saved, changed and tested connections: the old and new address, and the host that was called. No
//! secrets.

use domain::connection_test::TestReport;
use domain::integration::Settings;
use serde_json::{Value, json};

/// The connection before and after.
pub struct Connections<'a> {
    /// None: not saved yet.
    pub old: Option<&'a Settings>,
    /// As requested.
    pub new: &'a Settings,
    pub has_new_secret: bool,
}

impl Connections<'_> {
    /// Without a report, no tenant was called.
    pub fn details(&self, report: Option<&TestReport>) -> Value {
        let field =
            |of: fn(&Settings) -> &str| json!({"old": self.old.map(of), "new": of(self.new)});
        let called = report.filter(|report| report.has_called());
        json!({
            "connection": {
                "api_identifier": field(|settings| settings.api_identifier.as_str()),
                "api_audience": field(|settings| settings.api_audience.as_str()),
                "client_id": field(|settings| &settings.client_id),
                "client_secret": {"changed": self.has_new_secret},
            },
            "connection_test": report.map(|report| report.code().name()),
            "host": called.map(|_| self.new.api_identifier.host()),
        })
    }
}
