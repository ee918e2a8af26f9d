//! What somebody's Rust program uses of the API, as far as its source says.
//!
//! Source is read, not compiled, so this follows names and no types:
//!
//! - a method is used where its accessors stand in a row
//!   (`nas.pool().dataset().create(…)`), also over a variable that holds the
//!   first of them, and where its marker type or event type is named;
//! - a type is used where it is named below a version's module;
//! - a key is used where any field of its name is read, set, built or matched,
//!   or where its name stands in a string or a constant.
//!
//! So a key counts as used by every method that the program uses. What is
//! hidden in a macro's own syntax or behind `self.service` is not seen.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use truenas_codegen::model::split;
use truenas_codegen::names::ident::value_name;
use truenas_codegen::share::{self, Item};

use crate::Version;
use crate::compare::Report;
use crate::finding::{Finding, SubjectKind};
use crate::rule::Rule;

/// What a program uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Functions that are called in a row: `pool`, `dataset`, `create`.
    calls: BTreeSet<Vec<String>>,
    /// What is named below a version's module: `pool`, `dataset`, `Create`.
    items: BTreeSet<Vec<String>>,
    /// Fields, and words that may be the names of keys.
    keys: BTreeSet<String>,
}

/// Why a source could not be read.
#[derive(Debug)]
pub struct SyntaxError(syn::Error);

impl Usage {
    /// Reads one more source file.
    ///
    /// # Errors
    ///
    /// If it is not Rust.
    pub fn add(&mut self, text: &str) -> Result<(), SyntaxError> {
        let file = syn::parse_file(text).map_err(SyntaxError)?;
        source::read(&file, self);
        Ok(())
    }

    /// The methods and events of a version that the program uses, sorted.
    #[must_use]
    pub fn subjects(&self, version: &Version) -> Vec<String> {
        let used = self.used(version);
        let names: BTreeSet<String> = used.into_iter().map(|(_, name)| name).collect();
        names.into_iter().collect()
    }

    /// Keeps of a report what touches the program, which was written for the
    /// older of the two versions.
    pub fn keep(&self, old: &Version, report: &mut Report) {
        let used = self.used(old);
        let types: BTreeSet<String> = self.items.iter().map(|path| path.join("::")).collect();
        report
            .findings
            .retain(|finding| self.is_touched(finding, &used, &types));
        report
            .coming
            .retain(|coming| used.iter().any(|(_, name)| *name == coming.name));
        report.notes.push(if used.is_empty() {
            format!(
                "the program uses no method and no event of {}, as far as its source says",
                old.api.api
            )
        } else {
            format!(
                "only what touches the program: it uses {} methods and events of {}",
                used.len(),
                old.api.api
            )
        });
    }

    fn is_touched(
        &self,
        finding: &Finding,
        used: &BTreeSet<(SubjectKind, String)>,
        types: &BTreeSet<String>,
    ) -> bool {
        let Some(name) = &finding.subject.name.before else {
            return false;
        };
        let is_used = used.contains(&(finding.subject.kind, name.clone()));
        let in_type = finding.rust_path.before.as_ref().is_some_and(|path| {
            let owner = path
                .rsplit_once('.')
                .map_or(path.as_str(), |(owner, _)| owner);
            types.contains(owner)
        });
        (is_used || in_type) && (is_used && concerns_all(finding) || self.names_key(finding))
    }

    /// Whether the program names the key that a finding is about.
    fn names_key(&self, finding: &Finding) -> bool {
        let key = match finding.rule {
            Rule::PropertyMoved | Rule::PropertyRenamed => finding
                .before
                .as_ref()
                .and_then(|before| before.as_str())
                .map(|path| split(path).1),
            _ => finding.path.keys().next_back(),
        };
        key.is_some_and(|key| self.keys.contains(key) || self.keys.contains(&value_name(key)))
    }

    fn used(&self, version: &Version) -> BTreeSet<(SubjectKind, String)> {
        let accessors = accessors(version);
        let mut used = BTreeSet::new();
        for call in &self.calls {
            for start in 0..call.len() {
                for end in start + 1..=call.len() {
                    let wire = call.get(start..end).and_then(|path| accessors.get(path));
                    used.extend(wire.map(|wire| (SubjectKind::Method, wire.clone())));
                }
            }
        }
        let names = &version.rust.generated.names;
        let markers = [
            (SubjectKind::Method, &names.methods),
            (SubjectKind::Event, &names.events),
        ];
        for (kind, markers) in markers {
            for (wire, marker) in markers {
                let mut path = marker.module.clone();
                path.push(marker.ident.clone());
                if self.items.contains(&path) {
                    used.insert((kind, wire.clone()));
                }
            }
        }
        used
    }
}

/// Whether a finding touches everybody who uses the method or event, whatever
/// keys they name.
fn concerns_all(finding: &Finding) -> bool {
    let sent = finding
        .direction
        .is_none_or(|direction| direction.is_sent());
    let must_now = matches!(
        finding.rule,
        Rule::RequiredPropertyAdded | Rule::PropertyRequired
    );
    let linked = matches!(finding.rule, Rule::PropertyMoved | Rule::PropertyRenamed);
    sent && must_now || !linked && finding.path.keys().next().is_none()
}

/// The methods of a version by the functions that lead to them, which are
/// those that the generator gives them.
fn accessors(version: &Version) -> BTreeMap<Vec<String>, String> {
    let rust = &version.rust;
    let shared = share::share(std::slice::from_ref(&rust.generated), &rust.classes);
    let services = shared.services.first();
    let mut functions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut accessors = BTreeMap::new();
    // A parent's name is shorter than its children's, so it comes first.
    for (name, id) in services.into_iter().flatten() {
        let Some(Item::Service(service)) = shared.definitions.get(id.0).map(|found| &found.item)
        else {
            continue;
        };
        let path = functions
            .entry(name)
            .or_insert_with(|| vec![value_name(name)])
            .clone();
        for (function, child) in &service.children {
            let child = services
                .into_iter()
                .flatten()
                .find(|(_, id)| *id == child)
                .map(|(name, _)| name.as_str());
            if let Some(child) = child {
                let mut path = path.clone();
                path.push(function.clone());
                functions.insert(child, path);
            }
        }
        for (function, wire) in &service.methods {
            let mut path = path.clone();
            path.push(function.clone());
            accessors.insert(path, wire.clone());
        }
    }
    accessors
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SyntaxError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None
    }
}
