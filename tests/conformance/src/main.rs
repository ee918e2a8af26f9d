//! `truenas-conformance`

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

/// Sends values of the TrueNAS API through the typed bindings
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Decode values into their types and encode them again
    ///
    /// Reads a JSON object from each line of standard input and writes one to
    /// standard output for it, at once. A line that cannot be answered gets an
    /// error and is not the end.
    #[command(after_long_help = FORMAT)]
    Roundtrip,
}

const FORMAT: &str = r#"A line of input:
  {"api": "v25.10.5", "kind": "result", "name": "core.ping", "value": "pong"}

  api    a version, by any of its names
  kind   "params":  the array of a method's parameters
         "result":  what a method answers; for a job, what the job ends with
         "event":   the payload of an event
  name   the method or event
  event  for events: "ADDED", "CHANGED", "REMOVED" or "Subscription parameters"
  value  the value to decode
  params for results of queries, optional: the parameters of the call. Unless
         they have a `select`, each entry of the result must be a whole one

A line of output:
  {"ok": true, "value": …}    what was encoded again
  {"ok": false, "error": "…"} why it could not be"#;

fn main() -> ExitCode {
    let Command::Roundtrip = Cli::parse().command;
    match roundtrip(io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn roundtrip(mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        line.clear();
        if input
            .read_until(b'\n', &mut line)
            .context("reading standard input")?
            == 0
        {
            return Ok(());
        }
        number = number.saturating_add(1);
        let answer = truenas_conformance::answer(number, &line);
        writeln!(output, "{}", serde_json::to_string(&answer)?)
            .and_then(|()| output.flush())
            .context("writing to standard output")?;
    }
}
