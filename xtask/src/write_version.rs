//! What was read is written down: the version's own file, and its line in the
//! list of versions.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::Args;
use truenas_codegen::corrections::Corrections;
use truenas_codegen::model::{ApiVersion, format_schema};
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Note, Reading};
use truenas_codegen::versions::{Version, VersionList, is_version_name};

use crate::output::{print, tell};
use crate::store::Store;

/// How a version is written down.
#[derive(Debug, Args)]
pub(crate) struct WriteVersion {
    /// One more name for this version, such as v25.10.3 (may be repeated)
    ///
    /// Without it, a version that was there before keeps the names it has.
    #[arg(long = "alias", value_name = "VERSION")]
    aliases: Vec<String>,

    /// Keep documentation, descriptions and examples
    #[arg(long)]
    pub(crate) keep_docs: bool,

    /// Print every note, not just the first about each subject
    #[arg(long, short)]
    verbose: bool,

    #[command(flatten)]
    pub(crate) store: Store,
}

impl WriteVersion {
    /// Refuses what could not be written in the end, before anything is read.
    /// Of some versions it is known by then which they are.
    pub(crate) fn check(&self, api: Option<&str>) -> Result<()> {
        for alias in &self.aliases {
            ensure!(
                is_version_name(alias),
                "--alias {alias}: expected a version such as v25.10.3"
            );
        }
        if let Some(api) = api {
            let wanted = Version {
                api: api.to_owned(),
                release: String::new(),
                aliases: self.aliases.clone(),
            };
            let mut versions = self.store.versions()?;
            versions.register(wanted).map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    /// Writes everything that a version consists of, or nothing: also if the
    /// check refuses it, which is made when nobody else can write any more.
    pub(crate) fn write(
        &self,
        reading: &Reading,
        check: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let version = &reading.version;
        let lock = self.store.lock()?;
        check()?;
        let mut versions = self.store.versions()?;
        let before = versions.iter().find(|before| before.api == version.api);
        let aliases = match before {
            Some(before) if self.aliases.is_empty() => before.aliases.clone(),
            _ => self.aliases.clone(),
        };
        versions
            .register(Version {
                api: version.api.clone(),
                release: version.release.clone(),
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
            (
                "corrections.schema.json".to_owned(),
                format_schema::<Corrections>(),
            ),
        ])?;
        drop(lock);
        print_notes(&reading.notes, self.verbose);
        // It has been written, whoever reads this or cannot.
        if let Err(error) = print(&summary(version)) {
            tell("note", format_args!("cannot print the summary: {error}"));
        }
        Ok(())
    }
}

fn print_notes(notes: &[Note], verbose: bool) {
    if verbose {
        for note in notes {
            tell("note", note);
        }
        return;
    }
    let mut subjects: BTreeMap<&str, (usize, &Note)> = BTreeMap::new();
    for note in notes {
        subjects.entry(&note.subject).or_insert((0, note)).0 += 1;
    }
    // What is said of several subjects alike is printed once.
    let mut messages: BTreeMap<&str, (usize, &Note, Vec<&str>)> = BTreeMap::new();
    for (count, first) in subjects.into_values() {
        match messages.get_mut(first.message.as_str()) {
            Some((total, _, others)) => {
                *total += count;
                others.push(&first.subject);
            }
            None => {
                messages.insert(&first.message, (count, first, Vec::new()));
            }
        }
    }
    for (count, first, others) in messages.into_values() {
        let also: String = others
            .iter()
            .map(|subject| format!(", `{subject}`"))
            .collect();
        let also = match also.strip_prefix(", ") {
            Some(others) => format!("; the same for {others}"),
            None => String::new(),
        };
        let more = match count - 1 - others.len() {
            0 => String::new(),
            more => format!(" (and {more} more; see all with -v)"),
        };
        tell("note", format_args!("{first}{also}{more}"));
    }
}

fn summary(version: &ApiVersion) -> String {
    format!(
        "{} ({}): {} methods, {} of them jobs, {} events, {} models\n",
        version.api,
        version.release,
        version.methods.len(),
        version.jobs(),
        version.events.len(),
        version.models.len(),
    )
}
