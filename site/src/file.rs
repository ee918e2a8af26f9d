//! What the name of a file says, and the parts of a page in both formats.

use crate::error::{Fault, Result};
use crate::html::{self, Element, Node};
use crate::prose;

/// What a page describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A method: `api_methods_….html`.
    Method,
    /// An event: `api_events_….html`.
    Event,
}

/// How a file is written, which its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A page, `….html`.
    Html,
    /// A page's source, `_sources/….rst.txt`. The schema stands in it as the
    /// same HTML.
    Rst,
}

/// What the name of a file says: `_sources/api_methods_pool.query.rst.txt`.
#[derive(Debug)]
pub(crate) struct FileName<'a> {
    pub(crate) kind: Kind,
    pub(crate) format: Format,
    /// `pool.query`; `None` for the index of everything, `api_methods.html`.
    pub(crate) subject: Option<&'a str>,
}

impl Kind {
    /// What the names of its pages begin with.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Kind::Method => "api_methods",
            Kind::Event => "api_events",
        }
    }
}

impl Format {
    fn suffix(self) -> &'static str {
        match self {
            Format::Html => ".html",
            Format::Rst => ".rst.txt",
        }
    }
}

impl<'a> FileName<'a> {
    /// Reads the last part of a path or an address.
    pub(crate) fn read(name: &'a str) -> Result<Self> {
        let name = name.rsplit('/').next().unwrap_or(name);
        let parts = || {
            let formats = [Format::Html, Format::Rst];
            let (format, name) = formats
                .into_iter()
                .find_map(|format| Some((format, name.strip_suffix(format.suffix())?)))?;
            let kinds = [Kind::Method, Kind::Event];
            let (kind, rest) = kinds
                .into_iter()
                .find_map(|kind| Some((kind, name.strip_prefix(kind.prefix())?)))?;
            let subject = match rest {
                "" => None,
                rest => Some(rest.strip_prefix('_')?),
            };
            Some(FileName {
                kind,
                format,
                subject,
            })
        };
        parts().ok_or_else(|| {
            Fault::new(
                "file name",
                "expected a name like api_methods_pool.query.html, api_events.html or \
                 api_methods_pool.query.rst.txt",
            )
        })
    }
}

/// What begins a list of pages in a source.
const TOCTREE: &str = ".. toctree::";

/// A page, taken apart.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) title: String,
    /// The paragraphs before the schema.
    pub(crate) before: Vec<String>,
    /// `<div id="json-schema">`, on the page of a method or an event.
    pub(crate) schema: Option<Element>,
    /// The pages it lists, as the names of their files without ending, on an
    /// index.
    pub(crate) listed: Option<Vec<String>>,
    /// The paragraphs after the schema.
    pub(crate) after: Vec<String>,
}

impl Parts {
    pub(crate) fn read(format: Format, text: &str) -> Result<Self> {
        match format {
            Format::Html => Parts::html(text),
            Format::Rst => Parts::rst(text),
        }
    }

    fn html(text: &str) -> Result<Self> {
        let mut parts = Parts {
            title: String::new(),
            before: Vec::new(),
            schema: None,
            listed: None,
            after: Vec::new(),
        };
        // Headings within the documentation make sections of their own, and
        // what follows stands in the last of them.
        let mut rest = html::section(text)?.children;
        rest.reverse();
        while let Some(node) = rest.pop() {
            match node {
                Node::Element(section) if section.is("section") => {
                    rest.extend(section.children.into_iter().rev());
                }
                Node::Element(heading) if heading.is("h1") && parts.title.is_empty() => {
                    parts.title = prose::text(&heading);
                }
                Node::Element(schema) if &*schema.id == "json-schema" => {
                    if parts.schema.replace(schema).is_some() {
                        return Err(Fault::new("div", "there are two schemas on this page"));
                    }
                }
                Node::Element(list) if list.has_class("toctree-wrapper") => {
                    if parts.listed.replace(listed(&list)?).is_some() {
                        return Err(two_lists());
                    }
                }
                node if parts.schema.is_none() => parts.before.extend(prose::blocks(&node)),
                node => parts.after.extend(prose::blocks(&node)),
            }
        }
        Ok(parts)
    }

    fn rst(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let title = lines.next().unwrap_or_default().to_owned();
        let underline = lines.next().unwrap_or_default();
        if title.is_empty() || underline.is_empty() || !underline.chars().all(|c| "=-".contains(c))
        {
            return Err(Fault::new("title", "the page does not begin with a title"));
        }
        let body: Vec<&str> = lines.collect();
        let mut parts = Parts {
            title,
            before: Vec::new(),
            schema: None,
            listed: None,
            after: Vec::new(),
        };
        // The documentation may hold anything, but it comes first.
        let Some(directive) = body
            .iter()
            .rposition(|line| matches!(*line, ".. raw:: html" | TOCTREE))
        else {
            return Err(Fault::new(
                "page",
                "there is neither a schema (`.. raw:: html`) nor a list of pages \
                 (`.. toctree::`) on it",
            ));
        };
        let (before, rest) = body.split_at(directive);
        let is_list = rest.first() == Some(&TOCTREE);
        if is_list && before.contains(&TOCTREE) {
            return Err(two_lists());
        }
        let rest = rest.get(1..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|line| !line.is_empty() && !line.starts_with(' '));
        let (block, after) = rest.split_at(end.unwrap_or(rest.len()));
        parts.before = paragraphs(before);
        parts.after = paragraphs(after);
        if is_list {
            let lines = block.iter().map(|line| line.trim());
            parts.listed = Some(
                lines
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
            );
        } else {
            let lines: Vec<&str> = block
                .iter()
                .map(|line| line.strip_prefix("    ").unwrap_or(line))
                .collect();
            parts.schema = Some(raw(&lines.join("\n"))?);
        }
        Ok(parts)
    }
}

fn two_lists() -> Fault {
    Fault::new("toctree", "there are two lists of pages on this page")
}

/// The schema in a block of HTML, after which there are line breaks only.
fn raw(text: &str) -> Result<Element> {
    let mut schema = None;
    for node in html::fragment(text)?.children {
        match node {
            Node::Text(text) if text.trim().is_empty() => {}
            Node::Element(br) if br.is("br") => {}
            Node::Element(element) if &*element.id == "json-schema" && schema.is_none() => {
                schema = Some(element);
            }
            Node::Element(element) => return Err(element.unknown()),
            Node::Text(text) => {
                let text = html::shorten(text.trim());
                return Err(Fault::new("page", format_args!("unexpected text {text:?}")));
            }
        }
    }
    schema.ok_or_else(|| Fault::new("page", "there is no `div#json-schema` on it"))
}

fn paragraphs(lines: &[&str]) -> Vec<String> {
    lines
        .split(|line| line.trim().is_empty())
        .filter(|paragraph| !paragraph.is_empty())
        .map(|paragraph| paragraph.join("\n").trim_end().to_owned())
        .collect()
}

/// The pages that a `div.toctree-wrapper` lists, without those listed on them.
fn listed(wrapper: &Element) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut items = wrapper.only()?.elements()?;
    while let Some(item) = items.next() {
        let link = item.elements()?.need()?;
        let name = link.href.strip_suffix(Format::Html.suffix());
        names.push(name.ok_or_else(|| link.unknown())?.to_owned());
    }
    Ok(names)
}
