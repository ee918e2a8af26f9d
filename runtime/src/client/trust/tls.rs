//! The TLS configuration that a [`Trust`] stands for.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::fingerprint::Fingerprint;
use super::refusal::{Refusal, Why};
use super::{Kind, Trust, TrustError};

impl Trust {
    /// The TLS configuration that this stands for. Reads files: make one, and
    /// keep it.
    ///
    /// For programs that speak to the same server in other ways as well, such
    /// as HTTP: it offers HTTP/1.1 and nothing else.
    ///
    /// The provider of cryptography is chosen by the features of this crate.
    /// The default of the process, which any other crate can set, plays no
    /// part.
    ///
    /// # Errors
    ///
    /// A file cannot be read or holds no authorities, the system knows none,
    /// or this crate was built without cryptography.
    pub fn client_config(&self) -> Result<Arc<ClientConfig>, TrustError> {
        let provider = provider()?;
        let judge = match &self.0 {
            Kind::System => Judge::Authorities(authorities(system_roots()?, &provider)?),
            Kind::CaFile(path) => Judge::Authorities(authorities(roots_of(path)?, &provider)?),
            Kind::Fingerprint(expected) => Judge::Fingerprint(*expected),
            Kind::Any => Judge::Nobody,
        };
        let mut config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError::Tls(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { judge, provider }))
            .with_no_client_auth();
        // A WebSocket begins as a request of HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

#[cfg(feature = "tls-aws-lc-rs")]
fn provider() -> Result<Arc<CryptoProvider>, TrustError> {
    Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc-rs")))]
fn provider() -> Result<Arc<CryptoProvider>, TrustError> {
    Ok(Arc::new(rustls::crypto::ring::default_provider()))
}

#[cfg(not(any(feature = "tls-ring", feature = "tls-aws-lc-rs")))]
fn provider() -> Result<Arc<CryptoProvider>, TrustError> {
    let problem = "this program was built without cryptography: turn on the feature `tls-ring` or `tls-aws-lc-rs`";
    Err(TrustError::Tls(problem.to_owned()))
}

/// A system can have broken certificates among good ones: it is enough that
/// there are good ones.
fn system_roots() -> Result<RootCertStore, TrustError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let first = found.errors.first();
        let why = first.map_or_else(String::new, |error| format!(" ({error})"));
        return Err(TrustError::NoSystemRoots(why));
    }
    Ok(roots)
}

fn roots_of(path: &Path) -> Result<RootCertStore, TrustError> {
    let fail = |problem: String| TrustError::CaFile {
        path: path.to_owned(),
        problem,
    };
    let pem = std::fs::read(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| fail(format!("is not PEM: {error:?}")))?;
        roots
            .add(certificate)
            .map_err(|error| fail(format!("holds a certificate that cannot be used: {error}")))?;
    }
    if roots.is_empty() {
        return Err(fail(
            "holds no certificate in PEM (BEGIN CERTIFICATE)".to_owned(),
        ));
    }
    Ok(roots)
}

fn authorities(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, TrustError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| TrustError::Tls(error.to_string()))
}

/// Who says whether a certificate is the right one.
#[derive(Debug)]
enum Judge {
    Authorities(Arc<WebPkiServerVerifier>),
    Fingerprint(Fingerprint),
    Nobody,
}

/// Asks the judge for the certificate, and always checks that the server has
/// the key that belongs to it.
#[derive(Debug)]
struct Verifier {
    judge: Judge,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = Fingerprint::of(end_entity);
        let why = match &self.judge {
            Judge::Nobody => return Ok(ServerCertVerified::assertion()),
            Judge::Fingerprint(expected) if seen == *expected => {
                return Ok(ServerCertVerified::assertion());
            }
            Judge::Fingerprint(expected) => Why::Pinned(*expected),
            Judge::Authorities(verifier) => {
                match verifier.verify_server_cert(
                    end_entity,
                    intermediates,
                    server_name,
                    ocsp_response,
                    now,
                ) {
                    Err(Error::InvalidCertificate(error)) => Why::Certificate(error),
                    verdict => return verdict,
                }
            }
        };
        let refusal = Refusal {
            server: server_name.to_str().into_owned(),
            seen,
            why,
        };
        Err(Error::InvalidCertificate(CertificateError::Other(
            OtherError(Arc::new(refusal)),
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
