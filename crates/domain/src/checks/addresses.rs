//! URLs of login redirects: which of them other parties can receive or read.

/// Whether requests to it are unencrypted.
pub fn is_clear_text(url: &str) -> bool {
    has_scheme(url, "http://")
}

/// Whether it is on the user's own machine, where any program may listen.
pub fn is_loopback(url: &str) -> bool {
    let host = host(url);
    is_loopback_host_name(&host)
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The same by name instead of address.
pub fn is_loopback_name(url: &str) -> bool {
    is_loopback_host_name(&host(url))
}

fn is_loopback_host_name(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// The host in lower case, without port; of a pattern, the pattern. Empty where there is none.
pub fn host(url: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, rest)| rest);
    // IPv6 addresses are in brackets; their colons are not those of a port.
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Its scheme, if it is neither that of the web nor missing: that of an app.
pub fn custom_scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    // `host:port` is no scheme.
    let is_port = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let is_of_the_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    (is_scheme && !is_of_the_web && !is_port(&url[scheme.len() + 1..])).then_some(scheme)
}

pub fn has_wildcard(url: &str) -> bool {
    url.contains('*')
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_is_recognised_by_the_scheme() {
        assert!(is_clear_text("http://a.example") && is_clear_text("HTTP://a.example"));
        assert!(!is_clear_text("https://a.example") && !is_clear_text("com.example:/callback"));
        assert!(!is_clear_text("http"));
    }

    #[test]
    fn the_users_own_machine_is_recognised_by_the_host() {
        for url in [
            "http://localhost:3000/cb",
            "https://LOCALHOST",
            "http://127.0.0.1/",
            "http://[::1]:80/",
            "http://app.localhost",
            "http://user@localhost/",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["https://localhost.example", "https://a.example/localhost", "com.example:/x"] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn the_scheme_of_an_app_is_neither_of_the_web_nor_a_host() {
        for (url, scheme) in [
            ("com.acme.app://login/callback", Some("com.acme.app")),
            ("acme:/callback", Some("acme")),
            ("https://a.acme.test", None),
            ("HTTP://a.acme.test", None),
            ("localhost:3000", None),
            ("/callback", None),
            ("", None),
        ] {
            assert_eq!(custom_scheme(url), scheme, "{url}");
        }
    }

    #[test]
    fn a_host_has_neither_user_nor_port() {
        for (url, is) in [
            ("https://u:p@A.acme.test.:8443/x?y#z", "a.acme.test"),
            ("http://[::1]:80/", "::1"),
            ("https://*.acme.test/a@b", "*.acme.test"),
            ("acme:/callback", "acme"),
        ] {
            assert_eq!(host(url), is, "{url}");
        }
    }

    #[test]
    fn a_wildcard_is_a_star_anywhere() {
        assert!(has_wildcard("https://*.a.example") && has_wildcard("*"));
        assert!(!has_wildcard("https://a.example"));
    }
}
