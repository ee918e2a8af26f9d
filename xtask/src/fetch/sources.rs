//! The places where a version is published, as they are named on the command
//! line.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Error, Result, ensure};
use clap::Args;
use reqwest::Url;
use truenas_runtime::client::Trust;

use super::advice::in_flags;
use super::host::{Answer, Connection, HostOptions, SYSTEM};
use super::material::Material;
use super::pages::Pages;
use super::stop::Watch;
use super::web::{Proxy, Web, WebOptions};
use super::{file, site, versions};

/// Where the vendor publishes all versions.
const PUBLIC: &str = "https://api.truenas.com/";

/// Where sites and systems are, and how they are asked.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// Where the folders of the site's versions are, if not at api.truenas.com:
    /// a mirror, or `https://nas.example/api/docs/`
    #[arg(long, value_name = "URL")]
    base_url: Option<Url>,

    #[command(flatten)]
    system: System,
}

/// A system and the login for it.
#[derive(Debug, Args)]
pub(crate) struct System {
    /// How long everything together may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,

    #[command(flatten)]
    host: HostOptions,

    #[command(flatten)]
    web: WebOptions,
}

impl System {
    /// Returns the system to ask, if one was named.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.host.as_deref()
    }

    /// Logs in to a system.
    pub(crate) async fn connect(&self, host: &str) -> Result<Connection> {
        self.host.connect(host, &self.web).await
    }

    /// Runs work to its end, unless it takes too long or somebody interrupts
    /// it; `kept` is added to the message about that. Run long blocking work
    /// with [`beside`], so that it stops at once.
    pub(crate) fn run<T>(
        &self,
        kept: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        // Before the work begins, somebody listens.
        let mut watch = Watch::begin(Duration::from_secs(self.deadline), kept)?;
        let result = runtime.block_on(async {
            tokio::select! {
                biased;
                why = &mut watch.stopped => Err(Error::msg(why?)),
                done = work => done,
            }
        });
        drop(watch);
        // Who still waits for input may wait for ever.
        runtime.shutdown_background();
        result.map_err(in_flags)
    }
}

impl Sources {
    /// The system to ask, if one was named.
    pub(crate) fn host(&self) -> Option<&str> {
        self.system.host()
    }

    /// Returns whether a site was named.
    pub(crate) fn names_site(&self) -> bool {
        self.base_url.is_some()
    }

    /// Runs work like a [`System`].
    pub(crate) fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let kept = match self.system.host.is_insecure() {
            false => "; what was fetched is kept for the next time",
            // Without verification it may come from anyone.
            true => "",
        };
        self.system.run(kept, work)
    }

    /// The versions that the site offers.
    pub(crate) async fn offered(&self) -> Result<Vec<String>> {
        ensure!(
            self.host().is_none() || self.names_site(),
            "--list: a system is of one version; its site may offer more, and is named by \
             `--base-url https://nas.example/api/docs/`"
        );
        let (web, base) = self.site_web()?;
        versions::offered(&web, &base).await
    }

    /// What the site says of a version.
    pub(crate) async fn site(&self, api: &str) -> Result<Material> {
        let (web, base) = self.site_web()?;
        let pages = self.pages(&web, &base, api).await?;
        pages.with_context(|| {
            format!("{base}: no documentation of {api}; `--list` shows what there is")
        })
    }

    /// What the system says of its own version.
    pub(crate) async fn ask(&self, host: &str) -> Result<Answer> {
        self.system.host.ask(host, &self.system.web).await
    }

    /// What the system's own site says; `None` if it has none.
    pub(crate) async fn docs(&self, answer: &Answer) -> Result<Option<Material>> {
        self.pages(&answer.web, &answer.docs, &answer.api).await
    }

    /// What a file says; `-` is standard input.
    pub(crate) async fn file(&self, path: &Path, api: Option<&str>) -> Result<Material> {
        file::read(path, api).await
    }

    async fn pages(&self, web: &Web, base: &Url, api: &str) -> Result<Option<Material>> {
        let Some(pages) = Pages::at(web, base, api).await? else {
            return Ok(None);
        };
        let read = site::read(&pages, api, self.system.web.concurrency.into()).await;
        read.map(Some)
    }

    fn site_web(&self) -> Result<(Web, Url)> {
        let mut base = match &self.base_url {
            Some(base) => base.clone(),
            None => PUBLIC.parse()?,
        };
        ensure!(
            matches!(base.scheme(), "http" | "https"),
            "--base-url: expected an address that begins with https:// or http://"
        );
        ensure!(
            base.query().is_none() && base.fragment().is_none(),
            "--base-url: expected the address of a folder, which has no `?` or `#`"
        );
        ensure!(
            base.username().is_empty() && base.password().is_none(),
            "--base-url: a user or password in it would be shown in messages"
        );
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // What was said of a host's certificate is said of no other.
        let (trust, known) = match self.host() {
            Some(_) => (Trust::system(), Some(SYSTEM.to_owned())),
            None => (self.system.host.trust()?, self.system.host.known()?),
        };
        let web = Web::new(
            &self.system.web,
            &trust,
            known.as_deref(),
            Proxy::FromEnvironment,
        )?;
        Ok((web, base))
    }
}

/// Does what blocks on a thread of its own.
pub(crate) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await?
}
