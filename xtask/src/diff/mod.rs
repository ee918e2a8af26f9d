//! `cargo xtask diff` and what is made of the same findings: `breaking`,
//! `changelog`, `since`.

mod changelog;
mod since;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use truenas_codegen::overrides::Overrides;
use truenas_codegen::read::{Source, parse};
use truenas_codegen::versions::{Version as Listed, VersionList};
use truenas_diff::finding::Severity;
use truenas_diff::policy::{Ignored, Policy, Selection};
use truenas_diff::render::{self, render};
use truenas_diff::rule::Rule;
use truenas_diff::usage::Usage;
use truenas_diff::{Report, Version, compare_all};

use crate::output::print;
use crate::store::Store;

pub(crate) use changelog::Changelog;
pub(crate) use since::Since;

/// Findings at or above --fail-on.
const FOUND: u8 = 1;

/// Show what changes from one version to another
///
/// Exits with 0 if nothing is at or above --fail-on, 1 if something is, and 2
/// if the versions could not be compared.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    how: How,
}

/// Show what breaks from one version to another: programs, or the build of
/// Rust programs
///
/// Exits with 0 if nothing is at or above --fail-on, 1 if something is, and 2
/// if the versions could not be compared.
#[derive(Debug, Args)]
pub(crate) struct Breaking {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    how: How,
}

/// What is compared, and what of it is wanted.
#[derive(Debug, Args)]
struct What {
    /// Two versions, such as v25.04.2 v25.10.0; `v25.10` is the newest of its
    /// series and `latest` the newest stable one. Without any, each version
    /// is compared with the one before it
    #[arg(value_name = "VERSION", num_args = 0..=2)]
    versions: Vec<String>,
    /// Only what touches this Rust program: a source file, or a folder of them
    #[arg(long, value_name = "FILE|DIR")]
    usage: Vec<PathBuf>,
    /// Only these services or methods; `*` stands for any text
    #[arg(long, value_name = "GLOB")]
    service: Vec<String>,
    /// Only findings of this severity or above
    #[arg(long, value_enum)]
    level: Option<Level>,
    /// A file of findings that are known and accepted, with reasons
    #[arg(long, value_name = "FILE")]
    ignore: Option<PathBuf>,
    /// Another severity for findings of this id, such as role-removed=info
    #[arg(long, value_name = "ID=LEVEL", value_parser = severity)]
    severity: Vec<(Rule, Severity)>,
    #[command(flatten)]
    store: Store,
}

/// How findings are shown.
#[derive(Debug, Args)]
struct How {
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 if there is a finding of this severity or above
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// One line each
    Line,
    /// For pull requests
    Markdown,
    /// For programs; see schemas/diff.schema.json
    Json,
    /// For CI servers
    Junit,
    /// One page for a browser
    Html,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    Info,
    Warning,
    Error,
    /// Always exit with 0, unless the tool fails
    Never,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
            Self::Never => None,
        }
    }
}

impl Diff {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        self.how.show(&self.what.reports(Selection::All)?)
    }
}

impl Breaking {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        self.how.show(&self.what.reports(Selection::Breaking)?)
    }
}

impl What {
    /// The findings that are wanted.
    fn reports(&self, selection: Selection) -> Result<Vec<Report>> {
        let list = self.store.versions()?;
        let names = match self.versions.as_slice() {
            [] => list.iter().map(|version| version.api.clone()).collect(),
            [old, new] => vec![resolve(&list, old)?, resolve(&list, new)?],
            _ => bail!("two versions can be compared, not one; without any, all are"),
        };
        if names.len() < 2 {
            bail!(
                "there are not two versions to compare; `cargo xtask list` shows those there are"
            );
        }
        let versions = versions(&self.store, &names)?;
        let mut reports = neighbours(&versions);
        if !self.usage.is_empty() {
            let mut usage = Usage::default();
            for path in &self.usage {
                read_usage(path, &mut usage)?;
            }
            for (report, old) in reports.iter_mut().zip(&versions) {
                usage.keep(old, report);
            }
        }
        let ignored: Vec<Ignored> = match &self.ignore {
            Some(path) => {
                let name = &path.display().to_string();
                let text =
                    fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
                parse(Source { name, text: &text })?
            }
            None => Vec::new(),
        };
        let policy = Policy {
            services: self.service.clone(),
            severities: self.severity.clone(),
            ignored,
            selection,
            level: self.level.map(Severity::from),
        };
        policy.apply(&mut reports)?;
        Ok(reports)
    }
}

impl How {
    fn show(&self, reports: &[Report]) -> Result<ExitCode> {
        let fail_on = self.fail_on.severity();
        let format = match self.format {
            Format::Text => render::Format::Text {
                colour: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            },
            Format::Line => render::Format::Line,
            Format::Markdown => render::Format::Markdown,
            Format::Json => render::Format::Json,
            Format::Junit => render::Format::Junit { fail_on },
            Format::Html => render::Format::Html,
        };
        print(&render(reports, format))?;
        let mut findings = reports.iter().flat_map(|report| &report.findings);
        let failed = fail_on.is_some_and(|level| findings.any(|finding| finding.severity >= level));
        Ok(ExitCode::from(if failed { FOUND } else { 0 }))
    }
}

/// Each version compared with the one before it.
fn neighbours(versions: &[Version]) -> Vec<Report> {
    let pairs: Vec<_> = versions.iter().zip(versions.iter().skip(1)).collect();
    compare_all(&pairs)
}

fn versions(store: &Store, names: &[String]) -> Result<Vec<Version>> {
    let overrides: Overrides = store.overrides()?;
    let versions = store.corrected(names)?.into_iter();
    Ok(versions
        .map(|version| Version::new(version, &overrides))
        .collect())
}

/// The version that somebody means.
fn resolve(list: &VersionList, wanted: &str) -> Result<String> {
    let plain = wanted.replace('_', ".");
    let plain = plain.trim_start_matches('v');
    let is_named = |version: &&Listed| {
        let mut names = version.names().map(|name| name.trim_start_matches('v'));
        names.any(|name| name == plain) || version.release == plain
    };
    let is_of_series = |version: &&Listed| {
        let name = version.api.trim_start_matches('v');
        name.strip_prefix(plain)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let mut versions = list.iter();
    let found = if wanted == "latest" {
        versions.rfind(|version| version.is_stable())
    } else {
        versions
            .clone()
            .find(is_named)
            .or_else(|| versions.rfind(is_of_series))
    };
    match found {
        Some(version) => Ok(version.api.clone()),
        None => bail!("there is no version {wanted}; `cargo xtask list` shows those there are"),
    }
}

/// Reads a program's source: a file, or all below a folder.
fn read_usage(path: &Path, usage: &mut Usage) -> Result<()> {
    let name = path.display();
    if path.is_dir() {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path).with_context(|| format!("cannot read {name}"))? {
            entries.push(entry.with_context(|| format!("cannot read {name}"))?.path());
        }
        entries.sort();
        for entry in entries {
            let is_source = entry.extension().is_some_and(|extension| extension == "rs");
            // What cargo has built is nobody's source.
            let is_built = entry.join("CACHEDIR.TAG").exists();
            let is_hidden = entry
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if is_source || entry.is_dir() && !is_built && !is_hidden {
                read_usage(&entry, usage)?;
            }
        }
        return Ok(());
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    usage
        .add(&text)
        .with_context(|| format!("cannot read {name} as Rust"))
}

fn severity(text: &str) -> Result<(Rule, Severity), String> {
    let Some((id, level)) = text.split_once('=') else {
        return Err("write it like role-removed=info".to_owned());
    };
    let rule = Rule::from_id(id).ok_or_else(|| format!("there is no id {id}; see docs/diff.md"))?;
    let level = Level::from_str(level, false)?;
    Ok((rule, level.into()))
}
