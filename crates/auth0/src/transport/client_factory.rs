//! Builds the HTTP client of an origin: TLS settings, the outgoing guard, no redirects, no proxies, no cookies, no
//! implicit retries.

use std::sync::Arc;

use domain::address::Permission;
use reqwest::Client;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::config::{ConfigError, Limits};
use crate::ssrf_guard::Guard;
use crate::transport::timing::TimedConnections;

/// Shared by all origins. Reads the root certificates once.
pub(crate) struct ClientFactory {
    /// For Auth0's own hosts: the roots of the operating system.
    auth0: ClientConfig,
    /// For extra origins: those, and the configured ones.
    extra: ClientConfig,
}

/// What differs between origins.
pub(crate) struct NewClient {
    pub guard: Guard,
    /// False only for a configured extra origin with plain HTTP.
    pub https_only: bool,
}

impl ClientFactory {
    pub fn new(extra_ca_pem: Option<&[u8]>) -> Result<Self, ConfigError> {
        let mut roots = RootCertStore::empty();
        let machine = rustls_native_certs::load_native_certs();
        for fault in &machine.errors {
            tracing::warn!(%fault, "cannot read some root certificates of the operating system");
        }
        roots.add_parsable_certificates(machine.certs);
        if roots.is_empty() {
            tracing::warn!("operating system has no root certificates; TLS connections will fail");
        }
        let auth0 = client_config(roots.clone())?;
        for certificate in extra_ca_pem.map(certificates).transpose()?.unwrap_or_default() {
            roots.add(certificate).map_err(|fault| ConfigError::ExtraCa(fault.to_string()))?;
        }
        Ok(Self { auth0, extra: client_config(roots)? })
    }

    /// The client of one origin. Its pool keeps connections between readings.
    pub fn client(&self, new: &NewClient, limits: &Limits) -> Result<Client, reqwest::Error> {
        let tls = match new.guard.permission {
            Permission::Auth0 => &self.auth0,
            Permission::Extra | Permission::PrivateExtra => &self.extra,
        };
        Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .dns_resolver(new.guard.clone())
            .connector_layer(TimedConnections)
            .https_only(new.https_only)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(limits.connect_timeout)
            .read_timeout(limits.idle_timeout)
            .timeout(limits.request_timeout)
            .pool_idle_timeout(limits.connection_idle_timeout)
            .pool_max_idle_per_host(usize::try_from(limits.wave_max).unwrap_or(usize::MAX))
            .http1_max_headers(limits.headers_max)
            .http2_max_header_list_size(limits.headers_bytes)
            .build()
    }
}

fn client_config(roots: RootCertStore) -> Result<ClientConfig, ConfigError> {
    let mut tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|fault| ConfigError::Tls(fault.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let fault = |text: String| ConfigError::ExtraCa(text);
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|e| fault(e.to_string()))?;
    if read.is_empty() {
        return Err(fault("no certificate in it".into()));
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssrf_guard::SystemResolver;
    use crate::ssrf_guard::tests::{Rebinding, guard};
    use crate::transport::TransportError;

    #[test]
    fn extra_roots_must_be_certificates() {
        let key = rcgen::generate_simple_self_signed(vec!["ca.example".into()]).unwrap();
        assert!(ClientFactory::new(Some(key.cert.pem().as_bytes())).is_ok());
        for pem in ["", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert!(
                matches!(ClientFactory::new(Some(pem.as_bytes())), Err(ConfigError::ExtraCa(_))),
                "{pem}"
            );
        }
    }

    /// The connection goes to an address of the one answer that was checked: the second answer, which
    /// names another, is never asked for.
    #[tokio::test]
    async fn a_connection_goes_to_the_addresses_that_were_checked() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let names = Rebinding::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
        let new =
            NewClient { guard: guard(Permission::PrivateExtra, names.clone()), https_only: false };
        let client = ClientFactory::new(None).unwrap().client(&new, &Limits::default()).unwrap();
        let call = client.get(format!("http://rebind.example:{port}/")).send();
        let (fault, accepted) = tokio::join!(call, async {
            let (stream, _) = listener.accept().await.unwrap();
            stream.local_addr().unwrap()
        });
        assert!(fault.is_err(), "it was closed without an answer");
        assert_eq!(accepted.ip().to_string(), "127.0.0.1");
        assert_eq!(names.left(), 1);

        let names = Rebinding::new(&[&["127.0.0.1"]]);
        let new = NewClient { guard: guard(Permission::Auth0, names), https_only: false };
        let client = ClientFactory::new(None).unwrap().client(&new, &Limits::default()).unwrap();
        let fault = client.get(format!("http://rebind.example:{port}/")).send().await.unwrap_err();
        assert!(
            matches!(TransportError::from_reqwest(&fault), TransportError::NotPublic(_)),
            "{fault:?}"
        );
        let nobody = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
        assert!(nobody.await.is_err(), "nothing was contacted");
    }

    /// Answers each TLS connection on a thread of its own, with a certificate of `ca`.
    fn serve_tls(ca: &rcgen::CertifiedIssuer<'_, rcgen::KeyPair>) -> u16 {
        use std::io::{Read, Write};
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, ca).unwrap().der().clone();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf], key.into());
        let server = Arc::new(server.unwrap());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tls = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
                let mut stream = rustls::StreamOwned::new(tls, stream);
                if stream.read(&mut [0; 4096]).is_ok() {
                    let _ =
                        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
                }
            }
        });
        port
    }

    #[tokio::test]
    async fn extra_roots_are_trusted_for_extra_origins_only() {
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let ca = rcgen::CertifiedIssuer::self_signed(params, key).unwrap();
        let port = serve_tls(&ca);
        let factory = ClientFactory::new(Some(ca.pem().as_bytes())).unwrap();
        for (permission, is_trusted) in [
            (Permission::PrivateExtra, true),
            (Permission::Extra, true),
            (Permission::Auth0, false),
        ] {
            // The guard does not see literal addresses.
            let new =
                NewClient { guard: guard(permission, Arc::new(SystemResolver)), https_only: true };
            let client = factory.client(&new, &Limits::default()).unwrap();
            let outcome = client.get(format!("https://127.0.0.1:{port}/")).send().await;
            match outcome {
                Ok(_) => assert!(is_trusted, "{permission:?}"),
                Err(fault) => {
                    assert!(!is_trusted, "{permission:?} {fault:?}");
                    let fault = TransportError::from_reqwest(&fault);
                    assert!(matches!(fault, TransportError::Tls(_)), "{fault:?}");
                }
            }
        }
    }

    #[tokio::test]
    async fn the_guards_refusal_survives_the_http_client() {
        let guard = guard(Permission::Auth0, Arc::new(SystemResolver));
        let new = NewClient { guard, https_only: true };
        let client = ClientFactory::new(None).unwrap().client(&new, &Limits::default()).unwrap();
        let fault = client.get("https://localhost:1/").send().await.unwrap_err();
        assert!(
            matches!(TransportError::from_reqwest(&fault), TransportError::NotPublic(_)),
            "{fault:?}"
        );
        assert!(client.get("http://localhost:1/").send().await.unwrap_err().is_builder());
    }
}
