//! Makes a key nullable in every version if it is nullable in one.
//!
//! The schemas of a model are often corrected only in a later release to allow
//! that a key is null or missing. A key of a received object is therefore
//! optional in every version if it is optional in one of them. Two objects are
//! the same if their models have the same name, or if the same method or event
//! has them at the same place.

use std::collections::{BTreeMap, BTreeSet};

use crate::types::{Body, Direction, Event, Origin, ShapeId, Type, Types};

/// A shape of one of the versions.
type Node = (usize, ShapeId);

/// Makes each key optional that is optional in another version.
pub(crate) fn share(versions: &mut [Types]) {
    let groups = Groups::new(versions);
    let mut optional: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    each_field(versions, |node, key, ty| {
        if let (Type::Optional(_), Some(group)) = (&*ty, groups.of(node)) {
            optional.entry(group).or_default().insert(key.to_owned());
        }
    });
    each_field(versions, |node, key, ty| {
        let keys = groups.of(node).and_then(|group| optional.get(&group));
        let is_optional = matches!(ty, Type::Optional(_) | Type::Any | Type::Null);
        if !is_optional && keys.is_some_and(|keys| keys.contains(key)) {
            *ty = Type::Optional(Box::new(ty.clone()));
        }
    });
}

/// Calls `visit` for each field of each received object.
fn each_field(versions: &mut [Types], mut visit: impl FnMut(Node, &str, &mut Type)) {
    for (version, types) in versions.iter_mut().enumerate() {
        for (place, shape) in types.shapes.iter_mut().enumerate() {
            if let (Body::Struct(object), Direction::Response) = (&mut shape.body, shape.direction)
            {
                for field in &mut object.fields {
                    // A constant distinguishes the objects of a choice.
                    if field.constant.is_none() {
                        visit((version, ShapeId(place)), &field.key, &mut field.ty);
                    }
                }
            }
        }
    }
}

/// Groups of equal received objects.
struct Groups {
    /// The next node of each node's group; a node that leads to itself
    /// represents the group.
    parents: Vec<usize>,
    /// The index of the first node of each version.
    starts: Vec<usize>,
}

impl Groups {
    fn new(versions: &[Types]) -> Self {
        let mut starts = Vec::new();
        let mut count: usize = 0;
        for types in versions {
            starts.push(count);
            count = count.saturating_add(types.shapes.len());
        }
        let mut groups = Self {
            parents: (0..count).collect(),
            starts,
        };
        groups.join_models(versions);
        groups.join_places(versions);
        groups
    }

    /// Joins the shapes whose models have the same name.
    fn join_models(&mut self, versions: &[Types]) {
        let mut first: BTreeMap<&str, Node> = BTreeMap::new();
        for (version, types) in versions.iter().enumerate() {
            for (place, shape) in types.shapes.iter().enumerate() {
                if let (Origin::Model(name), Direction::Response) = (&shape.origin, shape.direction)
                {
                    let node = (version, ShapeId(place));
                    let held = *first.entry(name).or_insert(node);
                    self.join(held, node);
                }
            }
        }
    }

    /// Joins the shapes at the same place of the same method or event.
    fn join_places(&mut self, versions: &[Types]) {
        let mut first: BTreeMap<(&str, usize), (usize, &Type)> = BTreeMap::new();
        for (version, types) in versions.iter().enumerate() {
            let results = types
                .methods
                .iter()
                .map(|(name, method)| ((name.as_str(), 0), &method.result));
            let payloads = types.events.iter().flat_map(|(name, event)| {
                let payloads = payloads(event).into_iter().zip(1..);
                payloads.filter_map(move |(ty, kind)| Some(((name.as_str(), kind), ty?)))
            });
            for (key, ty) in results.chain(payloads) {
                let held = *first.entry(key).or_insert((version, ty));
                if held.0 != version {
                    self.join_types(versions, held, (version, ty));
                }
            }
        }
    }

    fn join_types(&mut self, versions: &[Types], one: (usize, &Type), other: (usize, &Type)) {
        let mut open = vec![(one, other)];
        while let Some(((a_version, a), (b_version, b))) = open.pop() {
            match (a, b) {
                (Type::Optional(a), b) => open.push(((a_version, a.as_ref()), (b_version, b))),
                (a, Type::Optional(b)) => open.push(((a_version, a), (b_version, b.as_ref()))),
                (Type::List(a), Type::List(b))
                | (Type::Map(a), Type::Map(b))
                | (Type::QueryResult(a), Type::QueryResult(b)) => {
                    open.push(((a_version, a.as_ref()), (b_version, b.as_ref())));
                }
                (Type::Change(_, a), Type::Change(_, b)) => {
                    open.push(((a_version, a.as_ref()), (b_version, b.as_ref())));
                }
                (Type::Shape(a), Type::Shape(b)) => {
                    let object = |version: usize, id: ShapeId| {
                        let shape = versions.get(version)?.shapes.get(id.0)?;
                        match &shape.body {
                            Body::Struct(object) => Some(object),
                            _ => None,
                        }
                    };
                    let (Some(a_object), Some(b_object)) =
                        (object(a_version, *a), object(b_version, *b))
                    else {
                        continue;
                    };
                    if !self.join((a_version, *a), (b_version, *b)) {
                        continue;
                    }
                    for field in &a_object.fields {
                        let same = |other: &&crate::types::Field| other.key == field.key;
                        if let Some(other) = b_object.fields.iter().find(same) {
                            open.push(((a_version, &field.ty), (b_version, &other.ty)));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Joins two groups; returns false if they were one group already.
    fn join(&mut self, a: Node, b: Node) -> bool {
        let (Some(a), Some(b)) = (self.of(a), self.of(b)) else {
            return false;
        };
        if a == b {
            return false;
        }
        if let Some(parent) = self.parents.get_mut(b) {
            *parent = a;
        }
        true
    }

    /// Returns the group of a shape.
    fn of(&self, (version, shape): Node) -> Option<usize> {
        let mut node = self.starts.get(version)?.checked_add(shape.0)?;
        loop {
            let parent = *self.parents.get(node)?;
            if parent == node {
                return Some(node);
            }
            node = parent;
        }
    }
}

fn payloads(event: &Event) -> [Option<&Type>; 3] {
    [
        event.added.as_ref(),
        event.changed.as_ref(),
        event.removed.as_ref(),
    ]
}
