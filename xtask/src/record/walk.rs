//! Walks through a value together with its type.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use truenas_codegen::types::{Body, Method, ShapeId, Struct, Tagged, Type, Types};

use super::wide;

/// A visitor that changes a value on a walk through it.
pub(super) trait Visit {
    /// Visits a value with its key, or the key of the list that contains it.
    /// Returns whether to walk through its inner values.
    fn visit(&mut self, value: &mut Value, key: &str, seen: &Possible<'_>) -> bool;

    /// Returns the replacement for a key that is data.
    fn key(&mut self, _key: &str) -> Option<String> {
        None
    }
}

/// The kinds of value that the types of a place allow.
#[derive(Default)]
pub(super) struct Possible<'t> {
    pub(super) is_secret: bool,
    /// True if any text is allowed, not only a few words.
    pub(super) is_text: bool,
    /// True if the types allow any value.
    pub(super) is_any: bool,
    objects: Vec<&'t Struct>,
    maps: Vec<&'t Type>,
    items: Vec<&'t Type>,
    tuples: Vec<&'t [Type]>,
}

/// Walks through the answer of a method.
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
            visit.visit(digits, key, &possible);
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
            after.insert(other.unwrap_or(key), value);
        }
        after
    }

    /// Adds the kinds of value that a type allows. Recursive types end.
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

/// Returns the cases that the tag of a value selects, or all cases if it
/// selects none.
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
