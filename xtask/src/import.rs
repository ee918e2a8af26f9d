//! `cargo xtask import`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use truenas_codegen::read::{self, Options, Source};

use crate::write_version::WriteVersion;

/// Read what a TrueNAS release says of its API into schemas/vX.Y.Z.json
///
/// Takes a dump (with references kept or inlined), the answer of
/// core.get_methods, or one of each from the same release. Nothing is written
/// unless everything could be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask import --release 25.10.6 --dump dump.json --methods get-methods.json
  cargo xtask import --release 25.10.2.2 --dump dump.json --alias v25.10.3
  cargo xtask import --release 25.04.0 --methods get-methods.json --api v25.04.0
  cargo xtask import --release 25.04.2.6 --dump dump.json --methods get-methods.json \
    --completed get-methods-completed.json")]
pub(crate) struct Import {
    /// The TrueNAS release the files come from, such as 25.10.6 or 26.0.0-BETA.3
    #[arg(long)]
    release: String,

    /// A dump of this version, in either form
    #[arg(long, value_name = "FILE", required_unless_present = "methods")]
    dump: Option<PathBuf>,

    /// The answer of core.get_methods
    #[arg(long, value_name = "FILE")]
    methods: Option<PathBuf>,

    /// The answer of core.get_methods, completed by the release's own classes
    /// with the facts that the old-style schemas of 25.04 drop
    ///
    /// Replaces the schemas of --methods. Both files must describe the same
    /// methods.
    #[arg(long, value_name = "FILE", requires = "methods")]
    completed: Option<PathBuf>,

    /// The API version; only needed without a dump, which says it itself
    #[arg(long, value_name = "VERSION")]
    api: Option<String>,

    #[command(flatten)]
    write: WriteVersion,
}

impl Import {
    pub(crate) fn run(&self) -> Result<()> {
        self.write.check(self.api.as_deref())?;
        let dump = self.dump.as_deref().map(File::read).transpose()?;
        let methods = self.methods.as_deref().map(File::read).transpose()?;
        let completed = self.completed.as_deref().map(File::read).transpose()?;
        let options = Options {
            api: self.api.clone(),
            keep_docs: self.write.keep_docs,
        };
        let files = [&dump, completed.as_ref().map_or(&methods, |_| &completed)];
        let sources: Vec<Source<'_>> = files.into_iter().flatten().map(File::source).collect();
        let mut reading = read::read(&self.release, &sources, &options)?;
        if let (Some(methods), Some(completed)) = (&methods, &completed) {
            let inputs = read::check_completed(methods.source(), completed.source(), &options)?;
            reading.version.provenance.pop();
            reading.version.provenance.extend(inputs);
        }
        self.write.write(&reading, || Ok(()))
    }
}

/// A file to import.
struct File {
    name: String,
    text: String,
}

impl File {
    fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = fs::read(path).with_context(|| format!("cannot read {name}"))?;
        let text = String::from_utf8(bytes).with_context(|| format!("{name}: not UTF-8"))?;
        Ok(Self { name, text })
    }

    fn source(&self) -> Source<'_> {
        Source {
            name: &self.name,
            text: &self.text,
        }
    }
}
