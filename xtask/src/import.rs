//! `cargo xtask import`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use truenas_codegen::read::{self, Options, Source};

use crate::record::Record;

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
  cargo xtask import --release 25.04.0 --methods get-methods.json --api v25.04.0")]
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

    /// The API version; only needed without a dump, which says it itself
    #[arg(long, value_name = "VERSION")]
    api: Option<String>,

    #[command(flatten)]
    record: Record,
}

impl Import {
    pub(crate) fn run(&self) -> Result<()> {
        self.record.check(self.api.as_deref())?;
        let mut files = Vec::new();
        for path in [&self.dump, &self.methods].into_iter().flatten() {
            let text = read_file(path)?;
            files.push((path.display().to_string(), text));
        }
        let sources: Vec<Source<'_>> = files
            .iter()
            .map(|(name, text)| Source { name, text })
            .collect();
        let options = Options {
            api: self.api.clone(),
            keep_docs: self.record.keep_docs,
        };
        let reading = read::read(&self.release, &sources, &options)?;
        self.record.write(&reading, || Ok(()))
    }
}

fn read_file(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{}: not UTF-8", path.display()))
}
