//! Finds the received objects that convert into sent ones.
//!
//! A model that is both received and sent becomes two types if a caller can
//! choose between leaving a key unchanged and setting it to null. The received
//! type converts into the sent type only if that loses nothing: null stays null,
//! or is left out where the server then takes null, and a missing key is left
//! out.

use std::collections::{BTreeMap, BTreeSet};

use crate::types::{Body, Direction, Field, Origin, ShapeId, Struct, Type, Types};
use crate::unify::Classes;

/// A conversion of a value of one type into another type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// The types are the same.
    Same,
    /// The conversion is an implementation of `From`.
    Into {
        /// The received shape.
        received: ShapeId,
        /// The sent shape.
        sent: ShapeId,
    },
    /// Converts the value of an option.
    Optional(Box<Conversion>),
    /// Turns an option into a patch; `None` leaves the key out.
    Patch(Box<Conversion>),
    /// Turns an option into a patch; `None` sends null.
    NullPatch(Box<Conversion>),
    /// Turns a value into an option.
    Some(Box<Conversion>),
    /// Turns a value into a patch.
    Set(Box<Conversion>),
    /// Converts each item of a list.
    List(Box<Conversion>),
    /// Leaves the key out.
    Absent,
}

/// Two shapes of a model, of which the first converts into the second.
#[derive(Debug, Clone)]
pub struct ConversionPair {
    /// The received shape.
    pub received: ShapeId,
    /// The sent shape.
    pub sent: ShapeId,
    /// The conversion of each key of the sent object, in its order.
    pub fields: Vec<Conversion>,
}

/// Returns the received and the sent shape of each model that has both, if the
/// first converts into the second.
pub(crate) fn pairs(version: usize, types: &Types, classes: &Classes) -> Vec<ConversionPair> {
    let mut models: BTreeMap<&str, (Option<ShapeId>, Option<ShapeId>)> = BTreeMap::new();
    for (place, shape) in types.shapes.iter().enumerate() {
        if let (Origin::Model(name), Body::Struct(_)) = (&shape.origin, &shape.body) {
            let (received, sent) = models.entry(name).or_default();
            let slot = match shape.direction {
                Direction::Response => received,
                Direction::Request => sent,
            };
            slot.get_or_insert(ShapeId(place));
        }
    }
    let mut pairs: BTreeSet<(ShapeId, ShapeId)> = models
        .into_values()
        .filter_map(|(received, sent)| received.zip(sent))
        .filter(|(received, sent)| {
            classes.class(version, *received) != classes.class(version, *sent)
        })
        .collect();
    // Objects contain objects: an object is removed if a part does not convert,
    // and then the objects that contain it are removed too.
    loop {
        let converter = Converter {
            version,
            types,
            classes,
            pairs: &pairs,
        };
        let left: Vec<ConversionPair> = pairs
            .iter()
            .filter_map(|&(received, sent)| {
                Some(ConversionPair {
                    received,
                    sent,
                    fields: converter.fields(received, sent)?,
                })
            })
            .collect();
        if left.len() == pairs.len() {
            return left;
        }
        pairs = left.iter().map(|pair| (pair.received, pair.sent)).collect();
    }
}

struct Converter<'a> {
    version: usize,
    types: &'a Types,
    classes: &'a Classes,
    pairs: &'a BTreeSet<(ShapeId, ShapeId)>,
}

impl Converter<'_> {
    fn object(&self, shape: ShapeId) -> Option<&Struct> {
        match &self.types.shapes.get(shape.0)?.body {
            Body::Struct(object) => Some(object),
            _ => None,
        }
    }

    fn fields(&self, received: ShapeId, sent: ShapeId) -> Option<Vec<Conversion>> {
        let (received, sent) = (self.object(received)?, self.object(sent)?);
        if received.rest != sent.rest {
            return None;
        }
        let fields = sent.fields.iter().map(|field| {
            let same = |other: &&Field| other.key == field.key;
            match received.fields.iter().find(same) {
                Some(other) => self.field(other, field),
                None if matches!(field.ty, Type::Optional(_) | Type::Patch(_)) => {
                    Some(Conversion::Absent)
                }
                None => None,
            }
        });
        fields.collect()
    }

    fn field(&self, received: &Field, sent: &Field) -> Option<Conversion> {
        match (&received.ty, &sent.ty) {
            (Type::Optional(from), Type::Patch(to)) => {
                let inner = Box::new(self.conversion(from, to)?);
                if sent.defaults_to_null {
                    Some(Conversion::Patch(inner))
                } else {
                    // Of a key that may be missing it is not known which it was.
                    received.required.then_some(Conversion::NullPatch(inner))
                }
            }
            // Null cannot be sent, and leaving it out means something else.
            (Type::Optional(_), Type::Optional(_)) if received.required && !sent.required => None,
            (from, to) => self.conversion(from, to),
        }
    }

    fn conversion(&self, from: &Type, to: &Type) -> Option<Conversion> {
        let of = |from, to| self.conversion(from, to).map(Box::new);
        match (from, to) {
            _ if self.is_same(from, to) => Some(Conversion::Same),
            (Type::Shape(from), Type::Shape(to)) => {
                self.pairs
                    .contains(&(*from, *to))
                    .then_some(Conversion::Into {
                        received: *from,
                        sent: *to,
                    })
            }
            (Type::Optional(from), Type::Optional(to)) => of(from, to).map(Conversion::Optional),
            (from, Type::Optional(to)) => of(from, to).map(Conversion::Some),
            (from, Type::Patch(to)) => of(from, to).map(Conversion::Set),
            (Type::List(from), Type::List(to)) => of(from, to).map(Conversion::List),
            _ => None,
        }
    }

    fn is_same(&self, one: &Type, other: &Type) -> bool {
        let form = |ty: &Type| self.classes.form(self.version, ty);
        form(one) == form(other)
    }
}
