//! Who may call which operation: one row each. The document shows it as `x-required-role`; a handler
//! enforces it by its extractor, and a test asks every operation as every kind of caller.

use serde_json::{Value, json};

/// What an operation demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: for whoever runs the service.
    Nothing,
    /// The id and secret of an API credential, as HTTP Basic.
    Credential,
    /// A token of either role.
    Viewer,
    /// A token with the role `admin`.
    Admin,
}
use Access::{Admin, Credential, Nothing, Viewer};

/// The table.
const ROLES: &[(&str, Access)] = &[
    ("create_token", Credential),
    ("create_api_credential", Admin),
    ("list_api_credentials", Admin),
    ("get_api_credential", Admin),
    ("revoke_api_credential", Admin),
    ("get_configuration_form", Viewer),
    ("test_connection", Admin),
    ("create_integration", Admin),
    ("list_integrations", Viewer),
    ("get_integration", Viewer),
    ("update_integration", Admin),
    ("delete_integration", Admin),
    ("test_integration", Admin),
    ("put_next_secret", Admin),
    ("delete_next_secret", Admin),
    ("get_coverage", Viewer),
    ("start_sync", Admin),
    ("get_sync", Viewer),
    ("cancel_sync", Admin),
    ("stream_sync_events", Viewer),
    ("list_history", Viewer),
    ("get_history_entry", Viewer),
    ("list_findings", Viewer),
    ("get_finding", Viewer),
    ("accept_finding", Admin),
    ("unaccept_finding", Admin),
    ("bulk_accept_findings", Admin),
    ("export_findings", Viewer),
    ("list_assets", Viewer),
    ("get_asset", Viewer),
    ("list_score_history", Viewer),
    ("get_drift", Viewer),
    ("list_checks", Viewer),
    ("get_check", Viewer),
    ("get_policy", Viewer),
    ("put_policy", Admin),
    ("preview_policy", Viewer),
    ("list_audit", Admin),
    ("verify_audit", Admin),
    ("livez", Nothing),
    ("readyz", Nothing),
    ("metrics", Nothing),
];

/// The row of an operation; none is a defect that the tests of the document find.
pub fn required(operation_id: &str) -> Option<Access> {
    ROLES.iter().find(|(id, _)| *id == operation_id).map(|(_, required)| *required)
}

impl Access {
    /// As the document says it.
    pub const fn name(self) -> &'static str {
        match self {
            Nothing => "none",
            Credential => "credential",
            Viewer => "viewer",
            Admin => "admin",
        }
    }

    /// Which security scheme of the document.
    pub fn security(self) -> Value {
        match self {
            Nothing => json!([]),
            Credential => json!([{"basic": []}]),
            Viewer | Admin => json!([{"bearer": []}]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_has_one_row_for_each_operation_and_no_other() {
        let document = crate::openapi();
        let items = document["paths"].as_object().unwrap().values();
        let operations = items.flat_map(|item| item.as_object().unwrap().values());
        let served: BTreeSet<_> =
            operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        let rows: BTreeSet<_> = ROLES.iter().map(|(id, _)| *id).collect();
        assert_eq!((rows.len(), &rows), (ROLES.len(), &served));
    }
}
