//! What the pages do not say, put back by rule.
//!
//! | what is lost | the rule |
//! |---|---|
//! | a schema that says nothing looks like an object | see [`blanks`] and [`ANYTHING`] |
//! | a model without properties looks like an object | what is called like a model where only models have titles is one |
//! | which property tells the branches of a `oneOf` apart | the one that has values of its own in each, see [`discriminators`] |
//! | whether a list of items ends there | that of the parameters does |
//! | spaces in a row, in 1.0.2 | a title that pydantic made of a key has one for each `_` |
//!
//! What no rule knows stays away: keywords for which the renderer has no words
//! (`propertyNames`, and what is no keyword of JSON Schema), and a `oneOf` with
//! one branch, in whose place the renderer puts that branch.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::file::Kind;
use crate::page::Page;
use crate::schema::is_bare;

type Schema = Map<String, Value>;

/// Where any value may stand, by the model or method and its property or
/// parameter: what nine published versions have, none of which has an object in
/// one of these places. What is not listed is what the page says, an object: a
/// place that a later version adds has to be added here, which comparing it with
/// a dump or `core.get_methods` shows (`cargo xtask verify`).
const ANYTHING: [(&str, &[&str]); 15] = [
    ("Alert", &["args", "mail"]),
    ("CoreBulkResultItem", &["result"]),
    ("CoreGetJobsItem", &["result", "result_encoding_error"]),
    ("CoreGetJobsItemExcInfo", &["extra"]),
    ("CoreGetJobsItemProgress", &["extra"]),
    (
        "CoreGetJobsItemQueryResultItem",
        &["result", "result_encoding_error"],
    ),
    ("FilesystemStatfsData", &["flags", "fstype"]),
    ("PeriodicSnapshotTaskEntry", &["state"]),
    ("PeriodicSnapshotTaskQueryResultItem", &["state"]),
    ("PoolDatasetEntryProperty", &["parsed", "source_info"]),
    ("PoolSnapshotEntryPropertyFields", &["parsed"]),
    ("PoolSnapshotTaskEntry", &["state"]),
    ("PoolSnapshotTaskQueryResultItem", &["state"]),
    ("auth.set_attribute", &["value"]),
    ("core.job_wait", &["Return value"]),
];

/// Puts back what can be known of a page's schemas.
pub(crate) fn restore(page: &mut Page) {
    if page.kind == Kind::Method
        && let Some(Value::Object(parameters)) = page
            .entry
            .pointer_mut("/schemas/properties/Call parameters")
    {
        parameters.insert("items".to_owned(), json!(false));
        parameters.entry("prefixItems").or_insert_with(|| json!([]));
    }
    documents(std::slice::from_mut(page), &mut |document, root| {
        walk(document, root, &mut |schema, place| {
            titles(schema, place);
            empty_models(schema, place);
            anything(schema, place);
        });
        blanks(document, root);
        discriminators(document, root);
    });
}

/// Shows the parameters of a method, its result, or what each kind of an event
/// carries. In each of them models are inlined anew.
fn documents(pages: &mut [Page], see: &mut dyn FnMut(&mut Value, &Place)) {
    for page in pages {
        let Some(Value::Object(documents)) = page.entry.pointer_mut("/schemas/properties") else {
            continue;
        };
        for (key, document) in documents {
            let root = Place {
                id: 0,
                position: match page.kind {
                    Kind::Method => Position::Result,
                    Kind::Event => Position::Event,
                },
                owner: page.name.as_str().into(),
                key: key.as_str().into(),
            };
            see(document, &root);
        }
    }
}

/// Where a schema stands.
#[derive(Debug, Clone)]
struct Place {
    /// The same for the same place in every occurrence of a model: a hash, as
    /// names are as long as a page wants them to be. The model is recognised by
    /// its keys, as its title can be written over by that of a place.
    id: u64,
    position: Position,
    /// The title of the innermost model around it, or the name of the method or
    /// event.
    owner: Rc<str>,
    /// The property or parameter in it.
    key: Rc<str>,
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// The result of a method, whose title is there even if it is no model.
    Result,
    /// A kind of an event.
    Event,
    Parameter,
    Property,
    Items,
    /// In a `oneOf`.
    Choice,
    /// In an `anyOf` or `allOf`.
    Branch,
    Elsewhere,
}

impl Place {
    fn inside(&self, keyword: &str, index: usize, position: Position) -> Self {
        Place {
            id: hash((self.id, keyword, index)),
            position,
            ..self.clone()
        }
    }
}

/// Shows every schema with its place, the outer ones first.
fn walk(value: &mut Value, place: &Place, see: &mut dyn FnMut(&mut Schema, &Place)) {
    let Value::Object(schema) = value else {
        return;
    };
    see(schema, place);
    let owner: Rc<str> = match schema.get("title").and_then(Value::as_str) {
        Some(title) => title.into(),
        None => place.owner.clone(),
    };
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let model = hash(properties.keys().collect::<Vec<_>>());
                for (key, property) in properties {
                    let place = Place {
                        id: hash((model, key)),
                        position: Position::Property,
                        owner: owner.clone(),
                        key: key.as_str().into(),
                    };
                    walk(property, &place, see);
                }
            }
            ("patternProperties", Value::Object(patterns)) => {
                for (index, property) in patterns.values_mut().enumerate() {
                    let place = place.inside(keyword, index, Position::Elsewhere);
                    walk(property, &place, see);
                }
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(list)) => {
                let position = match keyword.as_str() {
                    "prefixItems" => Position::Parameter,
                    "oneOf" => Position::Choice,
                    _ => Position::Branch,
                };
                for (index, branch) in list.iter_mut().enumerate() {
                    let mut place = place.inside(keyword, index, position);
                    if let (Position::Parameter, Some(title)) = (position, branch.get("title")) {
                        place.key = title.as_str().unwrap_or_default().into();
                    }
                    walk(branch, &place, see);
                }
            }
            ("items", items) => walk(items, &place.inside(keyword, 0, Position::Items), see),
            ("additionalProperties" | "contains" | "not", inner) => {
                walk(inner, &place.inside(keyword, 0, Position::Elsewhere), see);
            }
            _ => {}
        }
    }
}

/// A title that pydantic made of a key has a space for each `_`; white space is
/// collapsed on a page.
fn titles(schema: &mut Schema, place: &Place) {
    if place.position != Position::Property || !place.key.contains("__") {
        return;
    }
    let Some(Value::String(title)) = schema.get_mut("title") else {
        return;
    };
    let spaced = place.key.replace('_', " ");
    let spaced = spaced.trim();
    let same = |a: &str, b: &str| {
        a.to_lowercase()
            .split_whitespace()
            .eq(b.to_lowercase().split_whitespace())
    };
    if same(spaced, title) {
        let mut letters = title.split_whitespace().flat_map(str::chars);
        let restored = spaced.chars().map(|letter| match letter {
            ' ' => ' ',
            letter => letters.next().unwrap_or(letter),
        });
        *title = restored.collect();
    }
}

/// What says no more than that it is an object, but is called like a model
/// where only models have titles, is a model without properties.
fn empty_models(schema: &mut Schema, place: &Place) {
    let title = schema.get("title").and_then(Value::as_str);
    let is_model = title.is_some_and(|title| {
        is_class_name(title)
            && match place.position {
                Position::Event | Position::Choice | Position::Branch | Position::Items => true,
                // Any result is a model to pydantic, even if it is none to JSON.
                Position::Result => !title.ends_with("Result"),
                _ => false,
            }
    });
    if is_model && is_bare(schema) {
        schema.insert("additionalProperties".to_owned(), json!(false));
        schema.insert("properties".to_owned(), json!({}));
    } else if title.is_some_and(is_class_name)
        && place.position != Position::Property
        && schema.get("additionalProperties") == Some(&json!(true))
    {
        // Neither dictionaries nor results are written like that.
        schema.entry("properties").or_insert_with(|| json!({}));
    }
}

fn anything(schema: &mut Schema, place: &Place) {
    let is_listed =
        |(owner, keys): &(&str, &[&str])| *owner == &*place.owner && keys.contains(&&*place.key);
    if is_bare(schema) && place.position != Position::Items && ANYTHING.iter().any(is_listed) {
        schema.remove("type");
    }
}

/// Whether a title is the name of a Python class.
fn is_class_name(title: &str) -> bool {
    title.starts_with(char::is_uppercase) && title.chars().all(char::is_alphanumeric)
}

/// Where a model is met for the second time, dumps leave out what its
/// references point to. So what says no more than that it is an object says
/// nothing at all where another occurrence of the model says more; and where a
/// reference must stand, in a `oneOf` or at a property without a title.
fn blanks(document: &mut Value, root: &Place) {
    let mut said: HashSet<u64> = HashSet::new();
    walk(document, root, &mut |schema, place| {
        let is_reference = match place.position {
            Position::Choice => true,
            Position::Property => !schema.contains_key("title"),
            _ => false,
        };
        if !is_bare(schema) {
            said.insert(place.id);
        } else if is_reference {
            schema.remove("type");
        }
    });
    walk(document, root, &mut |schema, place| {
        if is_bare(schema) && said.contains(&place.id) {
            schema.remove("type");
        }
    });
}

/// pydantic writes `oneOf` for choices with a `discriminator` only, and the
/// property it names has in each branch values that no other branch has.
fn discriminators(document: &mut Value, root: &Place) {
    walk(document, root, &mut |schema, _| {
        if let Some(Value::Array(branches)) = schema.get("oneOf")
            && let Some(discriminator) = discriminator(branches)
        {
            schema.insert("discriminator".to_owned(), discriminator);
        }
    });
    discriminators_of_blanks(document, root);
}

/// In the second occurrence of a model all branches are blank.
fn discriminators_of_blanks(document: &mut Value, root: &Place) {
    let mut found: HashMap<(u64, usize), Value> = HashMap::new();
    walk(document, root, &mut |schema, place| {
        if let (Some(Value::Array(branches)), Some(discriminator)) =
            (schema.get("oneOf"), schema.get("discriminator"))
        {
            found.insert((place.id, branches.len()), discriminator.clone());
        }
    });
    walk(document, root, &mut |schema, place| {
        if let Some(Value::Array(branches)) = schema.get("oneOf")
            && branches.iter().all(|branch| branch == &json!({}))
            && let Some(discriminator) = found.get(&(place.id, branches.len()))
        {
            schema.insert("discriminator".to_owned(), discriminator.clone());
        }
    });
}

/// Some results do not hold the property that tells their branches apart, but
/// elsewhere a choice between the same models says which one it is.
pub(crate) fn shared_discriminators(pages: &mut [Page]) {
    let mut found: HashMap<String, Option<Value>> = HashMap::new();
    documents(pages, &mut |document, root| {
        walk(document, root, &mut |schema, _| {
            if let Some(models) = models(schema)
                && let Some(discriminator) = schema.get("discriminator")
            {
                let known = found
                    .entry(models)
                    .or_insert_with(|| Some(discriminator.clone()));
                if known.as_ref() != Some(discriminator) {
                    *known = None;
                }
            }
        });
    });
    documents(pages, &mut |document, root| {
        let mut is_new = false;
        walk(document, root, &mut |schema, _| {
            if let Some(models) = models(schema)
                && let Some(Some(discriminator)) = found.get(&models)
                && !schema.contains_key("discriminator")
            {
                schema.insert("discriminator".to_owned(), discriminator.clone());
                is_new = true;
            }
        });
        if is_new {
            discriminators_of_blanks(document, root);
        }
    });
}

/// The names of the models that a `oneOf` is a choice between.
fn models(schema: &Schema) -> Option<String> {
    let branches = schema.get("oneOf")?.as_array()?;
    let titles = branches.iter().map(|branch| branch.get("title")?.as_str());
    let titles = titles.collect::<Option<Vec<_>>>()?;
    Some(titles.join("\n"))
}

/// What a tag and the name of its model may take together, on average. It keeps
/// copies for blank branches smaller than those are themselves on a page.
const MAX_TAG: usize = 256;

fn discriminator(branches: &[Value]) -> Option<Value> {
    let first = branches.first()?.get("properties")?.as_object()?;
    let mut candidates = first.keys().filter_map(|key| {
        let mut mapping = Map::new();
        let mut size = 0;
        for branch in branches {
            let name = branch.get("title")?.as_str()?;
            for tag in tags(branch.get("properties")?.get(key)?)? {
                size += tag.len() + name.len();
                if size > MAX_TAG * branches.len() {
                    return None;
                }
                let target = format!("#/$defs/{name}");
                if mapping.insert(tag, target.into()).is_some() {
                    return None;
                }
            }
        }
        Some(json!({"mapping": mapping, "propertyName": key}))
    });
    match (candidates.next(), candidates.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// The values that a property can have, as Python would write them.
fn tags(property: &Value) -> Option<Vec<String>> {
    let values = match (property.get("const"), property.get("enum")) {
        (Some(value), _) => std::slice::from_ref(value),
        (None, values) => values?.as_array()?.as_slice(),
    };
    let tag = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    values.iter().map(tag).collect()
}
