//! Which parameters an inlined dump requires.
//!
//! The inlined form does not say. A parameter with a default may be left out,
//! and one without must be given, but for an object in which nothing is
//! required: leaving that out means the empty object, and whether that is
//! allowed is lost. In turn decide:
//!
//! 1. the `_required_` of `core.get_methods`, if that file is given;
//! 2. the table `inlined_required.json`, by API version, method and parameter:
//!    the cases in which the rule below is wrong, found by comparison with the
//!    dumps that keep references;
//! 3. the rule: such an object must be given to methods called `update`, and
//!    to no others. As this is a guess, it is noted.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::get_methods::Facts;
use super::{Note, ReadError};
use crate::model::split;

const TABLE: &str = include_str!("inlined_required.json");

/// By method and parameter.
type Exceptions = BTreeMap<String, BTreeMap<String, bool>>;

/// Decides what an inlined dump requires.
pub(super) struct Required<'a> {
    facts: &'a BTreeMap<String, Facts>,
    exceptions: Exceptions,
}

impl<'a> Required<'a> {
    pub(super) fn new(
        api: &Cursor<'_>,
        facts: &'a BTreeMap<String, Facts>,
    ) -> Result<Self, ReadError> {
        let mut table: BTreeMap<String, Exceptions> = serde_json::from_str(TABLE)
            .map_err(|error| api.error(format_args!("inlined_required.json: {error}")))?;
        Ok(Required {
            facts,
            exceptions: table.remove(api.string()?).unwrap_or_default(),
        })
    }

    /// Whether a parameter must be given.
    pub(super) fn decide(
        &mut self,
        method: &str,
        name: &str,
        schema: &Cursor<'_>,
        notes: &mut Vec<Note>,
    ) -> bool {
        let exception = self
            .exceptions
            .get_mut(method)
            .and_then(|parameters| parameters.remove(name));
        let fact = self
            .facts
            .get(method)
            .and_then(|facts| facts.required.get(name).copied());
        if let Some(decided) = fact.or(exception) {
            return decided;
        }
        if schema.get("default").is_some() {
            return false;
        }
        if schema.get("properties").is_none() || schema.get("required").is_some() {
            return true;
        }
        let required = split(method).1 == "update";
        notes.push(Note::new(
            schema,
            "required",
            format!(
                "an inlined dump does not say whether {method:?} must be given {name:?}; taken as {}",
                if required { "required" } else { "optional" }
            ),
        ));
        required
    }

    /// Refuses a table that speaks of parameters there are not.
    pub(super) fn finish(self, methods: &Cursor<'_>) -> Result<(), ReadError> {
        for (method, parameters) in self.exceptions {
            if let Some(name) = parameters.keys().next() {
                return Err(methods.error(format_args!(
                    "inlined_required.json has an exception for the parameter {name:?} of \
                     {method:?}, which is not in this version: remove it there"
                )));
            }
        }
        Ok(())
    }
}
