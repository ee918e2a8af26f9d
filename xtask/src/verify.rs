//! `cargo xtask verify`.

mod compare;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Serialize;
use truenas_codegen::model::ApiVersion;
use truenas_codegen::versions::is_version_name;

use crate::fetch::{Sources, beside, faults, no_docs, overwritten, read_materials, unknown};
use crate::output::{Format, print, tell};
use crate::store::Store;

pub(crate) use compare::{Difference, compare};

/// The two do not say the same.
const FOUND: u8 = 1;
/// How many facts of a kind are shown.
const SHOWN: usize = 20;

/// Compare what two sources say of one version, and show what one knows and
/// the other does not
///
/// Exits with 0 if they say the same, 1 if they do not, and 2 if they could
/// not be compared in full: one cannot be read, or lacks a page that it lists,
/// or neither can say everything and what they say is the same. 130 is for work
/// that had to be stopped.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo xtask verify v25.10.0 --against site
  cargo xtask verify v25.10.0 --source get-methods.json --against dump.json
  cargo xtask verify v25.10.5 --against host --host nas.example --user admin --api-key-file key")]
pub(crate) struct Verify {
    /// The API version, such as v25.10.0
    version: String,

    /// One of them: `stored` (the file in schemas/), `site`, `host`, or a file:
    /// a dump, an answer of core.get_methods, or a zip; `-` is standard input
    #[arg(long, value_name = "stored|site|host|FILE", default_value = "stored")]
    source: Which,

    /// The other
    #[arg(long, value_name = "stored|site|host|FILE")]
    against: Which,

    /// How to show what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    sources: Sources,

    #[command(flatten)]
    store: Store,
}

/// A source of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Stored,
    Site,
    Host,
    File(PathBuf),
}

impl FromStr for Which {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "stored" => Self::Stored,
            "site" => Self::Site,
            "host" => Self::Host,
            path => Self::File(path.into()),
        })
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("stored"),
            Self::Site => f.write_str("site"),
            Self::Host => f.write_str("host"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What was compared, and what was found.
#[derive(Debug, Serialize)]
struct Report {
    api: String,
    left: Side,
    right: Side,
    differences: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct Side {
    source: String,
    methods: usize,
    events: usize,
    /// What it should have and does not.
    faults: Vec<String>,
    /// What no source of its kind has.
    gaps: Vec<String>,
}

impl Verify {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let api = &self.version;
        ensure!(
            is_version_name(api),
            "{api}: expected a version such as v25.10.0"
        );
        let is_stdin = |which: &Which| *which == Which::File("-".into());
        ensure!(
            !(is_stdin(&self.source) && is_stdin(&self.against)),
            "standard input is one file: give the other by name"
        );
        let report = self.sources.run(async {
            let (left_version, left) = self.read(&self.source).await?;
            let (right_version, right) = self.read(&self.against).await?;
            let api = api.clone();
            beside(move || {
                Ok(Report {
                    api,
                    left,
                    right,
                    differences: compare(&left_version, &right_version),
                })
            })
            .await
        })?;
        let sides = [&report.left, &report.right];
        for side in sides {
            for lack in side.faults.iter().chain(&side.gaps) {
                tell("note", format_args!("{} does not have {lack}", side.source));
            }
        }
        let is_same = report.differences.is_empty();
        let mut lacks = sides.iter().filter_map(|side| {
            let lack = side.faults.iter().chain(&side.gaps).next()?;
            Some(format!("{} does not have {lack}", side.source))
        });
        if let Some(first) = lacks.next().filter(|_| is_same) {
            bail!("they do not differ in what both say, but that is not all: {first}");
        }
        print(&match self.format {
            Format::Text => text(&report),
            Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        })?;
        ensure!(
            sides.iter().all(|side| side.faults.is_empty()),
            "they could not be compared in full"
        );
        Ok(ExitCode::from(if is_same { 0 } else { FOUND }))
    }

    async fn read(&self, which: &Which) -> Result<(ApiVersion, Side)> {
        let api = self.version.clone();
        let mut materials = Vec::new();
        let mut gaps = Vec::new();
        match which {
            Which::Stored => {}
            Which::Site => materials.push(self.sources.site(&api).await?),
            Which::File(path) => materials.push(self.sources.file(path, Some(&api)).await?),
            Which::Host => {
                let host = self
                    .sources
                    .host()
                    .context("say which host: `--host nas.example`")?;
                let answer = self.sources.ask(host).await?;
                ensure!(
                    answer.api == api,
                    "the system speaks of its own version, which is {}",
                    answer.api
                );
                match self.sources.docs(&answer).await? {
                    Some(docs) => materials.push(docs),
                    None => gaps.push(no_docs(&answer)),
                }
                materials.push(answer.methods);
            }
        }
        let (store, source) = (self.store.clone(), which.to_string());
        beside(move || {
            let version = match materials.is_empty() {
                true => store.published(&api)?,
                false => read_materials(&materials, Some(&api), false)?.version,
            };
            if !materials.is_empty() {
                gaps.extend(overwritten(&materials, &version));
                gaps.extend(unknown(&version));
            }
            let side = Side {
                source,
                methods: version.methods.len(),
                events: version.events.len(),
                faults: faults(&materials, &version),
                gaps,
            };
            Ok((version, side))
        })
        .await
    }
}

/// What one knows, what the other knows, and what they say differently.
fn text(report: &Report) -> String {
    let Report {
        api,
        left,
        right,
        differences,
    } = report;
    let mut text = format!(
        "{api}: {} ({} methods, {} events) and {} ({} methods, {} events)\n",
        left.source, left.methods, left.events, right.source, right.methods, right.events
    );
    let titles = [
        format!("only {} says", left.source),
        format!("only {} says", right.source),
        "they differ in".to_owned(),
    ];
    let group = |difference: &Difference| match (&difference.left, &difference.right) {
        (Some(_), None) => 0,
        (None, _) => 1,
        (Some(_), Some(_)) => 2,
    };
    for (index, title) in titles.iter().enumerate() {
        let mut kinds: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
        for difference in differences.iter().filter(|found| group(found) == index) {
            kinds.entry(&difference.kind).or_default().push(difference);
        }
        for (kind, found) in kinds {
            let _ = writeln!(text, "\n{title}: {kind} ({})", found.len());
            for difference in found.iter().take(SHOWN) {
                let _ = writeln!(text, "  {}", line(difference));
            }
            if found.len() > SHOWN {
                let _ = writeln!(text, "  and {} more (`--format json`)", found.len() - SHOWN);
            }
        }
    }
    if differences.is_empty() {
        text.push_str("they say the same\n");
    }
    text
}

fn line(difference: &Difference) -> String {
    let mut line = difference.subject.clone();
    if !difference.path.is_empty() {
        let _ = write!(line, " at {}", difference.path);
    }
    let values = [&difference.left, &difference.right];
    let values: Vec<String> = values.into_iter().flatten().map(brief).collect();
    // That a method is there has been said.
    if values != ["true"] {
        let _ = write!(line, ": {}", values.join(" / "));
    }
    line
}

/// A value, as far as a line has place for it.
fn brief(value: &serde_json::Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text,
    }
}
