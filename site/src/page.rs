//! The page of a method or an event.

use serde_json::{Map, Value, json};

use crate::error::{Fault, PageError, Result};
use crate::file::{FileName, Kind, Parts};
use crate::restore::restore;
use crate::schema::schema;

/// What the page of a method or an event was rendered from.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Which of the two it is.
    pub kind: Kind,
    /// Its name, such as `pool.dataset.query`.
    pub name: String,
    /// Its entry in a dump with references inlined: an object with `name`,
    /// `roles`, `doc`, `removed_in`, `schemas`, and `input_pipes`,
    /// `output_pipes` and `check_pipes` where the page speaks of files.
    pub entry: Value,
}

/// Reads the page of a method or an event.
///
/// `file` is the name of the file, or any path or address that ends with it. It
/// says what is on the page, and how: `api_methods_pool.query.html` is the page
/// of a method, and `_sources/api_methods_pool.query.rst.txt` its source, in
/// which the schema stands as the same HTML.
///
/// # Errors
///
/// When anything on the page is not known: nothing is skipped. The error names
/// the page and the element.
///
/// ```
/// let page = truenas_site::page(
///     "_sources/api_methods_core.ping.rst.txt",
///     r#"core.ping
/// =========
///
/// .. raw:: html
///
///     <div id="json-schema"><span class="badge badge-dark value-type">Type: object</span><br/>
///     <div class="accordion"><div class="card">
///       <div><h2><button><span class="property-name">Return value</span></button></h2></div>
///       <div id="Return_value"><div>
///         <h4>Result</h4><span class="badge badge-dark value-type">Type: string</span><br/>
///       </div></div>
///     </div></div></div>
///
/// *Required roles:* READONLY_ADMIN
/// "#,
/// )?;
/// assert_eq!(page.name, "core.ping");
/// assert_eq!(page.entry["roles"][0], "READONLY_ADMIN");
/// assert_eq!(page.entry["schemas"]["properties"]["Return value"]["type"], "string");
/// # Ok::<_, truenas_site::PageError>(())
/// ```
pub fn page(file: &str, text: &str) -> std::result::Result<Page, PageError> {
    read(file, text).map_err(|fault| fault.on(file))
}

fn read(file: &str, text: &str) -> Result<Page> {
    let file = FileName::read(file)?;
    let parts = Parts::read(file.format, text)?;
    let Some(name) = file.subject else {
        return Err(Fault::new("file name", "this is the name of an index"));
    };
    if parts.title != name {
        return Err(Fault::new(
            "title",
            format_args!(
                "it is {:?}, but the file is called after {name:?}",
                parts.title
            ),
        ));
    }
    let root = parts.schema.ok_or_else(|| {
        let message = match parts.listed {
            Some(_) => "it lists other pages and holds no schema: it is an index",
            None => "there is no `div#json-schema` on it",
        };
        Fault::new("page", message)
    })?;
    let mut facts = Map::new();
    facts.insert("name".to_owned(), name.into());
    facts.insert("roles".to_owned(), roles(&parts.after)?.into());
    facts.insert("removed_in".to_owned(), Value::Null);
    let doc = documentation(parts.before, &mut facts);
    facts.insert("doc".to_owned(), doc.into());
    facts.insert("schemas".to_owned(), schema(&root)?.into());
    let mut page = Page {
        kind: file.kind,
        name: name.to_owned(),
        entry: facts.into(),
    };
    restore(&mut page);
    Ok(page)
}

/// `*Required roles:* POOL_READ | POOL_WRITE`, all there is after a schema.
fn roles(after: &[String]) -> Result<Vec<&str>> {
    let roles = match after {
        [line] => line.strip_prefix("*Required roles:*"),
        _ => None,
    };
    let roles = roles.ok_or_else(|| {
        Fault::new(
            "page",
            "after the schema there must be one paragraph, `Required roles:`",
        )
    })?;
    let roles = roles.split('|').map(str::trim);
    Ok(roles.filter(|role| !role.is_empty()).collect())
}

/// Puts apart what the site adds to the documentation of a method, and answers
/// the documentation.
fn documentation(mut paragraphs: Vec<String>, facts: &mut Map<String, Value>) -> Option<String> {
    while let Some(last) = paragraphs.last() {
        if let Some(version) = last
            .strip_prefix("*DEPRECATED: this method is scheduled to be removed in ")
            .and_then(|rest| rest.strip_suffix(".*"))
        {
            facts.insert("removed_in".to_owned(), version.into());
        } else if let Some(is_must) = pipe(last, "with file upload.*") {
            pipes(facts, "input_pipes", is_must);
        } else if let Some(is_must) = pipe(last, "with* ") {
            pipes(facts, "output_pipes", is_must);
        } else if last.starts_with("- ")
            && paragraphs.iter().nth_back(1).map(String::as_str)
                == Some("**Jobs that can be downloaded:**")
        {
            // Each of these says so on its own page.
            paragraphs.pop();
        } else {
            break;
        }
        paragraphs.pop();
    }
    (!paragraphs.is_empty()).then(|| paragraphs.join("\n\n"))
}

/// Whether a job must, or only can, be used like that.
fn pipe(paragraph: &str, how: &str) -> Option<bool> {
    let rest = paragraph.strip_prefix("*This job ")?;
    let must = rest.strip_prefix("MUST be used ");
    let can = rest.strip_prefix("CAN be used ");
    must.or(can)?.starts_with(how).then_some(must.is_some())
}

fn pipes(facts: &mut Map<String, Value>, which: &str, is_must: bool) {
    for pipe in ["input_pipes", "output_pipes"] {
        facts.entry(pipe).or_insert_with(|| json!(false));
    }
    facts.insert(which.to_owned(), json!(true));
    facts.insert("check_pipes".to_owned(), json!(is_must));
}
