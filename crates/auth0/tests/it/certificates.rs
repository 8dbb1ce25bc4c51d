//! Invalid certificates, in real TLS handshakes.

use std::sync::Arc;

use crate::support::{answer, client, connection, open_soon, quick};
use auth0::Freshness;
use domain::connection_test::{StepCode, StepName};
use domain::sync::WhoMustAct;

#[tokio::test]
async fn certificates_that_are_wrong_are_named() {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa,
        KeyPair, date_time_ymd,
    };
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let roots = ca.pem();
    for (name, change, trusts, words) in [
        ("localhost", None, true, None),
        ("localhost", Some(Change::Past), true, Some(("has expired", "Renew"))),
        ("localhost", Some(Change::Future), true, Some(("not valid yet", "start date"))),
        ("other.example", None, true, Some(("another name", "API Identifier"))),
        ("localhost", None, false, Some(("not trusted", "SAFE_AUTH0_EXTRA_CA_FILE"))),
        (
            "localhost",
            Some(Change::Ca),
            true,
            Some(("authority itself", "SAFE_AUTH0_EXTRA_CA_FILE")),
        ),
        ("localhost", Some(Change::ForClients), true, Some(("not one for a server", "another"))),
    ] {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match change {
            Some(Change::Past) => {
                params.not_before = date_time_ymd(2001, 1, 1);
                params.not_after = date_time_ymd(2002, 1, 1);
            }
            Some(Change::Future) => params.not_before = date_time_ymd(4000, 1, 1),
            Some(Change::Ca) => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Some(Change::ForClients) => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
            None => {}
        }
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &ca).unwrap();
        let origin = serve_tls(leaf.der().to_vec(), key.serialize_der());
        let auth0 = client(&[&origin], quick(), trusts.then(|| roots.clone().into_bytes()));
        let error = open_soon(&auth0, &connection(&origin), Freshness::Fresh).await.err().unwrap();
        match words {
            Some((message, hint)) => {
                assert_eq!(
                    (error.step, error.code),
                    (StepName::Reachability, StepCode::TlsFailure)
                );
                assert!(error.message.contains(message) && error.calls == 0, "{error:?}");
                assert!(error.hint.contains(hint), "{error:?}");
                let is_ours = error.who_must_act == WhoMustAct::Safe;
                assert_eq!(is_ours, message == "not trusted");
            }
            None => assert_eq!(error.code, StepCode::NotAuth0, "{error:?}"),
        }
    }
}

/// What is otherwise with a certificate.
#[derive(Clone, Copy)]
enum Change {
    Past,
    Future,
    Ca,
    ForClients,
}

/// A TLS server on a thread of its own that answers each connection once.
fn serve_tls(certificate: Vec<u8>, key: Vec<u8>) -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    use std::io::{Read, Write};
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the default versions")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate)], key)
        .expect("a working server");
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a working server");
    let port = listener.local_addr().expect("a working server").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = rustls::ServerConnection::new(Arc::clone(&config)).expect("a working server");
            let mut stream = rustls::StreamOwned::new(tls, stream);
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                let _ = stream.write_all(answer("404 Not Found", "", "no").as_bytes());
                let _ = stream.flush();
            }
        }
    });
    format!("https://localhost:{port}")
}
