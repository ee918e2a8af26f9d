//! Which versions a site speaks of.

use std::cell::{Cell, RefCell};

use anyhow::{Result, bail};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{local_name, ns};
use reqwest::Url;
use truenas_codegen::versions::{by_number, is_version_name};

use super::pages::HTML;
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
        let mentions = Mentions::of(&String::from_utf8_lossy(&std::fs::read(path)?));
        let targets = mentions.targets.iter();
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
    let version = parts.find(|part| is_version(part))?;
    // From 26 on a folder is called after its series, whose first version is 0.
    Some(match is_version_name(version) {
        true => version.to_owned(),
        false => format!("{version}.0"),
    })
}

/// What a page says of versions and of other pages.
#[derive(Default)]
pub(super) struct Mentions {
    title: String,
    /// Where links and menus lead.
    targets: Vec<String>,
}

impl Mentions {
    pub(super) fn of(page: &str) -> Self {
        let text = StrTendril::from(page);
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(text);
        // There are no scripts to wait for.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.found.into_inner()
    }

    /// The version that the title speaks of.
    pub(super) fn version(&self) -> Option<&str> {
        self.title.split_whitespace().find(|word| is_version(word))
    }

    /// The files beside this page to which it leads.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let targets = self.targets.iter();
        targets.map(|target| target.split('#').next().unwrap_or_default())
    }
}

#[derive(Default)]
struct Reader {
    found: RefCell<Mentions>,
    in_title: Cell<bool>,
}

impl Reader {
    fn tag(&self, tag: &Tag) {
        let target = match tag.name {
            local_name!("title") => {
                self.in_title.set(tag.kind == TagKind::StartTag);
                return;
            }
            local_name!("option") => local_name!("value"),
            local_name!("a") => local_name!("href"),
            _ => return,
        };
        let attributes = tag.attrs.iter();
        let targets = attributes
            .filter(|attribute| attribute.name.ns == ns!() && attribute.name.local == target);
        let targets = targets.map(|attribute| attribute.value.to_string());
        self.found.borrow_mut().targets.extend(targets);
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tag(&tag),
            Token::CharacterTokens(text) if self.in_title.get() => {
                self.found.borrow_mut().title.push_str(&text);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// `v26.0` as well as `v25.10.0`.
pub(super) fn is_version(name: &str) -> bool {
    let Some(numbers) = name.strip_prefix('v') else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    matches!(numbers.split('.').count(), 2 | 3) && numbers.split('.').all(is_number)
}
