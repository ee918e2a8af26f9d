//! Canonical schemas → [`Types`].

use std::collections::{BTreeMap, HashMap, VecDeque};

use schemars::Schema;
use serde_json::{Map, Value};

use super::facts::facts;
use super::queries;
use super::union::{self, Branch};
use super::{
    Body, Case, Direction, Field, Integer, Origin, Shape, ShapeId, Struct, TagCase, Tagged, Type,
    Types, Union,
};
use crate::model::ApiVersion;
use crate::overrides::Overrides;

/// Lowers a whole version.
pub fn lower(version: &ApiVersion, overrides: &Overrides) -> Types {
    let mut lowering = Lowering {
        version,
        overrides,
        shapes: Vec::new(),
        models: HashMap::new(),
        waiting: VecDeque::new(),
        aliases: 0,
    };
    let mut methods = BTreeMap::new();
    for (name, method) in &version.methods {
        methods.insert(name.clone(), lowering.method(name, method));
    }
    let mut events = BTreeMap::new();
    for (name, event) in &version.events {
        events.insert(name.clone(), lowering.event(name, event));
    }
    lowering.finish_models();
    let mut types = Types {
        api: version.api.clone(),
        shapes: lowering.shapes.into_iter().flatten().collect(),
        methods,
        events,
    };
    queries::complete(&mut types, overrides);
    types
}

pub(super) struct Lowering<'a> {
    pub(super) version: &'a ApiVersion,
    pub(super) overrides: &'a Overrides,
    /// A slot is empty only while its model waits to be lowered.
    shapes: Vec<Option<Shape>>,
    models: HashMap<(String, Direction), Lowered>,
    /// Models with a slot and no shape. They wait, instead of being lowered
    /// where they are met: a chain of models may be longer than the stack.
    waiting: VecDeque<(ShapeId, String, Direction)>,
    /// How many models that are no objects are being lowered.
    aliases: usize,
}

/// Where a schema stands.
#[derive(Clone)]
pub(super) struct Place {
    owner: String,
    path: Vec<String>,
    direction: Direction,
}

impl Place {
    pub(super) fn new(owner: &str, direction: Direction) -> Self {
        Self {
            owner: owner.to_owned(),
            path: Vec::new(),
            direction,
        }
    }

    pub(super) fn at(&self, key: &str) -> Self {
        let mut place = self.clone();
        place.path.push(key.to_owned());
        place
    }

    fn key(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    fn origin(&self) -> Origin {
        Origin::Inside {
            owner: self.owner.clone(),
            path: self.path.clone(),
        }
    }
}

/// A type and whether null may stand in its place.
#[derive(Clone)]
pub(super) struct Lowered {
    pub(super) ty: Type,
    pub(super) nullable: bool,
}

impl From<Type> for Lowered {
    fn from(ty: Type) -> Self {
        Self {
            ty,
            nullable: false,
        }
    }
}

impl Lowering<'_> {
    /// The type of a position: absence and null included.
    pub(super) fn position(&mut self, schema: &Schema, required: bool, place: &Place) -> Type {
        let Lowered { ty, nullable } = self.value(schema.as_value(), place);
        let holds_null = matches!(ty, Type::Any | Type::Null);
        let ty = match self.overrides.is_secret_value(&place.owner, place.key()) {
            true => hidden(ty),
            false => ty,
        };
        if required && (holds_null || !nullable) {
            return ty;
        }
        let nullable = nullable || holds_null;
        if !required && nullable && place.direction == Direction::Request {
            Type::Patch(Box::new(ty))
        } else {
            Type::Optional(Box::new(ty))
        }
    }

    /// A type that stands where nothing can be absent, null included.
    fn element(&mut self, schema: &Value, place: &Place) -> Type {
        let Lowered { ty, nullable } = self.value(schema, place);
        if nullable && ty != Type::Any {
            Type::Optional(Box::new(ty))
        } else {
            ty
        }
    }

    fn value(&mut self, schema: &Value, place: &Place) -> Lowered {
        match schema {
            Value::Object(schema) => self.object_schema(schema, place),
            _ => Type::Any.into(),
        }
    }

    fn object_schema(&mut self, schema: &Map<String, Value>, place: &Place) -> Lowered {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            return self.reference(target, place.direction);
        }
        if let Some(constant) = schema.get("const") {
            return self.constants(std::slice::from_ref(constant), place);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.constants(values, place);
        }
        for keyword in ["oneOf", "anyOf"] {
            if let Some(branches) = schema.get(keyword).and_then(Value::as_array) {
                return self.choice(schema, branches, place);
            }
        }
        if let Some([only]) = schema
            .get("allOf")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        {
            return self.value(only, place);
        }
        match schema.get("type") {
            Some(Value::Array(types)) => {
                let branches: Vec<Value> = types
                    .iter()
                    .map(|ty| {
                        let mut branch = schema.clone();
                        branch.insert("type".to_owned(), ty.clone());
                        Value::Object(branch)
                    })
                    .collect();
                self.choice(schema, &branches, place)
            }
            Some(Value::String(name)) => self.typed(name, schema, place),
            _ if schema.contains_key("properties") => self.typed("object", schema, place),
            _ if schema.contains_key("items") => self.typed("array", schema, place),
            _ => Type::Any.into(),
        }
    }

    fn typed(&mut self, name: &str, schema: &Map<String, Value>, place: &Place) -> Lowered {
        let ty = match name {
            "null" => {
                return Lowered {
                    ty: Type::Null,
                    nullable: true,
                };
            }
            "boolean" => Type::Bool,
            "integer" => self.integer(schema, place),
            "number" => Type::Float,
            "string" => self.string(schema, place),
            "array" => self.array(schema, place),
            "object" => self.object(schema, place),
            _ => Type::Any,
        };
        ty.into()
    }

    fn string(&self, schema: &Map<String, Value>, place: &Place) -> Type {
        match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => Type::DateTime,
            Some("time") => Type::Time,
            Some("date") => Type::Date,
            Some("ipvanyinterface") => Type::IpInterface,
            _ if self.overrides.is_secret(&place.owner, place.key()) => Type::Secret,
            // Addresses, networks, URIs and the like stay strings: parsing
            // and printing would not always give the same text back.
            _ => Type::Text,
        }
    }

    fn integer(&self, schema: &Map<String, Value>, place: &Place) -> Type {
        if let Some(integer) = self.overrides.integer(&place.owner, place.key()) {
            return Type::Integer(integer);
        }
        let bound = |keys: [&str; 2]| {
            keys.iter()
                .filter_map(|key| schema.get(*key))
                .find(|value| value.is_number())
        };
        let low = bound(["minimum", "exclusiveMinimum"]);
        let high = bound(["maximum", "exclusiveMaximum"]);
        let fits = |value: Option<&Value>| value.is_none_or(|value| value.as_i64().is_some());
        Type::Integer(if fits(low) && fits(high) {
            Integer::I64
        } else if low.is_some_and(Value::is_u64) && high.is_none_or(Value::is_u64) {
            Integer::U64
        } else {
            Integer::I128
        })
    }

    fn array(&mut self, schema: &Map<String, Value>, place: &Place) -> Type {
        if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
            return self.tuple(items, schema, place);
        }
        let item = match schema.get("items") {
            Some(items) => self.element(items, place),
            None => Type::Any,
        };
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            Type::Set(Box::new(item))
        } else {
            Type::List(Box::new(item))
        }
    }

    /// `prefixItems` of a fixed length is a tuple; of an open length, where
    /// the places mean different things and any may lack, a list of any JSON.
    fn tuple(&mut self, items: &[Value], schema: &Map<String, Value>, place: &Place) -> Type {
        let length = Some(items.len());
        let bound = |key: &str| {
            let bound = schema.get(key).and_then(Value::as_u64)?;
            usize::try_from(bound).ok()
        };
        let closed =
            bound("maxItems") == length || schema.get("items") == Some(&Value::Bool(false));
        if !closed
            || bound("minItems") != length
            || items.is_empty()
            || items.len() > MOST_IN_A_TUPLE
        {
            return Type::List(Box::new(Type::Any));
        }
        let items = items
            .iter()
            .enumerate()
            .map(|(index, item)| self.element(item, &place.at(&(index + 1).to_string())))
            .collect();
        Type::Tuple(items)
    }

    /// An object without known keys; one with them is a model, or stands in
    /// a file that was not canonical and is treated as one.
    fn object(&mut self, schema: &Map<String, Value>, place: &Place) -> Type {
        let properties = schema.get("properties").and_then(Value::as_object);
        if properties.is_none() && schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            let held = self.rest(schema, place).unwrap_or(Type::Any);
            return Type::Map(Box::new(held));
        }
        let id = self.reserve();
        let body = Body::Struct(self.fields(schema, place));
        self.define(id, place.origin(), place.direction, schema, body)
    }

    /// What unknown keys of an object may hold.
    fn rest(&mut self, schema: &Map<String, Value>, place: &Place) -> Option<Type> {
        let place = place.at("Value");
        let mut kinds: Vec<Type> = Vec::new();
        if let Some(patterns) = schema.get("patternProperties").and_then(Value::as_object) {
            for schema in patterns.values() {
                kinds.push(self.element(schema, &place));
            }
        }
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(schema @ Value::Object(_)) => kinds.push(self.element(schema, &place)),
            // With patterns alone the rest is not described and hardly meant.
            None if !kinds.is_empty() => {}
            _ => kinds.push(Type::Any),
        }
        kinds.dedup();
        match kinds.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            _ => Some(Type::Any),
        }
    }

    fn fields(&mut self, schema: &Map<String, Value>, place: &Place) -> Struct {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|keys| keys.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut fields = Vec::new();
        for (key, schema) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let required = required.contains(&key.as_str());
            let at = place.at(key);
            let ty = match Schema::try_from(schema.clone()) {
                Ok(schema) => self.position(&schema, required, &at),
                Err(_) => Type::Any,
            };
            let object = schema.as_object();
            fields.push(Field {
                key: key.clone(),
                required,
                defaults_to_null: schema.get("default") == Some(&Value::Null),
                constant: self.constant_of(&ty).filter(|_| is_constant(object)),
                words: special_words(object),
                ty,
                doc: object.and_then(description),
                facts: object.map(facts).unwrap_or_default(),
            });
        }
        Struct {
            fields,
            rest: self.rest(schema, place),
        }
    }

    /// The one string that a field of this type may hold.
    fn constant_of(&self, ty: &Type) -> Option<String> {
        let id = match ty {
            Type::Shape(id) => id,
            Type::Optional(inner) => match inner.as_ref() {
                Type::Shape(id) => id,
                _ => return None,
            },
            _ => return None,
        };
        match &self.shapes.get(id.0)?.as_ref()?.body {
            Body::Words(words) => match words.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    fn reference(&mut self, target: &str, direction: Direction) -> Lowered {
        let name = target.strip_prefix("#/models/").unwrap_or(target);
        let key = (name.to_owned(), direction);
        if let Some(lowered) = self.models.get(&key) {
            return lowered.clone();
        }
        let Some(schema) = self.version.models.get(name).and_then(Schema::as_object) else {
            return Type::Any.into();
        };
        let place = Place::new(name, direction);
        if schema.get("type").and_then(Value::as_str) == Some("object")
            && schema.contains_key("properties")
        {
            let id = self.reserve();
            self.models.insert(key, Type::Shape(id).into());
            self.waiting.push_back((id, name.to_owned(), direction));
            return Type::Shape(id).into();
        }
        // A list that contains itself has no Rust type without a name of its
        // own; inside itself it is any JSON.
        self.models.insert(key.clone(), Type::Any.into());
        if self.aliases >= MOST_ALIASES {
            return Type::Any.into();
        }
        self.aliases += 1;
        let lowered = self.object_schema(schema, &place);
        self.aliases -= 1;
        self.models.insert(key, lowered.clone());
        lowered
    }

    /// Lowers the models that wait, and those that these bring.
    fn finish_models(&mut self) {
        let version = self.version;
        while let Some((id, name, direction)) = self.waiting.pop_front() {
            let Some(schema) = version.models.get(&name).and_then(Schema::as_object) else {
                continue;
            };
            let place = Place::new(&name, direction);
            let body = Body::Struct(self.fields(schema, &place));
            self.define(id, Origin::Model(name), direction, schema, body);
        }
    }

    fn constants(&mut self, values: &[Value], place: &Place) -> Lowered {
        let nullable = values.contains(&Value::Null);
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        let words: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        let ty = match words {
            _ if values.is_empty() => Type::Null,
            Some(words) => self.words(words, place),
            None if values.iter().all(|value| value.is_boolean()) => Type::Bool,
            None if values
                .iter()
                .all(|value| value.is_i64() || value.is_string()) =>
            {
                let values = values.into_iter().cloned().collect();
                self.shape(place, Body::Scalars(values))
            }
            None if values.iter().all(|value| value.is_i64() || value.is_u64()) => {
                Type::Integer(Integer::I128)
            }
            None if values.iter().all(|value| value.is_number()) => Type::Float,
            None => Type::Any,
        };
        Lowered { ty, nullable }
    }

    fn words(&mut self, words: Vec<String>, place: &Place) -> Type {
        self.shape(place, Body::Words(words))
    }

    fn choice(
        &mut self,
        schema: &Map<String, Value>,
        branches: &[Value],
        place: &Place,
    ) -> Lowered {
        let mut nullable = false;
        let branches: Vec<&Value> = branches
            .iter()
            .filter(|branch| {
                let null = branch.get("type").and_then(Value::as_str) == Some("null");
                nullable |= null;
                !null
            })
            .collect();
        let tag = schema
            .get("discriminator")
            .and_then(|discriminator| discriminator.get("propertyName"))
            .and_then(Value::as_str);
        if let Some(tag) = tag
            && let Some(ty) = self.tagged(tag, &branches, place)
        {
            return Lowered { ty, nullable };
        }
        // The key that decides stands somewhere else: what fits no branch as
        // it is may be one that this version does not have.
        let open = tag.is_some();
        let mut lowered = Vec::new();
        for branch in &branches {
            let (branch, null) = self.branch(branch, place, branches.len());
            nullable |= null;
            lowered.push(branch);
        }
        let mut merged = union::merge(lowered);
        let ty = match merged.len() {
            0 => Type::Null,
            1 => match merged.remove(0) {
                Branch::Ready(ty) => ty,
                Branch::Words(words) => self.words(words, place),
            },
            _ => self.union(merged, open, place),
        };
        Lowered { ty, nullable }
    }

    fn branch(&mut self, schema: &Value, place: &Place, of: usize) -> (Branch, bool) {
        let words = match (schema.get("const"), schema.get("enum")) {
            (Some(Value::String(word)), _) => Some(vec![Value::String(word.clone())]),
            (None, Some(Value::Array(values))) => Some(values.clone()),
            _ => None,
        };
        if let Some(values) = words
            && values
                .iter()
                .all(|value| value.is_string() || value.is_null())
        {
            let null = values.contains(&Value::Null);
            let words: Vec<String> = values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect();
            if !words.is_empty() {
                return (Branch::Words(words), null);
            }
        }
        // A lone branch beside null keeps the place's own name.
        let place = if of > 1 { &place.at("Choice") } else { place };
        let Lowered { ty, nullable } = self.value(schema, place);
        // `integer | 0` is an integer.
        if let Type::Shape(id) = ty
            && let Some(Some(Shape {
                body: Body::Scalars(values),
                ..
            })) = self.shapes.get(id.0)
            && values.iter().all(|value| value.is_i64())
            && of > 1
        {
            return (Branch::Ready(Type::Integer(Integer::I64)), nullable);
        }
        (Branch::Ready(ty), nullable)
    }

    fn union(&mut self, branches: Vec<Branch>, open: bool, place: &Place) -> Type {
        let mut cases = Vec::new();
        for branch in branches {
            let case = match branch {
                Branch::Words(words) => Case {
                    name: "Keyword".to_owned(),
                    ty: self.words(words, &place.at("Keyword")),
                },
                Branch::Ready(ty) => Case {
                    name: self.case_name(&ty),
                    ty,
                },
            };
            cases.push(case);
        }
        self.name_lists(&mut cases);
        union::shorten(&mut cases);
        union::number(&mut cases);
        self.shape(place, Body::Union(Union { cases, open }))
    }

    /// Lists of several kinds are called after what they hold.
    fn name_lists(&self, cases: &mut [Case]) {
        let is_list = |case: &&mut Case| matches!(case.ty, Type::List(_));
        if cases.iter_mut().filter(is_list).count() < 2 {
            return;
        }
        for case in cases.iter_mut().filter(is_list) {
            if let Type::List(item) = &case.ty {
                case.name = format!("{}List", self.case_name(item));
            }
        }
    }

    fn case_name(&self, ty: &Type) -> String {
        if let Some(name) = union::plain_name(ty) {
            return name.to_owned();
        }
        let Type::Shape(id) = ty else {
            return "Choice".to_owned();
        };
        if let Some((_, name, _)) = self.waiting.iter().find(|(waiting, ..)| waiting == id) {
            return name.clone();
        }
        let shape = self.shapes.get(id.0).and_then(Option::as_ref);
        match shape.map(|shape| (&shape.origin, &shape.body)) {
            Some((Origin::Model(name), _)) => name.clone(),
            Some((_, Body::Words(_) | Body::Scalars(_))) => "Keyword".to_owned(),
            // Without a shape and not waiting: the model whose fields these are.
            None => "Itself".to_owned(),
            Some(_) => "Choice".to_owned(),
        }
    }

    /// A choice by tag, if every branch is an object that says its tags.
    fn tagged(&mut self, tag: &str, branches: &[&Value], place: &Place) -> Option<Type> {
        let mut cases = Vec::new();
        let mut optional = false;
        for branch in branches {
            let object = self.resolve(branch)?;
            let property = object.get("properties")?.get(tag)?;
            let values = match (property.get("const"), property.get("enum")) {
                (Some(value), _) => std::slice::from_ref(value),
                (None, Some(Value::Array(values))) => values.as_slice(),
                _ => return None,
            };
            let tags: Option<Vec<String>> = values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect();
            let tags = tags.filter(|tags| !tags.is_empty())?;
            let mut taken = cases.iter().flat_map(|case: &TagCase| &case.tags);
            if taken.any(|tag| tags.contains(tag)) {
                return None;
            }
            let required = object.get("required").and_then(Value::as_array);
            optional |= !required.is_some_and(|keys| keys.iter().any(|key| key == tag));
            cases.push(TagCase {
                tags,
                ty: Type::Any,
            });
        }
        for (case, branch) in cases.iter_mut().zip(branches) {
            let name = case.tags.first().map_or("", String::as_str).to_owned();
            case.ty = self.element(branch, &place.at(&name));
        }
        let tagged = Tagged {
            tag: tag.to_owned(),
            cases,
            optional,
        };
        Some(self.shape(place, Body::Tagged(tagged)))
    }

    /// The schema behind a chain of references.
    pub(super) fn resolve<'s>(&'s self, schema: &'s Value) -> Option<&'s Map<String, Value>> {
        let mut object = schema.as_object()?;
        // A chain longer than there are models goes round in a circle.
        for _ in 0..=self.version.models.len() {
            let Some(target) = object.get("$ref").and_then(Value::as_str) else {
                return Some(object);
            };
            let name = target.strip_prefix("#/models/")?;
            object = self.version.models.get(name)?.as_object()?;
        }
        None
    }

    fn reserve(&mut self) -> ShapeId {
        self.shapes.push(None);
        ShapeId(self.shapes.len() - 1)
    }

    fn shape(&mut self, place: &Place, body: Body) -> Type {
        let id = self.reserve();
        self.define(id, place.origin(), place.direction, &Map::new(), body)
    }

    fn define(
        &mut self,
        id: ShapeId,
        origin: Origin,
        direction: Direction,
        schema: &Map<String, Value>,
        body: Body,
    ) -> Type {
        if let Some(slot) = self.shapes.get_mut(id.0) {
            *slot = Some(Shape {
                origin,
                direction,
                doc: description(schema),
                body,
            });
        }
        Type::Shape(id)
    }
}

/// The type of a value that must not be shown.
fn hidden(ty: Type) -> Type {
    match ty {
        Type::Null => Type::Null,
        Type::Text | Type::Secret => Type::Secret,
        other => Type::SecretValue(Box::new(other)),
    }
}

/// Whether a schema itself is a constant. In a choice a constant is one value
/// of several.
fn is_constant(schema: Option<&Map<String, Value>>) -> bool {
    schema.is_some_and(|schema| schema.contains_key("const") || schema.contains_key("enum"))
}

/// The constants in a choice that has any text as well.
fn special_words(schema: Option<&Map<String, Value>>) -> Vec<String> {
    let branches = schema
        .and_then(|schema| schema.get("anyOf").or_else(|| schema.get("oneOf")))
        .and_then(Value::as_array);
    let is_text = |branch: &Value| {
        branch.get("type").and_then(Value::as_str) == Some("string")
            && ["const", "enum", "format"]
                .iter()
                .all(|keyword| branch.get(keyword).is_none())
    };
    let Some(branches) = branches.filter(|branches| branches.iter().any(is_text)) else {
        return Vec::new();
    };
    let mut words: Vec<String> = Vec::new();
    for branch in branches {
        let constants = branch.get("enum").and_then(Value::as_array);
        let constants = constants.into_iter().flatten().chain(branch.get("const"));
        words.extend(constants.filter_map(Value::as_str).map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How many models that are no objects (lists of lists of …) may refer to one
/// another; behind that it is any JSON. Two is the most that is known.
const MOST_ALIASES: usize = 64;

/// The longest tuple that can be compared and shown.
const MOST_IN_A_TUPLE: usize = 12;

fn description(schema: &Map<String, Value>) -> Option<String> {
    let text = schema.get("description")?.as_str()?;
    Some(text.to_owned())
}
