//! Filters for the services that leave filtering to their database.
//!
//! Their database has fewer operators, its `^` and `$` support wildcards, and
//! its regular expressions ignore case and match anywhere in the text. It
//! accepts a list of "OR", but no conjunction inside of an "OR". A condition is
//! therefore written in conjunctive normal form: a list of clauses that must
//! all hold, each a list of comparisons of which one must hold.

use serde_json::Value;

use super::error::QueryError;
use super::filter::{Condition, Leaf, Op};
use super::form::Form;
use super::plain::check;

/// The maximum number of comparisons in a query.
const MOST: usize = 2_000;

/// A list of comparisons of which one must hold.
type Clause = Vec<Leaf>;

/// Writes the parameter `filters`: a list of conditions that must all hold.
pub(super) fn write(conditions: &[Condition]) -> Result<Vec<Value>, QueryError> {
    let mut list: Vec<Value> = Vec::new();
    for clause in all(conditions)? {
        let written = match clause.as_slice() {
            [only] => only.write(),
            any => {
                let any: Vec<Value> = any.iter().map(Leaf::write).collect();
                Value::Array(vec!["OR".into(), any.into()])
            }
        };
        if !list.contains(&written) {
            list.push(written);
        }
    }
    Ok(list)
}

fn clauses(condition: &Condition) -> Result<Vec<Clause>, QueryError> {
    match condition {
        Condition::Leaf(leaf) => leaf_clauses(leaf),
        Condition::All(inner) => all(inner),
        Condition::Any(inner) => any(inner),
        Condition::Refused(error) => Err(error.clone()),
    }
}

fn all(conditions: &[Condition]) -> Result<Vec<Clause>, QueryError> {
    let clauses = conditions.iter().map(clauses);
    Ok(clauses.collect::<Result<Vec<_>, _>>()?.concat())
}

/// (A and B) or C is (A or C) and (B or C).
fn any(conditions: &[Condition]) -> Result<Vec<Clause>, QueryError> {
    if conditions.is_empty() {
        return Err(QueryError::Empty);
    }
    let mut any: Vec<Clause> = vec![Vec::new()];
    for condition in conditions {
        let branch = clauses(condition)?;
        if branch.is_empty() {
            return Err(QueryError::Empty);
        }
        let mut size = 0_usize;
        let mut next = Vec::new();
        for one in &any {
            for other in &branch {
                size = size.saturating_add(one.len()).saturating_add(other.len());
                if size > MOST {
                    return Err(QueryError::SqlTooLarge);
                }
                next.push([one.as_slice(), other.as_slice()].concat());
            }
        }
        any = next;
    }
    Ok(any)
}

fn leaf_clauses(leaf: &Leaf) -> Result<Vec<Clause>, QueryError> {
    let value = leaf.value.value();
    if leaf.is_time() {
        return Err(QueryError::SqlTime);
    }
    if leaf.form != Form::Unknown && leaf.path.contains('.') {
        return Err(QueryError::SqlPath(leaf.path.to_string()));
    }
    if leaf.form == Form::Secret {
        return Err(QueryError::SqlSecret(leaf.path.to_string()));
    }
    if let Some(pattern) = pattern(leaf, &value)? {
        return Ok(pattern.clauses(leaf));
    }
    check(leaf)?;
    Ok(match (leaf.op, &value) {
        // The database does not find null with `!=`.
        (Op::Ne, value) if !value.is_null() => {
            vec![vec![Leaf::null(leaf.path.clone(), Op::Eq), leaf.clone()]]
        }
        (Op::NotIn, Value::Array(none)) if none.is_empty() => {
            vec![vec![Leaf::null(leaf.path.clone(), Op::Ne)]]
        }
        _ => vec![vec![leaf.clone()]],
    })
}

/// A regular expression for what the database has no operator for.
struct Pattern {
    expression: String,
    matches_null: bool,
}

fn pattern(leaf: &Leaf, value: &Value) -> Result<Option<Pattern>, QueryError> {
    let texts = match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let needed = match leaf.op {
        Op::Matches if leaf.ignore_case => return Err(QueryError::IgnoreCase),
        Op::Matches | Op::StartsWith | Op::NotStartsWith | Op::EndsWith | Op::NotEndsWith => {
            value.is_string()
        }
        // Without a type, the field may be a list that contains the text.
        Op::Contains | Op::NotContains if leaf.form == Form::Text => value.is_string(),
        Op::Contains | Op::NotContains if leaf.form != Form::Unknown => {
            return Err(QueryError::SqlContains(leaf.path.to_string()));
        }
        _ => leaf.ignore_case,
    };
    let Some(first) = texts.first().filter(|_| needed) else {
        return Ok(None);
    };
    if leaf.ignore_case && !texts.iter().all(|text| text.is_ascii()) {
        return Err(QueryError::SqlIgnoreCase);
    }
    let flags = if leaf.ignore_case { "a" } else { "-i" };
    let text = format!("(?{flags}:{})", alternatives(&texts));
    let expression = match leaf.op {
        Op::Matches => anchored(first),
        Op::Eq | Op::In => format!(r"^{text}\Z"),
        Op::Ne | Op::NotIn => format!(r"^(?!{text}\Z)"),
        Op::StartsWith => format!("^{text}"),
        Op::NotStartsWith => format!("^(?!{text})"),
        Op::EndsWith => format!(r"{text}\Z"),
        Op::NotEndsWith => format!(r"^(?![\s\S]*{text}\Z)"),
        Op::Contains => text,
        Op::NotContains => format!(r"^(?![\s\S]*{text})"),
        Op::Gt | Op::Ge | Op::Lt | Op::Le => return Err(QueryError::SqlIgnoreCase),
    };
    Ok(Some(Pattern {
        expression,
        matches_null: leaf.op == Op::Ne,
    }))
}

impl Pattern {
    /// Puts a test for null first. The database fails if it searches null with
    /// a regular expression, but stops at the first comparison of an "OR" that
    /// holds.
    fn clauses(self, leaf: &Leaf) -> Vec<Clause> {
        let null = |op| Leaf::null(leaf.path.clone(), op);
        let found = Leaf {
            ignore_case: false,
            ..leaf.with(Op::Matches, self.expression.into())
        };
        let mut clauses = vec![vec![null(Op::Eq), found]];
        if !self.matches_null {
            clauses.insert(0, vec![null(Op::Ne)]);
        }
        clauses
    }
}

/// Returns a regular expression that works as in other services: it matches
/// from the start, and case matters unless its first flags ignore it.
fn anchored(expression: &str) -> String {
    let flags = expression.strip_prefix("(?").and_then(|rest| {
        let (flags, rest) = rest.split_once(')')?;
        let known = !flags.is_empty() && flags.bytes().all(|flag| b"aimsux".contains(&flag));
        known.then_some((flags, rest))
    });
    let (flags, expression) = flags.unwrap_or(("", expression));
    let case = if flags.contains('i') { "" } else { "-i" };
    // A comment of a verbose expression ends at the end of the line.
    let end = if flags.contains('x') { "\n" } else { "" };
    format!("^(?{flags}{case}:{expression}{end})")
}

/// Returns a regular expression for any of the texts.
fn alternatives(texts: &[&str]) -> String {
    let mut expression = String::new();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            expression.push('|');
        }
        for char in text.chars() {
            if r"\.+*?()|[]{}^$#&-~".contains(char) {
                expression.push('\\');
            }
            expression.push(char);
        }
    }
    expression
}
