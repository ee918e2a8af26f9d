//! The modules of services.

use std::collections::BTreeMap;

use super::{ident, services};
use crate::model::split;

/// Names that the root module of a version uses itself.
const ROOT: [&str; 2] = ["rt", "std"];

/// The module of each service of a version.
#[derive(Debug, Default)]
pub struct Modules(BTreeMap<String, Vec<String>>);

impl Modules {
    /// Modules for the services of these methods and events. No two services
    /// share one, whatever their names become.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        let mut by_parent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for service in services(names) {
            by_parent.entry(split(service).0).or_default().push(service);
        }
        let mut modules = Self::default();
        // A parent's name is shorter than its children's, so it comes first.
        for (parent, mut children) in by_parent {
            let path = modules.of(parent);
            // Who has the name by right goes before who was bent to it.
            children.sort_by_key(|service| {
                let word = split(service).1;
                (ident::value_name(word) != word, *service)
            });
            let words = children.iter().map(|service| split(service).1);
            let reserved: &[&str] = if parent.is_empty() { &ROOT } else { &[] };
            let idents = ident::distinct(words.map(ident::value_name).collect(), reserved);
            for (service, ident) in children.into_iter().zip(idents) {
                let module = path.iter().cloned().chain([ident]).collect();
                modules.0.insert(service.to_owned(), module);
            }
        }
        modules
    }

    /// The names of the modules right below one.
    pub(super) fn below(&self, module: &[String]) -> Vec<&str> {
        let names = self.0.values().filter_map(|path| path.split_last());
        names
            .filter(|(_, parent)| *parent == module)
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// The module of a service, a segment each; that of the version for none.
    pub fn of(&self, service: &str) -> Vec<String> {
        self.0.get(service).cloned().unwrap_or_default()
    }
}
