//! Certificates for tenants with TLS, issued by an authority that clients can trust.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io;
use std::sync::Arc;

const WRONG_NAME: &str = "another-tenant.example";

/// Issues certificates of simulated tenants. Clones share the key.
#[derive(Clone)]
pub struct CertificateAuthority(Arc<CertifiedIssuer<'static, KeyPair>>);

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CertificateAuthority")
    }
}

impl Default for CertificateAuthority {
    fn default() -> Self {
        Self::new()
    }
}

impl CertificateAuthority {
    #[expect(clippy::missing_panics_doc, reason = "it depends on no input")]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Simulated Auth0 tenants");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Fixed dates, because the simulator does not read the clock.
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2120, 1, 1);
        let key = KeyPair::generate().expect("the default algorithm can be generated");
        let issuer =
            CertifiedIssuer::self_signed(params, key).expect("the parameters above are valid");
        Self(Arc::new(issuer))
    }

    /// The root certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    fn server_config(&self, names: Vec<String>, expired: bool) -> io::Result<ServerConfig> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "Simulated Auth0 tenant");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(if expired { 2021 } else { 2119 }, 1, 1);
        let leaf = params.signed_by(&key, &*self.0).map_err(io::Error::other)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // An explicit provider, so that no process-wide default is needed.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

#[derive(Debug, Clone)]
pub enum Tls {
    Plain,
    /// A valid certificate of this authority.
    Ca(CertificateAuthority),
    /// An expired certificate.
    Expired(CertificateAuthority),
    /// A certificate for another host.
    WrongName(CertificateAuthority),
}

impl Tls {
    /// The server configuration for these names; `None` for plain HTTP.
    pub(crate) fn server_config(&self, names: Vec<String>) -> io::Result<Option<ServerConfig>> {
        match self {
            Self::Plain => Ok(None),
            Self::Ca(authority) => authority.server_config(names, false).map(Some),
            Self::Expired(authority) => authority.server_config(names, true).map(Some),
            Self::WrongName(authority) => {
                authority.server_config(vec![WRONG_NAME.to_owned()], false).map(Some)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, SimulatedTenant, TenantFile};
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use std::net::TcpStream;

    /// Whether the handshake of a client that trusts this authority succeeds.
    async fn handshake_succeeds(tls: Tls, trusted: &CertificateAuthority) -> bool {
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            tls,
            now: Arc::new(|| jiff::Timestamp::UNIX_EPOCH),
        };
        let tenant =
            SimulatedTenant::start(TenantFile::bundled("fresh").unwrap(), options).await.unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let address = tenant.origin().replace("https://", "");
        tokio::task::spawn_blocking(move || {
            let name = ServerName::try_from("localhost").unwrap();
            let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
            let mut socket = TcpStream::connect(address.replace("localhost", "127.0.0.1")).unwrap();
            while client.is_handshaking() {
                if client.complete_io(&mut socket).is_err() {
                    return false;
                }
            }
            true
        })
        .await
        .unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn only_a_valid_certificate_of_a_trusted_authority_is_accepted() {
        let authority = CertificateAuthority::new();
        assert!(handshake_succeeds(Tls::Ca(authority.clone()), &authority).await);
        assert!(!handshake_succeeds(Tls::Expired(authority.clone()), &authority).await);
        assert!(!handshake_succeeds(Tls::WrongName(authority.clone()), &authority).await);
        assert!(!handshake_succeeds(Tls::Ca(authority), &CertificateAuthority::new()).await);
    }
}
