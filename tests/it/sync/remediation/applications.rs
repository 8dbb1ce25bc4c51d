//! Applications: those of one that has nothing to find.

use serde_json::{Value, json};

use super::{Row, row};

/// A regular web application, the first of the tenant.
pub fn shop() -> Value {
    json!({
        "client_id": "shop", "name": "Shop", "tenant": "simulated-hardened", "global": false,
        "app_type": "regular_web", "is_first_party": true, "oidc_conformant": true,
        "callbacks": ["https://shop.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": false},
        "cross_origin_authentication": false, "token_endpoint_auth_method": "client_secret_post",
        "refresh_token": {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0,
            "token_lifetime": 2_592_000, "infinite_token_lifetime": false,
            "idle_token_lifetime": 1_296_000, "infinite_idle_token_lifetime": false,
            "policies": [{"audience": "https://orders.example/", "scope": ["read:orders"]}]},
        "is_token_endpoint_ip_header_trusted": false, "custom_login_page_on": true,
        "require_pushed_authorization_requests": true, "require_proof_of_possession": true,
    })
}

pub fn rows() -> Vec<Row> {
    let set = |pointer, value: Value| ("clients", pointer, value);
    let one = |check, pointer, value| row(check, [set(pointer, value)]);
    let refresh = |name, value| one("application-refresh-token-unbounded", name, value);
    let not_hardened =
        ["/0/require_pushed_authorization_requests", "/0/require_proof_of_possession"];
    vec![
        one("application-id-token-hs256", "/0/jwt_configuration/alg", json!("HS256")),
        one(
            "application-insecure-grant",
            "/0/grant_types",
            json!(["authorization_code", "implicit", "password"]),
        ),
        one(
            "application-cross-origin-authentication",
            "/0/cross_origin_authentication",
            json!(true),
        ),
        refresh("/0/refresh_token/rotation_type", json!("non-rotating")),
        refresh("/0/refresh_token/infinite_token_lifetime", json!(true)),
        one("application-authentication-none", "/0/token_endpoint_auth_method", json!("none")),
        one("application-not-oidc-conformant", "/0/oidc_conformant", json!(false)),
        one(
            "application-trusts-forwarded-ip",
            "/0/is_token_endpoint_ip_header_trusted",
            json!(true),
        ),
        row(
            "application-requests-not-hardened",
            not_hardened.map(|pointer| set(pointer, json!(false))),
        ),
    ]
}
