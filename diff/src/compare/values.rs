//! The values that something is limited to, and defaults.

use serde_json::Value;

use super::walk::{Spot, Walk};
use crate::path::Path;
use crate::rule::Rule;
use crate::schema::{Case, Kind};

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
            (Some(a), Some(b)) if a != b => Rule::DefaultChanged,
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
