//! What the system remembers: entries by service, and settings.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::schemas::LoadError;

/// The layout of the file. A file of another one is refused.
const FORMAT: u32 = 1;

/// Everything that calls can change.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// By service. One that nobody has asked for is not in here yet.
    pub(crate) collections: BTreeMap<String, Collection>,
    /// By service, of those that have settings.
    pub(crate) configs: BTreeMap<String, Value>,
    /// By name, what is neither.
    #[serde(default)]
    pub(crate) kept: BTreeMap<String, Value>,
}

/// The entries of one service.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Collection {
    /// The highest number that was ever given: none is given twice.
    pub(crate) last: i64,
    /// In the order of their ids.
    #[serde(with = "pairs")]
    pub(crate) entries: BTreeMap<Id, Value>,
}

/// What an entry is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    /// The version whose schemas the entries satisfy.
    api: String,
    state: State,
}

/// Writes the state, so that at any time the file holds either what it held
/// before or all of the new.
pub(crate) fn write(path: &Path, api: &str, state: State) -> Result<(), LoadError> {
    let file = File {
        format: FORMAT,
        api: api.to_owned(),
        state,
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut temporary = NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, &file)?;
        temporary.write_all(b"\n")?;
        temporary.as_file().sync_all()?;
        temporary.persist(path)?;
        Ok(())
    };
    written().map_err(|error| LoadError::new(format!("{}: {error}", path.display())))
}

/// Reads what [`write`] wrote; nothing where there is no such file. A file that
/// cannot be read is left as it is.
pub(crate) fn read(path: &Path, api: &str) -> Result<Option<State>, LoadError> {
    let problem = |what: String| LoadError::new(format!("{}: {what}", path.display()));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(problem(error.to_string())),
    };
    let file: File = serde_json::from_str(&text).map_err(|error| {
        problem(format!(
            "is no state that a simulator has written ({error}); move it away to begin anew"
        ))
    })?;
    if file.format != FORMAT {
        let found = file.format;
        return Err(problem(format!("has the format {found}; this is {FORMAT}")));
    }
    if file.api != api {
        let found = file.api;
        return Err(problem(format!(
            "is the state of a system of {found}, not of {api}: start with --api {found}"
        )));
    }
    Ok(Some(file.state))
}

/// A map whose keys are not texts, as a list of pairs.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::Value;

    use super::Id;

    pub(super) fn serialize<S: Serializer>(
        entries: &BTreeMap<Id, Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(entries)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Id, Value>, D::Error> {
        let pairs: Vec<(Id, Value)> = Vec::deserialize(deserializer)?;
        Ok(pairs.into_iter().collect())
    }
}
