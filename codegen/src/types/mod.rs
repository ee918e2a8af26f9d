//! What a version's schemas say, in terms of Rust types.
//!
//! A position (a field, a parameter, a result) holds a [`Type`]. What needs a
//! definition of its own (a struct or an enum) is a [`Shape`], and a type
//! refers to it by its place in [`Types::shapes`]. Nothing has a Rust name yet:
//! shapes only remember where they come from ([`Origin`]).

mod facts;
mod lower;
mod method;
mod queries;
mod union;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::model::{MethodKind, Pipes};
use crate::overrides::Quirk;

pub(crate) use facts::code;
pub use lower::lower;

/// Everything one version needs, ready to be named.
#[derive(Debug)]
pub struct Types {
    /// The API's name of the version: `v25.10.5`.
    pub api: String,
    /// The definitions that types refer to.
    pub shapes: Vec<Shape>,
    /// By wire name.
    pub methods: BTreeMap<String, Method>,
    /// By wire name.
    pub events: BTreeMap<String, Event>,
}

/// A place in [`Types::shapes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub usize);

/// What a position holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// Any JSON.
    Any,
    /// `null` and nothing else.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer(Integer),
    /// A floating-point number.
    Float,
    /// A string.
    Text,
    /// A string that must not be shown.
    Secret,
    /// A value of another type that must not be shown.
    SecretValue(Box<Type>),
    /// `{"$date": …}`.
    DateTime,
    /// `{"$time": …}`.
    Time,
    /// `{"$type": "date", …}`.
    Date,
    /// An address with a prefix length.
    IpInterface,
    /// A JSON array.
    List(Box<Type>),
    /// A JSON array without repetition.
    Set(Box<Type>),
    /// A JSON array of fixed length.
    Tuple(Vec<Type>),
    /// A JSON object whose keys are data.
    Map(Box<Type>),
    /// May be null, or absent where the key is optional.
    Optional(Box<Type>),
    /// Optional and nullable in a request: leave, null, or set.
    Patch(Box<Type>),
    /// The answer of a filterable method: entries, one entry, or a number.
    QueryResult(Box<Type>),
    /// `{id, fields}` of an event.
    Change(Box<Type>, Box<Type>),
    /// `{id}` of an event.
    EntryId(Box<Type>),
    /// A definition of its own.
    Shape(ShapeId),
}

/// The Rust integers that the API's ranges need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Integer {
    /// The usual one.
    I64,
    /// For ranges above `i64` that do not go below zero.
    U64,
    /// An integer of up to 128 bits.
    I128,
    /// An integer of any size.
    Big,
}

/// Which way a shape travels; the rules for absent and null differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The caller sends it: an unset key must be left out.
    Request,
    /// The caller receives it: a missing key and null mean the same.
    Response,
}

/// A struct or enum to be.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Where it comes from, for its name.
    pub origin: Origin,
    /// Which way it travels.
    pub direction: Direction,
    /// Prose, if it was kept.
    pub doc: Option<String>,
    /// What it looks like.
    pub body: Body,
}

/// Where a shape comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A model of the API.
    Model(String),
    /// Something without a name of its own: what it stands in, and the keys
    /// that lead to it from there.
    Inside {
        /// A model's name, or a method's or event's wire name.
        owner: String,
        /// Property names and roles such as `Keyword`.
        path: Vec<String>,
    },
}

impl fmt::Display for Origin {
    /// A model, or `owner.key`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(name) => f.write_str(name),
            Self::Inside { owner, path } => {
                f.write_str(owner)?;
                path.iter().try_for_each(|key| write!(f, ".{key}"))
            }
        }
    }
}

/// What a shape looks like.
#[derive(Debug, Clone)]
pub enum Body {
    /// A JSON object with known keys.
    Struct(Struct),
    /// String constants.
    Words(Vec<String>),
    /// Constants that are not all strings.
    Scalars(Vec<Value>),
    /// A choice by the value of one key.
    Tagged(Tagged),
    /// A choice by looking at the value.
    Union(Union),
}

/// A JSON object with known keys.
#[derive(Debug, Clone)]
pub struct Struct {
    /// By wire name, sorted.
    pub fields: Vec<Field>,
    /// What keys beyond the known ones hold; `None` for a closed object.
    pub rest: Option<Type>,
}

/// A key of a [`Struct`].
#[derive(Debug, Clone)]
pub struct Field {
    /// The key on the wire.
    pub key: String,
    /// Whether the schema requires the key.
    pub required: bool,
    /// True if leaving the key out means null.
    pub defaults_to_null: bool,
    /// What it holds, absence and null included.
    pub ty: Type,
    /// The only value it may have.
    pub constant: Option<String>,
    /// The special words that a text field may hold.
    pub words: Vec<String>,
    /// Prose, if it was kept.
    pub doc: Option<String>,
    /// Facts for the documentation: defaults, limits, formats.
    pub facts: Vec<String>,
}

/// A choice by the value of one key.
#[derive(Debug, Clone)]
pub struct Tagged {
    /// The key.
    pub tag: String,
    /// The choices, in the order of the schema.
    pub cases: Vec<TagCase>,
    /// Whether the key may be missing, so that the other keys decide.
    pub optional: bool,
}

/// A choice of a [`Tagged`].
#[derive(Debug, Clone)]
pub struct TagCase {
    /// The values that choose it; never empty.
    pub tags: Vec<String>,
    /// What it holds.
    pub ty: Type,
}

/// A choice by looking at the value.
#[derive(Debug, Clone)]
pub struct Union {
    /// The choices, in the order they are tried.
    pub cases: Vec<Case>,
    /// Whether what fits none exactly is kept as it is, and no error.
    pub open: bool,
}

/// A choice of a union.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called: `String`, `List`, or a model's name.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

/// A method, in types.
#[derive(Debug, Clone)]
pub struct Method {
    /// Whether it answers its result or the id of a job.
    pub kind: MethodKind,
    /// How bytes flow beside the call.
    pub pipes: Pipes,
    /// The roles that may call it.
    pub roles: Vec<String>,
    /// Whether it changes nothing, so that it may be sent again.
    pub reads_only: bool,
    /// The version that will no longer have it.
    pub removed_in: Option<String>,
    /// Prose, if it was kept.
    pub doc: Option<String>,
    /// What it takes, in order.
    pub parameters: Vec<Parameter>,
    /// What it answers: [`Type::QueryResult`] for a filterable method.
    pub result: Type,
    /// Whether it ends with the parameters `filters, options`, so that the
    /// caller decides which of the answers of a filterable method comes.
    pub query: bool,
    /// The paths of the times in its entries that have no time zone on the
    /// server.
    pub naive_times: Vec<String>,
    /// The ways in which the server handles it unlike other queries.
    pub quirks: BTreeSet<Quirk>,
}

/// A parameter, in types.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The schema's name for it.
    pub name: String,
    /// Whether a call must give it.
    pub required: bool,
    /// What it holds, absence and null included.
    pub ty: Type,
    /// The default, as JSON text.
    pub default: Option<String>,
    /// Facts for the documentation.
    pub facts: Vec<String>,
}

/// An event, in types.
#[derive(Debug, Clone)]
pub struct Event {
    /// The roles that may subscribe.
    pub roles: Vec<String>,
    /// The version that will no longer have it.
    pub removed_in: Option<String>,
    /// Prose, if it was kept.
    pub doc: Option<String>,
    /// What comes when something is added.
    pub added: Option<Type>,
    /// What comes when something changes.
    pub changed: Option<Type>,
    /// What comes when something is removed.
    pub removed: Option<Type>,
    /// What a subscription may be given.
    pub parameters: Option<Type>,
    /// True if servers send it, but no schema has it.
    pub in_no_schema: bool,
}

impl Types {
    /// The fields that a query's answer can be filtered, sorted and selected
    /// by; `None` for what is no query alone, or answers no objects with known
    /// keys.
    pub fn fields(&self, method: &Method) -> Option<(ShapeId, &[Field])> {
        let Type::QueryResult(entry) = &method.result else {
            return None;
        };
        let Type::Shape(id) = **entry else {
            return None;
        };
        let Body::Struct(object) = &self.shapes.get(id.0)?.body else {
            return None;
        };
        let has_some = method.is_query_alone() && !object.fields.is_empty();
        has_some.then_some((id, object.fields.as_slice()))
    }
}

impl Type {
    /// Calls `visit` for every shape the type refers to directly.
    pub fn each_shape(&self, visit: &mut impl FnMut(ShapeId)) {
        match self {
            Self::Shape(id) => visit(*id),
            Self::List(inner)
            | Self::Set(inner)
            | Self::Map(inner)
            | Self::Optional(inner)
            | Self::Patch(inner)
            | Self::QueryResult(inner)
            | Self::SecretValue(inner)
            | Self::EntryId(inner) => inner.each_shape(visit),
            Self::Change(id, fields) => {
                id.each_shape(visit);
                fields.each_shape(visit);
            }
            Self::Tuple(items) => items.iter().for_each(|item| item.each_shape(visit)),
            _ => {}
        }
    }
}

impl Body {
    /// Calls `visit` for every type that stands in the body.
    pub fn each_type<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        match self {
            Self::Struct(object) => {
                object.fields.iter().for_each(|field| visit(&field.ty));
                object.rest.iter().for_each(visit);
            }
            Self::Tagged(tagged) => tagged.cases.iter().for_each(|case| visit(&case.ty)),
            Self::Union(union) => union.cases.iter().for_each(|case| visit(&case.ty)),
            Self::Words(_) | Self::Scalars(_) => {}
        }
    }
}

impl Method {
    /// Whether filters and options are all that it takes.
    pub fn is_query_alone(&self) -> bool {
        self.query && self.parameters.len() == 2
    }

    /// Calls `visit` for every type that stands in the signature.
    pub fn each_type<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        self.parameters
            .iter()
            .for_each(|parameter| visit(&parameter.ty));
        visit(&self.result);
    }
}

impl Event {
    /// Calls `visit` for every type that the event carries.
    pub fn each_type<'a>(&'a self, visit: &mut impl FnMut(&'a Type)) {
        [&self.added, &self.changed, &self.removed, &self.parameters]
            .into_iter()
            .flatten()
            .for_each(visit);
    }
}
