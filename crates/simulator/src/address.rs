//! The address of a tenant, and the names in its certificate.

use crate::certificate::Tls;
use std::net::{IpAddr, SocketAddr};

pub(crate) fn origin(tls: &Tls, host: Option<&str>, address: SocketAddr) -> String {
    let port = address.port();
    match (tls, host, address.ip()) {
        (Tls::Plain, Some(host), _) => format!("http://{host}:{port}"),
        (Tls::Plain, None, IpAddr::V6(ip)) if !ip.is_unspecified() => {
            format!("http://[{ip}]:{port}")
        }
        (Tls::Plain, None, IpAddr::V4(ip)) if !ip.is_unspecified() => format!("http://{ip}:{port}"),
        (Tls::Plain, None, _) => format!("http://127.0.0.1:{port}"),
        (_, host, _) => format!("https://{}:{port}", host.unwrap_or("localhost")),
    }
}

pub(crate) fn certificate_names(host: Option<&str>, ip: IpAddr) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(host.map(str::to_owned));
    names.push(ip.to_string());
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CertificateAuthority;

    #[test]
    fn the_origin_is_an_address_that_clients_can_connect_to() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let authority = Tls::Ca(CertificateAuthority::new());
        assert_eq!(origin(&Tls::Plain, None, at("0.0.0.0:9001")), "http://127.0.0.1:9001");
        assert_eq!(origin(&Tls::Plain, None, at("[::1]:9001")), "http://[::1]:9001");
        assert_eq!(origin(&authority, None, at("127.0.0.1:9001")), "https://localhost:9001");
        assert_eq!(origin(&authority, Some("acme"), at("0.0.0.0:1")), "https://acme:1");
    }
}
