//! The certificate that a simulator shows: signed by itself, as on most real
//! systems.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::builder::StartError;

/// A certificate and what serves it.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) pem: String,
    pub(crate) der: Vec<u8>,
    /// SHA-256 of the DER, which is both the fingerprint that users pin and,
    /// as the signature is made with that digest, what SCRAM is bound to.
    pub(crate) hash: Vec<u8>,
}

impl Tls {
    /// A new certificate for this machine.
    pub(crate) fn new() -> Result<Self, StartError> {
        let names = ["localhost", "127.0.0.1", "::1", "truenas.local"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names);
        let made = made.map_err(|error| StartError::new("making a certificate", &error))?;
        let der = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        // Named, so that nobody depends on a provider for the whole process.
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_no_client_auth())
            .and_then(|builder| {
                builder.with_single_cert(vec![der.clone()], PrivateKeyDer::Pkcs8(key))
            });
        let mut config = config.map_err(|error| StartError::new("setting up TLS", &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            pem: made.cert.pem(),
            hash: digest(&SHA256, &der).as_ref().to_vec(),
            der: der.to_vec(),
        })
    }

    /// The fingerprint, in lower-case hexadecimal.
    pub(crate) fn fingerprint(&self) -> String {
        HEXLOWER.encode(&self.hash)
    }
}
