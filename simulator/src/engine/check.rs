//! Parameters are checked by `jsonschema`; here its errors become the ones
//! that the server gives.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use schemars::Schema;
use serde_json::{Map, Value, json};

use super::Invalid;

const MODELS: &str = "#/models/";

/// What the server allows a string where the schema says nothing of it.
const LONGEST: u64 = 1024;

/// Parts of the keys whose strings may be longer, although no schema says so:
/// certificates, keys, scripts, configuration and texts.
const LONG: &[&str] = &[
    "cert",
    "csr",
    "key",
    "script",
    "compose",
    "aux",
    "banner",
    "text",
    "body",
    "content",
    "file",
    "credentials",
    "password",
    "smb_conf",
    "options",
    "motd",
    "message",
];

/// Checks values by one schema.
pub(crate) struct Checker {
    /// The schema with all it refers to, to look up what an error stands at.
    document: Value,
    validator: Result<Validator, String>,
}

impl Checker {
    pub(crate) fn new(schema: &Value, models: &BTreeMap<String, Schema>) -> Self {
        let document = standalone(schema, models);
        let validator = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .with_format("ipvanyaddress", |text: &str| text.parse::<IpAddr>().is_ok())
            .with_format("ipvanyinterface", is_interface)
            .with_format("ipvanynetwork", is_interface)
            .build(&document)
            .map_err(|error| error.to_string());
        Self {
            document,
            validator,
        }
    }

    /// Why the schema is none.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.validator.as_ref().err().map(String::as_str)
    }

    /// All that is wrong with the value, in the order of the server.
    pub(crate) fn errors(&self, name: &str, value: &Value) -> Vec<Invalid> {
        let validator = match &self.validator {
            Ok(validator) => validator,
            Err(problem) => {
                return vec![Invalid {
                    attribute: name.to_owned(),
                    message: format!("No value can satisfy this schema: {problem}"),
                }];
            }
        };
        let mut problems = Vec::new();
        let start: Vec<Step> = match name {
            "" => Vec::new(),
            name => vec![Step::known(name)],
        };
        for error in validator.iter_errors(value) {
            self.collect(&error, 0, &start, &mut problems);
        }
        problems.sort_by(|(one, _), (other, _)| by_place(one, other));
        problems.dedup();
        problems
            .into_iter()
            .map(|(path, message)| Invalid {
                attribute: path
                    .into_iter()
                    .map(|step| step.text)
                    .collect::<Vec<_>>()
                    .join("."),
                message,
            })
            .collect()
    }

    /// Writes down what one error says. It stands at `start` and what its own
    /// path has beyond the first `known` steps.
    fn collect(
        &self,
        error: &ValidationError<'_>,
        known: usize,
        start: &[Step],
        out: &mut Problems,
    ) {
        use ValidationErrorKind as Kind;

        let own = error.instance_path().as_str();
        let own: Vec<&str> = own.split('/').skip(1).collect();
        let mut path = start.to_vec();
        path.extend(
            own.iter()
                .skip(known)
                .map(|step| Step::known(&unescaped(step))),
        );
        let mut say = |message: String| out.push((path.clone(), message));
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    let mut path = path.clone();
                    path.push(Step::extra(key));
                    out.push((path, "Extra inputs are not permitted".to_owned()));
                }
            }
            Kind::Required { property } => {
                path.push(Step::known(property.as_str().unwrap_or_default()));
                out.push((path, "Field required".to_owned()));
            }
            Kind::PropertyNames { error } => {
                let key = error.instance().as_str().unwrap_or_default();
                path.extend([Step::known(key), Step::known("[key]")]);
                out.push((path, message(error)));
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                let schema = self.schema_of(error);
                match schema.and_then(|schema| schema.get("discriminator")) {
                    Some(discriminator) => {
                        let tag = discriminator.get("propertyName").and_then(Value::as_str);
                        self.tagged(
                            error,
                            tag.unwrap_or_default(),
                            context,
                            own.len(),
                            &path,
                            out,
                        );
                    }
                    None => self.cases(error, schema, context, own.len(), &path, out),
                }
            }
            _ => say(message(error)),
        }
    }

    /// None of several cases fits: the errors of each, under its label. Null
    /// is no case of its own to the server.
    fn cases(
        &self,
        error: &ValidationError<'_>,
        schema: Option<&Value>,
        context: &[Vec<ValidationError<'static>>],
        known: usize,
        path: &[Step],
        out: &mut Problems,
    ) {
        let keyword = error.kind().keyword();
        let cases = schema.and_then(|schema| schema.get(keyword)?.as_array());
        let Some(cases) = cases else {
            out.push((
                path.to_vec(),
                "Input should be one of several types".to_owned(),
            ));
            return;
        };
        let real: Vec<_> = cases
            .iter()
            .zip(context)
            .filter(|(case, _)| case.get("type") != Some(&json!("null")))
            .collect();
        for (case, errors) in &real {
            let mut start = path.to_vec();
            if real.len() > 1 {
                start.push(Step::known(&self.label(case)));
            }
            for error in errors.iter() {
                self.collect(error, known, &start, out);
            }
        }
    }

    /// A choice by tag: only the case that the tag names is looked at.
    fn tagged(
        &self,
        error: &ValidationError<'_>,
        tag: &str,
        context: &[Vec<ValidationError<'static>>],
        known: usize,
        path: &[Step],
        out: &mut Problems,
    ) {
        let given = error.instance();
        let Some(object) = given.as_object() else {
            out.push((
                path.to_vec(),
                "Input should be a valid dictionary or object".to_owned(),
            ));
            return;
        };
        let Some(word) = object.get(tag) else {
            out.push((
                path.to_vec(),
                format!("Unable to extract tag using discriminator '{tag}'"),
            ));
            return;
        };
        let word = word
            .as_str()
            .map_or_else(|| word.to_string(), str::to_owned);
        // The case whose tag is right complains of other things only.
        let wrong_tag = |error: &ValidationError<'_>| {
            let place = error.instance_path().as_str();
            place.rsplit('/').next() == Some(tag) && place.split('/').count() == known + 2
        };
        match context.iter().find(|errors| !errors.iter().any(wrong_tag)) {
            Some(errors) => {
                let mut start = path.to_vec();
                start.push(Step::known(&word));
                for error in errors {
                    self.collect(error, known, &start, out);
                }
            }
            None => out.push((
                path.to_vec(),
                format!(
                    "Input tag '{word}' found using '{tag}' does not match any of the expected tags"
                ),
            )),
        }
    }

    /// The schema whose keyword the error is of.
    fn schema_of(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (schema, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.document.pointer(schema)
    }

    /// How the server calls a case in a path.
    fn label(&self, case: &Value) -> String {
        let reference = case.get("$ref").and_then(Value::as_str);
        if let Some(name) = reference.and_then(|reference| reference.strip_prefix("#/$defs/")) {
            return name.to_owned();
        }
        let words = case.get("enum").and_then(Value::as_array).cloned();
        if let Some(words) = words.or_else(|| Some(vec![case.get("const")?.clone()])) {
            let words: Vec<String> = words.iter().map(quoted).collect();
            return format!("literal[{}]", words.join(","));
        }
        // The limit that all texts have counts for none.
        let given = |key: &&&str| {
            case.get(**key)
                .is_some_and(|limit| *limit != json!(LONGEST))
        };
        let limited = |keys: &[&str]| keys.iter().find(given).is_some();
        match case.get("type").and_then(Value::as_str).unwrap_or_default() {
            "string" if limited(&["minLength", "maxLength", "pattern"]) => "constrained-str",
            "string" => "str",
            "integer" if limited(&["minimum", "maximum", "exclusiveMinimum"]) => "constrained-int",
            "integer" => "int",
            "number" => "float",
            "boolean" => "bool",
            "array" => {
                let items = case.get("items").map(|items| self.label(items));
                return format!("list[{}]", items.unwrap_or_default());
            }
            "object" => "dict[str,any]",
            "null" => "none",
            _ => "any",
        }
        .to_owned()
    }
}

type Problems = Vec<(Vec<Step>, String)>;

/// A step of the path to what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    /// Whether the schema does not know this key: the server tells of those
    /// after all others.
    extra: bool,
    text: String,
}

impl Step {
    fn known(text: &str) -> Self {
        Self {
            extra: false,
            text: text.to_owned(),
        }
    }

    fn extra(text: &str) -> Self {
        Self {
            extra: true,
            text: text.to_owned(),
        }
    }
}

fn by_place(one: &[Step], other: &[Step]) -> Ordering {
    let key = |step: &Step| (step.extra, step.text.parse::<u64>().ok(), step.text.clone());
    one.iter().map(key).cmp(other.iter().map(key))
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn is_interface(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    prefix.parse::<u8>().is_ok_and(|prefix| prefix <= most)
}

fn message(error: &ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;

    match error.kind() {
        Kind::Type { kind } => {
            let TypeKind::Single(kind) = kind else {
                return "Input should be of another type".to_owned();
            };
            let what = match kind.as_str() {
                "string" => "a valid string",
                "integer" => "a valid integer",
                "number" => "a valid number",
                "boolean" => "a valid boolean",
                "array" => "a valid list",
                "object" => "a valid dictionary or object",
                _ => "None",
            };
            format!("Input should be {what}")
        }
        Kind::Enum { options } => {
            let words = options.as_array().map(Vec::as_slice).unwrap_or_default();
            format!("Input should be {}", either(words))
        }
        Kind::Constant { expected_value } => format!("Input should be {}", quoted(expected_value)),
        Kind::Minimum { limit } => format!("Input should be greater than or equal to {limit}"),
        Kind::Maximum { limit } => format!("Input should be less than or equal to {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("Input should be greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("Input should be less than {limit}"),
        Kind::MinLength { limit } => {
            format!(
                "String should have at least {}",
                counted(*limit, "character")
            )
        }
        Kind::MaxLength { limit } => {
            format!(
                "String should have at most {}",
                counted(*limit, "character")
            )
        }
        Kind::MinItems { limit } => {
            format!("List should have at least {}", counted(*limit, "item"))
        }
        Kind::MaxItems { limit } => format!("List should have at most {}", counted(*limit, "item")),
        Kind::Pattern { pattern } => format!("String should match pattern '{pattern}'"),
        Kind::Format { format } => format!("Input is not a valid {format}"),
        Kind::UniqueItems => "List should not hold an item twice".to_owned(),
        kind => format!("Input does not satisfy `{}`", kind.keyword()),
    }
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// `'A', 'B' or 'C'`.
fn either(words: &[Value]) -> String {
    let words: Vec<String> = words.iter().map(quoted).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

/// As Python writes it.
fn quoted(word: &Value) -> String {
    match word {
        Value::String(text) => format!("'{text}'"),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// A schema with all the models it refers to, and what the server's own rules
/// add to it: a time is `{"$date": …}`, and no string is longer than it takes.
pub(crate) fn standalone(schema: &Value, models: &BTreeMap<String, Schema>) -> Value {
    let mut used = BTreeSet::new();
    let mut document = rewritten(schema, "", &mut used);
    let mut definitions = Map::new();
    while let Some(name) = used.pop_first() {
        if let Some(model) = models.get(&name)
            && !definitions.contains_key(&name)
        {
            let definition = rewritten(model.as_value(), "", &mut used);
            definitions.insert(name, definition);
        }
    }
    if let Value::Object(document) = &mut document {
        document.insert("$defs".to_owned(), Value::Object(definitions));
    }
    document
}

/// The schema that stands at a key.
fn rewritten(schema: &Value, key: &str, used: &mut BTreeSet<String>) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    if schema.get("format") == Some(&json!("date-time")) {
        return json!({
            "type": "object",
            "properties": {"$date": {"type": "integer"}},
            "required": ["$date"],
            "additionalProperties": false,
        });
    }
    let mut written = Map::new();
    for (keyword, value) in schema {
        let value = match (keyword.as_str(), value) {
            ("$ref", Value::String(reference)) => {
                let name = reference.strip_prefix(MODELS).unwrap_or(reference);
                used.insert(name.to_owned());
                json!(format!("#/$defs/{name}"))
            }
            ("properties" | "patternProperties", Value::Object(properties)) => properties
                .iter()
                .map(|(key, property)| (key.clone(), rewritten(property, key, used)))
                .collect(),
            ("anyOf" | "oneOf" | "prefixItems", Value::Array(cases)) => cases
                .iter()
                .map(|case| rewritten(case, key, used))
                .collect(),
            ("items" | "additionalProperties", item) => rewritten(item, key, used),
            (_, value) => value.clone(),
        };
        written.insert(keyword.clone(), value);
    }
    let free = ["maxLength", "enum", "const", "format"]
        .iter()
        .all(|keyword| !schema.contains_key(*keyword));
    let key = key.to_ascii_lowercase();
    let long = LONG.iter().any(|part| key.contains(part));
    if schema.get("type") == Some(&json!("string")) && free && !long {
        written.insert("maxLength".to_owned(), json!(LONGEST));
    }
    Value::Object(written)
}
