use super::*;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Normalised, String> {
    TenantAddress::parse(text, &AllowedOrigins::default())
}

fn with_extra(text: &str, extra: &str) -> Result<Normalised, String> {
    let allowed = AllowedOrigins::new(vec![Origin::parse(extra).unwrap()]);
    TenantAddress::parse(text, &allowed)
}

#[test]
fn every_spelling_of_a_tenant_becomes_the_identifier() {
    for text in [
        "https://acme.eu.auth0.com/api/v2/",
        "https://acme.eu.auth0.com/api/v2",
        "https://acme.eu.auth0.com/",
        "https://acme.eu.auth0.com",
        "https://ACME.eu.auth0.com:443",
        "  https://acme.eu.auth0.com ",
        "acme.eu.auth0.com",
    ] {
        let read = parse(text).unwrap();
        assert_eq!(read.address.as_str(), "https://acme.eu.auth0.com/api/v2/", "{text}");
        assert_eq!(read.was_changed, text != "https://acme.eu.auth0.com/api/v2/", "{text}");
        assert_eq!(read.address.domain(), "acme.eu.auth0.com");
    }
}

#[test]
fn anything_else_is_refused_with_its_reason() {
    for (text, word) in [
        ("", "empty"),
        ("http://acme.eu.auth0.com/api/v2/", "https://"),
        ("https://acme.eu.auth0.com:8443/api/v2/", "port"),
        ("https://u:p@acme.eu.auth0.com/", "user name"),
        ("https://acme.eu.auth0.com/api/v1/", "other path"),
        ("https://acme.eu.auth0.com/?a=b", "query"),
        ("https://acme.eu.auth0.com/#x", "query"),
        ("https://acme.eu.auth0.com\\@evil.example/", "backslashes"),
        ("not a url", "spaces"),
        ("not-a-url", "look like"),
        ("ftp://acme.eu.auth0.com/", "look like"),
        ("https://", "look like"),
        ("https://a..auth0.com", "host name"),
        ("https://*.auth0.com", "host name"),
        ("https://-a.auth0.com", "host name"),
        ("https://a_b.auth0.com", "host name"),
        ("https://acme.auth0.com.", "host name"),
    ] {
        let fault = parse(text).unwrap_err();
        assert!(fault.contains(word), "{text}: {fault}");
    }
}

#[test]
fn an_extra_origin_permits_exactly_itself() {
    let extra = "http://127.0.0.1:9001";
    assert!(with_extra("http://127.0.0.1:9001/api/v2/", extra).is_ok());
    assert!(with_extra("http://127.0.0.1:9002/", extra).is_err());
    assert!(with_extra("https://127.0.0.1:9001/", extra).is_err());
    assert!(with_extra("http://127.0.0.2:9001/", extra).is_err());
    let allowed = AllowedOrigins::new(vec![Origin::parse(extra).unwrap()]);
    let own = with_extra("http://127.0.0.1:9001", extra).unwrap().address;
    assert_eq!(own.domain(), "127.0.0.1:9001");
    assert_eq!(allowed.permission(&own), Some(Permission::PrivateExtra));
}

#[test]
fn only_auth0_hosts_are_allowed_by_themselves() {
    let allowed = AllowedOrigins::default();
    for (text, is_allowed) in [
        ("https://acme.eu.auth0.com", true),
        ("https://acme.auth0.com", true),
        ("https://acme.auth0app.com", true),
        ("https://auth0.com", false),
        ("https://evilauth0.com", false),
        ("https://acme.auth0.com.evil.example", false),
        ("https://169.254.169.254", false),
        ("https://login.acme.example", false),
    ] {
        let address = parse(text).unwrap().address;
        assert_eq!(allowed.permission(&address).is_some(), is_allowed, "{text}");
    }
}

#[test]
fn a_saved_address_is_checked_against_the_current_configuration() {
    let allowed = AllowedOrigins::new(vec![Origin::parse("https://acme.internal:8443").unwrap()]);
    for (text, permission) in [
        ("https://acme.auth0.com/api/v2/", Some(Permission::Auth0)),
        ("http://acme.auth0.com/api/v2/", None),
        ("https://acme.auth0.com:8443/api/v2/", None),
        ("https://acme.internal:8443/api/v2/", Some(Permission::Extra)),
        ("https://acme.internal/api/v2/", None),
        ("https://evil.internal:8443/api/v2/", None),
        ("http://acme.internal:8443/api/v2/", None),
    ] {
        let address = TenantAddress::from_stored(text).unwrap();
        assert_eq!(allowed.permission(&address), permission, "{text}");
    }
}

#[test]
fn an_origin_is_scheme_host_and_port_and_nothing_more() {
    for good in ["https://acme.internal", "http://127.0.0.1:9001/", " https://[::1]:8443 "] {
        assert!(Origin::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "acme.internal",
        "https://acme.internal/api/v2/",
        "https://acme.internal?a=b",
        "https://acme.internal#x",
        "https://user@acme.internal",
        "https://*.internal",
        "https://:pass@acme.internal",
        "ftp://acme.internal",
    ] {
        assert!(Origin::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_extra_origin_is_for_its_organisations_and_public_unless_it_says_otherwise() {
    let [acme, globex] = ["acme", "globex"].map(|name| OrganisationId::parse(name).unwrap());
    for (text, for_globex, permission) in [
        ("https://login.acme.example", true, Permission::Extra),
        ("https://login.acme.example;org=acme", false, Permission::Extra),
        ("https://login.acme.example; org=acme ;org=globex", true, Permission::Extra),
        ("https://login.acme.example;private", true, Permission::PrivateExtra),
        ("https://login.acme.example;org=acme;private", false, Permission::PrivateExtra),
        ("http://127.0.0.1:9001;org=acme", false, Permission::PrivateExtra),
        ("https://[::1]:8443", true, Permission::PrivateExtra),
    ] {
        let allowed = AllowedOrigins::new([ExtraOrigin::parse(text).unwrap()]);
        let origin = text.split(';').next().unwrap();
        let address = TenantAddress::parse(origin, &allowed).unwrap().address;
        assert_eq!(allowed.permission(&address), Some(permission), "{text}");
        assert_eq!(allowed.allowed_for(&acme).permission(&address), Some(permission), "{text}");
        let of_globex = allowed.allowed_for(&globex).permission(&address);
        assert_eq!(of_globex, for_globex.then_some(permission), "{text}");
    }
    for bad in
        ["https://a.example;", "https://a.example;public", "https://a.example;org=", ";private"]
    {
        assert!(ExtraOrigin::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn literal_addresses_are_seen_in_every_notation() {
    for text in ["https://2130706433", "https://0x7f.1", "https://0177.0.0.1", "https://127.1"] {
        let address = parse(text).unwrap().address;
        assert_eq!(address.literal_ip(), Some("127.0.0.1".parse().unwrap()), "{text}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_is_idempotent(text in "\\PC{0,80}") {
        if let Ok(read) = parse(&text) {
            let again = parse(read.address.as_str()).unwrap();
            prop_assert!(!again.was_changed);
            prop_assert_eq!(again.address, read.address);
        }
    }
}
