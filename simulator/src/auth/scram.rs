//! The server's side of SCRAM-SHA-512 (RFC 5802, RFC 7677) for API keys.

use std::num::NonZeroU32;

use data_encoding::BASE64;
use ring::digest::{SHA512, SHA512_OUTPUT_LEN, digest};
use ring::{hmac, pbkdf2};
use serde_json::{Value, json};

/// The least that clients accept, as tests log in often.
const ITERATIONS: u32 = 50_000;
/// How many bytes each side's nonce has.
const NONCE: usize = 32;
/// How many bytes the salt has.
const SALT: usize = 16;

/// What a server keeps of an API key.
#[derive(Clone)]
pub(crate) struct ScramKeys {
    salt: Vec<u8>,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

impl ScramKeys {
    /// Those of a key, of its text behind `<id>-`; and what only the client
    /// keeps.
    pub(crate) fn new(id: i64, text: &str) -> (Self, Vec<u8>) {
        // Always the same for a key, so that what follows from it need not be
        // kept.
        let salt = digest(&SHA512, &id.to_be_bytes());
        let salt = salt.as_ref().get(..SALT).unwrap_or_default().to_vec();
        let mut salted = [0; SHA512_OUTPUT_LEN];
        let iterations = NonZeroU32::new(ITERATIONS).unwrap_or(NonZeroU32::MIN);
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA512;
        pbkdf2::derive(algorithm, iterations, &salt, text.as_bytes(), &mut salted);
        let client_key = sign(&salted, b"Client Key");
        let keys = Self {
            salt,
            stored_key: digest(&SHA512, &client_key).as_ref().to_vec(),
            server_key: sign(&salted, b"Server Key"),
        };
        (keys, client_key)
    }

    /// What the entry of an API key says of them.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "iterations": ITERATIONS,
            "salt": BASE64.encode(&self.salt),
            "stored_key": BASE64.encode(&self.stored_key),
            "server_key": BASE64.encode(&self.server_key),
        })
    }
}

fn sign(key: &[u8], message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA512, key);
    hmac::sign(&key, message).as_ref().to_vec()
}

/// A client's first message, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct ClientFirst {
    header: String,
    /// Whose key it is.
    pub(crate) username: String,
    /// Which key.
    pub(crate) key_id: i64,
    /// The message without its header.
    bare: String,
    nonce: Vec<u8>,
    /// Whether the connection's certificate is to be part of the proof.
    pub(crate) bound: bool,
}

impl ClientFirst {
    /// `<gs2>,,n=<user>:<key id>,r=<nonce>`; `None` for anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (header, bare) = text.split_once(",,")?;
        let bound = match header {
            "n" => false,
            "p=tls-server-end-point" => true,
            _ => return None,
        };
        let (name, nonce) = bare.strip_prefix("n=")?.split_once(",r=")?;
        let (username, key_id) = name.rsplit_once(':')?;
        let nonce = BASE64.decode(nonce.as_bytes()).ok()?;
        (nonce.len() == NONCE).then_some(())?;
        Some(Self {
            header: header.to_owned(),
            username: username.to_owned(),
            key_id: key_id.parse().ok()?,
            bare: bare.to_owned(),
            nonce,
            bound,
        })
    }
}

/// A login under way: the first messages are said, the last are not.
pub(crate) struct Exchange {
    /// Whose key it is.
    pub(crate) username: String,
    /// Which key.
    pub(crate) key_id: i64,
    keys: ScramKeys,
    /// What `c=` must hold.
    binding: String,
    nonce: String,
    client_first: String,
    server_first: String,
}

impl Exchange {
    /// Answers a first message. `certificate_hash` is that of RFC 5929, which
    /// a bound login must prove to have seen.
    pub(crate) fn begin(
        first: ClientFirst,
        keys: ScramKeys,
        server_nonce: [u8; NONCE],
        certificate_hash: &[u8],
    ) -> (Self, String) {
        let nonce = BASE64.encode(&[first.nonce.as_slice(), &server_nonce].concat());
        let salt = BASE64.encode(&keys.salt);
        let server_first = format!("r={nonce},s={salt},i={ITERATIONS}");
        let header = format!("{},,", first.header);
        let hash = if first.bound { certificate_hash } else { &[] };
        let exchange = Self {
            username: first.username,
            key_id: first.key_id,
            keys,
            binding: BASE64.encode(&[header.as_bytes(), hash].concat()),
            nonce,
            client_first: first.bare,
            server_first: server_first.clone(),
        };
        (exchange, server_first)
    }

    /// Checks a final message, and answers it with the server's own proof;
    /// `None` if the client does not know the key.
    pub(crate) fn finish(&self, text: &str) -> Option<String> {
        let (unsigned, proof) = text.rsplit_once(",p=")?;
        let expected = format!("c={},r={}", self.binding, self.nonce);
        let proof = BASE64.decode(proof.as_bytes()).ok()?;
        let message = format!("{},{},{unsigned}", self.client_first, self.server_first);
        let signature = sign(&self.keys.stored_key, message.as_bytes());
        let client_key = proof.iter().zip(&signature).map(|(one, other)| one ^ other);
        let client_key: Vec<u8> = client_key.collect();
        let known = digest(&SHA512, &client_key).as_ref() == self.keys.stored_key;
        if unsigned != expected || proof.len() != signature.len() || !known {
            return None;
        }
        let signature = sign(&self.keys.server_key, message.as_bytes());
        Some(format!("v={}", BASE64.encode(&signature)))
    }
}
