//! A schema as the set of things it allows: `null`, and cases of one JSON type
//! each. References are followed, choices within choices are one choice.

use std::collections::HashSet;

use serde_json::{Map, Value};
use truenas_codegen::model::ApiVersion;

/// Whether a keyword allows and forbids nothing.
fn is_note(keyword: &str) -> bool {
    matches!(
        keyword,
        "$comment"
            | "cli_description"
            | "default"
            | "deprecated"
            | "description"
            | "discriminator"
            | "examples"
            | "exclude_json_schema"
            | "readOnly"
            | "title"
            | "writeOnly"
    )
}

/// What a value at one position may be.
#[derive(Debug, Default)]
pub(crate) struct Position<'a> {
    /// Whether it may be null.
    pub(crate) nullable: bool,
    /// Whether it may be anything.
    pub(crate) any: bool,
    /// What else it may be.
    pub(crate) cases: Vec<Case<'a>>,
}

/// One thing that a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) kind: Kind,
    pub(crate) schema: &'a Map<String, Value>,
    /// The model it is, if it has a name.
    pub(crate) model: Option<&'a str>,
}

/// The JSON type of a [`Case`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
    /// Constants of several types.
    Constants,
    /// Combined in a way that pydantic does not write. Only equal ones are
    /// known to allow the same.
    Opaque,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
            Self::Constants => "constant",
            Self::Opaque => "schema",
        }
    }

    fn of_type(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    fn of_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        })
    }
}

/// The model that a reference names.
pub(crate) fn model_of(reference: &str) -> &str {
    reference.strip_prefix("#/models/").unwrap_or(reference)
}

impl<'a> Position<'a> {
    pub(crate) fn new(version: &'a ApiVersion, schema: &'a Value) -> Self {
        let mut position = Self::default();
        let mut followed = HashSet::new();
        let mut open = vec![(schema, None)];
        while let Some((schema, model)) = open.pop() {
            let Some(map) = schema.as_object() else {
                position.any |= *schema != Value::Bool(false);
                continue;
            };
            let mut rules = map.iter().filter(|(key, _)| !is_note(key));
            let first = rules.next();
            let alone = rules.next().is_none();
            match first {
                None => position.any = true,
                Some((key, Value::String(reference))) if key == "$ref" && alone => {
                    let name = model_of(reference);
                    let target = version.models.get_key_value(name);
                    match target {
                        Some((name, target)) if followed.insert(name) => {
                            open.push((target.as_value(), Some(name.as_str())));
                        }
                        // The same thing again allows nothing more.
                        Some(_) => {}
                        None => position.push(Kind::Opaque, map, model),
                    }
                }
                Some((key, Value::Array(branches)))
                    if (key == "anyOf" || key == "oneOf") && alone =>
                {
                    // The last is taken first.
                    open.extend(branches.iter().rev().map(|branch| (branch, None)));
                }
                _ => position.push_plain(map, model),
            }
        }
        position
    }

    /// Whether nothing is said of what is in the objects or lists that may
    /// stand here; `None` where none may.
    pub(crate) fn is_untyped(&self, kind: Kind) -> Option<bool> {
        let mut cases = self
            .cases
            .iter()
            .filter(|case| case.kind == kind)
            .peekable();
        cases.peek()?;
        Some(cases.any(Case::is_untyped))
    }

    fn push(&mut self, kind: Kind, schema: &'a Map<String, Value>, model: Option<&'a str>) {
        self.cases.push(Case {
            kind,
            schema,
            model,
        });
    }

    fn push_plain(&mut self, map: &'a Map<String, Value>, model: Option<&'a str>) {
        const COMBINING: [&str; 9] = [
            "$ref", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "contains",
        ];
        if COMBINING.iter().any(|key| map.contains_key(*key)) {
            return self.push(Kind::Opaque, map, model);
        }
        let values = values(map);
        let may_be_null = |kind: &str| {
            kind == "null"
                && values
                    .as_ref()
                    .is_none_or(|values| values.contains(&&Value::Null))
        };
        match (map.get("type"), &values) {
            (Some(Value::String(kind)), _) => match Kind::of_type(kind) {
                Some(kind) => self.push(kind, map, model),
                None if may_be_null(kind) => self.nullable = true,
                None => self.push(Kind::Opaque, map, model),
            },
            (Some(Value::Array(kinds)), _) => {
                for kind in kinds.iter().filter_map(Value::as_str) {
                    match Kind::of_type(kind) {
                        Some(kind) => self.push(kind, map, model),
                        None => self.nullable |= may_be_null(kind),
                    }
                }
            }
            (_, Some(values)) => {
                self.nullable |= values.contains(&&Value::Null);
                let mut kinds: Vec<Kind> = values
                    .iter()
                    .filter_map(|value| Kind::of_value(value))
                    .collect();
                kinds.dedup();
                match kinds.as_slice() {
                    [] => {}
                    [kind] => self.push(*kind, map, model),
                    _ => self.push(Kind::Constants, map, model),
                }
            }
            _ => self.push(Kind::Opaque, map, model),
        }
    }
}

/// The only values that a schema allows.
fn values(schema: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(values)), _) => Some(values.iter().collect()),
        (_, Some(value)) => Some(vec![value]),
        _ => None,
    }
}

impl<'a> Case<'a> {
    /// The only values it allows; `null` is not the case's to say.
    pub(crate) fn values(&self) -> Option<Vec<&'a Value>> {
        let mut values = values(self.schema)?;
        values.retain(|value| !value.is_null());
        Some(values)
    }

    /// The known keys of an object.
    pub(crate) fn properties(&self) -> Option<&'a Map<String, Value>> {
        self.schema
            .get("properties")?
            .as_object()
            .filter(|properties| !properties.is_empty())
    }

    /// Whether an object must have this key.
    pub(crate) fn requires(&self, key: &str) -> bool {
        self.required().any(|required| required == key)
    }

    /// The keys that an object must have.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'a str> {
        let required = self.schema.get("required").and_then(Value::as_array);
        required.into_iter().flatten().filter_map(Value::as_str)
    }

    /// What keys beyond the known ones hold: `None` where they are refused.
    pub(crate) fn rest(&self) -> Option<&'a Value> {
        const ANYTHING: &Value = &Value::Bool(true);
        match self.schema.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(schema) => Some(schema),
            None => Some(ANYTHING),
        }
    }

    /// Whether it is an object or list of which nothing more is said.
    pub(crate) fn is_untyped(&self) -> bool {
        let says = |key: &String| !is_note(key) && key != "type";
        let anything = |value: &Value| match value {
            Value::Bool(open) => *open,
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        matches!(self.kind, Kind::Object | Kind::Array)
            && self.schema.iter().all(|(key, value)| {
                !says(key)
                    || (key == "additionalProperties" || key == "items") && anything(value)
                    || key == "properties" && value.as_object().is_some_and(Map::is_empty)
            })
    }

    /// The values of a key by which a choice can be decided: a constant, or a
    /// few words, that the object must have.
    pub(crate) fn tags(&self, key: &str) -> Option<Vec<&'a str>> {
        let schema = self.properties()?.get(key)?.as_object()?;
        values(schema)?.into_iter().map(Value::as_str).collect()
    }
}
