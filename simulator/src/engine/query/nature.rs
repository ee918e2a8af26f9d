//! The ways in which queries differ from each other.

use std::collections::{BTreeMap, BTreeSet};

use truenas_codegen::overrides::{Overrides, Quirk};

use super::super::catalog::Catalog;
use super::own::Zone;
use crate::number::{Number, V26};

/// The hidden properties of a query's entries on the server, and the way the
/// server filters, sorts and selects them.
///
/// ```
/// use truenas_codegen::overrides::{Overrides, Quirk};
/// use truenas_simulator::engine::Nature;
///
/// let overrides = Overrides::default();
/// assert_eq!(Nature::of(&overrides, "v25.10.0", "pool.query"), Nature::default());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nature {
    /// The times without a time zone, by path; true if they have a fraction of
    /// a second.
    naive: BTreeMap<String, bool>,
    quirks: BTreeSet<Quirk>,
    /// True if the database supports `rin`.
    contains_in_sql: bool,
}

impl Nature {
    /// Returns the nature of a query in a version.
    #[must_use]
    pub fn of(overrides: &Overrides, api: &str, method: &str) -> Self {
        let times = overrides.naive_times(api, method, |_| true);
        let quirks = overrides.quirks(api, method);
        Self {
            naive: times
                .iter()
                .map(|time| (time.path.clone(), time.microseconds))
                .collect(),
            contains_in_sql: quirks.contains(&Quirk::FiltersInSql) && Number::new(api) >= V26,
            quirks,
        }
    }

    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    pub(super) fn contains_in_sql(&self) -> bool {
        self.contains_in_sql
    }

    /// Returns the form of the times at a path on the server.
    pub(super) fn time(&self, path: &str) -> Zone {
        match self.naive.get(path) {
            None => Zone::Aware,
            Some(microseconds) => Zone::Naive {
                microseconds: *microseconds,
            },
        }
    }
}

/// The natures of all queries of a version.
#[derive(Debug)]
pub(crate) struct Natures {
    by_method: BTreeMap<String, Nature>,
    usual: Nature,
}

impl Natures {
    pub(crate) fn of(overrides: &Overrides, own: &Catalog) -> Self {
        let names = own.methods().keys();
        let natures = names.map(|name| (name.clone(), Nature::of(overrides, own.api(), name)));
        let usual = Nature::default();
        Self {
            by_method: natures.filter(|(_, nature)| *nature != usual).collect(),
            usual,
        }
    }

    pub(crate) fn get(&self, method: &str) -> &Nature {
        self.by_method.get(method).unwrap_or(&self.usual)
    }
}
