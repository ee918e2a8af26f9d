//! From a documentation site to the dump that it was made from.

use std::collections::BTreeSet;
use std::future::ready;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use truenas_site::{Index, Kind, Page, PageError};

use super::material::{Absent, Material, Why};
use super::pages::Pages;
use super::progress::Progress;
use super::sources::beside;
use super::versions::Mentions;
use crate::output::tell;

/// A real site has some 800.
const MOST_PAGES: usize = 10_000;
/// A real site has some 200.
const MOST_SERVICES: usize = 1_000;
const KINDS: [Kind; 2] = [Kind::Method, Kind::Event];
/// How many pages that cannot be read are told of.
const SHOWN: usize = 10;

/// Reads all pages of a version.
pub(super) async fn read(pages: &Pages<'_>, api: &str, concurrency: usize) -> Result<Material> {
    let front = pages.front().await?;
    let mut unproven = Vec::new();
    unproven.extend(other_version(pages, front.as_ref(), api)?);
    let all = pages.all(front.as_ref())?;
    let listed = Listed::find(pages, &all, concurrency).await?;
    if !all.iter().any(|stem| is_page(stem)) {
        unproven.push(format!(
            "whether the indexes are whole: no menu in index.html of {} names the pages as well",
            pages.name
        ));
    }
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
                why: Why::Lost,
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
        is_site: true,
        roles: None,
        absent,
        unproven,
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
    /// Follows the indexes, which have to list all pages there are.
    async fn find(
        pages: &Pages<'_>,
        all_pages: &BTreeSet<String>,
        concurrency: usize,
    ) -> Result<Self> {
        let mut services = BTreeSet::new();
        for kind in KINDS {
            let index = index(pages, kind, None).await?;
            services.extend(index.indexes.into_iter().map(|service| (kind, service)));
        }
        ensure!(
            services.len() <= MOST_SERVICES,
            "{}: {} services are too many",
            pages.name,
            services.len()
        );
        let mut count = 0_usize;
        let indexes: Vec<Index> = stream::iter(&services)
            .map(|(kind, service)| index(pages, *kind, Some(service)))
            .buffer_unordered(concurrency)
            .and_then(|index| {
                count = count.saturating_add(index.pages.len());
                let fits = count <= MOST_PAGES;
                let result = fits.then_some(index);
                ready(result.with_context(|| format!("{}: too many pages", pages.name)))
            })
            .try_collect()
            .await?;
        let all = indexes.into_iter().flat_map(|index| {
            let names = index.pages.into_iter();
            names.map(move |name| (index.kind, name))
        });
        // The index of a service is the page that is written last.
        let (overwritten, listed): (BTreeSet<_>, BTreeSet<_>) =
            all.partition(|page| services.contains(page));
        if let Some(stray) = stray(all_pages, services.iter().chain(&listed)) {
            bail!("{}: no index lists the page {stray}", pages.name);
        }
        let overwritten = overwritten.into_iter().map(|(kind, name)| Absent {
            kind,
            name,
            why: Why::Overwritten,
        });
        Ok(Self {
            pages: listed,
            overwritten: overwritten.collect(),
        })
    }
}

/// A page that is there although no index speaks of it: then an index is not
/// what it should be.
fn stray<'a>(
    all: &'a BTreeSet<String>,
    known: impl Iterator<Item = &'a (Kind, String)>,
) -> Option<&'a str> {
    let known: BTreeSet<String> = known.map(|(kind, name)| stem(*kind, Some(name))).collect();
    let mut strays = all.iter().filter(|stem| is_page(stem));
    strays
        .find(|stem| !known.contains(*stem))
        .map(String::as_str)
}

/// Whether a file is about methods or events of a service, or one of them.
fn is_page(name: &str) -> bool {
    let mut prefixes = KINDS.into_iter().map(|kind| stem(kind, Some("")));
    prefixes.any(|prefix| name.starts_with(&prefix))
}

/// Refuses a site that says it is of another version, and tells of one that
/// does not say of which it is.
fn other_version(pages: &Pages<'_>, front: Option<&Mentions>, api: &str) -> Result<Option<String>> {
    let Some(named) = front.and_then(Mentions::version) else {
        return Ok(Some(format!(
            "whether it is of {api}: no title in index.html of {} names a version",
            pages.name
        )));
    };
    // The site of v26.0.0 may call itself v26.0.
    let is_series = api.starts_with(&format!("{named}."));
    ensure!(
        named == api || is_series,
        "{}: this is the documentation of {named}, not of {api}",
        pages.name
    );
    if !is_series {
        return Ok(None);
    }
    // The first of a series is called like it.
    if api == format!("{named}.0") {
        let note = format_args!("{} says {named}, and not that it is {api}", pages.name);
        tell("note", note);
        return Ok(None);
    }
    Ok(Some(format!(
        "whether it is of {api}: {} says {named}",
        pages.name
    )))
}

/// The index of a service, or of everything.
async fn index(pages: &Pages<'_>, kind: Kind, service: Option<&str>) -> Result<Index> {
    let stem = stem(kind, service);
    let file = pages.file(&stem);
    let text = pages.text(&stem).await?;
    let text = text.with_context(|| format!("{}: there is no {file}", pages.name))?;
    let index = beside(move || Ok(truenas_site::index(&file, &text)?)).await;
    index.context(pages.name.clone())
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
