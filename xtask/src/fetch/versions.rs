//! Which versions a site speaks of.

use std::cmp::Ordering;
use std::fs;

use anyhow::{Result, bail};
use reqwest::Url;
use truenas_codegen::versions::{by_number, is_version_name, series};
use truenas_site::{Front, PageError};

use super::pages::HTML;
use super::sources::beside;
use super::web::Web;

/// The versions that a site offers, the oldest first.
pub(super) async fn offered(web: &Web, base: &Url) -> Result<Vec<String>> {
    // A page of a site has a menu of all versions; a folder has links.
    let mut others = Vec::new();
    for page in ["", "index.html", "current/index.html"] {
        let url = base.join(page)?;
        let Some(path) = web.probe(&url, HTML, &mut others).await? else {
            continue;
        };
        let bytes = fs::read(path)?;
        let name = url.to_string();
        let mentions =
            beside(move || Ok(Mentions::of(&name, &String::from_utf8_lossy(&bytes))?)).await;
        let mentions = match mentions {
            Ok(mentions) => mentions,
            Err(error) => {
                others.push(format!("\n  {error}"));
                continue;
            }
        };
        let targets = mentions.0.targets.iter();
        let mut found: Vec<String> = targets
            .filter_map(|target| version_below(base, &url.join(target).ok()?))
            .collect();
        if !found.is_empty() {
            found.sort_by(|a, b| by_number(a, b));
            found.dedup();
            return Ok(found);
        }
    }
    bail!(
        "{base}: no page there says which versions there are{}",
        others.concat()
    )
}

/// The version in an address, if it is one of this site.
fn version_below(base: &Url, url: &Url) -> Option<String> {
    if url.origin() != base.origin() {
        return None;
    }
    let mut parts = url.path().strip_prefix(base.path())?.split('/');
    let version = parts.find(|part| is_version_name(part))?;
    // From 26 on, a folder is named after its series, and its first version
    // ends in 0. Before 26, a name of two numbers is a version.
    let is_series = series(version).is_none() && by_number(version, "v26") != Ordering::Less;
    Some(match is_series {
        true => format!("{version}.0"),
        false => version.to_owned(),
    })
}

/// What a page says of versions and of other pages.
pub(super) struct Mentions(Front);

impl Mentions {
    /// Of a page that messages call so.
    pub(super) fn of(page: &str, text: &str) -> Result<Self, PageError> {
        truenas_site::front(page, text).map(Self)
    }

    /// The version that the title speaks of.
    pub(super) fn version(&self) -> Option<&str> {
        let mut words = self.0.title.split_whitespace();
        words.find(|word| is_version_name(word))
    }

    /// The files beside this page to which it leads.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let targets = self.0.targets.iter();
        targets.map(|target| target.split('#').next().unwrap_or_default())
    }
}
