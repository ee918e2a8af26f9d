//! The pages of a version's documentation site, wherever they are.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, ensure};
use reqwest::Url;
use truenas_codegen::versions::series;

use super::archive::Archive;
use super::sources::beside;
use super::versions::Mentions;
use super::web::{Expected, Web};
use crate::output::beginning;

const ZIP: Expected = Expected {
    most: 256 << 20,
    content_types: &[
        "application/zip",
        "application/x-zip-compressed",
        "application/octet-stream",
    ],
    is_long: true,
};
const SOURCE: Expected = Expected {
    most: 32 << 20,
    content_types: &["text/plain", "text/x-rst", "application/octet-stream"],
    is_long: false,
};
pub(super) const HTML: Expected = Expected {
    most: 32 << 20,
    content_types: &["text/html", "application/xhtml+xml"],
    is_long: false,
};

/// The pages of one version's site.
pub(super) struct Pages<'w> {
    place: Place<'w>,
    /// From where the zip was fetched, if it was.
    fetched: Option<(&'w Web, Url)>,
    form: Form,
    /// Where they are, for messages.
    pub(super) name: String,
}

enum Place<'w> {
    Zip(Mutex<Archive>),
    Folder(&'w Web, Url),
}

/// The two forms in which a site has each of its pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What the site was made from, a sixth of the size.
    Sources,
    Html,
}

impl Form {
    const ALL: [Self; 2] = [Self::Sources, Self::Html];

    fn file(self, stem: &str) -> String {
        match self {
            Self::Sources => format!("_sources/{stem}.rst.txt"),
            Self::Html => format!("{stem}.html"),
        }
    }

    fn expected(self) -> Expected {
        match self {
            Self::Sources => SOURCE,
            Self::Html => HTML,
        }
    }

    fn stem(self, file: &str) -> Option<&str> {
        match self {
            Self::Sources => file.strip_prefix("_sources/")?.strip_suffix(".rst.txt"),
            Self::Html => file
                .strip_suffix(".html")
                .filter(|stem| !stem.contains('/')),
        }
    }
}

/// The page from which all others can be found.
const FIRST: &str = "api_methods";

impl<'w> Pages<'w> {
    /// The pages of a version of the site at this address: its zip if there is
    /// one, else page by page; `None` if there is no such site.
    pub(super) async fn at(web: &'w Web, base: &Url, api: &str) -> Result<Option<Self>> {
        let mut others = Vec::new();
        for folder in folders(api) {
            let url = base.join(&format!("{folder}/"))?;
            let zip = url.join(&format!("truenas-{folder}-docs.zip"))?;
            if let Some(path) = web.probe(&zip, ZIP, &mut others).await? {
                let pages = Self::zipped(&path, zip.as_str())
                    .inspect_err(|_| web.forget(&zip))
                    .context(zip.to_string())?;
                let mut pages =
                    pages.with_context(|| format!("{zip}: no page of the API is in it"))?;
                pages.fetched = Some((web, zip));
                return Ok(Some(pages));
            }
            for form in Form::ALL {
                let first = url.join(&form.file(FIRST))?;
                let found = web.probe(&first, form.expected(), &mut others).await?;
                if found.is_some() {
                    return Ok(Some(Self {
                        place: Place::Folder(web, url.clone()),
                        fetched: None,
                        form,
                        name: url.to_string(),
                    }));
                }
            }
        }
        ensure!(
            others.is_empty(),
            "{base}: no documentation of {api}; instead:{}",
            others.concat()
        );
        Ok(None)
    }

    /// The pages in a zip; `None` if there are none in it.
    pub(super) fn zipped(path: &Path, name: &str) -> Result<Option<Self>> {
        let archive = Archive::open(File::open(path)?)?;
        let names = archive.names()?;
        let form = Form::ALL
            .into_iter()
            .find(|form| names.contains(&form.file(FIRST)));
        Ok(form.map(|form| Self {
            place: Place::Zip(Mutex::new(archive)),
            fetched: None,
            form,
            name: name.to_owned(),
        }))
    }

    /// What messages call a page.
    pub(super) fn file(&self, stem: &str) -> String {
        self.form.file(stem)
    }

    /// The text of a page; `None` if there is none of this name.
    pub(super) async fn text(&self, stem: &str) -> Result<Option<String>> {
        // It becomes part of an address, which stays in the folder.
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        ensure!(
            stem.chars().all(plain),
            "{} is no name of a page",
            beginning(stem)
        );
        let file = self.form.file(stem);
        self.read(&file, self.form.expected()).await
    }

    /// The page that says of which version the site is, and has a menu of all
    /// others.
    pub(super) async fn front(&self) -> Result<Option<Mentions>> {
        const FILE: &str = "index.html";
        let Some(page) = self.read(FILE, HTML).await? else {
            return Ok(None);
        };
        let mentions = beside(move || Ok(Mentions::of(FILE, &page)?)).await;
        mentions.map(Some).with_context(|| self.name.clone())
    }

    /// The names of all pages that the front page leads to or that are in the
    /// zip: none where neither tells.
    pub(super) fn all(&self, front: Option<&Mentions>) -> Result<BTreeSet<String>> {
        let links = front.into_iter().flat_map(Mentions::files);
        let mut all: BTreeSet<String> = links
            .filter_map(|file| Form::Html.stem(file).map(str::to_owned))
            .collect();
        if let Place::Zip(archive) = &self.place {
            let names = archive.lock().map_err(|_| poisoned())?.names()?;
            let stems = names.iter().filter_map(|file| self.form.stem(file));
            all.extend(stems.map(str::to_owned));
        }
        Ok(all)
    }

    async fn read(&self, file: &str, expected: Expected) -> Result<Option<String>> {
        match &self.place {
            Place::Zip(archive) => {
                let mut archive = archive.lock().map_err(|_| poisoned())?;
                let text = archive.text(file);
                if let (Err(_), Some((web, zip))) = (&text, &self.fetched) {
                    web.forget(zip);
                }
                text.with_context(|| self.name.clone())
            }
            Place::Folder(web, folder) => {
                let url = folder.join(file)?;
                let Some(path) = web.get(&url, expected).await? else {
                    return Ok(None);
                };
                let bytes =
                    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let text = String::from_utf8(bytes);
                text.map(Some).with_context(|| format!("{url}: not UTF-8"))
            }
        }
    }
}

fn poisoned() -> anyhow::Error {
    anyhow!("another thread failed while it read the zip")
}

/// The folders that a version can be in: from 26 on, without its last number.
pub(super) fn folders(api: &str) -> Vec<&str> {
    let mut folders = vec![api];
    folders.extend(series(api));
    folders
}
