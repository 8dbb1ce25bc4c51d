//! Snippets: their names, their layout, and when there is none.

use serde_json::{Value, json};

use super::{FIRST, snippet};

fn snippet_for(path: &str, body: &Value) -> Option<String> {
    snippet(&format!("/api/v2/{path}"), "abc", body)
}

#[test]
fn stages_are_blocks_of_the_protection() {
    let body = json!({"shields": ["block"], "enabled": true,
        "stage": {"pre-login": {"max_attempts": 100, "rate": 864_000}}});
    let text = snippet_for("attack-protection/suspicious-ip-throttling", &body).unwrap();
    let expected = "resource \"auth0_attack_protection\" \"this\" {
  suspicious_ip_throttling {
    enabled = true
    shields = [\"block\"]

    pre_login {
      max_attempts = 100
      rate         = 864000
    }
  }
}
";
    assert_eq!(text, format!("{FIRST}\n{expected}"));
}

#[test]
fn an_object_of_a_collection_is_named_in_a_comment() {
    let text = snippet_for("clients/{id}", &json!({"cross_origin_authentication": false})).unwrap();
    let expected = "# It is the object of this id: terraform import auth0_client.this 'abc'
resource \"auth0_client\" \"this\" {
  cross_origin_auth = false
}
";
    assert_eq!(text, format!("{FIRST}\n{expected}"));
    let body = json!({"token_endpoint_auth_method": "client_secret_post"});
    let text = snippet_for("clients/{id}", &body).unwrap();
    assert!(text.contains("resource \"auth0_client_credentials\""), "{text}");
    assert!(text.contains("  authentication_method = \"client_secret_post\"\n"), "{text}");
}

#[test]
fn an_id_that_would_leave_its_comment_has_no_snippet() {
    let body = json!({"oidc_conformant": true});
    for id in ["", "a\nb", "a\u{2028}b", "a b"] {
        assert_eq!(snippet("/api/v2/clients/{id}", id, &body), None, "{id:?}");
    }
    let text = snippet("/api/v2/clients/{id}", "a'$(b)", &body).unwrap();
    assert!(text.contains(r"auth0_client.this 'a'\''$(b)'"), "{text}");
}

#[test]
fn mfa_policies_are_one_argument() {
    let with = |body| snippet_for("guardian/policies", &body);
    assert!(with(json!(["all-applications"])).unwrap().contains("policy = \"all-applications\"\n"));
    assert!(with(json!([])).unwrap().contains("policy = \"never\"\n"));
    assert_eq!(with(json!(["all-applications", "confidence-score"])), None);
    let factor = snippet_for("guardian/factors/recovery-code", &json!({"enabled": true})).unwrap();
    assert!(factor.contains("  recovery_code = true\n"), "{factor}");
}

#[test]
fn what_the_provider_does_not_have_has_no_snippet() {
    let stage = json!({"stage": {"pre-custom-token-exchange": {"max_attempts": 10}}});
    let flag = json!({"flags": {"improved_signup_bot_detection_in_classic": true}});
    let policies = json!({"refresh_token": {"policies": []}});
    for (path, body) in [
        ("attack-protection/suspicious-ip-throttling", stage),
        ("tenants/settings", flag),
        ("clients/{id}", policies),
        ("clients/{id}", json!({"oidc_conformant": true, "token_endpoint_auth_method": "none"})),
        ("resource-servers/{id}", json!({"proof_of_possession": null})),
        ("attack-protection/phone-provider-protection", json!({"type": "exponential"})),
        ("attack-protection/brute-force-protection", json!({"enabled": true, "x": 1})),
        ("attack-protection/brute-force-protection", json!([])),
    ] {
        assert_eq!(snippet_for(path, &body), None, "{path} {body}");
    }
}

#[test]
fn values_of_a_tenant_are_text() {
    let body = json!({"allowlist": ["${file(\"/etc/passwd\")}\n}", "10.0.0.1"]});
    let text = snippet_for("attack-protection/brute-force-protection", &body).unwrap();
    let line = r#"    allowlist = ["$${file(\"/etc/passwd\")}\n}", "10.0.0.1"]"#;
    assert!(text.lines().any(|each| each == line), "{text}");
}
