//! A version of the API, ready to be compared.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use serde_json::{Map, Value};
use truenas_codegen::model::{ApiVersion, InputKind};
use truenas_codegen::names;
use truenas_codegen::overrides::Overrides;
use truenas_codegen::share;
use truenas_codegen::types::{self, Body, Direction, Origin, Shape, ShapeId, Type};
use truenas_codegen::unify::{self, Classes};

use crate::compare::Traits;
use crate::finding::SubjectKind;
use crate::schema::model_of;

/// A version of the API, with what Rust makes of it.
#[derive(Debug)]
pub struct Version {
    pub(crate) api: ApiVersion,
    pub(crate) rust: Rust,
    /// What each model says itself, and the models it refers to.
    pub(crate) models: HashMap<String, Own>,
    /// By what methods are recognised under another name; only needed where
    /// some came and some went.
    pub(crate) traits: OnceLock<Traits>,
}

/// What a model says without what it refers to.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) text: u64,
    pub(crate) refers_to: Vec<String>,
}

impl Version {
    /// Prepares a version. The overrides are those that its Rust source is
    /// generated with.
    #[must_use]
    pub fn new(api: ApiVersion, overrides: &Overrides) -> Self {
        let models = api
            .models
            .iter()
            .map(|(name, schema)| (name.clone(), Own::new(schema.as_value())))
            .collect();
        Self {
            rust: Rust::new(&api, overrides),
            models,
            traits: OnceLock::new(),
            api,
        }
    }

    /// The canonical form it was made of.
    #[must_use]
    pub fn api(&self) -> &ApiVersion {
        &self.api
    }

    /// Whether its sources say which methods have pipes. Dumps of some
    /// releases leave them out.
    pub(crate) fn knows_pipes(&self) -> bool {
        let mut inputs = self.api.provenance.iter();
        inputs.any(|input| input.kind == InputKind::GetMethods)
            || self
                .api
                .methods
                .values()
                .any(|method| !method.pipes.is_none())
    }
}

impl Own {
    fn new(schema: &Value) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut refers_to = Vec::new();
        hash(schema, &mut hasher, &mut |model| {
            refers_to.push(model.to_owned());
        });
        Self {
            text: hasher.finish(),
            refers_to,
        }
    }
}

/// What a part of a schema is: only schemas have keywords.
#[derive(Clone, Copy)]
enum Part {
    Schema,
    /// Schemas by key.
    Schemas,
    /// A constant or a default.
    Data,
}

/// All that counts of a schema, but not what its references are called.
pub(crate) fn hash(schema: &Value, hasher: &mut impl Hasher, model: &mut impl FnMut(&str)) {
    hash_part(Part::Schema, schema, hasher, model);
}

fn hash_part(part: Part, value: &Value, hasher: &mut impl Hasher, model: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => hash_members(part, map, hasher, model),
        Value::Array(items) => {
            for item in items {
                hash_part(part, item, hasher, model);
            }
            0xfe_u8.hash(hasher);
        }
        Value::String(text) => match text.strip_prefix("#/models/") {
            Some(_) if !matches!(part, Part::Data) => {
                model(model_of(text));
                0xfd_u8.hash(hasher);
            }
            _ => text.hash(hasher),
        },
        other => other.to_string().hash(hasher),
    }
}

/// All that counts of an object in a schema.
pub(crate) fn hash_object(
    map: &Map<String, Value>,
    hasher: &mut impl Hasher,
    model: &mut impl FnMut(&str),
) {
    hash_members(Part::Schema, map, hasher, model);
}

fn hash_members(
    part: Part,
    map: &Map<String, Value>,
    hasher: &mut impl Hasher,
    model: &mut impl FnMut(&str),
) {
    // In canonical files they are sorted; made by hand they need not be.
    let mut members: Vec<(&String, &Value)> = map.iter().collect();
    members.sort_unstable_by_key(|(key, _)| *key);
    for (key, value) in members {
        let inner = match (part, key.as_str()) {
            (
                Part::Schema,
                "title" | "description" | "cli_description" | "examples" | "$comment",
            ) => continue,
            (Part::Schema, "default" | "const" | "enum") | (Part::Data, _) => Part::Data,
            (Part::Schema, "properties" | "patternProperties" | "mapping") => Part::Schemas,
            _ => Part::Schema,
        };
        key.hash(hasher);
        hash_part(inner, value, hasher, model);
    }
    0xff_u8.hash(hasher);
}

/// What the generator makes of a version.
#[derive(Debug)]
pub(crate) struct Rust {
    pub(crate) generated: share::Version,
    pub(crate) classes: Classes,
    models: HashMap<(String, Direction), ShapeId>,
}

impl Rust {
    fn new(api: &ApiVersion, overrides: &Overrides) -> Self {
        let versions = [types::lower(api, overrides)];
        let classes = unify::unify(&versions);
        let [types] = versions;
        let names = names::names(0, &types, &classes, overrides);
        let mut models = HashMap::new();
        for (place, shape) in types.shapes.iter().enumerate() {
            if let Origin::Model(name) = &shape.origin {
                models.insert((name.clone(), shape.direction), ShapeId(place));
            }
        }
        Self {
            generated: share::Version {
                stable: true,
                types,
                names,
            },
            classes,
            models,
        }
    }

    pub(crate) fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.generated.types.shapes.get(id.0)
    }

    /// The shape of a model that travels in this direction.
    pub(crate) fn model(&self, name: &str, direction: Direction) -> Option<ShapeId> {
        // Owned keys are the price of a plain map.
        self.models.get(&(name.to_owned(), direction)).copied()
    }

    /// What a key of a shape holds.
    pub(crate) fn field(&self, shape: ShapeId, key: &str) -> Option<&Type> {
        match &self.shape(shape)?.body {
            Body::Struct(object) => {
                let field = object.fields.iter().find(|field| field.key == key)?;
                Some(&field.ty)
            }
            _ => None,
        }
    }

    /// `pool::dataset::PoolDatasetCreate`.
    pub(crate) fn type_path(&self, shape: ShapeId) -> Option<String> {
        let class = self.classes.class(0, shape)?;
        let name = self.generated.names.classes.get(&class)?;
        let mut path = name.module.clone();
        path.push(name.ident.clone());
        Some(path.join("::"))
    }

    /// `pool::dataset::Create`.
    pub(crate) fn marker_path(&self, kind: SubjectKind, name: &str) -> Option<String> {
        let marker = match kind {
            SubjectKind::Method => self.generated.names.methods.get(name)?,
            SubjectKind::Event => self.generated.names.events.get(name)?,
        };
        let mut path = marker.module.clone();
        path.push(marker.ident.clone());
        Some(path.join("::"))
    }
}

/// Whether source that works with one of these types works with the other.
/// What shapes hold is compared where it stands, so here only their form
/// counts.
pub(crate) fn alike(old: (&Rust, &Type), new: (&Rust, &Type)) -> bool {
    let ((old_rust, old), (new_rust, new)) = (old, new);
    let inner = |a, b| alike((old_rust, a), (new_rust, b));
    match (old, new) {
        (Type::Shape(a), Type::Shape(b)) => match (old_rust.shape(*a), new_rust.shape(*b)) {
            (Some(a), Some(b)) => {
                std::mem::discriminant(&a.body) == std::mem::discriminant(&b.body)
            }
            _ => false,
        },
        (Type::List(a), Type::List(b))
        | (Type::Set(a), Type::Set(b))
        | (Type::Map(a), Type::Map(b))
        | (Type::Optional(a), Type::Optional(b))
        | (Type::Patch(a), Type::Patch(b))
        | (Type::QueryResult(a), Type::QueryResult(b))
        | (Type::EntryId(a), Type::EntryId(b))
        | (Type::SecretValue(a), Type::SecretValue(b)) => inner(a, b),
        (Type::Change(a, x), Type::Change(b, y)) => inner(a, b) && inner(x, y),
        (Type::Tuple(a), Type::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| inner(a, b))
        }
        (a, b) => a == b,
    }
}
