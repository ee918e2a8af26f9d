//! Documentation from facts.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::MethodKind;
use crate::types::{Event, Method, code};

/// Paragraphs as doc attributes, one a line.
pub(super) fn doc(paragraphs: &[String]) -> TokenStream {
    let text = paragraphs.join("\n\n");
    let lines = text.lines().map(|line| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!(" {}", line.replace(unwritable, " "))
        };
        quote!(#[doc = #line])
    });
    quote!(#(#lines)*)
}

/// What Rust does not let stand in a comment: control characters, and what
/// turns the direction of the text.
fn unwritable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The lines of one paragraph, if there are any.
pub(super) fn lines(lines: &[String]) -> Option<String> {
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Prose from the schemas, with nothing in it that Markdown would take for
/// links, tags or code.
pub(super) fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if matches!(
            c,
            '[' | ']' | '<' | '>' | '`' | '\\' | '*' | '_' | '#' | '|'
        ) {
            safe.push('\\');
        }
        safe.push(c);
    }
    // Indented text would be code, and rustdoc would compile it.
    let lines: Vec<&str> = safe.lines().map(str::trim).collect();
    lines.join("\n")
}

/// `#[deprecated]` for what a coming version will not have.
pub(super) fn deprecated(removed_in: Option<&str>) -> TokenStream {
    removed_in
        .map(|version| {
            let note = format!("removed in {version}");
            quote!(#[deprecated(note = #note)])
        })
        .unwrap_or_default()
}

/// What there is to say of a method.
pub(super) fn method(api: &str, name: &str, method: &Method) -> Vec<String> {
    let kind = match method.kind {
        MethodKind::Call => "a call",
        MethodKind::Job => "a job",
    };
    let reads = if method.reads_only {
        " that only reads"
    } else {
        ""
    };
    let mut paragraphs = vec![format!("{}, {kind}{reads}.", code(name))];
    paragraphs.extend(method.doc.as_deref().map(prose));
    let parameters: Vec<String> = method
        .parameters
        .iter()
        .map(|parameter| {
            let optional = if parameter.required {
                ""
            } else {
                " (optional)"
            };
            let facts: String = parameter
                .facts
                .iter()
                .map(|fact| format!(" {fact}"))
                .collect();
            let end = if facts.is_empty() { "" } else { ":" };
            format!("- {}{optional}{end}{facts}", code(&parameter.name))
        })
        .collect();
    if !parameters.is_empty() {
        paragraphs.push(format!("Parameters:\n{}", parameters.join("\n")));
    }
    let mut pipes = Vec::new();
    if method.pipes.input {
        pipes.push("takes a file");
    }
    if method.pipes.output {
        pipes.push("gives a file");
    }
    if !pipes.is_empty() {
        paragraphs.push(format!("The job {}.", pipes.join(" and ")));
    }
    paragraphs.push(roles(&method.roles));
    paragraphs.push(reference(api, "methods", name));
    paragraphs
}

/// What there is to say of an event.
pub(super) fn event(api: &str, name: &str, event: &Event) -> Vec<String> {
    let mut paragraphs = vec![format!("{}, an event.", code(name))];
    paragraphs.extend(event.doc.as_deref().map(prose));
    if event.in_no_schema {
        paragraphs.push(
            "Servers send it, but no schema describes it; its type follows from its sender."
                .to_owned(),
        );
        return paragraphs;
    }
    paragraphs.push(roles(&event.roles));
    paragraphs.push(reference(api, "events", name));
    paragraphs
}

fn roles(roles: &[String]) -> String {
    if roles.is_empty() {
        return "Roles: full administrators only, or everyone who is logged in; the schema names none.".to_owned();
    }
    let roles: Vec<String> = roles.iter().map(|role| code(role)).collect();
    format!("Roles: {}.", roles.join(", "))
}

/// The address of the public reference page. From 26 on the site has one
/// folder a series.
fn reference(api: &str, kind: &str, name: &str) -> String {
    let mut parts = api.trim_start_matches('v').split('.');
    let major = parts.next().unwrap_or_default();
    let minor = parts.next().unwrap_or_default();
    let folder = if major.parse::<u32>().is_ok_and(|major| major >= 26) {
        format!("v{major}.{minor}")
    } else {
        api.to_owned()
    };
    let name: String = name.bytes().map(percent_encoded).collect();
    format!("Reference: <https://api.truenas.com/{folder}/api_{kind}_{name}.html>")
}

fn percent_encoded(byte: u8) -> String {
    let c = char::from(byte);
    if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
        c.to_string()
    } else {
        format!("%{byte:02X}")
    }
}
