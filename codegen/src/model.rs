//! The canonical form of one API version: the one thing every later stage
//! reads, and the format of the files in `schemas/`.
//!
//! Two sources that say the same about a version give the same
//! [`ApiVersion`], to the byte, whatever shape they came in; only
//! [`ApiVersion::provenance`] tells them apart.
//!
//! Every [`Schema`] in here is JSON Schema 2020-12 as pydantic writes it, with
//! these differences:
//!
//! - a reference is `{"$ref": "#/models/<name>"}` and points into
//!   [`ApiVersion::models`]; there are no `$defs`;
//! - a title that only repeats the property or parameter it stands at is gone,
//!   and so is the title of a model: its name is its key;
//! - object keys are sorted, `required` is sorted and left out when empty;
//! - the old style of 25.04 has been rewritten into it.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// One version of the API, with all that the sources say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiVersion {
    /// The API's own name of the version: `v25.10.5`.
    pub api: String,
    /// The TrueNAS release it was read from: `25.10.6`.
    pub release: String,
    /// Where the facts come from, in the order they were given.
    pub provenance: Vec<Input>,
    /// By wire name: `pool.dataset.create`.
    pub methods: BTreeMap<String, Method>,
    /// By the name that is subscribed to: `pool.dataset.query`.
    pub events: BTreeMap<String, Event>,
    /// The named objects that methods and events refer to.
    pub models: BTreeMap<String, Schema>,
}

impl ApiVersion {
    /// The text of the file in `schemas/`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Through a value, so that keys are sorted whatever order fields have.
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }

    /// How many of the methods are jobs.
    #[must_use]
    pub fn jobs(&self) -> usize {
        let kinds = self.methods.values().map(|method| method.kind);
        kinds.filter(|kind| *kind == MethodKind::Job).count()
    }
}

/// The JSON Schema of one of the file formats in `schemas/`, to lie beside
/// the files.
#[must_use]
pub fn format_schema<T: JsonSchema>() -> String {
    let value = schemars::schema_for!(T).to_value();
    format!("{value:#}\n")
}

/// The service of a method or event, and its last word.
#[must_use]
pub fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// One file that an [`ApiVersion`] was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What shape the file has.
    pub kind: InputKind,
    /// SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Whether prose (`doc`, `description`, …) was kept.
    pub prose: bool,
    /// The roles of the account that a system answered, sorted: it tells of
    /// what these may call. `FULL_ADMIN` has all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
}

/// The shapes in which a version's schemas are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// A dump with `$defs` and `$ref` kept.
    DumpRefs,
    /// A dump with every reference replaced by what it points to.
    DumpInlined,
    /// The pages of a documentation site, turned back into an inlined dump.
    /// They have no words for some keywords.
    Site,
    /// The answer of `core.get_methods`.
    GetMethods,
    /// The same answer, completed with the facts that the old-style schemas of
    /// 25.04 drop. The release's own classes wrote it; no system sends it.
    GetMethodsCompleted,
}

/// A method of the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Whether it answers its result or the id of a job.
    pub kind: MethodKind,
    /// How bytes flow beside the call, for jobs that take or give a file.
    #[serde(default, skip_serializing_if = "Pipes::is_none")]
    pub pipes: Pipes,
    /// The roles that may call it, sorted.
    pub roles: Vec<String>,
    /// The version that will no longer have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<String>,
    /// The method's own documentation, if prose was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// What it takes, in the order of the call.
    pub parameters: Vec<Parameter>,
    /// What it answers; for a job, what the job ends with.
    pub result: Schema,
}

/// Whether a method answers at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MethodKind {
    /// Answers its result.
    Call,
    /// Answers the id of a job, whose result comes later.
    Job,
}

impl MethodKind {
    /// The kind by the flag that sources give.
    #[must_use]
    pub fn from_job(is_job: bool) -> Self {
        if is_job { Self::Job } else { Self::Call }
    }
}

/// The pipes of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipes {
    /// Takes a file (`/_upload`).
    pub input: bool,
    /// Gives a file (`/_download`).
    pub output: bool,
    /// Whether the server refuses the call when a pipe is missing.
    pub check: bool,
}

impl Pipes {
    /// Pipes as sources give them. What is said of the check means nothing
    /// where there is no pipe.
    #[must_use]
    pub fn new(input: bool, output: bool, check: bool) -> Self {
        Self {
            input,
            output,
            check: check && (input || output),
        }
    }

    /// True for a method without pipes, which is nearly all of them.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.input && !self.output
    }
}

/// A parameter of a method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The name; on the wire only the position counts.
    pub name: String,
    /// Whether a call must give it.
    pub required: bool,
    /// What it may be.
    pub schema: Schema,
}

/// An event that can be subscribed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The roles that may subscribe, sorted.
    pub roles: Vec<String>,
    /// The version that will no longer have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<String>,
    /// The event's own documentation, if prose was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// What comes, by kind: `ADDED`, `CHANGED`, `REMOVED`.
    pub kinds: BTreeMap<String, Schema>,
    /// What a subscription may be given (`Subscription parameters`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Schema>,
    /// True if only a correction describes it: servers send it, but no schema
    /// has it.
    #[serde(skip)]
    pub in_no_schema: bool,
}
