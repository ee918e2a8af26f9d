//! HTML as a tree, for pages that are well-formed.
//!
//! What is read here was written by programs that close whatever they open. So
//! the tokenizer is that of browsers, but nothing is repaired the way browsers
//! do it: a page that would need that is none of those this crate knows. For
//! the others both see the same, and the tree is built in one pass, without the
//! 130 KB of navigation that each page carries, to a depth that is limited.

use std::cell::{Cell, RefCell};
use std::fmt;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::{LocalName, local_name};

use crate::error::{Fault, Result};

/// The largest page that is read, in bytes. The largest known one has 900 KB.
const MAX_SIZE: usize = 16 << 20;

/// How many elements a page may have: a small one takes more memory than its
/// text. The largest known page has 8 500.
const MAX_ELEMENTS: usize = 500_000;

/// How long a tag or a comment may be, in bytes: the tokenizer compares each
/// attribute with all others of its tag. The longest known one has 800.
const MAX_TOKEN: usize = 8 << 10;

/// How deep elements may nest. Known pages need 40.
const MAX_DEPTH: usize = 256;

/// An element and what is in it.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: LocalName,
    pub(crate) id: StrTendril,
    pub(crate) href: StrTendril,
    class: StrTendril,
    pub(crate) children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(StrTendril),
}

impl Element {
    pub(crate) fn is(&self, name: &str) -> bool {
        &*self.name == name
    }

    pub(crate) fn has_class(&self, class: &str) -> bool {
        self.classes().any(|own| own == class)
    }

    fn classes(&self) -> impl Iterator<Item = &str> {
        self.class.split_ascii_whitespace()
    }

    /// All text in this element, as it stands.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.gather(&mut text);
        text
    }

    fn gather(&self, text: &mut String) {
        for child in &self.children {
            match child {
                Node::Text(run) => text.push_str(run),
                Node::Element(element) => element.gather(text),
            }
        }
    }

    /// The text of an element that may hold nothing else.
    pub(crate) fn plain_text(&self) -> Result<String> {
        for child in &self.children {
            if let Node::Element(element) = child {
                return Err(Fault::new(
                    format_args!("{self} > {element}"),
                    "only text is expected here",
                ));
            }
        }
        Ok(self.text())
    }

    /// The elements in this one, where there is no text beside them.
    pub(crate) fn elements(&self) -> Result<Elements<'_>> {
        let mut elements = Vec::with_capacity(self.children.len());
        for child in &self.children {
            match child {
                Node::Element(element) => elements.push(element),
                Node::Text(text) if text.trim().is_empty() => {}
                Node::Text(text) => {
                    let text = shorten(text.trim());
                    return Err(Fault::new(self, format_args!("unexpected text {text:?}")));
                }
            }
        }
        Ok(Elements {
            parent: self,
            rest: elements.into_iter(),
        })
    }

    /// The only element in this one.
    pub(crate) fn only(&self) -> Result<&Element> {
        let mut elements = self.elements()?;
        let only = elements.need()?;
        elements.end()?;
        Ok(only)
    }

    /// An error about this element, which nobody knows.
    pub(crate) fn unknown(&self) -> Fault {
        Fault::new(
            self,
            format_args!(
                "an element of an unknown kind, with the text {:?}; pages made by \
                 json-schema-for-humans 1.0.2 or 1.4.1 do not have it here",
                shorten(self.text().trim())
            ),
        )
    }
}

/// Elements that stand side by side, to be taken one by one.
pub(crate) struct Elements<'a> {
    parent: &'a Element,
    rest: std::vec::IntoIter<&'a Element>,
}

impl<'a> Elements<'a> {
    pub(crate) fn next(&mut self) -> Option<&'a Element> {
        self.rest.next()
    }

    /// The next one, if it is as expected.
    pub(crate) fn next_if(&mut self, expected: impl Fn(&Element) -> bool) -> Option<&'a Element> {
        let next = self.rest.as_slice().first()?;
        if expected(next) {
            self.rest.next()
        } else {
            None
        }
    }

    pub(crate) fn count(self) -> usize {
        self.rest.len()
    }

    /// The next one, which must be there.
    pub(crate) fn need(&mut self) -> Result<&'a Element> {
        self.rest
            .next()
            .ok_or_else(|| Fault::new(self.parent, "an element is missing at its end"))
    }

    /// No other one may be there.
    pub(crate) fn end(mut self) -> Result<()> {
        match self.rest.next() {
            None => Ok(()),
            Some(element) => Err(element.unknown()),
        }
    }
}

/// As CSS would call it: `span.badge.value-type`.
impl fmt::Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.name {
            "" => formatter.write_str("page")?,
            name => formatter.write_str(name)?,
        }
        for class in self.classes() {
            write!(formatter, ".{class}")?;
        }
        Ok(())
    }
}

/// The beginning of a text, for a message.
pub(crate) fn shorten(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

/// The first `<section>` of a page.
pub(crate) fn section(text: &str) -> Result<Element> {
    let builder = parse(text, Vec::new())?;
    match (builder.done, builder.open.last()) {
        (Some(section), _) => Ok(section),
        (None, Some(open)) => Err(unclosed(open)),
        (None, None) => Err(Fault::new(
            "page",
            "there is no `section`: it is no page of the documentation, or it is cut off",
        )),
    }
}

/// A piece of a page, as the children of an element without a name.
pub(crate) fn fragment(text: &str) -> Result<Element> {
    let root = Element {
        name: local_name!(""),
        id: StrTendril::new(),
        href: StrTendril::new(),
        class: StrTendril::new(),
        children: Vec::new(),
    };
    let mut open = parse(text, vec![root])?.open;
    match (open.pop(), open.pop()) {
        (Some(root), None) => Ok(root),
        (Some(inner), _) => Err(unclosed(&inner)),
        (None, _) => Err(Fault::new("page", "there is nothing on it")),
    }
}

fn unclosed(element: &Element) -> Fault {
    Fault::new(
        element,
        "it is never closed: the page is cut off, or not well-formed",
    )
    .within(&element.id)
}

fn parse(text: &str, open: Vec<Element>) -> Result<Builder> {
    let sink = Sink(RefCell::new(Builder {
        open,
        ..Builder::default()
    }));
    let builder = tokenize(text, sink)?.0.into_inner();
    match builder.fault {
        Some(fault) => Err(fault),
        None => Ok(builder),
    }
}

/// Gives a page to a sink, token by token.
pub(crate) fn tokenize<S: TokenSink<Handle = ()>>(text: &str, sink: S) -> Result<S> {
    if text.len() > MAX_SIZE {
        return Err(Fault::new(
            "page",
            format_args!(
                "it has {} bytes, and more than {MAX_SIZE} are refused",
                text.len()
            ),
        ));
    }
    let sink = Listener {
        sink,
        heard: Cell::new(false),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut rest = text;
    while !rest.is_empty() {
        // Between two characters, of which none has more than four bytes.
        let mut ends = (MAX_TOKEN..MAX_TOKEN + 4).rev();
        let (piece, after) = ends
            .find_map(|end| rest.split_at_checked(end))
            .unwrap_or((rest, ""));
        rest = after;
        tokenizer.sink.heard.set(false);
        queue.push_back(StrTendril::from_slice(piece));
        // It stops for scripts, which no sink here asks for.
        let _ = tokenizer.feed(&queue);
        // Its beginning was in this piece or before, its end is not.
        if piece.len() >= MAX_TOKEN && !tokenizer.sink.heard.get() {
            return Err(Fault::new(
                "page",
                format_args!("a tag or a comment has more than {MAX_TOKEN} bytes"),
            ));
        }
    }
    tokenizer.end();
    Ok(tokenizer.sink.sink)
}

/// A sink, and whether something came of the last piece of a page.
struct Listener<S> {
    sink: S,
    heard: Cell<bool>,
}

impl<S: TokenSink<Handle = ()>> TokenSink for Listener<S> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        // There may be errors for ever in a tag that never ends.
        if !matches!(token, Token::ParseError(_)) {
            self.heard.set(true);
        }
        let raw = match &token {
            Token::TagToken(tag) => raw_kind(tag),
            _ => None,
        };
        let result = self.sink.process_token(token, line);
        raw.map_or(result, TokenSinkResult::RawData)
    }
}

struct Sink(RefCell<Builder>);

#[derive(Default)]
struct Builder {
    /// How many elements there were.
    count: usize,
    /// The elements that are not closed yet, the innermost last.
    open: Vec<Element>,
    /// The section, once it is closed.
    done: Option<Element>,
    fault: Option<Fault>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.0.borrow_mut();
        if builder.fault.is_some() {
            return TokenSinkResult::Continue;
        }
        let result = match token {
            Token::TagToken(tag) => match tag.kind {
                TagKind::StartTag => builder.start(tag),
                TagKind::EndTag => builder.end(&tag.name),
            },
            Token::CharacterTokens(text) => {
                builder.text(text);
                Ok(())
            }
            Token::NullCharacterToken => Err(Fault::new("page", "it has a null character")),
            Token::CommentToken(_)
            | Token::DoctypeToken(_)
            | Token::EOFToken
            | Token::ParseError(_) => Ok(()),
        };
        builder.fault = result.err();
        TokenSinkResult::Continue
    }
}

/// Elements in which tags are text.
fn raw_kind(tag: &Tag) -> Option<RawKind> {
    if tag.kind != TagKind::StartTag {
        return None;
    }
    match &*tag.name {
        "script" => Some(RawKind::ScriptData),
        "style" => Some(RawKind::Rawtext),
        "title" | "textarea" => Some(RawKind::Rcdata),
        _ => None,
    }
}

/// Elements that have no end.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "source"
            | "track"
            | "wbr"
    )
}

impl Builder {
    fn start(&mut self, tag: Tag) -> Result<()> {
        if self.done.is_some() || (self.open.is_empty() && &*tag.name != "section") {
            return Ok(());
        }
        let mut element = Element {
            name: tag.name,
            id: StrTendril::new(),
            href: StrTendril::new(),
            class: StrTendril::new(),
            children: Vec::new(),
        };
        for attribute in tag.attrs {
            match &*attribute.name.local {
                "id" => element.id = attribute.value,
                "href" => element.href = attribute.value,
                "class" => element.class = attribute.value,
                _ => {}
            }
        }
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(Fault::new(
                &element,
                format_args!("there are more than {MAX_ELEMENTS} elements on this page"),
            ));
        }
        if is_void(&element.name) {
            self.close(element);
        } else if self.open.len() >= MAX_DEPTH {
            return Err(Fault::new(
                &element,
                format_args!("elements are nested more than {MAX_DEPTH} deep"),
            ));
        } else {
            self.open.push(element);
        }
        Ok(())
    }

    fn end(&mut self, name: &LocalName) -> Result<()> {
        let Some(element) = self.open.pop() else {
            return Ok(());
        };
        if element.name != *name {
            return Err(Fault::new(
                &element,
                format_args!("it is closed by </{name}>: the page is not well-formed"),
            )
            .within(&element.id));
        }
        self.close(element);
        Ok(())
    }

    /// Puts a complete element where it belongs.
    fn close(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.done = Some(element),
        }
    }

    fn text(&mut self, text: StrTendril) {
        let Some(parent) = self.open.last_mut() else {
            return;
        };
        // The tokenizer cuts a text at every character reference.
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_tendril(&text),
            _ => parent.children.push(Node::Text(text)),
        }
    }
}
