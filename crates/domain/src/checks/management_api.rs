//! Identifiers of the Management API.

use url::Url;

use crate::address::is_auth0_host;

/// Whether it has the form of the identifier of a tenant's Management API. Includes plain HTTP, which extra origins
/// may use.
pub fn is_named(identifier: &str) -> bool {
    let rest =
        ["https://", "http://"].into_iter().find_map(|scheme| identifier.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.strip_suffix("/api/v2/"));
    host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
}

/// The same on one of Auth0's own hosts, where no customer can have an API.
pub fn is_named_on_auth0(identifier: &str) -> bool {
    is_named(identifier) && Url::parse(identifier).is_ok_and(|url| is_auth0_host(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_management_api_is_recognised_by_its_identifier() {
        for own in ["https://acme.eu.auth0.com/api/v2/", "http://127.0.0.1:9001/api/v2/"] {
            assert!(is_named(own), "{own}");
        }
        for other in ["https://acme.eu.auth0.com/api/v2", "https:///api/v2/", "orders", ""] {
            assert!(!is_named(other), "{other}");
        }
        assert!(!is_named("https://a.example/b/api/v2/"));
    }

    #[test]
    fn a_customer_may_have_an_api_of_that_path_elsewhere() {
        assert!(is_named_on_auth0("https://acme.eu.auth0.com/api/v2/"));
        assert!(!is_named_on_auth0("https://api.acme.example/api/v2/"));
        assert!(!is_named_on_auth0("https://orders.auth0.com/orders"));
    }
}
