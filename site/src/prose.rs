//! Prose as plain text, in the marks of reStructuredText: what the methods'
//! documentation is written in, and what their pages in `_sources` still have.

use crate::html::{Element, Node};

/// The text of an element that holds prose: one paragraph for each block.
pub(crate) fn text(element: &Element) -> String {
    let mut blocks = Vec::new();
    gather(&element.children, &mut blocks);
    blocks.join("\n\n")
}

/// The paragraphs of a run of blocks.
fn gather(nodes: &[Node], blocks: &mut Vec<String>) {
    let mut line = String::new();
    for node in nodes {
        match node {
            Node::Element(element) if is_block(element) => {
                finish(&mut line, blocks);
                block(element, blocks);
            }
            node => inline(node, &mut line),
        }
    }
    finish(&mut line, blocks);
}

fn finish(line: &mut String, blocks: &mut Vec<String>) {
    let text = std::mem::take(line);
    if !text.trim().is_empty() {
        blocks.push(text.trim().to_owned());
    }
}

fn is_block(element: &Element) -> bool {
    matches!(
        &*element.name,
        "blockquote"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tr"
            | "ul"
    )
}

fn block(element: &Element, blocks: &mut Vec<String>) {
    match &*element.name {
        "ul" | "ol" => {
            let mut items = Vec::new();
            for child in &element.children {
                if let Node::Element(item) = child {
                    let mut inner = Vec::new();
                    gather(&item.children, &mut inner);
                    items.push(format!("- {}", inner.join("\n")));
                }
            }
            blocks.push(items.join("\n"));
        }
        "pre" => {
            let code = element.text();
            blocks.push(code.trim_matches('\n').to_owned());
        }
        _ => gather(&element.children, blocks),
    }
}

fn inline(node: &Node, line: &mut String) {
    let element = match node {
        // White space after a line break is that of the source.
        Node::Text(text) if line.is_empty() || line.ends_with('\n') => {
            return line.push_str(text.trim_start());
        }
        Node::Text(text) => return line.push_str(text),
        Node::Element(element) => element,
    };
    if element.has_class("headerlink") {
        return;
    }
    let mark = match &*element.name {
        "br" => return line.push('\n'),
        "em" | "i" => "*",
        "strong" | "b" => "**",
        "code" => "``",
        _ => "",
    };
    line.push_str(mark);
    for child in &element.children {
        inline(child, line);
    }
    line.push_str(mark);
}

/// The paragraphs in one block of a page.
pub(crate) fn blocks(node: &Node) -> Vec<String> {
    let mut blocks = Vec::new();
    gather(std::slice::from_ref(node), &mut blocks);
    blocks
}
