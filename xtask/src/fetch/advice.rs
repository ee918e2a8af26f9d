//! What people are told about a certificate or a login that was refused.

use std::error::Error as StdError;
use std::io;

use anyhow::Error;
use rustls::CertificateError;

/// What the client advises programs to do, and the same as flags.
const FLAGS: [(&str, &str); 3] = [
    ("Trust::ca_file", "--ca-file"),
    ("Trust::fingerprint", "--fingerprint"),
    ("Auth::allow_plain", "--allow-plain"),
];

/// An error whose advice is for programs, with that for people.
pub(super) fn in_flags(error: Error) -> Error {
    let text = match refusal(error.as_ref()) {
        // What the libraries in between say adds nothing.
        Some(refusal) => format!("{error}: {refusal}"),
        None => format!("{error:#}"),
    };
    let in_flags = |text: String, (call, flag): &(&str, &str)| text.replace(call, flag);
    Error::msg(FLAGS.iter().fold(text, in_flags))
}

/// Why the client did not accept a certificate, in its own words.
fn refusal(error: &(dyn StdError + 'static)) -> Option<String> {
    match tls_error(error)? {
        rustls::Error::InvalidCertificate(CertificateError::Other(refusal)) => {
            Some(refusal.to_string())
        }
        _ => None,
    }
}

/// What was wrong with TLS, if that was it: below HTTP it is wrapped more than
/// once.
pub(super) fn tls_error<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(error) = error.downcast_ref() {
        return Some(error);
    }
    // An error of input and output does not name what it holds as its source.
    let held = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match held {
        Some(held) => tls_error(held),
        None => tls_error(error.source()?),
    }
}
