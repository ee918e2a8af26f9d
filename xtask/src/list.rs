//! `cargo xtask list`.

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use truenas_codegen::model::{Input, InputKind};

use crate::output::{Format, print};
use crate::store::Store;

/// Show the versions there are, with their counts and where they come from
#[derive(Debug, Args)]
pub(crate) struct List {
    /// How to show them
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    store: Store,
}

/// A version as it is shown.
#[derive(Debug, Serialize)]
struct Row {
    api: String,
    release: String,
    methods: usize,
    jobs: usize,
    events: usize,
    models: usize,
    aliases: Vec<String>,
    stable: bool,
    provenance: Vec<Input>,
}

impl List {
    pub(crate) fn run(&self) -> Result<()> {
        let mut rows = Vec::new();
        for listed in &self.store.versions()? {
            let version = self.store.published(&listed.api)?;
            rows.push(Row {
                api: version.api.clone(),
                release: version.release.clone(),
                methods: version.methods.len(),
                jobs: version.jobs(),
                events: version.events.len(),
                models: version.models.len(),
                aliases: listed.aliases.clone(),
                stable: listed.is_stable(),
                provenance: version.provenance,
            });
        }
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&rows)? + "\n",
            Format::Text => table(&rows),
        };
        print(&text)
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<10} {:<14} {:>7} {:>5} {:>6} {:>6}  {:<32} notes\n",
        "api", "release", "methods", "jobs", "events", "models", "read from"
    );
    for row in rows {
        let mut notes = Vec::new();
        if !row.stable {
            notes.push("not stable".to_owned());
        }
        if !row.aliases.is_empty() {
            notes.push(format!("also {}", row.aliases.join(", ")));
        }
        let line = format!(
            "{:<10} {:<14} {:>7} {:>5} {:>6} {:>6}  {:<32} {}",
            row.api,
            row.release,
            row.methods,
            row.jobs,
            row.events,
            row.models,
            inputs(&row.provenance),
            notes.join("; ")
        );
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

fn inputs(provenance: &[Input]) -> String {
    let kinds = provenance.iter().map(|input| match input.kind {
        InputKind::DumpRefs => "dump-refs",
        InputKind::DumpInlined => "dump-inlined",
        InputKind::Site => "site",
        InputKind::GetMethods => "get-methods",
        InputKind::GetMethodsCompleted => "get-methods-completed",
    });
    kinds.collect::<Vec<_>>().join(", ")
}
