//! A value together with the file and path it stands at, so that whatever is
//! wrong with it can be said with its place.

use std::fmt::Display;

use super::ReadError;
use super::json::Json;
use super::path::Path;

/// A JSON value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) source: &'a str,
    pub(super) path: Path,
    pub(super) json: &'a Json,
}

impl<'a> Cursor<'a> {
    /// The root of a file.
    pub(super) fn root(source: &'a str, json: &'a Json) -> Self {
        Cursor {
            source,
            path: Path::root(),
            json,
        }
    }

    /// An error at this place.
    pub(super) fn error(&self, message: impl Display) -> ReadError {
        ReadError::new(self.source, &self.path, message)
    }

    fn expected(&self, what: &str) -> ReadError {
        self.error(format_args!(
            "expected {what}, found {}",
            self.json.type_name()
        ))
    }

    /// The value of a key, if this is an object that has it.
    pub(super) fn get(&self, key: &str) -> Option<Cursor<'a>> {
        match self.json {
            Json::Object(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, json)| self.child(self.path.key(key), json)),
            _ => None,
        }
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &str) -> Result<Cursor<'a>, ReadError> {
        self.entries()?;
        self.get(key)
            .ok_or_else(|| self.error(format_args!("the key {key:?} is missing")))
    }

    /// The entries of an object, in order.
    pub(super) fn entries(&self) -> Result<Vec<(&'a str, Cursor<'a>)>, ReadError> {
        match self.json {
            Json::Object(entries) => Ok(entries
                .iter()
                .map(|(key, json)| (key.as_str(), self.child(self.path.key(key), json)))
                .collect()),
            _ => Err(self.expected("an object")),
        }
    }

    /// The elements of an array.
    pub(super) fn items(&self) -> Result<Vec<Cursor<'a>>, ReadError> {
        match self.json {
            Json::Array(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, json)| self.child(self.path.index(index), json))
                .collect()),
            _ => Err(self.expected("an array")),
        }
    }

    pub(super) fn string(&self) -> Result<&'a str, ReadError> {
        match self.json {
            Json::String(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    /// A string, or null for none.
    pub(super) fn optional_string(&self) -> Result<Option<&'a str>, ReadError> {
        match self.json {
            Json::Null => Ok(None),
            Json::String(text) => Ok(Some(text)),
            _ => Err(self.expected("a string or null")),
        }
    }

    pub(super) fn bool(&self) -> Result<bool, ReadError> {
        match self.json {
            Json::Bool(flag) => Ok(*flag),
            _ => Err(self.expected("a boolean")),
        }
    }

    /// The strings of an array of strings.
    pub(super) fn strings(&self) -> Result<Vec<&'a str>, ReadError> {
        self.items()?.iter().map(Cursor::string).collect()
    }

    fn child(&self, path: Path, json: &'a Json) -> Cursor<'a> {
        Cursor {
            source: self.source,
            path,
            json,
        }
    }
}
