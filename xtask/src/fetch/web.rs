//! Files over HTTP, from a server that may be slow, broken or hostile.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use reqwest::Url;
use truenas_runtime::client::Trust;

use super::cache::Cache;
use super::client::client;
use super::pace::{LONGEST, Pace, pauses};
use super::transfer::{Failure, Found, Transfer};
use crate::output::tell;

/// How files are fetched.
#[derive(Debug, Args)]
pub(super) struct WebOptions {
    /// Follow redirects to this host as well (may be repeated)
    #[arg(long, value_name = "HOST")]
    allow_redirect_to: Vec<String>,

    /// How many requests are under way at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(super) concurrency: u8,

    /// How long one request may take, in seconds, its answer included; for the
    /// zip of a site, how long nothing may come
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,

    /// How often a request is repeated that failed for want of a connection, or
    /// because the server is busy; a zip that broke off goes on where it was
    #[arg(long, value_name = "N", default_value_t = 4)]
    retries: usize,

    /// Where fetched files are kept, for asking only whether they have changed,
    /// and what has come of a zip, for the rest of it
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fetch"), hide_default_value = true)]
    cache: PathBuf,
}

/// Whether what the environment says of proxies counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proxy {
    FromEnvironment,
    None,
}

/// What a file may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    /// In bytes.
    pub(super) most: u64,
    pub(super) content_types: &'static [&'static str],
    /// Whether it may take its time, as long as it goes on, and is gone on with
    /// after a break.
    pub(super) is_long: bool,
}

/// A way to fetch files.
#[derive(Debug)]
pub(super) struct Web {
    transfer: Transfer,
    pace: Pace,
    retries: usize,
}

impl Web {
    /// `known` is by what the server is known; `None` is not at all.
    pub(super) fn new(
        options: &WebOptions,
        trust: &Trust,
        known: Option<&str>,
        proxy: Proxy,
    ) -> Result<Self> {
        let cache = match known {
            Some(known) => Cache::open(options.cache.clone(), format!("{known} {proxy:?}"))?,
            None => Cache::temporary()?,
        };
        let timeout = Duration::from_secs(options.timeout);
        let client = client(trust, proxy, timeout, options.allow_redirect_to.clone())?;
        Ok(Self {
            transfer: Transfer::new(client, cache, timeout),
            pace: Pace::default(),
            retries: options.retries,
        })
    }

    /// The file at an address, in the cache; `None` where there is none.
    pub(super) async fn get(&self, url: &Url, expected: Expected) -> Result<Option<PathBuf>> {
        match self.ask(url, expected).await? {
            Found::File(path) => Ok(Some(path)),
            Found::Nothing => Ok(None),
            Found::Other(error) => Err(error.context(url.to_string())),
        }
    }

    /// The same where the file may as well be elsewhere: something else is as
    /// good as nothing, and remembered.
    pub(super) async fn probe(
        &self,
        url: &Url,
        expected: Expected,
        others: &mut Vec<String>,
    ) -> Result<Option<PathBuf>> {
        match self.ask(url, expected).await? {
            Found::File(path) => Ok(Some(path)),
            Found::Nothing => Ok(None),
            Found::Other(error) => {
                others.push(format!("\n  {url}: {error:#}"));
                Ok(None)
            }
        }
    }

    /// Keeps no longer what is at an address, as it cannot be read: a server that
    /// uses a tag twice would call it unchanged for ever.
    pub(super) fn forget(&self, url: &Url) {
        if self.transfer.forget(url) {
            tell("note", format_args!("{url}: fetched whole the next time"));
        }
    }

    async fn ask(&self, url: &Url, expected: Expected) -> Result<Found> {
        let mut pauses = pauses(self.retries);
        let mut attempts = 0_usize;
        loop {
            attempts = attempts.saturating_add(1);
            self.pace.wait().await;
            let (error, asked, is_busy) = match self.transfer.attempt(url, expected).await {
                Ok(found) => return Ok(found),
                Err(Failure::Final(error)) => return Err(error.context(url.to_string())),
                Err(Failure::Broken(error)) => (error, None, false),
                Err(Failure::Busy(error, asked)) => (error, asked, true),
            };
            if let Some(asked) = asked.filter(|asked| *asked > LONGEST) {
                let later = format!("{url}: try again in {} seconds", asked.as_secs());
                return Err(error.context(later));
            }
            let Some(pause) = pauses.next() else {
                let times = if attempts == 1 { "attempt" } else { "attempts" };
                let given_up = format!("{url}: given up after {attempts} {times}");
                return Err(error.context(given_up));
            };
            match is_busy {
                true => {
                    let pause = asked.unwrap_or_default().max(pause);
                    let seconds = pause.as_secs_f32();
                    tell("note", format_args!("{url}: busy, waiting {seconds:.1} s"));
                    self.pace.hold(pause);
                }
                false => tokio::time::sleep(pause).await,
            }
        }
    }
}
