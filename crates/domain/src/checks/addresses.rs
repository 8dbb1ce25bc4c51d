//! URLs of login redirects: which of them other parties can receive or read.

/// Whether requests to it are unencrypted.
pub fn is_clear_text(url: &str) -> bool {
    has_scheme(url, "http://")
}

/// Whether it is on the user's own machine, where any program may listen.
pub fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.rsplit_once('@').map_or(host, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    // IPv6 addresses are in brackets; their colons are not those of a port.
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
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
    fn a_wildcard_is_a_star_anywhere() {
        assert!(has_wildcard("https://*.a.example") && has_wildcard("*"));
        assert!(!has_wildcard("https://a.example"));
    }
}
