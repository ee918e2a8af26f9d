//! Checks a schema as it was published, before anything is made of it: later
//! stages can then take its form for granted.

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::json::Json;
use super::position::{LISTS, MAPS, SINGLES};
use super::{Note, ReadError};

/// Keywords that are understood and have no schema in them.
const KEYWORDS: [&str; 19] = [
    "$ref",
    "const",
    "default",
    "discriminator",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "required",
    "title",
    "type",
    "uniqueItems",
];

/// Keywords for people, dropped unless prose is kept.
pub(super) const PROSE: [&str; 2] = ["description", "examples"];

/// What `core.get_methods` adds to JSON Schema.
const GET_METHODS_KEYWORDS: [&str; 4] = ["_attrs_order_", "_name_", "_required_", "nullable"];

const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// How a source writes its schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON Schema 2020-12 as pydantic writes it.
    Pydantic,
    /// The same with every reference replaced by what it points to.
    Inlined,
    /// As `core.get_methods` writes it: `items` in a list, lists of types,
    /// and keywords of its own.
    GetMethods,
}

/// Checks one document: a schema and the `$defs` it carries.
pub(super) fn document(
    root: &Cursor<'_>,
    dialect: Dialect,
    notes: &mut Vec<Note>,
) -> Result<(), ReadError> {
    let defs = match root.get("$defs") {
        Some(defs) if dialect == Dialect::Pydantic => defs.entries()?,
        _ => Vec::new(),
    };
    let names = defs.iter().map(|(name, _)| *name).collect();
    let mut check = Check {
        dialect,
        names,
        notes,
    };
    for (name, def) in &defs {
        def.entries()?;
        check.schema(def)?;
        alias_ends(root, name, def)?;
    }
    check.keywords(root, true)
}

/// Refuses a definition that is only ever another name for another one.
fn alias_ends(root: &Cursor<'_>, name: &str, def: &Cursor<'_>) -> Result<(), ReadError> {
    let mut seen = BTreeSet::from([name]);
    let mut current = def.clone();
    while let Some(next) = reference(&current)? {
        if !seen.insert(next) {
            return Err(def.error("this `$ref` leads back to itself and never to a schema"));
        }
        match root.get("$defs").and_then(|defs| defs.get(next)) {
            Some(def) => current = def,
            None => break,
        }
    }
    Ok(())
}

/// The name in `$ref`, if there is one.
fn reference<'a>(schema: &Cursor<'a>) -> Result<Option<&'a str>, ReadError> {
    let Some(reference) = schema.get("$ref") else {
        return Ok(None);
    };
    let name = reference.string()?.strip_prefix("#/$defs/");
    name.map(Some)
        .ok_or_else(|| reference.error("only references into `#/$defs/` are understood"))
}

struct Check<'a, 'n> {
    dialect: Dialect,
    names: BTreeSet<&'a str>,
    notes: &'n mut Vec<Note>,
}

impl Check<'_, '_> {
    fn schema(&mut self, schema: &Cursor<'_>) -> Result<(), ReadError> {
        match schema.json {
            Json::Bool(_) => Ok(()),
            Json::Object(_) => self.keywords(schema, false),
            _ => Err(schema.error("expected a schema: an object or a boolean")),
        }
    }

    fn keywords(&mut self, schema: &Cursor<'_>, is_root: bool) -> Result<(), ReadError> {
        match reference(schema)? {
            Some(name) if !self.names.contains(name) => {
                return Err(schema.error(format_args!(
                    "the `$ref` points to {name:?}, which `$defs` does not have"
                )));
            }
            _ => {}
        }
        for (keyword, value) in schema.entries()? {
            self.keyword(keyword, &value, is_root)?;
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: &Cursor<'_>,
        is_root: bool,
    ) -> Result<(), ReadError> {
        let lists_items = self.dialect == Dialect::GetMethods && keyword == "items";
        if MAPS.contains(&keyword) {
            for (_, child) in value.entries()? {
                self.schema(&child)?;
            }
        } else if LISTS.contains(&keyword) || (lists_items && matches!(value.json, Json::Array(_)))
        {
            for child in value.items()? {
                self.schema(&child)?;
            }
        } else if SINGLES.contains(&keyword) {
            self.schema(value)?;
        } else {
            self.plain(keyword, value, is_root)?;
        }
        Ok(())
    }

    fn plain(&mut self, keyword: &str, value: &Cursor<'_>, is_root: bool) -> Result<(), ReadError> {
        match keyword {
            "required" => {
                value.strings()?;
            }
            "title" => {
                value.string()?;
            }
            "enum" => {
                value.items()?;
            }
            "type" => self.type_names(value)?,
            "discriminator" => {
                value.need("propertyName")?.string()?;
                if let Some(mapping) = value.get("mapping") {
                    for (_, target) in mapping.entries()? {
                        target.string()?;
                    }
                }
            }
            "_name_" => {
                value.string()?;
            }
            "_required_" | "nullable" if self.dialect == Dialect::GetMethods => {
                value.bool()?;
            }
            _ => {}
        }
        let known = KEYWORDS.contains(&keyword)
            || PROSE.contains(&keyword)
            || (is_root && keyword == "$defs" && self.dialect == Dialect::Pydantic)
            || (self.dialect == Dialect::GetMethods && GET_METHODS_KEYWORDS.contains(&keyword));
        if !known {
            self.notes.push(Note::new(
                value,
                keyword,
                "the reader does not know this keyword; it is kept as it is",
            ));
        }
        Ok(())
    }

    fn type_names(&mut self, value: &Cursor<'_>) -> Result<(), ReadError> {
        let names = match (value.json, self.dialect) {
            (Json::Array(_), Dialect::GetMethods) => value.strings()?,
            _ => vec![value.string()?],
        };
        for name in names {
            let old = self.dialect == Dialect::GetMethods && name == "float";
            if !old && !TYPES.contains(&name) {
                return Err(value.error(format_args!("{name:?} is no type of JSON Schema")));
            }
        }
        Ok(())
    }
}
