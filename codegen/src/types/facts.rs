//! The facts of a schema that no Rust type carries, as lines of documentation.

use serde_json::{Map, Value};

/// Defaults, limits and formats of a schema, one line each.
///
/// Of `anyOf [T, null]` the facts of `T` count; a choice between several types
/// has limits only inside its cases.
pub(super) fn facts(schema: &Map<String, Value>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(default) = schema.get("default") {
        lines.push(format!("Default: {}.", code(&default.to_string())));
    }
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
    let branches = schema.get("anyOf")?.as_array()?;
    let mut others = branches
        .iter()
        .filter_map(Value::as_object)
        .filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
    let only = others.next()?;
    others.next().is_none().then_some(only)
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
