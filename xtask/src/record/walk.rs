//! A value side by side with its type.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use truenas_codegen::types::{Body, Method, ShapeId, Struct, Tagged, Type, Types};

use super::wide;

/// What changes a value on a walk through it.
pub(super) trait Visit {
    /// Sees a value with the key it stands under, itself or in a list. Returns
    /// whether the walk goes on inside of it.
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool;

    /// Returns another key for a key that is data.
    fn key(&mut self, _key: &str) -> Option<String> {
        None
    }
}

/// What a value may be, by all the types that its place has.
#[derive(Default)]
pub(super) struct Possible<'t> {
    pub(super) is_secret: bool,
    /// Any text, and not only one of a few words.
    pub(super) is_text: bool,
    /// Anything: no type says what it is.
    pub(super) is_any: bool,
    /// The text is the digits of an integer that a `Value` has no number for.
    pub(super) is_wide: bool,
    objects: Vec<&'t Struct>,
    maps: Vec<&'t Type>,
    items: Vec<&'t Type>,
    tuples: Vec<&'t [Type]>,
}

impl Possible<'_> {
    /// Anything.
    pub(super) fn any() -> Self {
        Self {
            is_any: true,
            ..Self::default()
        }
    }
}

/// Walks through what a method answers.
pub(super) fn walk(
    types: &Types,
    method: Option<&Method>,
    value: &mut Value,
    visit: &mut impl Visit,
) {
    let start = method.iter().map(|method| &method.result).collect();
    Walk { types }.value(value, "", start, visit);
}

struct Walk<'t> {
    types: &'t Types,
}

impl<'t> Walk<'t> {
    fn value(&self, value: &mut Value, key: &str, of: Vec<&'t Type>, visit: &mut impl Visit) {
        let mut possible = Possible {
            is_any: of.is_empty(),
            ..Possible::default()
        };
        let mut known = BTreeSet::new();
        for ty in of {
            self.add(ty, value, &mut possible, &mut known);
        }
        if let Some(digits) = wide::digits(value).filter(|_| !possible.is_secret) {
            possible.is_wide = true;
            visit.visit(digits, key, &possible);
            wide::settle(value);
            return;
        }
        if !visit.visit(value, key, &possible) {
            return;
        }
        match value {
            Value::Array(items) => {
                for (place, item) in items.iter_mut().enumerate() {
                    let tuples = possible.tuples.iter();
                    let tuples = tuples.filter_map(|items| items.get(place));
                    let of = possible.items.iter().copied().chain(tuples).collect();
                    self.value(item, key, of, visit);
                }
            }
            Value::Object(map) => {
                let before = std::mem::take(map);
                *map = self.object(before, &possible, visit);
            }
            _ => {}
        }
    }

    fn object(
        &self,
        map: Map<String, Value>,
        possible: &Possible<'t>,
        visit: &mut impl Visit,
    ) -> Map<String, Value> {
        let mut after = Map::new();
        for (key, mut value) in map {
            let objects = possible.objects.iter();
            let fields = objects.clone().flat_map(|object| &object.fields);
            let mut of: Vec<&Type> = fields
                .filter(|field| field.key == key)
                .map(|field| &field.ty)
                .collect();
            let is_data = of.is_empty();
            if is_data {
                of.extend(objects.filter_map(|object| object.rest.as_ref()));
                of.extend(&possible.maps);
            }
            self.value(&mut value, &key, of, visit);
            let other = is_data.then(|| visit.key(&key)).flatten();
            after.insert(unused(&after, other.unwrap_or(key)), value);
        }
        after
    }

    /// Adds what a value may be by a type. A type that holds itself ends.
    fn add(
        &self,
        ty: &'t Type,
        value: &Value,
        possible: &mut Possible<'t>,
        known: &mut BTreeSet<ShapeId>,
    ) {
        match ty {
            Type::Secret | Type::SecretValue(_) => possible.is_secret = true,
            Type::Text | Type::IpInterface => possible.is_text = true,
            Type::Any => possible.is_any = true,
            Type::List(inner) | Type::Set(inner) => possible.items.push(inner),
            Type::Tuple(items) => possible.tuples.push(items),
            Type::Map(inner) => possible.maps.push(inner),
            Type::Optional(inner) | Type::Patch(inner) | Type::EntryId(inner) => {
                self.add(inner, value, possible, known);
            }
            Type::QueryResult(entry) => {
                possible.items.push(entry);
                self.add(entry, value, possible, known);
            }
            Type::Shape(id) if known.insert(*id) => {
                match self.types.shapes.get(id.0).map(|shape| &shape.body) {
                    Some(Body::Struct(object)) => possible.objects.push(object),
                    Some(Body::Tagged(tagged)) => {
                        for ty in cases(tagged, value) {
                            self.add(ty, value, possible, known);
                        }
                    }
                    Some(Body::Union(union)) => {
                        for case in &union.cases {
                            self.add(&case.ty, value, possible, known);
                        }
                    }
                    Some(Body::Words(_) | Body::Scalars(_)) | None => {}
                }
            }
            _ => {}
        }
    }
}

/// The key, with a number behind it if the object already has such a key.
fn unused(map: &Map<String, Value>, key: String) -> String {
    let keys = (map.len()..).map(|number| format!("{key} {number}"));
    let mut keys = std::iter::once(key.clone()).chain(keys);
    keys.find(|key| !map.contains_key(key)).unwrap_or(key)
}

/// The cases that a value's tag chooses; all if it chooses none.
fn cases<'t>(tagged: &'t Tagged, value: &Value) -> Vec<&'t Type> {
    let tag = value.get(&tagged.tag).and_then(Value::as_str);
    let all = tagged.cases.iter();
    let chosen = all.clone().filter(|case| {
        let tags = case.tags.iter();
        tag.is_some_and(|tag| tags.clone().any(|other| other == tag))
    });
    let chosen: Vec<&Type> = chosen.map(|case| &case.ty).collect();
    match chosen.is_empty() {
        true => all.map(|case| &case.ty).collect(),
        false => chosen,
    }
}
