//! What one can log in with: given, or made up from the seed, so that the same
//! seed gives the same.

use data_encoding::BASE32_NOPAD;

use super::OtpSecret;

/// A user that there is from the start, and all that proves it.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// The id of its entry in `user`, and on the system.
    pub(crate) id: i64,
    pub(crate) uid: i64,
    pub(crate) user: String,
    pub(crate) password: String,
    /// `<id>-<64 letters and digits>`.
    pub(crate) api_key: String,
    pub(crate) otp: OtpSecret,
    /// Whether a password alone is not enough.
    pub(crate) two_factor: bool,
    pub(crate) roles: Vec<String>,
}

/// So many letters and digits.
pub(crate) fn letters(chance: &mut fastrand::Rng, length: usize) -> String {
    (0..length).map(|_| chance.alphanumeric()).collect()
}

/// Twenty bytes in base32.
pub(crate) fn otp_secret(chance: &mut fastrand::Rng) -> String {
    let bytes: Vec<u8> = (0..20).map(|_| chance.u8(..)).collect();
    BASE32_NOPAD.encode(&bytes)
}
