//! Channel binding from a certificate.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use spki::der::asn1::{AnyRef, BitStringRef};
use spki::der::{self, Decode, Reader, SliceReader, TagMode, TagNumber};
use spki::{AlgorithmIdentifierRef, ObjectIdentifier};

use super::binding::ChannelBinding;

/// There is no channel binding for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindingError {
    /// The bytes are no X.509 certificate in DER.
    #[error("the server's certificate cannot be read: {0}")]
    Certificate(der::Error),
    /// Its signature is of a kind that RFC 5929 defines no hash for, such as
    /// Ed25519.
    #[error("the signature of the server's certificate ({0}) has no hash to bind a login with")]
    NoHash(ObjectIdentifier),
}

impl ChannelBinding {
    /// The binding to the owner of this certificate (DER): its hash, by the
    /// hash function of its own signature, or SHA-256 instead of MD5 and SHA-1
    /// (RFC 5929, section 4.1).
    ///
    /// # Errors
    ///
    /// It is no certificate, or there is no such hash function.
    pub fn of(certificate: &[u8]) -> Result<Self, BindingError> {
        let algorithm = signature_algorithm(certificate).map_err(BindingError::Certificate)?;
        let hash = if algorithm.oid == RSA_PSS {
            pss_hash(algorithm.parameters).map_err(BindingError::Certificate)?
        } else {
            algorithm.oid
        };
        let function = HASHES
            .iter()
            .find_map(|(function, oids)| oids.contains(&hash).then_some(function))
            .ok_or(BindingError::NoHash(hash))?;
        Ok(Self(function(certificate)))
    }
}

const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const SHA_1: ObjectIdentifier = oid("1.3.14.3.2.26");

type Hash = fn(&[u8]) -> Vec<u8>;

/// Each function, and what calls for it: signatures by RSA and by ECDSA, and
/// the hash itself, as it stands in the parameters of RSA-PSS.
const HASHES: &[(Hash, &[ObjectIdentifier])] = &[
    (
        |bytes| Sha256::digest(bytes).to_vec(),
        &[
            oid("1.2.840.113549.1.1.11"),
            oid("1.2.840.10045.4.3.2"),
            oid("2.16.840.1.101.3.4.2.1"),
            // MD5 and SHA-1.
            oid("1.2.840.113549.1.1.4"),
            oid("1.2.840.113549.1.1.5"),
            oid("1.2.840.10045.4.1"),
            SHA_1,
        ],
    ),
    (
        |bytes| Sha224::digest(bytes).to_vec(),
        &[
            oid("1.2.840.113549.1.1.14"),
            oid("1.2.840.10045.4.3.1"),
            oid("2.16.840.1.101.3.4.2.4"),
        ],
    ),
    (
        |bytes| Sha384::digest(bytes).to_vec(),
        &[
            oid("1.2.840.113549.1.1.12"),
            oid("1.2.840.10045.4.3.3"),
            oid("2.16.840.1.101.3.4.2.2"),
        ],
    ),
    (
        |bytes| Sha512::digest(bytes).to_vec(),
        &[
            oid("1.2.840.113549.1.1.13"),
            oid("1.2.840.10045.4.3.4"),
            oid("2.16.840.1.101.3.4.2.3"),
        ],
    ),
];

const fn oid(text: &str) -> ObjectIdentifier {
    // In a constant: a wrong one does not compile.
    ObjectIdentifier::new_unwrap(text)
}

/// Reads no more than the outermost layer, so that a certificate which is odd
/// further in can be bound to as well.
fn signature_algorithm(certificate: &[u8]) -> der::Result<AlgorithmIdentifierRef<'_>> {
    let mut reader = SliceReader::new(certificate)?;
    let algorithm = reader.sequence(|reader| {
        AnyRef::decode(reader)?;
        let algorithm = AlgorithmIdentifierRef::decode(reader)?;
        BitStringRef::decode(reader)?;
        der::Result::Ok(algorithm)
    })?;
    reader.finish()?;
    Ok(algorithm)
}

/// The hash that an RSA-PSS signature was made with (RFC 4055, section 3.1).
fn pss_hash(parameters: Option<AnyRef<'_>>) -> der::Result<ObjectIdentifier> {
    let Some(parameters) = parameters else {
        return Ok(SHA_1);
    };
    let mut reader = SliceReader::new(parameters.value())?;
    let hash =
        reader.context_specific::<AlgorithmIdentifierRef<'_>>(TagNumber(0), TagMode::Explicit)?;
    Ok(hash.map_or(SHA_1, |hash| hash.oid))
}

#[cfg(test)]
mod tests;
