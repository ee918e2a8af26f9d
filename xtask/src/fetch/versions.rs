//! Which versions a site speaks of.

use std::cell::{Cell, RefCell};

use anyhow::{Result, bail};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{local_name, ns};
use reqwest::Url;
use truenas_codegen::versions::by_number;

use super::pages::HTML;
use super::web::Web;

/// The versions that a site offers, the oldest first.
pub(super) async fn offered(web: &Web, base: &Url) -> Result<Vec<String>> {
    // A page of a site has a menu of all versions; a folder has links.
    for page in ["", "index.html", "current/index.html"] {
        let Some(path) = web.get(&base.join(page)?, HTML).await? else {
            continue;
        };
        let mut found = Mentions::of(&std::fs::read(path)?).offered;
        if !found.is_empty() {
            found.sort_by(|a, b| by_number(a, b));
            found.dedup();
            return Ok(found);
        }
    }
    bail!("{base}: no page there says which versions there are")
}

/// The version that a page's title speaks of.
pub(super) fn named_in_title(page: &str) -> Option<String> {
    let title = Mentions::of(page.as_bytes()).title;
    let version = title.split_whitespace().find(|word| is_version(word));
    version.map(str::to_owned)
}

/// What a page says of versions.
#[derive(Default)]
struct Mentions {
    title: String,
    /// In menus and links.
    offered: Vec<String>,
}

impl Mentions {
    fn of(page: &[u8]) -> Self {
        let text = StrTendril::from(String::from_utf8_lossy(page).as_ref());
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(text);
        // There are no scripts to wait for.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.found.into_inner()
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
        let words = targets.flat_map(|attribute| attribute.value.split('/'));
        let versions = words.filter(|word| is_version(word)).map(str::to_owned);
        self.found.borrow_mut().offered.extend(versions);
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
fn is_version(name: &str) -> bool {
    let Some(numbers) = name.strip_prefix('v') else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    numbers.contains('.') && numbers.split('.').all(is_number)
}
