//! Gives every shape its name.
//!
//! A model is called as its source calls it. Where the name is lost, or was
//! never there, it is restored by rule, the same whatever form the source had.
//! In the order of the methods, each with its parameters before its result, and
//! of the events after them:
//!
//! 1. A title belongs to the first shape that has it. A nameless shape that is
//!    equal to titled ones has got their title already, see [`classes`].
//! 2. Every other shape with a title is called after what it stands in, then
//!    its title: `AppQueryGPU`.
//! 3. A nameless parameter is called after its method: `PoolCreate`, with its
//!    own name if the method has several of them. If methods share it, under
//!    one name, after the last part of their names that most of them share and
//!    the parameter's name: `QueryOptions`.
//! 4. Any other is called after what it stands in and the keys that lead to it
//!    from there: `PoolCreateTopology`. The outermost is the method with the
//!    parameter's name or `Result`, or the event with its kind.
//! 5. A name that is taken is tried with the method and parameter in full, then
//!    with numbers from 2.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use schemars::Schema;
use serde_json::{Map, Value};

use crate::model::{ApiVersion, split};

use super::classes::{self, Classes};
use super::shapes::{self, Shapes, visit_links};

/// Moves all shapes into the models of a version.
pub(super) fn give(version: &mut ApiVersion, mut shapes: Shapes) {
    let classes = classes::settle(&mut shapes);
    let mut walk = Walk {
        shapes: &shapes,
        classes: &classes,
        found: Vec::new(),
        seen: BTreeSet::new(),
        uses: BTreeMap::new(),
    };
    walk.version(version);
    let found = walk.found;
    let names = Names::new(&walk.uses).give(&found);

    let rename = |schema: &mut Map<String, Value>| {
        visit_links(schema, &mut Vec::new(), &mut |link, number, _| {
            if let Some(name) = names.get(&classes.of(number)) {
                *link = format!("#/models/{name}").into();
            }
        });
    };
    for method in version.methods.values_mut() {
        let parameters = method.parameters.iter_mut();
        let schemas = parameters.map(|parameter| &mut parameter.schema);
        schemas
            .chain([&mut method.result])
            .filter_map(Schema::as_object_mut)
            .for_each(rename);
    }
    for event in version.events.values_mut() {
        let kinds = event.kinds.values_mut().chain(&mut event.parameters);
        kinds.filter_map(Schema::as_object_mut).for_each(rename);
    }
    for found in &found {
        let shape = shapes.0.get_mut(found.number);
        let name = names.get(&found.class);
        if let (Some(shape), Some(name)) = (shape, name) {
            let mut schema = std::mem::take(&mut shape.schema);
            rename(&mut schema);
            version.models.insert(name.clone(), Schema::from(schema));
        }
    }
}

/// A class of shapes, where it was met first.
struct Found {
    class: usize,
    /// The shape of this class that was met first.
    number: usize,
    title: Option<String>,
    outside: Outside,
    /// The keys that lead here from outside.
    keys: Vec<String>,
}

/// What a shape stands in.
#[derive(Clone)]
enum Outside {
    /// A parameter, a result or an event, by a name for it.
    Root(String),
    /// The model of a class.
    Model(usize),
}

/// The methods and parameters that take a class as it is.
type Uses = BTreeMap<usize, BTreeSet<(String, String)>>;

/// Goes through a version in the order that decides who comes first.
struct Walk<'a> {
    shapes: &'a Shapes,
    classes: &'a Classes,
    found: Vec<Found>,
    seen: BTreeSet<usize>,
    uses: Uses,
}

impl Walk<'_> {
    fn version(&mut self, version: &ApiVersion) {
        for (name, method) in &version.methods {
            let camel = name.to_upper_camel_case();
            for parameter in &method.parameters {
                self.note_use(name, &parameter.name, &parameter.schema);
                let outside = format!("{camel}{}", parameter.name.to_upper_camel_case());
                self.root(outside, &parameter.schema);
            }
            self.root(format!("{camel}Result"), &method.result);
        }
        for (name, event) in &version.events {
            let camel = name.to_upper_camel_case();
            for (kind, schema) in &event.kinds {
                self.root(format!("{camel}{}", kind.to_upper_camel_case()), schema);
            }
            if let Some(parameters) = &event.parameters {
                self.root(format!("{camel}Parameters"), parameters);
            }
        }
    }

    fn note_use(&mut self, method: &str, parameter: &str, schema: &Schema) {
        let number = schema.get("$ref").and_then(shapes::number);
        if let Some(number) = number {
            let uses = self.uses.entry(self.classes.of(number)).or_default();
            uses.insert((method.to_owned(), parameter.to_owned()));
        }
    }

    fn root(&mut self, name: String, schema: &Schema) {
        let mut waiting = Vec::new();
        if let Some(schema) = schema.as_object() {
            push_links(schema, &Outside::Root(name), &mut waiting);
        }
        while let Some((number, outside, keys)) = waiting.pop() {
            let class = self.classes.of(number);
            let shape = self.shapes.0.get(number);
            let (true, Some(shape)) = (self.seen.insert(class), shape) else {
                continue;
            };
            push_links(&shape.schema, &Outside::Model(class), &mut waiting);
            self.found.push(Found {
                class,
                number,
                title: shape.title.clone(),
                outside,
                keys,
            });
        }
    }
}

type Link = (usize, Outside, Vec<String>);

/// Puts the links of a schema on a stack, the first on top.
fn push_links(schema: &Map<String, Value>, outside: &Outside, stack: &mut Vec<Link>) {
    let start = stack.len();
    let mut schema = schema.clone();
    visit_links(&mut schema, &mut Vec::new(), &mut |_, number, keys| {
        stack.push((number, outside.clone(), keys.to_vec()));
    });
    if let Some(new) = stack.get_mut(start..) {
        new.reverse();
    }
}

/// The names given so far.
struct Names<'a> {
    uses: &'a Uses,
    names: BTreeMap<usize, String>,
    taken: BTreeSet<String>,
}

impl<'a> Names<'a> {
    fn new(uses: &'a Uses) -> Self {
        Names {
            uses,
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
        }
    }

    fn give(mut self, found: &[Found]) -> BTreeMap<usize, String> {
        let mut titles = BTreeSet::new();
        for shape in found {
            if let Some(title) = shape.title.as_deref().filter(|title| titles.insert(*title)) {
                self.claim(shape.class, vec![identifier(title)]);
            }
        }
        let nameless = found.iter().filter(|shape| shape.title.is_none());
        let nameless = nameless.map(|shape| shape.class).collect();
        for shape in found {
            if !self.names.contains_key(&shape.class) {
                let candidates = self.candidates(shape, &nameless);
                self.claim(shape.class, candidates);
            }
        }
        self.names
    }

    /// Takes the first candidate that is free, or numbers the last.
    fn claim(&mut self, class: usize, mut candidates: Vec<String>) {
        candidates.retain(|name| !name.is_empty());
        if candidates.is_empty() {
            candidates.push("Model".to_owned());
        }
        let last = candidates.last().cloned().unwrap_or_default();
        let numbered = (2..).map(|number: usize| format!("{last}{number}"));
        let free = candidates
            .into_iter()
            .chain(numbered)
            .find(|name| !self.taken.contains(name))
            .unwrap_or_default();
        self.taken.insert(free.clone());
        self.names.insert(class, free);
    }

    fn candidates(&self, shape: &Found, nameless: &BTreeSet<usize>) -> Vec<String> {
        let outside = match &shape.outside {
            Outside::Root(name) => name.clone(),
            Outside::Model(class) => self.names.get(class).cloned().unwrap_or_default(),
        };
        if let Some(title) = &shape.title {
            return vec![outside + &identifier(title)];
        }
        let keys = shape.keys.iter().map(|key| key.to_upper_camel_case());
        let path = outside + &keys.collect::<String>();
        match self.uses.get(&shape.class) {
            Some(uses) => vec![self.parameter(uses, nameless), path],
            None => vec![path],
        }
    }

    fn parameter(&self, uses: &BTreeSet<(String, String)>, nameless: &BTreeSet<usize>) -> String {
        let parameters: BTreeSet<&str> = uses.iter().map(|(_, name)| name.as_str()).collect();
        if parameters.len() == 1 {
            let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
            for (method, _) in uses {
                *endings.entry(split(method).1).or_default() += 1;
            }
            let most = endings.values().max().copied().unwrap_or_default();
            let ending = endings.iter().find(|(_, count)| **count == most);
            if let (Some((ending, _)), Some(parameter), true) =
                (ending, parameters.first(), most > 1)
            {
                return ending.to_upper_camel_case() + &parameter.to_upper_camel_case();
            }
        }
        let Some((method, parameter)) = uses.first() else {
            return String::new();
        };
        let beside = self.uses.iter().filter(|(class, uses)| {
            nameless.contains(class) && uses.iter().any(|(other, _)| other == method)
        });
        let mut name = method.to_upper_camel_case();
        if beside.count() > 1 {
            name += &parameter.to_upper_camel_case();
        }
        name
    }
}

/// The title as one word: what refers to a model need not escape its name.
fn identifier(title: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if title.chars().all(is_word) {
        title.to_owned()
    } else {
        title.to_upper_camel_case()
    }
}
