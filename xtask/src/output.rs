//! Standard output.

use std::io::{self, ErrorKind, Write};

use anyhow::Result;
use clap::ValueEnum;

/// How something is shown.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs, and complete
    Json,
}

/// Prints, for as long as somebody reads.
pub(crate) fn print(text: &str) -> Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
