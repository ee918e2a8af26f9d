//! What is gathered while the files of one version are read.

use std::collections::BTreeMap;

use schemars::Schema;
use serde_json::Value;

use super::check::{self, Dialect};
use super::cursor::Cursor;
use super::fold::fold;
use super::old_style;
use super::position::Position;
use super::shapes::{Document, Shapes};
use super::{Note, ReadError};

/// What is gathered while the files of one version are read.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) keep_docs: bool,
    pub(super) shapes: Shapes,
    pub(super) notes: Vec<Note>,
}

impl Context {
    pub(super) fn new(keep_docs: bool) -> Self {
        Context {
            keep_docs,
            shapes: Shapes::default(),
            notes: Vec::new(),
        }
    }

    /// Takes the schemas of a document in; what it answers refers to
    /// [`Self::shapes`].
    pub(super) fn document(
        &mut self,
        place: &Cursor<'_>,
        roots: Vec<(Value, Position<'_>)>,
        defs: &BTreeMap<String, Value>,
    ) -> Vec<Value> {
        Document {
            place,
            defs,
            keep_docs: self.keep_docs,
            shapes: &mut self.shapes,
            notes: &mut self.notes,
        }
        .add(roots)
    }

    /// The same for schemas that were inlined together.
    pub(super) fn inlined_document(
        &mut self,
        place: &Cursor<'_>,
        schemas: &[Cursor<'_>],
        dialect: Dialect,
        position: Position<'_>,
    ) -> Result<Vec<Value>, ReadError> {
        let mut roots = Vec::new();
        for schema in schemas {
            check::document(schema, dialect, &mut self.notes)?;
            let root = Value::from(schema.json);
            roots.push(match dialect {
                Dialect::GetMethods => {
                    old_style::modern(root, matches!(position, Position::Parameter))
                }
                Dialect::Inlined | Dialect::Pydantic => root,
            });
        }
        let (roots, defs) = fold(roots, position);
        let roots = roots.into_iter().map(|root| (root, position)).collect();
        Ok(self.document(place, roots, &defs))
    }

    /// The roles in a list, sorted.
    pub(super) fn roles(&self, roles: &Cursor<'_>) -> Result<Vec<String>, ReadError> {
        let mut roles: Vec<String> = roles.strings()?.into_iter().map(str::to_owned).collect();
        roles.sort();
        roles.dedup();
        Ok(roles)
    }

    /// A text for people, if those are kept.
    pub(super) fn prose(&self, text: Option<&str>) -> Option<String> {
        let text = text?.trim();
        (self.keep_docs && !text.is_empty()).then(|| text.to_owned())
    }

    /// Notes the keys of an object that are on none of the lists.
    pub(super) fn unknown_fields(
        &mut self,
        object: &Cursor<'_>,
        known: &[&[&str]],
    ) -> Result<(), ReadError> {
        for (field, value) in object.entries()? {
            if !known.iter().any(|list| list.contains(&field)) {
                self.notes.push(Note::new(
                    &value,
                    field,
                    "the reader does not know this field; it is left out",
                ));
            }
        }
        Ok(())
    }
}

/// A schema that may be anything is written `{}`.
pub(super) fn schema(value: Value) -> Schema {
    match Schema::try_from(value) {
        Ok(schema) if schema.as_bool() != Some(true) => schema,
        _ => Schema::default(),
    }
}
