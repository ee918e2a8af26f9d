//! What trials have found out already.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::reader::Mode;
use crate::tape::Node;
use crate::union::Case;

/// Which case of a union a value fits, for values inside a trial.
///
/// What a trial reads is read again, by the next case and at the end for good;
/// with unions in unions that would double at each level. Here each value
/// is tried once for each union.
///
/// Values and tables are told apart by address: this lives no longer than the
/// tape that is read, and the tables are static.
#[derive(Default)]
pub(crate) struct Memo(RefCell<HashMap<Key, Result<usize, String>>>);

type Key = (usize, *const Case, usize, Mode);

impl Memo {
    pub(crate) fn get(
        &self,
        node: Node<'_>,
        cases: &'static [Case],
        mode: Mode,
    ) -> Option<Result<usize, String>> {
        self.0.borrow().get(&key(node, cases, mode)).cloned()
    }

    pub(crate) fn set(
        &self,
        node: Node<'_>,
        cases: &'static [Case],
        mode: Mode,
        found: Result<usize, String>,
    ) {
        self.0.borrow_mut().insert(key(node, cases, mode), found);
    }
}

fn key(node: Node<'_>, cases: &'static [Case], mode: Mode) -> Key {
    (node.address(), cases.as_ptr(), cases.len(), mode)
}
