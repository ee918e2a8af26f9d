//! The facts of a schema that no Rust type carries, as lines of documentation.

use serde_json::{Map, Value};

/// Defaults, limits and formats of a schema, one line each.
///
/// For `anyOf [T, null]`, these are the facts of `T`. For a choice that becomes
/// one type, such as `integer from 1` or `0`, each branch is described on its
/// own. A choice between several types only has limits inside its cases.
pub(super) fn facts(schema: &Map<String, Value>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(default) = schema.get("default") {
        lines.push(format!("Default: {}.", code(&default.to_string())));
    }
    lines.extend(alternatives(schema));
    let inner = only_branch(schema).unwrap_or(schema);
    lines.extend(range(inner));
    lines.extend(count(
        inner,
        "minLength",
        "maxLength",
        "character",
        "characters",
    ));
    lines.extend(count(inner, "minItems", "maxItems", "item", "items"));
    if let Some(pattern) = inner.get("pattern").and_then(Value::as_str) {
        lines.push(format!("Pattern: {}.", code(pattern)));
    }
    if let Some(format) = inner.get("format").and_then(Value::as_str) {
        lines.push(format!("Format: {}.", code(format)));
    }
    lines
}

/// The one branch of a union that is not null.
fn only_branch(schema: &Map<String, Value>) -> Option<&Map<String, Value>> {
    match branches(schema)?.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// Returns the branches of a union that are not null.
fn branches(schema: &Map<String, Value>) -> Option<Vec<&Map<String, Value>>> {
    let branches = schema.get("anyOf").or_else(|| schema.get("oneOf"))?;
    let branches = branches.as_array()?.iter().filter_map(Value::as_object);
    let is_null =
        |branch: &&Map<String, Value>| branch.get("type").and_then(Value::as_str) == Some("null");
    Some(branches.filter(|branch| !is_null(branch)).collect())
}

/// Describes the branches of a choice that becomes one Rust type: all numbers,
/// or all texts.
fn alternatives(schema: &Map<String, Value>) -> Option<String> {
    let branches = branches(schema).filter(|branches| branches.len() > 1)?;
    if branches.iter().all(|branch| constants(branch).is_some()) {
        return None;
    }
    let all = |holds: fn(&Map<String, Value>) -> bool| branches.iter().copied().all(holds);
    if !all(|branch| of_type(branch, "integer", Value::is_i64))
        && !all(|branch| of_type(branch, "string", Value::is_string))
    {
        return None;
    }
    let parts: Vec<String> = branches.iter().copied().map(alternative).collect();
    let limited = parts.iter().all(|part| !part.starts_with("any "));
    limited.then(|| format!("One of: {}.", parts.join("; ")))
}

/// Returns whether a branch has this type, by name or by its constants.
fn of_type(branch: &Map<String, Value>, name: &str, is: fn(&Value) -> bool) -> bool {
    if branch.contains_key("format") {
        return false;
    }
    match constants(branch) {
        Some(constants) => constants.into_iter().all(|one| is(one) || one.is_null()),
        None => branch.get("type").and_then(Value::as_str) == Some(name),
    }
}

fn constants(branch: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (branch.get("const"), branch.get("enum")) {
        (Some(constant), _) => Some(vec![constant]),
        (None, Some(Value::Array(values))) => Some(values.iter().collect()),
        _ => None,
    }
}

/// Returns a short description of the values that a branch allows.
fn alternative(branch: &Map<String, Value>) -> String {
    if let Some(constants) = constants(branch) {
        let constants: Vec<String> = constants
            .into_iter()
            .filter(|constant| !constant.is_null())
            .map(|constant| code(&constant.to_string()))
            .collect();
        return constants.join(", ");
    }
    let is_text = branch.get("type").and_then(Value::as_str) == Some("string");
    let lines = [
        range(branch),
        count(branch, "minLength", "maxLength", "character", "characters"),
        branch
            .get("pattern")
            .and_then(Value::as_str)
            .map(|pattern| format!("Pattern: {}.", code(pattern))),
    ];
    let words: Vec<String> = lines
        .into_iter()
        .flatten()
        .map(|line| {
            let line = line.trim_start_matches("Range: ").trim_end_matches('.');
            match line.strip_prefix("Pattern: ") {
                Some(pattern) => format!("text that matches {pattern}"),
                None => line.to_lowercase(),
            }
        })
        .collect();
    match words.as_slice() {
        [] if is_text => "any text".to_owned(),
        [] => "any number".to_owned(),
        words => words.join(", "),
    }
}

fn range(schema: &Map<String, Value>) -> Option<String> {
    let bound = |key: &str| schema.get(key).filter(|value| value.is_number());
    let from = bound("minimum").map(|low| format!("from {low}"));
    let above = bound("exclusiveMinimum").map(|low| format!("above {low}"));
    let to = bound("maximum").map(|high| format!("up to {high}"));
    let below = bound("exclusiveMaximum").map(|high| format!("below {high}"));
    let parts: Vec<String> = [from, above, to, below].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("Range: {}.", parts.join(", ")))
}

fn count(
    schema: &Map<String, Value>,
    least: &str,
    most: &str,
    one: &str,
    many: &str,
) -> Option<String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    let unit = |n: u64| if n == 1 { one } else { many };
    match (bound(least), bound(most)) {
        (None, None) => None,
        (Some(least), None) => Some(format!("At least {least} {}.", unit(least))),
        (None, Some(most)) => Some(format!("At most {most} {}.", unit(most))),
        (Some(least), Some(most)) if least == most => {
            Some(format!("Exactly {least} {}.", unit(least)))
        }
        (Some(least), Some(most)) => Some(format!("{least} to {most} {}.", unit(most))),
    }
}

/// Text as Markdown code, whatever backticks and line breaks it holds.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return "`\"\"`".to_owned();
    }
    let text = text.replace(['\n', '\r'], " ");
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest == 0 { "" } else { " " };
    format!("{fence}{pad}{text}{pad}{fence}")
}
