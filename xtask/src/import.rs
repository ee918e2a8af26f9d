//! `cargo xtask import`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use truenas_codegen::model::{ApiVersion, format_schema};
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{self, Note, Options, Source};
use truenas_codegen::versions::{Version, VersionList, is_version_name};

use crate::store::Store;

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

    /// One more name for this version, such as v25.10.3 (may be repeated)
    ///
    /// Without it, a version that was there before keeps the names it has.
    #[arg(long = "alias", value_name = "VERSION")]
    aliases: Vec<String>,

    /// Keep documentation, descriptions and examples
    #[arg(long)]
    keep_docs: bool,

    /// Print every note, not just the first about each subject
    #[arg(long, short)]
    verbose: bool,

    #[command(flatten)]
    store: Store,
}

impl Import {
    pub(crate) fn run(&self) -> Result<()> {
        for alias in &self.aliases {
            ensure!(
                is_version_name(alias),
                "--alias {alias}: expected a version such as v25.10.3"
            );
        }
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
            keep_docs: self.keep_docs,
        };
        let reading = read::read(&self.release, &sources, &options)?;

        let version = reading.version;
        let mut versions = self.store.versions()?;
        let before = versions.iter().find(|before| before.api == version.api);
        let aliases = match before {
            Some(before) if self.aliases.is_empty() => before.aliases.clone(),
            _ => self.aliases.clone(),
        };
        versions
            .register(Version {
                api: version.api.clone(),
                release: self.release.clone(),
                aliases,
            })
            .map_err(anyhow::Error::msg)?;
        self.store.write(&[
            (format!("{}.json", version.api), version.to_json()),
            ("versions.json".to_owned(), versions.to_json()),
            ("schema.json".to_owned(), format_schema::<ApiVersion>()),
            (
                "versions.schema.json".to_owned(),
                format_schema::<VersionList>(),
            ),
            (
                "overrides.schema.json".to_owned(),
                format_schema::<Overrides>(),
            ),
        ])?;
        print_notes(&reading.notes, self.verbose);
        println!("{}", summary(&version));
        Ok(())
    }
}

fn read_file(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("{}: not UTF-8", path.display()))
}

fn print_notes(notes: &[Note], verbose: bool) {
    if verbose {
        for note in notes {
            eprintln!("note: {note}");
        }
        return;
    }
    let mut subjects: BTreeMap<&str, (usize, &Note)> = BTreeMap::new();
    for note in notes {
        subjects.entry(&note.subject).or_insert((0, note)).0 += 1;
    }
    for (count, first) in subjects.values() {
        match count {
            1 => eprintln!("note: {first}"),
            _ => eprintln!("note: {first} (and {} more; see all with -v)", count - 1),
        }
    }
}

fn summary(version: &ApiVersion) -> String {
    format!(
        "{} ({}): {} methods, {} of them jobs, {} events, {} models",
        version.api,
        version.release,
        version.methods.len(),
        version.jobs(),
        version.events.len(),
        version.models.len(),
    )
}
