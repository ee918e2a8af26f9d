use std::io;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::AsyncWriteExt;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

/// A server's certificate and its key.
struct Identity {
    certificate: CertificateDer<'static>,
    pem: String,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    fn of(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self::new(&certificate, &key)
    }

    fn new(certificate: &rcgen::Certificate, key: &KeyPair) -> Self {
        Self {
            certificate: certificate.der().clone(),
            pem: certificate.pem(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

/// What most TrueNAS have.
fn self_signed() -> Identity {
    Identity::of(&params("nas.example"))
}

fn server_config(identity: &Identity, key: &PrivateKeyDer<'_>) -> Arc<ServerConfig> {
    let provider = Trust::dangerously_accept_any()
        .client_config()
        .unwrap()
        .crypto_provider()
        .clone();
    let signing = provider
        .key_provider
        .load_private_key(key.clone_key())
        .unwrap();
    let certified = rustls::sign::CertifiedKey::new(vec![identity.certificate.clone()], signing);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Shakes hands over loopback, and says what was agreed on or what was wrong.
fn shake(trust: &Trust, name: &str, server: Arc<ServerConfig>) -> Result<Vec<u8>, String> {
    let config = trust.client_config().map_err(|error| error.to_string())?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = async {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(server).accept(stream).await
        };
        let connect = async {
            let stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let stream = TlsConnector::from(config).connect(name, stream).await?;
            io::Result::Ok(
                stream
                    .get_ref()
                    .1
                    .alpn_protocol()
                    .unwrap_or_default()
                    .to_vec(),
            )
        };
        let (_, connected) = tokio::join!(serve, connect);
        connected.map_err(|error| explain(&error))
    })
}

fn connect(trust: &Trust, name: &str, identity: &Identity) -> Result<Vec<u8>, String> {
    shake(trust, name, server_config(identity, &identity.key))
}

fn ca_file(pem: &str) -> (Trust, tempfile::NamedTempFile) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pem).unwrap();
    (Trust::ca_file(file.path()), file)
}

/// A private authority, and a server's certificate that it issued.
fn issued(params: &CertificateParams) -> (String, Identity) {
    let mut of_ca = params_of_ca();
    of_ca
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Home CA");
    let ca_key = KeyPair::generate().unwrap();
    let ca = of_ca.self_signed(&ca_key).unwrap();
    let issuer = Issuer::from_params(&of_ca, &ca_key);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    (ca.pem(), Identity::new(&certificate, &key))
}

fn params_of_ca() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

#[test]
fn a_private_authority() {
    let (ca, server) = issued(&params("nas.example"));
    let (trust, _file) = ca_file(&ca);
    assert_eq!(
        connect(&trust, "nas.example", &server),
        Ok(b"http/1.1".to_vec())
    );

    let stranger = self_signed();
    let refused = connect(&trust, "nas.example", &stranger).unwrap_err();
    assert!(refused.contains("nobody who is trusted here"), "{refused}");
    assert!(refused.contains("`Trust::fingerprint`"), "{refused}");
    assert!(
        refused.contains(&stranger.fingerprint().to_string()),
        "{refused}"
    );
}

#[test]
fn a_certificate_that_the_server_made_for_itself_can_be_its_own_authority() {
    let server = self_signed();
    let (trust, _file) = ca_file(&server.pem);
    assert_eq!(
        connect(&trust, "nas.example", &server),
        Ok(b"http/1.1".to_vec())
    );
}

#[test]
fn the_wrong_name() {
    let (ca, server) = issued(&params("nas.example"));
    let (trust, _file) = ca_file(&ca);
    for name in ["other.example", "192.0.2.7"] {
        let refused = connect(&trust, name, &server).unwrap_err();
        let expected = format!("the certificate of {name} is for nas.example only; ");
        assert!(refused.starts_with(&expected), "{refused}");
    }
}

#[test]
fn the_wrong_time() {
    let mut expired = params("nas.example");
    expired.not_before = date_time_ymd(2001, 1, 1);
    expired.not_after = date_time_ymd(2002, 1, 1);
    let (ca, server) = issued(&expired);
    let (trust, _file) = ca_file(&ca);
    let refused = connect(&trust, "nas.example", &server).unwrap_err();
    assert!(
        refused.starts_with("the certificate of nas.example expired "),
        "{refused}"
    );
    assert!(refused.contains(" days ago"), "{refused}");

    let mut early = params("nas.example");
    early.not_before = date_time_ymd(4000, 1, 1);
    let (ca, server) = issued(&early);
    let (trust, _file) = ca_file(&ca);
    let refused = connect(&trust, "nas.example", &server).unwrap_err();
    assert!(refused.contains("set the clock"), "{refused}");

    // The fingerprint is enough.
    let trust = Trust::fingerprint(server.fingerprint());
    assert!(connect(&trust, "nas.example", &server).is_ok());
}

#[test]
fn an_authority_as_a_server() {
    let mut params = params("nas.example");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let server = Identity::of(&params);
    let (trust, _file) = ca_file(&server.pem);
    let refused = connect(&trust, "nas.example", &server).unwrap_err();
    assert!(
        refused.contains("cannot be used") && refused.contains("`Trust::fingerprint`"),
        "{refused}"
    );
    let trust = Trust::fingerprint(server.fingerprint());
    assert!(connect(&trust, "nas.example", &server).is_ok());
}

#[test]
fn a_fingerprint() {
    let server = self_signed();
    let text = server.fingerprint().to_string();
    for text in [text.clone(), text.to_lowercase(), text.replace(':', "")] {
        let trust = Trust::fingerprint(text.parse().unwrap());
        // For whichever name.
        assert!(connect(&trust, "other.example", &server).is_ok());
    }
    let other = self_signed();
    let trust = Trust::fingerprint(other.fingerprint());
    let refused = connect(&trust, "nas.example", &server).unwrap_err();
    assert!(
        refused.contains(&server.fingerprint().to_string()),
        "{refused}"
    );
    assert!(
        refused.contains(&other.fingerprint().to_string()),
        "{refused}"
    );
}

#[test]
fn the_certificate_alone_is_not_enough() {
    // Somebody shows the right certificate and has another key.
    let server = self_signed();
    let thief = self_signed();
    let trusts = [
        Trust::fingerprint(server.fingerprint()),
        Trust::dangerously_accept_any(),
    ];
    for trust in trusts {
        let refused = shake(&trust, "nas.example", server_config(&server, &thief.key));
        let expected = "the server shows a certificate whose key it does not have";
        assert_eq!(refused, Err(expected.to_owned()), "{trust:?}");
    }
}

#[test]
fn anything() {
    assert!(
        connect(
            &Trust::dangerously_accept_any(),
            "other.example",
            &self_signed()
        )
        .is_ok()
    );
}

#[test]
fn the_system() {
    // There is no telling what the system trusts, but this it does not.
    let refused = connect(&Trust::system(), "nas.example", &self_signed()).unwrap_err();
    assert!(
        refused.contains("nobody who is trusted here") || refused.contains("the system knows no"),
        "{refused}"
    );
    assert_eq!(Trust::default(), Trust::system());
}

#[test]
fn a_server_without_http_1() {
    let server = self_signed();
    let trust = Trust::fingerprint(server.fingerprint());
    let mut config = (*server_config(&server, &server.key)).clone();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let refused = shake(&trust, "nas.example", Arc::new(config)).unwrap_err();
    assert_eq!(refused, "the server does not speak HTTP/1.1 over TLS");
}

#[test]
fn a_server_without_tls() {
    let config = Trust::dangerously_accept_any().client_config().unwrap();
    let name = ServerName::try_from("nas.example").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime.block_on(async {
        let (stream, mut server) = tokio::io::duplex(4096);
        server
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        TlsConnector::from(config)
            .connect(name, stream)
            .await
            .unwrap_err()
    });
    assert_eq!(
        explain(&error),
        "the server does not speak TLS on this port; is it one for ws://?"
    );
}

#[test]
fn ca_files_that_are_of_no_use() {
    let missing = Trust::ca_file("/nowhere/ca.pem")
        .client_config()
        .unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("the CA file /nowhere/ca.pem cannot be read: "),
        "{missing}"
    );
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, expected) in [
        ("", "holds no certificate in PEM"),
        ("key: value", "holds no certificate in PEM"),
        (broken, "holds a certificate that cannot be used"),
        ("-----BEGIN CERTIFICATE-----\nAA", "is not PEM"),
    ] {
        let (trust, file) = ca_file(pem);
        let error = trust.client_config().unwrap_err().to_string();
        let path: &Path = file.path();
        assert!(
            error.contains(expected) && error.contains(&path.display().to_string()),
            "{error}"
        );
    }
}

#[test]
fn texts_that_are_no_fingerprints() {
    let good = self_signed().fingerprint().to_string();
    for text in [
        "",
        ":",
        "9F:86",
        &good[1..],
        &format!("{good}:00"),
        &good.replace(':', "-"),
        &good.replacen(':', "", 1),
        &"ä".repeat(32),
    ] {
        assert_eq!(text.parse::<Fingerprint>(), Err(FingerprintError), "{text}");
    }
}
