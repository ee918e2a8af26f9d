//! One-time passwords: TOTP (RFC 6238) with SHA-1, six digits, 30 seconds,
//! which is what `auth.me` says of a real system.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE32_NOPAD;
use ring::hmac;

/// Seconds that one password is good for.
pub(crate) const INTERVAL: u64 = 30;
/// Digits of a password.
pub(crate) const DIGITS: u32 = 6;

/// What an authenticator app is given.
#[derive(Clone)]
pub(crate) struct OtpSecret {
    text: String,
    key: hmac::Key,
}

impl OtpSecret {
    /// A secret in base32; `None` if the text is none.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('=').to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(text.as_bytes()).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
        Some(Self { text, key })
    }

    /// The secret in base32.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The password of a time.
    pub(crate) fn at(&self, time: SystemTime) -> String {
        let seconds = time
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let counter = (seconds / INTERVAL).to_be_bytes();
        let tag = hmac::sign(&self.key, &counter);
        let bytes = tag.as_ref();
        let offset = bytes.last().map_or(0, |last| usize::from(last & 0xf));
        let four = bytes.get(offset..offset + 4).unwrap_or_default();
        let number = four
            .iter()
            .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        let number = (number & 0x7fff_ffff) % 10_u32.pow(DIGITS);
        format!("{number:06}")
    }

    /// Whether a password is that of now, or of the time next to it, as
    /// clocks differ.
    pub(crate) fn accepts(&self, password: &str) -> bool {
        let now = SystemTime::now();
        let step = Duration::from_secs(INTERVAL);
        let times = [Some(now), now.checked_sub(step), now.checked_add(step)];
        times
            .into_iter()
            .flatten()
            .any(|time| self.at(time) == password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The test vectors of RFC 6238, appendix B, to six digits.
    #[test]
    fn the_password_of_a_time_is_that_of_the_rfc() {
        let secret = OtpSecret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for (seconds, password) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(
                secret.at(UNIX_EPOCH + Duration::from_secs(seconds)),
                password
            );
        }
    }
}
