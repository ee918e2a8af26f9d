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

/// Why the client did not accept a certificate, in its own words: below HTTP
/// they are wrapped more than once.
fn refusal(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(refusal))) =
        error.downcast_ref()
    {
        return Some(refusal.to_string());
    }
    // An error of input and output does not name what it holds as its source.
    let held = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match held {
        Some(held) => refusal(held),
        None => refusal(error.source()?),
    }
}
