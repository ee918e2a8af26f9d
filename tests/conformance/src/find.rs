//! Types by the names of the API.

use serde::Deserialize;
use truenas_api::TABLES;
use truenas_api::runtime::table::RoundTrip;

use crate::same::Nulls;

/// What a value is a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject<'a> {
    /// The array of a method's parameters.
    Params(&'a str),
    /// What a method answers.
    Result(&'a str),
    /// The result of a query without `select`: each entry has all of its keys.
    /// The same as `Result` for other methods, and for `audit.query`, whose
    /// options are inside another parameter.
    Entries(&'a str),
    /// A message of an event, or what a subscription to it is given.
    Event(&'a str, Kind),
}

impl Subject<'_> {
    /// Returns the meaning of null in such a value.
    #[must_use]
    pub fn nulls(self) -> Nulls {
        match self {
            Self::Params(_) => Nulls::Kept,
            Self::Result(_) | Self::Entries(_) | Self::Event(..) => Nulls::Absent,
        }
    }
}

/// The schemas of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// Something new is there.
    Added,
    /// Something has changed.
    Changed,
    /// Something is gone.
    Removed,
    /// What a subscription is given.
    #[serde(rename = "Subscription parameters")]
    Parameters,
}

impl Kind {
    /// Returns its name in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Changed => "CHANGED",
            Self::Removed => "REMOVED",
            Self::Parameters => "Subscription parameters",
        }
    }
}

/// The way of a value through its type and back.
///
/// # Errors
///
/// A version, method or event that there is not.
pub fn find(api: &str, subject: Subject<'_>) -> Result<RoundTrip, String> {
    let Some((_, table)) = TABLES.iter().find(|(name, _)| *name == api) else {
        let known: Vec<&str> = TABLES.iter().map(|(name, _)| *name).collect();
        let known = known.join(", ");
        return Err(format!("no API version `{api}`; there are {known}"));
    };
    let method = |name| {
        table
            .method(name)
            .ok_or_else(|| format!("{api} has no method `{name}`"))
    };
    Ok(match subject {
        Subject::Params(name) => method(name)?.params,
        Subject::Result(name) => method(name)?.result,
        Subject::Entries(name) => {
            let method = method(name)?;
            method.entry.unwrap_or(method.result)
        }
        Subject::Event(name, kind) => {
            let event = table
                .event(name)
                .ok_or_else(|| format!("{api} has no event `{name}`"))?;
            match kind {
                Kind::Added => event.added,
                Kind::Changed => event.changed,
                Kind::Removed => event.removed,
                Kind::Parameters => event.params,
            }
        }
    })
}
