//! The page that leads to all others.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{local_name, ns};

use crate::error::PageError;
use crate::html::tokenize;

/// What a page says of itself, and where it leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Front {
    /// Its title, which names the version: `Contents — TrueNAS API v25.10.0`.
    pub title: String,
    /// The addresses in its links and menus, as they are written.
    pub targets: Vec<String>,
}

/// Reads `index.html` of a site, or any other page that has links; `file` is
/// what errors call it.
///
/// # Errors
///
/// When it is too large, or something in it is longer than on any page.
///
/// ```
/// let front = truenas_site::front(
///     "index.html",
///     "<title>Contents</title> <a href=\"api_methods_pool.html\">pool</a>",
/// )?;
/// assert_eq!(front.title, "Contents");
/// assert_eq!(front.targets, ["api_methods_pool.html"]);
/// # Ok::<_, truenas_site::PageError>(())
/// ```
pub fn front(file: &str, text: &str) -> Result<Front, PageError> {
    let reader = tokenize(text, Reader::default()).map_err(|fault| fault.on(file))?;
    Ok(reader.front.into_inner())
}

#[derive(Default)]
struct Reader {
    front: RefCell<Front>,
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
        self.front.borrow_mut().targets.extend(targets);
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tag(&tag),
            Token::CharacterTokens(text) if self.in_title.get() => {
                self.front.borrow_mut().title.push_str(&text);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
