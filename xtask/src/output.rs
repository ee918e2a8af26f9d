//! What is printed.

use std::fmt::Display;
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
    match io::stdout().write_all(harmless(text).as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Says something to whoever runs the command: a `note`, an `error`.
pub(crate) fn tell(what: &str, text: impl Display) {
    let line = format!("{what}: {}\n", harmless(&text.to_string()));
    // There is nobody to tell that nobody can be told.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// As much of what a server said as an error has place for.
pub(crate) fn beginning(text: &str) -> String {
    const MOST: usize = 64;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", text.split_at(end).0),
        None => format!("{text:?}"),
    }
}

/// The text without what a terminal would obey, which a server may have put in
/// it; written so that JSON stays what it is.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.chars() {
        let is_harmful = c.is_control() && !matches!(c, '\n' | '\t')
            // These turn the order of letters around.
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match is_harmful {
            true => harmless.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => harmless.push(c),
        }
    }
    harmless
}
