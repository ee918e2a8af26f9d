//! Which objects that are read can be sent as they are.
//!
//! A model that goes both ways is two types where what a caller sends tells
//! *leave* from *null*. What was read converts into what is sent only if that
//! loses nothing: null stays null, or is left out where the server then takes
//! null, and a key that was missing is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::types::{Body, Direction, Field, Origin, ShapeId, Struct, Type, Types};
use crate::unify::Classes;

/// How a value of one type becomes a value of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conversion {
    /// It is the same type.
    Same,
    /// There is a `From`.
    Into {
        /// What was read.
        received: ShapeId,
        /// What is sent.
        sent: ShapeId,
    },
    /// Each value of an option.
    Optional(Box<Conversion>),
    /// An option becomes a patch; none leaves the key out.
    Patch(Box<Conversion>),
    /// An option becomes a patch; none sends null.
    NullPatch(Box<Conversion>),
    /// A value becomes an option.
    Some(Box<Conversion>),
    /// A value becomes a patch.
    Set(Box<Conversion>),
    /// Each item of a list.
    List(Box<Conversion>),
    /// The key is left out.
    Absent,
}

/// The received and the sent shape of each model that has both, if the one
/// converts into the other.
pub(crate) fn pairs(version: usize, types: &Types, classes: &Classes) -> Vec<(ShapeId, ShapeId)> {
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
    // Objects hold objects: those whose parts do not convert go, and with them
    // those that hold them.
    loop {
        let converter = Converter {
            version,
            types,
            classes,
            pairs: &pairs,
        };
        let left: BTreeSet<_> = pairs
            .iter()
            .copied()
            .filter(|(received, sent)| converter.fields(*received, *sent).is_some())
            .collect();
        if left.len() == pairs.len() {
            return left.into_iter().collect();
        }
        pairs = left;
    }
}

/// How each key of the sent object is made, in its order.
pub(crate) fn fields(
    version: usize,
    types: &Types,
    classes: &Classes,
    (received, sent): (ShapeId, ShapeId),
) -> Vec<Conversion> {
    let pairs = pairs(version, types, classes).into_iter().collect();
    let converter = Converter {
        version,
        types,
        classes,
        pairs: &pairs,
    };
    converter.fields(received, sent).unwrap_or_default()
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
