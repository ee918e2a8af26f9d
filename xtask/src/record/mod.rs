//! `cargo xtask record`: writes the answers of a system as lines of the corpus.

mod anonymise;
mod calls;
mod line;
mod mask;
mod names;
mod secret;
#[cfg(test)]
mod tests;
mod walk;
mod wide;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;
use tempfile::NamedTempFile;
use truenas_codegen::types::{Types, lower};
use truenas_runtime::Answer;
use truenas_runtime::client::{Error, Session};

use crate::fetch::{System, check_json, release};
use crate::output::{print, tell};
use crate::store::Store;

use anonymise::Anonymiser;
use calls::{Call, calls};
use line::Line;

/// Some methods were not read.
const LACKING: u8 = 3;

/// Record the answers of a system, as lines for the conformance tool and
/// tests/corpus
///
/// Calls the methods that only read and need no parameters (queries, `config`,
/// choices, …), and writes a line for each answer. Methods that may change
/// something are never called. Passwords, keys, tokens and other secrets are
/// replaced with asterisks, but not every secret can be recognised: read the
/// lines before you share them.
///
/// To check which lines decode, run the conformance tool:
/// `cargo run --release -p truenas-conformance -- roundtrip < FILE`.
///
/// The exit code is 0 if every method was read, 3 if some were not (each is
/// listed with the reason), 1 if nothing was written, and 130 if the command
/// was interrupted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask record --host nas.example --user admin --api-key-file key --out nas.jsonl
  cargo xtask record --host nas.example --user admin --ca-file nas.pem --anonymise

The schemas of the system's own version must be in schemas/: `cargo xtask fetch --host` adds it.")]
pub(crate) struct Record {
    /// Write to this file, readable only by you, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Replace names, addresses, serial numbers and comments, each with the
    /// same text everywhere
    #[arg(long)]
    anonymise: bool,

    /// Request and keep at most this many entries of a list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,

    #[command(flatten)]
    system: System,

    #[command(flatten)]
    store: Store,
}

/// An answer with its call.
struct Answered {
    call: Call,
    value: Value,
}

/// The answers of a system.
struct Recorded {
    release: String,
    types: Types,
    answers: Vec<Answered>,
    /// The reasons why other methods were not read.
    unread: Vec<String>,
}

impl Record {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let host = self.system.host();
        let host = host.context("no system given: add `--host nas.example --user admin`")?;
        let mut recorded = self.system.run("", self.ask(host))?;
        for reason in &recorded.unread {
            tell("not read", reason);
        }
        ensure!(
            !recorded.answers.is_empty(),
            "no method could be read and nothing was written; use an account with a reading role"
        );
        recorded.mask();
        if self.anonymise {
            recorded.anonymise();
        }
        self.write(&recorded.lines()?)?;
        tell(
            "note",
            format_args!(
                "{} answers of {} ({}) were written, {} methods were not read",
                recorded.answers.len(),
                recorded.types.api,
                recorded.release,
                recorded.unread.len()
            ),
        );
        Ok(match recorded.unread.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(LACKING),
        })
    }

    async fn ask(&self, host: &str) -> Result<Recorded> {
        let connection = self.system.connect(host).await?;
        let session = connection.session();
        let recorded = self.record(session, &connection.api).await;
        session.close().await;
        recorded.with_context(|| host.to_owned())
    }

    async fn record(&self, session: &Session, api: &str) -> Result<Recorded> {
        let types = self.types(api)?;
        let mut recorded = Recorded {
            release: release(session).await?,
            answers: Vec::new(),
            unread: Vec::new(),
            types,
        };
        for call in calls(&recorded.types, self.limit) {
            match self.answer(session, &call).await? {
                Ok(value) => recorded.answers.push(Answered { call, value }),
                Err(reason) => recorded.unread.push(reason),
            }
        }
        Ok(recorded)
    }

    /// Returns the types of a version, by any of its names.
    fn types(&self, api: &str) -> Result<Types> {
        let list = self.store.versions()?;
        let mut listed = list.iter();
        let listed = listed.find(|version| version.names().any(|name| name == api));
        let listed = listed.with_context(|| {
            format!("schemas/ does not have {api}: add it with `cargo xtask fetch --host`")
        })?;
        let mut versions = self.store.corrected([&listed.api])?;
        let version = versions.pop().context("no version was read")?;
        Ok(lower(&version, &self.store.overrides()?))
    }

    /// Returns an answer, or the reason why there is none. An error ends the
    /// whole recording.
    async fn answer(&self, session: &Session, call: &Call) -> Result<Result<Value, String>> {
        let name = &call.method;
        let answer = match session.call_raw(name, call.params.clone()).await {
            Ok(answer) => answer,
            Err(error @ (Error::Connect(_) | Error::Login(_) | Error::Closed)) => bail!(error),
            Err(error) => return Ok(Err(format!("{name}: {error}"))),
        };
        let text = answer.text();
        if let Err(error) = check_json(text) {
            return Ok(Err(format!("{name}: {error}")));
        }
        let mut value = match Answer::from(wide::mark(text)).value() {
            Ok(value) => value,
            Err(error) => return Ok(Err(format!("{name}: {error}"))),
        };
        if let Value::Array(entries) = &mut value {
            entries.truncate(self.limit.into());
        }
        Ok(Ok(value))
    }

    fn write(&self, text: &str) -> Result<()> {
        let Some(path) = &self.out else {
            return print(text);
        };
        write_whole(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Recorded {
    fn mask(&mut self) {
        for answered in &mut self.answers {
            let method = self.types.methods.get(&answered.call.method);
            mask::mask(&self.types, method, &mut answered.value);
        }
    }

    fn anonymise(&mut self) {
        let mut anonymiser = Anonymiser::default();
        for answered in &mut self.answers {
            let method = self.types.methods.get(&answered.call.method);
            anonymiser.learn(&self.types, method, &mut answered.value);
        }
        for answered in &mut self.answers {
            let method = self.types.methods.get(&answered.call.method);
            anonymiser.apply(&self.types, method, &mut answered.value);
        }
    }

    fn lines(&self) -> Result<String> {
        let mut text = String::new();
        for Answered { call, value } in &self.answers {
            let line = Line::new(&self.types.api, &self.release, call, value);
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        Ok(text)
    }
}

/// Writes a file atomically.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
