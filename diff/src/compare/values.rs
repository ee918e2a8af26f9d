//! The values that something is limited to, and defaults.

use serde_json::Value;

use super::walk::{Spot, Walk};
use crate::Version;
use crate::path::Path;
use crate::rule::Rule;
use crate::schema::{Case, Kind, Position};

impl<'a> Walk<'_, 'a> {
    pub(super) fn values(
        &mut self,
        path: &Path,
        (before, old): (&Case<'a>, Spot<'a>),
        (after, new): (&Case<'a>, Spot<'a>),
    ) {
        let list =
            |values: &[&Value]| Value::from(values.iter().copied().cloned().collect::<Vec<_>>());
        match (limited_to(before), limited_to(after)) {
            (None, None) => {}
            (None, Some(values)) => self.found(
                Rule::ValuesRestricted,
                path,
                (Some(old), None),
                (Some(new), Some(list(&values))),
            ),
            (Some(values), None) => self.found(
                Rule::ValuesUnrestricted,
                path,
                (Some(old), Some(list(&values))),
                (Some(new), None),
            ),
            (Some(a), Some(b)) => {
                for gone in a.iter().filter(|value| !b.contains(value)) {
                    let gone = Some((*gone).clone());
                    self.found(
                        Rule::ValueRemoved,
                        path,
                        (Some(old), gone),
                        (Some(new), None),
                    );
                }
                for added in b.iter().filter(|value| !a.contains(value)) {
                    let added = Some((*added).clone());
                    self.found(
                        Rule::ValueAdded,
                        path,
                        (Some(old), None),
                        (Some(new), added),
                    );
                }
            }
        }
    }

    /// What holds where a caller leaves something out.
    pub(super) fn default(&mut self, path: &Path, old: Spot<'a>, new: Spot<'a>) {
        let default = |spot: Spot<'a>| spot.schema.get("default").cloned();
        let (before, after) = (default(old), default(new));
        let rule = match (&before, &after) {
            (None, Some(_)) => Rule::DefaultAdded,
            (Some(_), None) => Rule::DefaultRemoved,
            (Some(a), Some(b)) if a != b => {
                let versions = [&self.comparison.old, &self.comparison.new];
                let [old_version, new_version] = versions.map(|side| side.version);
                if is_beyond(a, b, new_version, new.schema)
                    && is_beyond(b, a, old_version, old.schema)
                {
                    return;
                }
                Rule::DefaultChanged
            }
            _ => return,
        };
        self.found(rule, path, (Some(old), before), (Some(new), after));
    }
}

/// The values of a case. Both booleans together are no limit.
fn limited_to<'a>(case: &Case<'a>) -> Option<Vec<&'a Value>> {
    let both = [&Value::Bool(true), &Value::Bool(false)];
    case.values().filter(|values| {
        case.kind != Kind::Boolean || both.iter().any(|value| !values.contains(value))
    })
}

/// Whether a default only says more than another one: keys that its schema
/// would fill in anyway.
fn is_beyond(other: &Value, default: &Value, version: &Version, schema: &Value) -> bool {
    let (Value::Object(other), Value::Object(default)) = (other, default) else {
        return false;
    };
    let cases = Position::new(&version.api, schema).cases;
    default.iter().all(|(key, value)| match other.get(key) {
        Some(other) => other == value,
        None => cases.iter().any(|case| {
            let property = case.properties().and_then(|properties| properties.get(key));
            property.and_then(|property| property.get("default")) == Some(value)
        }),
    })
}
