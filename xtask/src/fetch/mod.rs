//! `cargo xtask fetch`: from where a version is published into `schemas/`.

mod advice;
mod archive;
mod cache;
mod client;
mod draft;
mod file;
mod gaps;
mod host;
mod json;
mod material;
mod merge;
mod pace;
mod pages;
mod part;
mod progress;
mod site;
mod sources;
mod stop;
mod transfer;
mod versions;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::Args;
use truenas_codegen::model::ApiVersion;
use truenas_codegen::read::Reading;
use truenas_codegen::versions::{VersionList, is_version_name};

use crate::output::{print, tell};
use crate::write_version::WriteVersion;

use host::Answer;
use material::Material;

pub(crate) use gaps::{faults, overwritten, unknown};
pub(crate) use host::release;
pub(crate) use json::check as check_json;
pub(crate) use merge::read_materials;
pub(crate) use sources::{Sources, System, beside};

/// Fetch what a TrueNAS release says of its API into schemas/vX.Y.Z.json
///
/// From its documentation site, from a system that runs it, from files, or from
/// several of them together: what a dump or a site says counts, and
/// core.get_methods adds what they do not say. Nothing is written if one of
/// them lacks something that it speaks of, if they do not have the same methods,
/// if none of them can say all methods, events and jobs, or in place of a file
/// that knows more.
///
/// Exits with 0 if a version was written (whole, or as it is by --incomplete),
/// 1 if none was, and 3 if one was without the methods and events that the site
/// itself has no page of: it overwrites those that are called like a service.
/// core.get_methods has these methods, a dump has all. 130 is for work that had
/// to be stopped.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask fetch --list
  cargo xtask fetch --version v25.10.0
  cargo xtask fetch --version v25.10.5 --base-url https://nas.example/api/docs/ --ca-file nas.pem
  cargo xtask fetch --host nas.example --user admin --api-key-file key --allow-plain
  cargo xtask fetch --host nas.example --user admin --api-key-file key --site
  cargo xtask fetch --version v25.10.0 --dump truenas-v25.10.0-docs.zip --methods get-methods.json
  unzip -p dumps.zip dump.json | cargo xtask fetch --release 25.10.6 --dump -

The site of 25.04 has half of the methods; the rest is said by core.get_methods.")]
pub(crate) struct Fetch {
    /// The API version, such as v25.10.0; a system and a dump say it themselves
    #[arg(long)]
    version: Option<String>,

    /// The TrueNAS release it comes from, such as 25.10.0 or 26.0.0-BETA.3
    ///
    /// A system says it itself; otherwise it is the one that was listed before,
    /// or is called like the version.
    #[arg(long)]
    release: Option<String>,

    /// Show the versions that the site offers, and fetch nothing
    ///
    /// A folder called after a series, as from 26 on, is shown as its first
    /// version: v26.0 as v26.0.0.
    #[arg(long)]
    list: bool,

    /// Read the documentation site; also what happens with --base-url, or if
    /// nothing else is named
    #[arg(long, conflicts_with = "dump")]
    site: bool,

    /// A dump in either form, or the zip of a site or of a dump; `-` is
    /// standard input
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,

    /// The answer of core.get_methods; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "host")]
    methods: Option<PathBuf>,

    /// Write it even if something is missing, or if the file that is there
    /// knows more
    #[arg(long)]
    incomplete: bool,

    #[command(flatten)]
    sources: Sources,

    #[command(flatten)]
    write: WriteVersion,
}

/// What was written lacks something that no site has.
const LACKING: u8 = 3;

/// What the sources gave.
#[derive(Default)]
struct Gathered {
    api: Option<String>,
    release: Option<String>,
    materials: Vec<Material>,
    /// What a source should have had as a whole.
    missing: Vec<String>,
}

/// A version as it was read, and what it lacks.
struct Found {
    reading: Reading,
    /// For which it is not written.
    missing: Vec<String>,
    /// Which no site has.
    overwritten: Vec<String>,
    /// What was in the place of its file when that was looked at.
    before: Option<ApiVersion>,
}

impl Fetch {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if self.list {
            let offered = self.sources.run(self.sources.offered())?;
            print(&(offered.join("\n") + "\n"))?;
            return Ok(ExitCode::SUCCESS);
        }
        self.check()?;
        let found = self.sources.run(self.read())?;
        let version = &found.reading.version;
        for what in found.missing.iter().chain(&found.overwritten) {
            tell("missing", what);
        }
        ensure!(
            self.incomplete || found.missing.is_empty(),
            "{} is not complete and nothing was written; give more sources, or take it as it is \
             by `--incomplete`",
            version.api
        );
        for gap in gaps::unsaid(version) {
            tell("note", gap);
        }
        self.write.write(&found.reading, || {
            let present = self.write.store.present(&version.api)?;
            let is_new = present != found.before;
            let knows_more = |present| !gaps::lost(present, version).is_empty();
            ensure!(
                !is_new || !present.as_ref().is_some_and(knows_more),
                "another run has written {} meanwhile, which knows more; run this again",
                version.api
            );
            Ok(())
        })?;
        if self.incomplete || found.overwritten.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        tell(
            "note",
            format_args!(
                "{} was written without what is missing, as no site has it: methods are in \
                 core.get_methods (`--host`, `--methods`), events in a dump",
                version.api
            ),
        );
        Ok(ExitCode::from(LACKING))
    }

    fn check(&self) -> Result<()> {
        self.write.check(self.version.as_deref())?;
        let stdin = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
        ensure!(
            !(stdin(&self.dump) && stdin(&self.methods)),
            "standard input is one file: give the other by name"
        );
        ensure!(
            self.dump.is_none() || !self.sources.names_site(),
            "a dump and a site are of the same kind: give `--dump` or `--base-url`"
        );
        match &self.version {
            Some(version) => ensure!(
                is_version_name(version),
                "--version {version}: expected a version such as v25.10.0"
            ),
            None => ensure!(
                self.sources.host().is_some() || self.dump.is_some(),
                "say which version: `--version v25.10.0`; `--list` shows what there is"
            ),
        }
        Ok(())
    }

    /// Reads everything, and finds what is missing.
    async fn read(&self) -> Result<Found> {
        let gathered = self.gather().await?;
        let listed = self.write.store.versions()?;
        let (said, store) = (self.release.clone(), self.write.store.clone());
        let keep_docs = self.write.keep_docs;
        beside(move || {
            let Gathered {
                api,
                release,
                materials,
                mut missing,
            } = gathered;
            let mut reading = read_materials(&materials, api.as_deref(), keep_docs)?;
            let version = &mut reading.version;
            version.release = match said.or(release) {
                Some(said) => said,
                None => listed_release(&listed, &version.api),
            };
            missing.extend(gaps::faults(&materials, version));
            missing.extend(gaps::unknown(version));
            missing.extend(gaps::of_another_release(&materials, &reading));
            let version = &reading.version;
            let before = store.present(&version.api)?;
            missing.extend(before.iter().flat_map(|stored| gaps::lost(stored, version)));
            let overwritten = gaps::overwritten(&materials, version);
            Ok(Found {
                reading,
                missing,
                overwritten,
                before,
            })
        })
        .await
    }

    async fn gather(&self) -> Result<Gathered> {
        let mut gathered = Gathered {
            api: self.version.clone(),
            ..Gathered::default()
        };
        let answer = match self.sources.host() {
            Some(host) => Some(self.sources.ask(host).await?),
            None => None,
        };
        if let Some(answer) = &answer {
            let own = &answer.api;
            let wanted = gathered.api.replace(own.clone());
            ensure!(
                wanted.is_none_or(|wanted| wanted == *own),
                "the system speaks of its own version, which is {own}"
            );
            gathered.release = Some(answer.release.clone());
        }
        let api = gathered.api.as_deref();
        let materials = &mut gathered.materials;
        if let Some(path) = &self.dump {
            materials.push(self.sources.file(path, api).await?);
        } else if self.site
            || self.sources.names_site()
            || (answer.is_none() && self.methods.is_none())
        {
            let api = api.context("a site needs its version: `--version v25.10.0`")?;
            materials.push(self.sources.site(api).await?);
        } else if let Some(answer) = &answer {
            match self.sources.docs(answer).await? {
                Some(docs) => materials.push(docs),
                None => gathered.missing.push(no_docs(answer)),
            }
        }
        if let Some(path) = &self.methods {
            materials.push(self.sources.file(path, api).await?);
        }
        materials.extend(answer.map(|answer| answer.methods));
        Ok(gathered)
    }
}

/// The release where nobody says it.
fn listed_release(listed: &VersionList, api: &str) -> String {
    let before = listed.iter().find(|listed| listed.api == api);
    match before {
        Some(before) => before.release.clone(),
        None => api.trim_start_matches('v').to_owned(),
    }
}

/// What is missing if a system has no site.
pub(crate) fn no_docs(answer: &Answer) -> String {
    format!(
        "events, and what else only a site says: there is no documentation of {} at {}",
        answer.api, answer.docs
    )
}
