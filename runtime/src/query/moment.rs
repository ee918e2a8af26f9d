//! Comparisons of a field with a moment.
//!
//! The server truncates times to whole seconds in its answers, although most of
//! its own values have microseconds. Filters therefore compare whole seconds,
//! so that they agree with the answers.

use std::borrow::Cow;

use super::error::QueryError;
use super::filter::{Condition, Leaf, Op, has_wildcard};
use crate::date_time::DateTime;

/// The start of the year 1 and the last second of the year 9999, in seconds
/// since 1970: the server refuses all others.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// A field that holds a time.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    pub(super) path: Cow<'static, str>,
    /// True if the server's own value has no time zone. The server cannot order
    /// it against one that has.
    pub(super) naive: bool,
}

impl Moments {
    pub(super) fn compare(&self, op: Op, millis: i64) -> Condition {
        let compared = || {
            let second = millis.div_euclid(1_000);
            let next = second.saturating_add(1);
            Ok(match op {
                Op::Ge => self.guarded(Op::Ge, second)?,
                Op::Gt => self.guarded(Op::Ge, next)?,
                Op::Lt => self.guarded(Op::Lt, second)?,
                Op::Le => self.guarded(Op::Lt, next)?,
                Op::Ne => Condition::any([
                    Condition::Leaf(Leaf::null(self.path.clone(), Op::Eq)),
                    Condition::Leaf(self.leaf(Op::Lt, second)?),
                    Condition::Leaf(self.leaf(Op::Ge, next)?),
                ]),
                _ => {
                    self.of_all_items()?;
                    Condition::all([self.guarded(Op::Ge, second)?, self.guarded(Op::Lt, next)?])
                }
            })
        };
        compared().unwrap_or_else(Condition::Refused)
    }

    /// Two comparisons of "any item" may be about different items.
    fn of_all_items(&self) -> Result<(), QueryError> {
        if has_wildcard(&self.path) {
            return Err(QueryError::TimeOfItems(self.path.to_string()));
        }
        Ok(())
    }

    /// Null must not be compared by order.
    fn guarded(&self, op: Op, second: i64) -> Result<Condition, QueryError> {
        let there = Condition::Leaf(Leaf::null(self.path.clone(), Op::Ne));
        let leaf = Condition::Leaf(self.leaf(op, second)?);
        Ok(Condition::all([there, leaf]))
    }

    fn leaf(&self, op: Op, second: i64) -> Result<Leaf, QueryError> {
        if !(FIRST..=LAST).contains(&second) {
            return Err(QueryError::TimeOutOfRange);
        }
        let text = DateTime::from_millis(second.saturating_mul(1_000)).to_string();
        let text = match text.strip_suffix('Z') {
            Some(naive) if self.naive => naive.to_owned(),
            _ => text,
        };
        Ok(Leaf::new(format!("{}.$date", self.path), op, text))
    }
}
