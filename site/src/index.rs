//! The pages that list other pages.

use crate::error::{Fault, PageError, Result};
use crate::file::{FileName, Kind, Parts};

/// A page that lists others.
///
/// There are two levels: the index of everything, `api_methods.html`, lists the
/// indexes of the services, and each of these, `api_methods_pool.html`, lists
/// methods.
///
/// A method can be called like a service, as `pool.scrub` is in 25.10. Its page
/// is not on the site then: the service's index has its file name. So a name
/// that is listed both as a service and as a method is that of a method of
/// which the site says nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Whether it is about methods or events.
    pub kind: Kind,
    /// The service whose methods or events it lists; `None` for the index of
    /// everything.
    pub service: Option<String>,
    /// The methods or events that it lists.
    pub pages: Vec<String>,
    /// The services that it lists, whose pages are indexes themselves.
    pub indexes: Vec<String>,
}

/// Reads a page that lists other pages, or its source; `file` is what it is for
/// [`page`](crate::page).
///
/// # Errors
///
/// When it is not one.
///
/// ```
/// let index = truenas_site::index(
///     "api_events_disk.rst.txt",
///     "disk\n----\n\n.. toctree::\n\n   api_events_disk.query\n",
/// )?;
/// assert_eq!(index.service.as_deref(), Some("disk"));
/// assert_eq!(index.pages, ["disk.query"]);
/// # Ok::<_, truenas_site::PageError>(())
/// ```
pub fn index(file: &str, text: &str) -> std::result::Result<Index, PageError> {
    read(file, text).map_err(|fault| fault.on(file))
}

fn read(file: &str, text: &str) -> Result<Index> {
    let file = FileName::read(file)?;
    let listed = Parts::read(file.format, text)?
        .listed
        .ok_or_else(|| Fault::new("page", "it lists no other pages: it is no index"))?;
    // Sphinx makes such a page only of something to list.
    if listed.is_empty() {
        return Err(Fault::new("toctree", "the list of pages is empty"));
    }
    let prefix = format!("{}_", file.kind.prefix());
    let mut names = Vec::with_capacity(listed.len());
    for name in listed {
        let name = name.strip_prefix(&prefix).ok_or_else(|| {
            Fault::new(
                "toctree",
                format_args!("it lists {name:?}, which does not begin with {prefix:?}"),
            )
        })?;
        names.push(name.to_owned());
    }
    let (pages, indexes) = match file.subject {
        Some(_) => (names, Vec::new()),
        None => (Vec::new(), names),
    };
    Ok(Index {
        kind: file.kind,
        service: file.subject.map(str::to_owned),
        pages,
        indexes,
    })
}
