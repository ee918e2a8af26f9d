//! What trials have found out already.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use crate::reader::Mode;
use crate::union::Case;

/// Which case of a union a value fits, for values inside a trial.
///
/// What a trial reads is read again, by the next case and at the end for good;
/// with unions in unions that would double at each level. Here each value
/// is tried once for each union.
///
/// Values and tables are told apart by address: the value that is read is
/// borrowed for as long as this lives, and the tables are static.
#[derive(Default)]
pub(crate) struct Memo(RefCell<HashMap<Key, Result<usize, String>>>);

type Key = (*const Value, *const Case, usize, Mode);

impl Memo {
    pub(crate) fn get(
        &self,
        value: &Value,
        cases: &'static [Case],
        mode: Mode,
    ) -> Option<Result<usize, String>> {
        self.0.borrow().get(&key(value, cases, mode)).cloned()
    }

    pub(crate) fn set(
        &self,
        value: &Value,
        cases: &'static [Case],
        mode: Mode,
        found: Result<usize, String>,
    ) {
        self.0.borrow_mut().insert(key(value, cases, mode), found);
    }
}

fn key(value: &Value, cases: &'static [Case], mode: Mode) -> Key {
    (std::ptr::from_ref(value), cases.as_ptr(), cases.len(), mode)
}
