//! Which services use a definition, and so where it lives.

use std::collections::{HashMap, HashSet};

use crate::model::split;
use crate::types::{ShapeId, Type, Types};
use crate::unify::Class;

/// The innermost service that covers all users of each definition.
pub(super) struct Users(HashMap<Class, Vec<String>>);

/// Finds the users of every definition that a method or event reaches.
pub(super) fn users(types: &Types, class: impl Fn(ShapeId) -> Option<Class>) -> Users {
    let mut users = Users(HashMap::new());
    let methods = types.methods.iter().map(|(name, method)| {
        let mut roots = Vec::new();
        method.each_type(&mut |ty| roots.push(ty));
        (name, roots)
    });
    let events = types.events.iter().map(|(name, event)| {
        let mut roots = Vec::new();
        event.each_type(&mut |ty| roots.push(ty));
        (name, roots)
    });
    for (name, roots) in methods.chain(events) {
        let service: Vec<String> = split(name).0.split('.').map(str::to_owned).collect();
        for shape in reachable(types, &roots) {
            if let Some(class) = class(shape) {
                users.add(class, &service);
            }
        }
    }
    users
}

fn reachable(types: &Types, roots: &[&Type]) -> HashSet<ShapeId> {
    let mut seen = HashSet::new();
    let mut open = Vec::new();
    for root in roots {
        root.each_shape(&mut |shape| open.push(shape));
    }
    while let Some(shape) = open.pop() {
        if seen.insert(shape)
            && let Some(shape) = types.shapes.get(shape.0)
        {
            shape
                .body
                .each_type(&mut |ty| ty.each_shape(&mut |inner| open.push(inner)));
        }
    }
    seen
}

impl Users {
    fn add(&mut self, class: Class, service: &[String]) {
        let common = self.0.entry(class).or_insert_with(|| service.to_vec());
        let shared = common
            .iter()
            .zip(service)
            .take_while(|(a, b)| a == b)
            .count();
        common.truncate(shared);
    }

    /// Whether anything uses the definition.
    pub(super) fn contains(&self, class: Class) -> bool {
        self.0.contains_key(&class)
    }

    /// The service's words; none if no service covers all users.
    pub(super) fn service(&self, class: Class) -> &[String] {
        self.0.get(&class).map_or(&[], Vec::as_slice)
    }
}
