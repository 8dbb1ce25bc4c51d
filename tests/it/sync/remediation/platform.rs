//! APIs, the e-mail provider, the login experience.

use serde_json::{Value, json};

use super::{Row, row};

pub fn rows() -> Vec<Row> {
    let api = |check, pointer, value: Value| row(check, [("resource-servers", pointer, value)]);
    let users = "/0/subject_type_authorization/user/policy";
    let unbound = "api-tokens-not-sender-constrained";
    let classic = ("prompts", "/universal_login_experience", json!("classic"));
    vec![
        api("api-hs256", "/1/signing_alg", json!("HS256")),
        api("api-token-lifetime-long", "/1/token_lifetime", json!(86_401)),
        api("management-api-open-to-users", users, json!("allow_all")),
        api("api-rbac-not-enforced", "/1/enforce_policies", json!(false)),
        api(unbound, "/1/proof_of_possession/required", json!(false)),
        api(unbound, "/1/proof_of_possession", json!(null)),
        row("email-provider-missing", [("emails/provider", "/enabled", json!(false))]),
        row("classic-login-experience", [classic]),
    ]
}
