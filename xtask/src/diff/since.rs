//! `cargo xtask since`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use truenas_diff::Version;
use truenas_diff::history::history;

use super::{neighbours, print, versions};
use crate::output::Format;
use crate::store::Store;

/// Show when a method or event came, changed, and goes
#[derive(Debug, Args)]
pub(crate) struct Since {
    /// Its name, in any version: pool.dataset.create
    #[arg(value_name = "METHOD")]
    name: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    store: Store,
}

impl Since {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let list = self.store.versions()?;
        let names: Vec<String> = list.iter().map(|version| version.api.clone()).collect();
        let versions = versions(&self.store, &names)?;
        let reports = neighbours(&versions);
        let versions: Vec<&Version> = versions.iter().collect();
        let Some(history) = history(&self.name, &versions, &reports) else {
            bail!("no version from {} has {}", names.join(", "), self.name);
        };
        let newest = names.last().map_or("", String::as_str);
        let text = match self.format {
            Format::Text => history.text(newest),
            Format::Json => serde_json::to_string_pretty(&history)? + "\n",
        };
        print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
