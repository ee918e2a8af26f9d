//! From a documentation site to the dump that it was made from.

use std::collections::BTreeSet;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use truenas_site::{Index, Kind, Page, PageError};

use super::material::{Absent, Material};
use super::pages::Pages;
use super::progress::Progress;

/// A real site has some 800.
const MOST_PAGES: usize = 10_000;
const KINDS: [Kind; 2] = [Kind::Method, Kind::Event];
/// How many pages that cannot be read are told of.
const SHOWN: usize = 10;

/// Reads all pages of a version.
pub(super) async fn read(pages: &Pages<'_>, api: &str, concurrency: usize) -> Result<Material> {
    pages.check(api).await?;
    let listed = Listed::find(pages, concurrency).await?;
    let mut absent = listed.overwritten;
    let progress = Progress::new(&pages.name, listed.pages.len());
    let mut found = Vec::new();
    let mut unread = Vec::new();
    let mut results = stream::iter(&listed.pages)
        .map(|(kind, name)| async move { (kind, name, page(pages, *kind, name).await) })
        .buffer_unordered(concurrency);
    while let Some((kind, name, result)) = results.next().await {
        match result? {
            Some(Ok(page)) => found.push(page),
            Some(Err(error)) => unread.push(error),
            None => absent.push(Absent {
                kind: *kind,
                name: name.clone(),
                why: "an index lists its page, which is not there",
            }),
        }
        progress.step();
    }
    drop(progress);
    if !unread.is_empty() {
        let count = unread.len();
        let shown = unread.iter().take(SHOWN);
        let shown: Vec<String> = shown.map(|error| format!("\n  {error}")).collect();
        bail!(
            "{}: {count} pages cannot be read, such as{}",
            pages.name,
            shown.concat()
        );
    }
    absent.sort();
    Ok(Material {
        name: pages.name.clone(),
        text: truenas_site::dump(api, found).to_string(),
        roles: None,
        absent,
    })
}

/// A page as what it was made from; `None` if it is not there.
async fn page(
    pages: &Pages<'_>,
    kind: Kind,
    name: &str,
) -> Result<Option<Result<Page, PageError>>> {
    let stem = stem(kind, Some(name));
    let Some(text) = pages.text(&stem).await? else {
        return Ok(None);
    };
    let file = pages.file(&stem);
    // The work is done beside the transfers.
    let read = tokio::task::spawn_blocking(move || truenas_site::page(&file, &text));
    Ok(Some(read.await?))
}

/// How many pages are read at once where nothing has to be transferred.
pub(super) fn cores() -> usize {
    available_parallelism().map_or(1, |cores| cores.get().min(4))
}

/// What the indexes of a site list.
struct Listed {
    pages: BTreeSet<(Kind, String)>,
    /// Methods and events whose page the site itself has overwritten.
    overwritten: Vec<Absent>,
}

impl Listed {
    async fn find(pages: &Pages<'_>, concurrency: usize) -> Result<Self> {
        let mut services = BTreeSet::new();
        for kind in KINDS {
            let index = index(pages, kind, None).await?;
            services.extend(index.indexes.into_iter().map(|service| (kind, service)));
        }
        let indexes: Vec<Index> = stream::iter(&services)
            .map(|(kind, service)| index(pages, *kind, Some(service)))
            .buffer_unordered(concurrency)
            .try_collect()
            .await?;
        let all = indexes.into_iter().flat_map(|index| {
            let names = index.pages.into_iter();
            names.map(move |name| (index.kind, name))
        });
        // The index of a service is the page that is written last.
        let (overwritten, listed): (BTreeSet<_>, BTreeSet<_>) =
            all.partition(|page| services.contains(page));
        ensure!(listed.len() <= MOST_PAGES, "{}: too many pages", pages.name);
        if let Some(stray) = stray(pages, services.iter().chain(&listed))? {
            bail!("{}: no index lists the page {stray}", pages.name);
        }
        let overwritten = overwritten.into_iter().map(|(kind, name)| Absent {
            kind,
            name,
            why: "its page is the index of the service of the same name",
        });
        Ok(Self {
            pages: listed,
            overwritten: overwritten.collect(),
        })
    }
}

/// A page that is there although nobody speaks of it: then an index is not
/// what it should be.
fn stray<'a>(
    pages: &Pages<'_>,
    known: impl Iterator<Item = &'a (Kind, String)>,
) -> Result<Option<String>> {
    let mut all: BTreeSet<String> = pages.all()?.unwrap_or_default().into_iter().collect();
    for (kind, name) in known {
        all.remove(&stem(*kind, Some(name)));
    }
    let prefixes = KINDS.map(|kind| stem(kind, Some("")));
    let is_page = |stem: &String| prefixes.iter().any(|prefix| stem.starts_with(prefix));
    Ok(all.into_iter().find(is_page))
}

/// The index of a service, or of everything.
async fn index(pages: &Pages<'_>, kind: Kind, service: Option<&str>) -> Result<Index> {
    let stem = stem(kind, service);
    let file = pages.file(&stem);
    let text = pages.text(&stem).await?;
    let text = text.with_context(|| format!("{}: there is no {file}", pages.name))?;
    truenas_site::index(&file, &text).context(pages.name.clone())
}

/// What the files of a page are called, without their ending.
fn stem(kind: Kind, name: Option<&str>) -> String {
    let kind = match kind {
        Kind::Method => "api_methods",
        Kind::Event => "api_events",
    };
    match name {
        Some(name) => format!("{kind}_{name}"),
        None => kind.to_owned(),
    }
}
