//! What the schemas of a version say of a service that keeps entries.

use serde_json::Value;

use super::catalog::Catalog;
use super::models::{Kind, cases, kind, properties};

/// A service with a `query`.
#[derive(Clone, Copy)]
pub(crate) struct Service<'c> {
    pub(crate) name: &'c str,
    /// The key that entries are found by.
    pub(crate) key: &'c str,
    /// The schema of an entry.
    pub(crate) entry: &'c Value,
    /// Whether ids are numbers that count up.
    pub(crate) numbered: bool,
}

impl<'c> Service<'c> {
    pub(crate) fn of(catalog: &'c Catalog, name: &'c str, key: &'c str) -> Option<Self> {
        let method = |last: &str| catalog.methods().get(&format!("{name}.{last}"));
        let query = method("query")?;
        let entry = match method("get_instance") {
            Some(get_instance) => get_instance.result.as_value(),
            None => list(catalog.models().resolve(query.result.as_value()))?.get("items")?,
        };
        let property = properties(catalog.models().resolve(entry)).and_then(|known| known.get(key));
        let given = ["update", "delete", "get_instance"]
            .into_iter()
            .find_map(|last| {
                let parameter = method(last)?.parameters.first()?;
                Some(parameter.schema.as_value())
            });
        let kinds = [property, given].into_iter().flatten().map(kind);
        let decided = kinds
            .into_iter()
            .find(|kind| matches!(kind, Kind::Integer | Kind::Text));
        Some(Self {
            name,
            key,
            entry,
            numbered: decided != Some(Kind::Text),
        })
    }

    /// What the server calls an entry: `CronJob`.
    pub(crate) fn title(&self) -> String {
        let model = self.entry.get("$ref").and_then(Value::as_str);
        let model = model.and_then(|reference| reference.rsplit('/').next());
        match model.and_then(|model| model.strip_suffix("Entry")) {
            Some(title) => title.to_owned(),
            None => self.name.split(['.', '_']).map(capitalised).collect(),
        }
    }
}

/// What a query answers where it answers many.
pub(crate) fn list(result: &Value) -> Option<&Value> {
    let cases = cases(result).unwrap_or(std::slice::from_ref(result));
    cases.iter().find(|case| kind(case) == Kind::List)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}
