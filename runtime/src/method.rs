//! What a method is: a type without values, in the place where a program says
//! which one it means.

use crate::json::Json;
use crate::params::{Parameter, Params};

/// What the API says of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodInfo {
    /// The name on the wire: `pool.dataset.create`.
    pub name: &'static str,
    /// Whether it answers its result or the id of a job.
    pub kind: MethodKind,
    /// How bytes flow beside the call.
    pub pipes: Pipes,
    /// The roles that may call it.
    pub roles: &'static [&'static str],
    /// What it takes, in the order of the call.
    pub parameters: &'static [Parameter],
    /// Whether it changes nothing, so that it may be called again blindly.
    pub reads_only: bool,
    /// The version that will no longer have it.
    pub removed_in: Option<&'static str>,
}

/// Whether a method answers at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// Answers its result.
    Call,
    /// Answers the id of a job, whose result comes later.
    Job,
}

/// The pipes of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pipes {
    /// Takes a file.
    pub input: bool,
    /// Gives a file.
    pub output: bool,
    /// Whether the server refuses the call when a pipe is missing.
    pub check: bool,
}

impl Pipes {
    /// The pipes of nearly all methods: none.
    pub const NONE: Self = Self {
        input: false,
        output: false,
        check: false,
    };
}

/// A method of the API.
///
/// ```
/// use truenas_runtime::{Method, MethodInfo, MethodKind, Pipes};
///
/// enum Ping {}
///
/// const PING: MethodInfo = MethodInfo {
///     name: "core.ping",
///     kind: MethodKind::Call,
///     pipes: Pipes::NONE,
///     roles: &[],
///     parameters: &[],
///     reads_only: true,
///     removed_in: None,
/// };
///
/// impl Method for Ping {
///     const INFO: &'static MethodInfo = &PING;
///     type Params = ();
///     type Result = String;
/// }
/// ```
pub trait Method {
    /// What the API says of it.
    const INFO: &'static MethodInfo;
    /// What it takes.
    type Params: Params;
    /// What it answers; for a job, what the job ends with.
    type Result: Json + Send + 'static;
}

/// A method that starts a job.
pub trait Job: Method {}

/// A method that takes filters and options, and answers entries.
pub trait Query: Method {
    /// An entry with all of its keys.
    type Entry: Json + Send + 'static;
    /// The ways in which the server handles this query unlike others.
    const QUIRKS: &'static [Quirk] = &[];
}

/// A way in which the server handles a query unlike others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// The database filters and sorts. It has fewer operators.
    FiltersInSql,
    /// Entries are sorted before the columns are selected, so that they can be
    /// sorted by a field that is not selected.
    SortsBeforeSelect,
    /// Only whole fields can be selected, and only under their own names.
    SelectsKeysOnly,
}
