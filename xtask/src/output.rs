//! Standard output.

use std::io::{self, ErrorKind, Write};

use anyhow::Result;

/// Prints, for as long as somebody reads.
pub(crate) fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
