use super::*;
use crate::test_support::pointers;
use secrecy::ExposeSecret;
use serde_json::json;

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

fn minimal() -> Value {
    json!({
        "api_identifier": "https://acme.eu.auth0.com/api/v2/",
        "client_id": "abc", "client_secret": "s3cret",
        "api_audience": "https://acme.eu.auth0.com/api/v2/",
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = minimal();
    body[field] = value;
    body
}

fn parse(body: &Value) -> Result<NewIntegration, Faults> {
    NewIntegration::parse(body, &AllowedOrigins::default(), now())
}

fn edit(body: &Value) -> Result<IntegrationEdit, Faults> {
    IntegrationEdit::parse(body, &AllowedOrigins::default(), now())
}

#[test]
fn the_required_fields_are_enough_and_the_rest_gets_its_default() {
    let form = parse(&minimal()).unwrap();
    assert_eq!(form.settings.name, "acme.eu.auth0.com");
    assert_eq!(form.settings.asset_name, "acme.eu.auth0.com");
    assert_eq!(form.settings.auto_sync_frequency.to_json(), json!({"every": "1d"}));
    assert!(form.settings.enabled && form.settings.client_secret_expires_at.is_none());
    assert_eq!(form.client_secret.expose_secret(), "s3cret");
    assert!(form.normalised.is_empty());
}

#[test]
fn blank_and_null_options_mean_the_default() {
    for blank in [json!(""), json!("  "), json!(null)] {
        let mut body = with("name", blank.clone());
        body["asset_name"] = blank;
        body["enabled"] = json!(null);
        let form = parse(&body).unwrap();
        assert_eq!(form.settings.name, "acme.eu.auth0.com");
        assert_eq!(form.settings.asset_name, "acme.eu.auth0.com");
        assert!(form.settings.enabled);
    }
}

#[test]
fn normalised_addresses_are_reported() {
    let form = parse(&with("api_identifier", json!("https://acme.eu.auth0.com"))).unwrap();
    assert_eq!(form.normalised, ["api_identifier"]);
}

#[test]
fn all_faults_come_at_once_and_never_quote_the_secret() {
    let body = json!({
        "name": 7, "api_identifier": "http://x", "client_id": "", "client_secret": "bad\u{0}one",
        "asset_name": "x".repeat(201), "auto_sync_frequency": {"every": "1s"},
        "client_secret_expires_at": "2020-01-01T00:00:00Z", "enabled": "yes", "id": "1",
        "a/b~c": true,
    });
    let faults = parse(&body).unwrap_err();
    assert!(!faults.to_string().contains("bad"));
    assert_eq!(
        pointers(faults),
        [
            "/api_audience",
            "/api_identifier",
            "/asset_name",
            "/auto_sync_frequency/every",
            "/a~1b~0c",
            "/client_id",
            "/client_secret",
            "/client_secret_expires_at",
            "/enabled",
            "/id",
            "/name",
        ]
    );
}

#[test]
fn each_missing_required_field_is_reported_separately() {
    for field in ["api_identifier", "client_id", "client_secret", "api_audience"] {
        let mut body = minimal();
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(pointers(parse(&body).unwrap_err()), [format!("/{field}")]);
        assert_eq!(pointers(parse(&with(field, json!(null))).unwrap_err()), [format!("/{field}")]);
        assert_eq!(pointers(parse(&with(field, json!(1))).unwrap_err()), [format!("/{field}")]);
        assert_eq!(pointers(parse(&with(field, json!(""))).unwrap_err()), [format!("/{field}")]);
    }
}

#[test]
fn only_an_object_is_a_form() {
    for body in [json!([]), json!("x"), json!(null), json!(1)] {
        assert_eq!(pointers(parse(&body).unwrap_err()), [""]);
        assert_eq!(pointers(edit(&body).unwrap_err()), [""]);
    }
}

#[test]
fn the_secret_is_never_printed() {
    let form = parse(&minimal()).unwrap();
    assert!(!format!("{form:?} {:?}", form.connection()).contains("s3cret"));
    let edit = edit(&json!({"client_secret": "s3cret"})).unwrap();
    assert!(!format!("{edit:?}").contains("s3cret"));
}

#[test]
fn an_edit_names_exactly_the_fields_that_differ() {
    let saved = parse(&minimal()).unwrap().settings;
    let same = json!({"name": "acme.eu.auth0.com", "api_identifier": "https://acme.eu.auth0.com",
        "client_secret": "", "auto_sync_frequency": {"every": "1d"}, "enabled": true});
    let edited = edit(&same).unwrap().apply(&saved, None).unwrap();
    assert!(edited.changed.is_empty() && !edited.changes_connection());

    let edited = edit(&json!({"name": "Acme", "client_secret": "new"})).unwrap();
    let edited = edited.apply(&saved, None).unwrap();
    assert_eq!(edited.changed, ["name", "client_secret"]);
    assert!(edited.changes_connection());
    assert_eq!(edited.settings.name, "Acme");
}

#[test]
fn null_means_the_default_of_an_option_and_is_refused_for_a_required_field() {
    let mut body = with("name", json!("Acme"));
    body["asset_name"] = json!("acme-prod");
    body["auto_sync_frequency"] = json!("manual");
    body["client_secret_expires_at"] = json!("2027-01-31T00:00:00Z");
    body["enabled"] = json!(false);
    let saved = parse(&body).unwrap().settings;
    let nulls = json!({"name": null, "asset_name": null, "auto_sync_frequency": null,
        "client_secret_expires_at": null, "enabled": null});
    let edited = edit(&nulls).unwrap().apply(&saved, None).unwrap();
    let mut changed = edited.changed;
    changed.sort_unstable();
    assert_eq!(
        changed,
        ["asset_name", "auto_sync_frequency", "client_secret_expires_at", "enabled", "name"]
    );
    // Null means the same in create and update.
    let mut created = minimal();
    created.as_object_mut().unwrap().extend(nulls.as_object().unwrap().clone());
    let shown = |settings| format!("{settings:?}");
    let defaults = shown(parse(&minimal()).unwrap().settings);
    assert_eq!(shown(parse(&created).unwrap().settings), defaults);
    assert_eq!(shown(edited.settings), defaults);

    let required = json!({"api_identifier": null, "client_id": null, "client_secret": null,
        "api_audience": null});
    assert_eq!(pointers(edit(&required).unwrap_err()).len(), 4);
    assert_eq!(pointers(parse(&required).unwrap_err()).len(), 4);
}

#[test]
fn a_null_time_zone_is_utc_on_create_and_in_an_edit() {
    let cron = json!({"cron": "0 3 * * *", "time_zone": null});
    let created = parse(&with("auto_sync_frequency", cron.clone())).unwrap().settings;
    let utc = json!({"cron": "0 3 * * *", "time_zone": "UTC"});
    assert_eq!(created.auto_sync_frequency.to_json(), utc);
    let saved = parse(&minimal()).unwrap().settings;
    let edited = edit(&json!({"auto_sync_frequency": cron})).unwrap().apply(&saved, None).unwrap();
    assert_eq!(edited.settings.auto_sync_frequency.to_json(), utc);
}

#[test]
fn the_audience_of_another_tenant_is_another_integration() {
    let saved = parse(&minimal()).unwrap().settings;
    let other = edit(&json!({"api_audience": "https://other.eu.auth0.com/api/v2/"})).unwrap();
    assert_eq!(pointers(other.apply(&saved, None).unwrap_err()), ["/api_audience"]);
}

#[test]
fn another_origin_or_client_needs_its_secret_in_the_same_body() {
    let saved = parse(&minimal()).unwrap().settings;
    let (origin, client) = ("https://login.acme.example/api/v2/", "other");
    for change in [
        json!({"api_identifier": origin}),
        json!({"client_id": client}),
        json!({"api_identifier": origin, "client_id": client, "client_secret": " "}),
    ] {
        let faults = edit(&change).unwrap().apply(&saved, None).unwrap_err();
        assert!(faults.to_string().contains("never sent to another host"), "{faults}");
        assert_eq!(pointers(faults), ["/client_secret"], "{change}");
        let mut whole = change;
        whole["client_secret"] = json!("its own");
        let edited = edit(&whole).unwrap().apply(&saved, None).unwrap();
        assert!(!edited.settings.shares_secret_with(&saved));
    }
    for same in [
        json!({"api_identifier": "https://ACME.eu.auth0.com", "client_id": " abc "}),
        json!({"api_audience": "https://acme.eu.auth0.com", "name": "Acme", "client_secret": ""}),
    ] {
        let edited = edit(&same).unwrap().apply(&saved, None).unwrap();
        assert!(edited.settings.shares_secret_with(&saved), "{same}");
    }
}

#[test]
fn all_faults_of_an_edit_are_reported_at_once() {
    let saved = parse(&minimal()).unwrap().settings;
    let other = "https://other.eu.auth0.com/api/v2/";
    let moved = edit(&json!({"api_audience": other, "api_identifier": other})).unwrap();
    let faults = moved.apply(&saved, None).unwrap_err();
    assert_eq!(pointers(faults), ["/api_audience", "/api_identifier", "/client_secret"]);
}

#[test]
fn two_hosts_of_auth0_are_two_tenants() {
    let other = json!("https://other.eu.auth0.com/api/v2/");
    let faults = parse(&with("api_audience", other.clone())).unwrap_err();
    assert_eq!(pointers(faults), ["/api_audience"]);
    let saved = parse(&minimal()).unwrap().settings;
    let change = json!({"api_identifier": other, "client_secret": "its own"});
    let faults = edit(&change).unwrap().apply(&saved, None).unwrap_err();
    assert_eq!(pointers(faults), ["/api_identifier"]);
    let custom = json!("https://login.acme.example/api/v2/");
    assert!(parse(&with("api_identifier", custom)).is_ok());
}

#[test]
fn asset_names_that_differ_in_case_only_are_the_same() {
    let key = |name: &str| {
        let form = parse(&with("asset_name", json!(name))).unwrap();
        form.settings.asset_name_key()
    };
    assert_eq!(key("École  PROD"), key(" éCOLE  prod "));
    assert_ne!(key("prod"), key("prod 2"));
}

#[test]
fn an_asset_name_that_goes_back_to_its_default_takes_the_free_one() {
    let form = parse(&with("asset_name", json!("prod"))).unwrap();
    assert!(!form.has_default_asset_name && parse(&minimal()).unwrap().has_default_asset_name);
    let reset = edit(&json!({"asset_name": null})).unwrap();
    assert!(reset.resets_asset_name() && !edit(&json!({})).unwrap().resets_asset_name());
    let named = |default| reset.apply(&form.settings, default).unwrap().settings.asset_name;
    assert_eq!(named(None), "acme.eu.auth0.com");
    assert_eq!(named(Some("acme.eu.auth0.com (2)")), "acme.eu.auth0.com (2)");
}
