//! `cargo xtask regen`: `schemas/` becomes `generated/`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use truenas_codegen::emit::{MARKER, module_name};
use truenas_codegen::generate::{Generated, generate};
use truenas_codegen::model::ApiVersion;
use truenas_codegen::versions::VersionList;

use crate::store::Store;

/// Turn the schemas into Rust
///
/// Writes the crate truenas-api, its features and the table of versions in the
/// README. Files that need no change are not touched; files that no schema
/// asks for any more are removed, if they are generated ones.
#[derive(Debug, Args)]
pub(crate) struct Regen {
    /// Write nothing; list what differs, and fail if anything does
    #[arg(long)]
    check: bool,
    /// Write, or check, only the files that these versions need, such as v25_10_5
    #[arg(long, value_name = "vX_Y_Z", num_args = 1..)]
    only: Vec<String>,
    /// Write to this folder, and leave Cargo.toml and README alone
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    store: Store,
}

/// The parts of `generated/` that hold nothing written by hand.
const OWNED: [&str; 3] = ["names", "src/shared", "src/versions"];

impl Regen {
    pub(crate) fn run(&self) -> Result<()> {
        progress("reading schemas");
        let list = self.store.versions()?;
        let only = self.only(&list)?;
        let versions = self.versions(&list)?;
        let overrides = self.store.overrides()?;
        progress("generating");
        let generated = generate(&versions, &list, &overrides)?;
        if !generated.unused_overrides.is_empty() {
            bail!(
                "overrides.json: these lines match nothing and must go: {}",
                generated.unused_overrides.join(", ")
            );
        }
        let changes = self.changes(&generated, &only)?;
        if self.check {
            return check(&changes);
        }
        progress("writing");
        for (path, change) in &changes {
            apply(path, change).with_context(|| format!("cannot write {}", path.display()))?;
        }
        summarize(&generated, &changes);
        Ok(())
    }

    /// The modules of the versions that were named, by whatever name.
    fn only(&self, list: &VersionList) -> Result<Vec<String>> {
        let find = |wanted: &String| {
            let mut versions = list.iter();
            let version = versions.find(|version| {
                let mut names = version.names();
                names.any(|name| module_name(name) == module_name(wanted))
            });
            match version {
                Some(version) => Ok(module_name(&version.api)),
                None => bail!(
                    "there is no version {wanted}; write it like v25_10_5, `cargo xtask list` shows those there are"
                ),
            }
        };
        self.only.iter().map(find).collect()
    }

    fn versions(&self, list: &VersionList) -> Result<Vec<ApiVersion>> {
        let versions = self
            .store
            .corrected(list.iter().map(|version| &version.api))?;
        if versions.is_empty() {
            bail!("no version has been imported; see `cargo xtask import --help`");
        }
        Ok(versions)
    }

    fn changes(&self, generated: &Generated, only: &[String]) -> Result<BTreeMap<PathBuf, Change>> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let out = match &self.out {
            Some(out) => out.clone(),
            None => workspace.join("generated"),
        };
        let mut changes = BTreeMap::new();
        let mut expect = |path: PathBuf, content: &str| {
            if fs::read(&path).ok().as_deref() != Some(content.as_bytes()) {
                changes.insert(path, Change::Write(content.to_owned()));
            }
        };
        for (path, content) in &generated.files {
            if only.is_empty() || generated.is_for(path, only) {
                expect(out.join(path), content);
            }
        }
        if self.out.is_none() && only.is_empty() {
            let cargo = out.join("Cargo.toml");
            expect(
                cargo.clone(),
                &section(
                    &cargo,
                    "# begin generated",
                    "# end generated",
                    &generated.features,
                )?,
            );
            let readme = workspace.join("README.md");
            expect(
                readme.clone(),
                &section(
                    &readme,
                    "<!-- begin generated",
                    "<!-- end generated",
                    &generated.table,
                )?,
            );
        }
        // What only other versions need may be anything now.
        if only.is_empty() {
            let stale = stale(&out, generated)?;
            changes.extend(stale.into_iter().map(|path| (path, Change::Remove)));
        }
        Ok(changes)
    }
}

/// The generated files that no schema asks for any more.
fn stale(out: &Path, generated: &Generated) -> Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for folder in OWNED {
        for path in files_below(&out.join(folder))? {
            let known = path.strip_prefix(out).is_ok_and(|path| {
                let path = path.to_string_lossy().replace('\\', "/");
                generated.files.contains_key(&path)
            });
            if known {
                continue;
            }
            // In a folder named with --out there may be other things.
            let text = fs::read_to_string(&path).unwrap_or_default();
            if !text.contains(MARKER) {
                bail!(
                    "{} is not a generated file; move it, since this folder is written anew",
                    path.display()
                );
            }
            stale.push(path);
        }
    }
    Ok(stale)
}

/// What has to be done to a file.
enum Change {
    Write(String),
    Remove,
}

fn check(changes: &BTreeMap<PathBuf, Change>) -> Result<()> {
    if changes.is_empty() {
        println!("up to date");
        return Ok(());
    }
    for (path, change) in changes {
        let what = match change {
            Change::Write(_) if path.exists() => "differs",
            Change::Write(_) => "missing",
            Change::Remove => "stale",
        };
        println!("{what}: {}", path.display());
    }
    bail!(
        "{} files are not as the schemas say; run `cargo xtask regen`",
        changes.len()
    );
}

fn apply(path: &Path, change: &Change) -> Result<()> {
    match change {
        Change::Remove => fs::remove_file(path)?,
        Change::Write(content) => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            crate::store::replace(path, content)?;
        }
    }
    Ok(())
}

fn summarize(generated: &Generated, changes: &BTreeMap<PathBuf, Change>) {
    for version in &generated.summary {
        match &version.same_as {
            Some(other) => println!("{}: the same as {other}", version.api),
            None => println!(
                "{}: {} definitions, {} of them shared with an older version",
                version.api, version.definitions, version.shared
            ),
        }
    }
    let lines: usize = generated
        .files
        .values()
        .map(|content| content.lines().count())
        .sum();
    let removed = changes
        .values()
        .filter(|change| matches!(change, Change::Remove))
        .count();
    println!(
        "{} files, {lines} lines; {} written, {removed} removed",
        generated.files.len(),
        changes.len() - removed,
    );
}

/// A file with the lines between two marker lines replaced.
fn section(path: &Path, begin: &str, end: &str, content: &str) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut result = String::new();
    let mut inside = false;
    let mut found = false;
    for line in text.lines() {
        if line.starts_with(end) {
            inside = false;
        }
        if !inside {
            result.push_str(line);
            result.push('\n');
        }
        if line.starts_with(begin) {
            result.push_str(content);
            inside = true;
            found = true;
        }
    }
    if !found || inside {
        bail!(
            "{}: no lines that start with `{begin}` and `{end}`",
            path.display()
        );
    }
    Ok(result)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", folder.display()));
            }
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

fn progress(step: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{step} …");
    }
}
