//! What a source gives.

use std::fmt;

use truenas_site::Kind;

/// A text that the generator reads, and what is known about it.
#[derive(Debug)]
pub(crate) struct Material {
    /// What messages call it.
    pub(crate) name: String,
    /// A dump, or the answer of `core.get_methods`.
    pub(crate) text: String,
    /// Whether the dump was made of a site's pages.
    pub(crate) is_site: bool,
    /// The roles of the account that asked, if the text depends on them.
    pub(crate) roles: Option<Vec<String>>,
    /// What the source speaks of and does not give.
    pub(crate) absent: Vec<Absent>,
    /// What can not be told of it though it should.
    pub(crate) unproven: Vec<String>,
}

/// A method or event that should be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Absent {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) why: Why,
}

/// Why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// Its page is listed and not there.
    Lost,
    /// The site put the index of the service of the same name in its place: a
    /// fault of every site there is, and no other one has it.
    Overwritten,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Method => "method",
            Kind::Event => "event",
        };
        let why = match self.why {
            Why::Lost => "an index lists its page, which is not there",
            Why::Overwritten => "its page is the index of the service of the same name",
        };
        write!(f, "the {kind} {}: {why}", self.name)
    }
}
