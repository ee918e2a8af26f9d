//! The client's side of SCRAM-SHA-512 as TrueNAS speaks it for API keys.
//!
//! RFC 5802 with three differences: the user's name carries the number of the
//! key, a nonce is the base64 of bytes, and the nonce of both sides together is
//! the base64 of both their bytes, not one text behind the other.
//!
//! Each message makes the state that the next one needs: [`ClientFirst`],
//! [`Challenge`], [`ClientFinal`].

use std::ops::RangeInclusive;

use data_encoding::BASE64;
use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::binding::ChannelBinding;
use super::key::{ApiKey, Material};

/// Bytes of randomness of each side.
pub(super) const NONCE: usize = 32;
/// Fewer rounds would make guessing cheap; more would only keep the client busy.
const ROUNDS: RangeInclusive<u32> = 50_000..=5_000_000;
const LONGEST_SALT: usize = 1_024;

/// The login by SCRAM went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScramError {
    /// The user's name holds characters that no name can have.
    #[error("the user's name holds characters that SCRAM cannot carry")]
    User,
    /// A message of the server is not what it has to be.
    #[error("the server's SCRAM message is malformed: {0}")]
    Malformed(&'static str),
    /// The server's message does not answer ours.
    #[error("the server's SCRAM message answers another login than this one")]
    Nonce,
    /// The server asks for too few rounds of hashing, or for too many.
    #[error("the server asks for {0} rounds of hashing, which is not between 50 000 and 5 000 000")]
    Rounds(u32),
    /// The server does not know the key: it is not the one that it says it is.
    #[error(
        "the server could not prove that it knows the API key: it may not be the server it says it is"
    )]
    Signature,
}

/// The first message, and what has to be remembered of it.
pub(super) struct ClientFirst {
    gs2: &'static str,
    bare: String,
    nonce: [u8; NONCE],
    binding: Vec<u8>,
    key: ApiKey,
}

impl ClientFirst {
    pub(super) fn new(
        user: &str,
        key: ApiKey,
        binding: Option<&ChannelBinding>,
        nonce: [u8; NONCE],
    ) -> Result<Self, ScramError> {
        let user = stringprep::saslprep(user).map_err(|_| ScramError::User)?;
        if user.is_empty() || user.contains([',', '=']) {
            return Err(ScramError::User);
        }
        Ok(Self {
            gs2: match binding {
                Some(_) => "p=tls-server-end-point,,",
                None => "n,,",
            },
            bare: format!("n={user}:{},r={}", key.id(), BASE64.encode(&nonce)),
            nonce,
            binding: binding.map_or_else(Vec::new, |binding| binding.as_bytes().to_vec()),
            key,
        })
    }

    pub(super) fn message(&self) -> String {
        format!("{}{}", self.gs2, self.bare)
    }

    /// Takes the server's first message.
    pub(super) fn challenge(self, server_first: &str) -> Result<Challenge, ScramError> {
        let mut attributes = server_first.split(',');
        let mut attribute = |name, missing| {
            attributes
                .next()
                .and_then(|attribute| attribute.strip_prefix(name))
                .ok_or(ScramError::Malformed(missing))
        };
        let nonce = attribute("r=", "no nonce")?;
        let salt = attribute("s=", "no salt")?;
        let rounds = attribute("i=", "no number of rounds")?;

        let both = BASE64
            .decode(nonce.as_bytes())
            .map_err(|_| ScramError::Malformed("the nonce is not base64"))?;
        match both.split_at_checked(NONCE) {
            Some((ours, theirs)) if ours == self.nonce && theirs.len() == NONCE => {}
            _ => return Err(ScramError::Nonce),
        }
        let salt = BASE64
            .decode(salt.as_bytes())
            .map_err(|_| ScramError::Malformed("the salt is not base64"))?;
        if salt.is_empty() || salt.len() > LONGEST_SALT {
            return Err(ScramError::Malformed("the salt is empty or too long"));
        }
        let rounds = rounds
            .parse()
            .map_err(|_| ScramError::Malformed("the number of rounds is none"))?;
        if !ROUNDS.contains(&rounds) {
            return Err(ScramError::Rounds(rounds));
        }

        let binding = BASE64.encode(&[self.gs2.as_bytes(), &self.binding].concat());
        let without_proof = format!("c={binding},r={nonce}");
        Ok(Challenge {
            auth_message: format!("{},{server_first},{without_proof}", self.bare),
            without_proof,
            salt,
            rounds,
            key: self.key,
        })
    }
}

/// What the server wants to be answered.
pub(super) struct Challenge {
    auth_message: String,
    without_proof: String,
    salt: Vec<u8>,
    rounds: u32,
    key: ApiKey,
}

impl Challenge {
    /// Computes the answer. With the text of a key this takes as long as the
    /// server wants it to, up to some seconds: not for an async thread.
    pub(super) fn answer(self) -> ClientFinal {
        let keys = match self.key.material() {
            Material::Text(text) => {
                Keys::derive::<Sha512>(text.expose_secret().as_bytes(), &self.salt, self.rounds)
            }
            Material::Keys(keys) => keys.clone(),
        };
        let proof = BASE64.encode(&keys.proof::<Sha512>(&self.auth_message));
        ClientFinal {
            message: format!("{},p={proof}", self.without_proof),
            signature: keys.server_signature::<Sha512>(&self.auth_message),
        }
    }
}

/// The second message, and the answer that it has to bring.
pub(super) struct ClientFinal {
    message: String,
    signature: Zeroizing<Vec<u8>>,
}

impl ClientFinal {
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Takes the server's final message: whether it knows the key as well.
    pub(super) fn verify(&self, server_final: &str) -> Result<(), ScramError> {
        let signature = server_final
            .split(',')
            .next()
            .and_then(|attribute| attribute.strip_prefix("v="))
            .and_then(|signature| BASE64.decode(signature.as_bytes()).ok())
            .ok_or(ScramError::Malformed("no signature"))?;
        if self.signature.ct_eq(&signature).into() {
            Ok(())
        } else {
            Err(ScramError::Signature)
        }
    }
}

/// What is derived from the text of a key.
///
/// Generic over the hash so that the published test vectors, which are for
/// other hashes than ours, can be computed.
#[derive(Clone)]
pub(super) struct Keys {
    client: Zeroizing<Vec<u8>>,
    server: Zeroizing<Vec<u8>>,
}

impl Keys {
    /// Bytes of each of them.
    pub(super) const LENGTH: usize = 64;

    pub(super) fn derive<H: EagerHash>(text: &[u8], salt: &[u8], rounds: u32) -> Self {
        let mut salted = Zeroizing::new(vec![0; <H as Digest>::output_size()]);
        pbkdf2::pbkdf2_hmac::<H>(text, salt, rounds, &mut salted);
        Self {
            client: hmac::<H>(&salted, "Client Key"),
            server: hmac::<H>(&salted, "Server Key"),
        }
    }

    /// Keys that were derived before; `None` if `stored` is not the hash of
    /// `client`.
    pub(super) fn stored(
        client: Zeroizing<Vec<u8>>,
        stored: &[u8],
        server: Zeroizing<Vec<u8>>,
    ) -> Option<Self> {
        let fits: bool = hash::<Sha512>(&client).ct_eq(stored).into();
        fits.then_some(Self { client, server })
    }

    /// What shows the server that we know the key, and does not show the key.
    fn proof<H: EagerHash>(&self, auth_message: &str) -> Vec<u8> {
        let signature = hmac::<H>(&hash::<H>(&self.client), auth_message);
        self.client
            .iter()
            .zip(signature.iter())
            .map(|(a, b)| a ^ b)
            .collect()
    }

    pub(super) fn server_signature<H: EagerHash>(&self, auth_message: &str) -> Zeroizing<Vec<u8>> {
        hmac::<H>(&self.server, auth_message)
    }
}

fn hash<H: EagerHash>(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(H::digest(bytes).to_vec())
}

/// All keys here are as long as a hash, which is shorter than its block: HMAC
/// fills them up with zeros.
fn hmac<H: EagerHash>(key: &[u8], message: &str) -> Zeroizing<Vec<u8>> {
    let mut block = hmac::digest::Key::<Hmac<H>>::default();
    for (byte, of_key) in block.iter_mut().zip(key) {
        *byte = *of_key;
    }
    let mac = Hmac::<H>::new(&block).chain_update(message);
    block.as_mut_slice().zeroize();
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests;
