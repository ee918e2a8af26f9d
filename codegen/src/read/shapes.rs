//! All schemas of a version as one graph: every object with properties and
//! everything a source has a name for is a *shape*, and schemas refer to shapes
//! by number.
//!
//! A graph, because a reference that is written out may be endless, or twice
//! as long with every step.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::Note;
use super::check::PROSE;
use super::cursor::Cursor;
use super::position::{LISTS, MAPS, Position, SINGLES, Title, map_children};

/// A schema that can be named.
#[derive(Debug)]
pub(super) struct Shape {
    /// The name that its source gives it.
    pub(super) title: Option<String>,
    /// The schema without its title. References are numbers of shapes.
    pub(super) schema: Map<String, Value>,
}

/// The shapes of a version, by number.
#[derive(Debug, Default)]
pub(super) struct Shapes(pub(super) Vec<Shape>);

/// The number of a shape that stands for its name.
pub(super) fn number(link: &Value) -> Option<usize> {
    usize::try_from(link.as_u64()?).ok()
}

/// Calls `visit` for every link in a schema, with the value of its `$ref` (or
/// the target of its discriminator), the number in it, and the keys of the
/// properties that lead to it.
pub(super) fn visit_links(
    schema: &mut Map<String, Value>,
    keys: &mut Vec<String>,
    visit: &mut dyn FnMut(&mut Value, usize, &[String]),
) {
    for (keyword, value) in schema {
        let keyword = keyword.as_str();
        match value {
            Value::Object(children) if MAPS.contains(&keyword) => {
                for (key, child) in children {
                    keys.push(key.clone());
                    visit_child(child, keys, visit);
                    keys.pop();
                }
            }
            Value::Array(children) if LISTS.contains(&keyword) => {
                for child in children {
                    visit_child(child, keys, visit);
                }
            }
            child if SINGLES.contains(&keyword) => visit_child(child, keys, visit),
            Value::Object(discriminator) if keyword == "discriminator" => {
                let mapping = discriminator.get_mut("mapping");
                for target in mapping.and_then(Value::as_object_mut).into_iter().flatten() {
                    if let Some(number) = number(target.1) {
                        visit(target.1, number, keys);
                    }
                }
            }
            link if keyword == "$ref" => {
                if let Some(number) = number(link) {
                    visit(link, number, keys);
                }
            }
            _ => {}
        }
    }
}

fn visit_child(
    child: &mut Value,
    keys: &mut Vec<String>,
    visit: &mut dyn FnMut(&mut Value, usize, &[String]),
) {
    if let Value::Object(child) = child {
        visit_links(child, keys, visit);
    }
}

/// Adds the schemas of one document to the graph.
pub(super) struct Document<'a> {
    /// Where the document stands, for notes.
    pub(super) place: &'a Cursor<'a>,
    /// Its definitions, by the name that `#/$defs/` gives them.
    pub(super) defs: &'a BTreeMap<String, Value>,
    /// Whether descriptions and examples are kept.
    pub(super) keep_docs: bool,
    pub(super) shapes: &'a mut Shapes,
    pub(super) notes: &'a mut Vec<Note>,
}

impl<'a> Document<'a> {
    /// The given schemas, with links for every shape in them.
    pub(super) fn add(self, roots: Vec<(Value, Position<'_>)>) -> Vec<Value> {
        let mut builder = Builder {
            document: self,
            known: BTreeMap::new(),
            waiting: VecDeque::new(),
            inside: false,
        };
        let roots = roots
            .into_iter()
            .map(|(schema, position)| builder.schema(schema, position))
            .collect();
        builder.finish();
        roots
    }
}

/// A definition and the name it goes by at some place.
type Use = (String, Option<String>);

struct Builder<'a> {
    document: Document<'a>,
    known: BTreeMap<Use, usize>,
    waiting: VecDeque<(usize, Map<String, Value>)>,
    /// Whether a definition is being written out in place. Only one at a time
    /// is: definitions may lead back to themselves, and double in size with
    /// every one that is written out in another.
    inside: bool,
}

impl Builder<'_> {
    fn finish(&mut self) {
        while let Some((number, schema)) = self.waiting.pop_front() {
            let schema = self.content(schema);
            if let Some(shape) = self.document.shapes.0.get_mut(number) {
                shape.schema = schema;
            }
        }
    }

    fn schema(&mut self, schema: Value, position: Position<'_>) -> Value {
        let Value::Object(mut schema) = schema else {
            return schema;
        };
        if schema.contains_key("$ref") {
            return self.reference(schema, position);
        }
        let title = position.title(schema.get("title").and_then(Value::as_str));
        schema.remove("title");
        let mut outside = Map::new();
        let name = match title {
            Title::Automatic => None,
            Title::Model(name) => Some(name),
            Title::Label(label) => {
                outside.insert("title".to_owned(), label.into());
                None
            }
        };
        if name.is_none() && !schema.contains_key("properties") {
            let mut schema = self.content(schema);
            schema.append(&mut outside);
            return Value::Object(schema);
        }
        // A default belongs to the place, not to the thing that stands there.
        outside.extend(schema.remove_entry("default"));
        let schema = self.content(schema);
        let number = self.push(name, schema);
        outside.insert("$ref".to_owned(), number.into());
        Value::Object(outside)
    }

    fn push(&mut self, title: Option<String>, schema: Map<String, Value>) -> usize {
        let number = self.document.shapes.0.len();
        self.document.shapes.0.push(Shape { title, schema });
        number
    }

    fn reference(&mut self, mut outside: Map<String, Value>, position: Position<'_>) -> Value {
        let mut title = take_text(&mut outside, "title");
        let mut target = take_reference(&mut outside);
        let mut def = self.definition(&target);
        // A definition that only refers to another one gives way to it.
        while def.contains_key("$ref") {
            title = title.or(take_text(&mut def, "title"));
            target = take_reference(&mut def);
            for (keyword, value) in def {
                outside.entry(keyword).or_insert(value);
            }
            def = self.definition(&target);
        }
        let title = title.or(take_text(&mut def, "title"));
        if let Some(default) = def.remove("default") {
            outside.entry("default").or_insert(default);
        }
        let mut outside = self.content(outside);

        let name = match position.title(title.as_deref()) {
            Title::Model(name) => Some(name),
            Title::Automatic => None,
            Title::Label(label) => {
                outside.insert("title".to_owned(), label.into());
                None
            }
        };
        if name.is_none() && !def.contains_key("properties") {
            if self.inside {
                return self.link(target, title, def, outside);
            }
            self.inside = true;
            let mut content = self.content(def);
            self.inside = false;
            content.append(&mut outside);
            return Value::Object(content);
        }
        self.link(target, name, def, outside)
    }

    fn definition(&self, name: &str) -> Map<String, Value> {
        match self.document.defs.get(name) {
            Some(Value::Object(def)) => def.clone(),
            _ => Map::new(),
        }
    }

    fn link(
        &mut self,
        target: String,
        name: Option<String>,
        def: Map<String, Value>,
        mut outside: Map<String, Value>,
    ) -> Value {
        let key = (target, name);
        let number = match self.known.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.push(key.1.clone(), Map::new());
                self.waiting.push_back((number, def));
                self.known.insert(key, number);
                number
            }
        };
        outside.insert("$ref".to_owned(), number.into());
        Value::Object(outside)
    }

    /// A schema without its title, with links for what is in it.
    fn content(&mut self, mut schema: Map<String, Value>) -> Map<String, Value> {
        if !self.document.keep_docs {
            schema.retain(|keyword, _| !PROSE.contains(&keyword.as_str()));
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            required.dedup();
            if required.is_empty() {
                schema.remove("required");
            }
        }
        let mut schema = map_children(schema, &mut |child, position| self.schema(child, position));
        self.discriminator(&mut schema);
        schema
    }

    /// Makes the targets of a discriminator links to its branches.
    fn discriminator(&mut self, schema: &mut Map<String, Value>) {
        let mut branches = BTreeMap::new();
        self.branches(schema, &mut branches);
        let Some(Value::Object(mapping)) = schema
            .get_mut("discriminator")
            .and_then(|discriminator| discriminator.get_mut("mapping"))
        else {
            return;
        };
        for (tag, target) in mapping.iter_mut() {
            let Some(name) = target
                .as_str()
                .and_then(|text| text.strip_prefix("#/$defs/"))
            else {
                continue;
            };
            let def = self.document.defs.get(name);
            let title = def.and_then(|def| def.get("title")?.as_str());
            match branches.get(title.unwrap_or(name)) {
                Some(number) => *target = (*number).into(),
                None => self.document.notes.push(Note::new(
                    self.document.place,
                    "discriminator",
                    format!("no branch is the {name:?} that the tag {tag:?} stands for"),
                )),
            }
        }
    }

    /// The named branches of a union, through unions inside of it.
    fn branches(&self, schema: &Map<String, Value>, found: &mut BTreeMap<String, usize>) {
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = schema.get(keyword) else {
                continue;
            };
            for branch in branches.iter().filter_map(Value::as_object) {
                match branch.get("$ref").and_then(number) {
                    Some(number) => {
                        let title = self.document.shapes.0.get(number);
                        if let Some(title) = title.and_then(|shape| shape.title.clone()) {
                            found.insert(title, number);
                        }
                    }
                    None => self.branches(branch, found),
                }
            }
        }
    }
}

fn take_text(schema: &mut Map<String, Value>, key: &str) -> Option<String> {
    match schema.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The name of the definition that `$ref` points to.
fn take_reference(schema: &mut Map<String, Value>) -> String {
    let reference = take_text(schema, "$ref").unwrap_or_default();
    match reference.strip_prefix("#/$defs/") {
        Some(name) => name.to_owned(),
        None => reference,
    }
}
