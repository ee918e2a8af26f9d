//! What everything is called in one version.
//!
//! Names follow from that version alone, so that adding another version
//! renames nothing. The rules, in order:
//!
//! 1. A model keeps its own name, unless the overrides say otherwise. Where
//!    what is sent and what is received differ, the received one is
//!    `<Model>Response`.
//! 2. A shape under several names takes the shortest, then the first in the
//!    alphabet.
//! 3. A shape without a name is called after what it stands in and the keys
//!    that lead to it; if it stands under one key in several models of one
//!    service, after the service and that key.
//! 4. A name that is taken gives way to the next candidate, and at last gets
//!    a number.
//! 5. A type lives in the module of the innermost service that covers every
//!    method and event that uses it; in [`COMMON`] if there is none.
//! 6. The fields of what `query` answers are in the module `field`; those of
//!    another query, in one that begins with its name.
//! 7. A method's marker and function are its last word; an event's are that
//!    and `Event`, and that and `_events`.

pub mod ident;
mod modules;
mod usage;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::model::split;
use crate::overrides::Overrides;
use crate::types::{Direction, Origin, Shape, ShapeId, Types};
use crate::unify::{Class, Classes};
pub use modules::Modules;
use usage::{Users, users};

/// The module of types that several top-level services use.
pub const COMMON: &str = "common";

/// The names of one version.
#[derive(Debug)]
pub struct Names {
    /// Of services.
    pub modules: Modules,
    /// The definitions that methods and events of the version reach.
    pub classes: BTreeMap<Class, TypeName>,
    /// By wire name.
    pub methods: BTreeMap<String, MarkerName>,
    /// By wire name.
    pub events: BTreeMap<String, MarkerName>,
    /// The modules of the fields that queries answer, by the query's wire name.
    pub fields: BTreeMap<String, FieldsName>,
}

/// What a definition is called and where it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// The service's module, a segment each.
    pub module: Vec<String>,
    /// The type's name.
    pub ident: String,
    /// Every name the API has for this shape; for the report.
    pub titles: Vec<String>,
    /// One of the version's shapes of this class.
    pub shape: ShapeId,
}

/// What a method's or event's marker type is called and where it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkerName {
    /// The service's module, a segment each.
    pub module: Vec<String>,
    /// The marker type's name.
    pub ident: String,
    /// The last word as a function's name; an event's that and `_events`.
    pub function: String,
}

/// What the module is called that has the fields of a query's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldsName {
    /// The service's module, a segment each.
    pub module: Vec<String>,
    /// The module's name in it.
    pub ident: String,
}

/// Names everything in one version.
pub fn names(version: usize, types: &Types, classes: &Classes, overrides: &Overrides) -> Names {
    let modules = Modules::new(types.methods.keys().chain(types.events.keys()));
    let methods = markers(&modules, types.methods.keys(), METHOD, &BTreeMap::new());
    let events = markers(&modules, types.events.keys(), EVENT, &methods);
    let fields = fields(&modules, types, &methods);
    let users = users(types, |shape| classes.class(version, shape));
    let taken = methods
        .values()
        .chain(events.values())
        .map(|marker| (marker.module.clone(), marker.ident.clone()))
        .collect();
    let mut naming = Naming {
        version,
        types,
        classes,
        overrides,
        modules: &modules,
        users,
        taken,
        used: HashSet::new(),
        twins: HashSet::new(),
    };
    naming.find_twins();
    let classes = naming.name_all();
    Names {
        classes,
        modules,
        methods,
        events,
        fields,
    }
}

/// The services that methods and events of these names belong to, and the
/// services around those.
pub fn services<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<&'a str> {
    let mut services = BTreeSet::new();
    for name in names {
        let mut service = split(name).0;
        while !service.is_empty() && services.insert(service) {
            service = split(service).0;
        }
    }
    services
}

/// What is added to a name for the marker type and for the function.
struct Suffixes {
    ident: &'static str,
    function: &'static str,
}

const METHOD: Suffixes = Suffixes {
    ident: "",
    function: "",
};

const EVENT: Suffixes = Suffixes {
    ident: "Event",
    function: "_events",
};

/// Names for markers and functions that none of `others` in the same module has.
fn markers<'a>(
    modules: &Modules,
    names: impl Iterator<Item = &'a String>,
    suffixes: Suffixes,
    others: &BTreeMap<String, MarkerName>,
) -> BTreeMap<String, MarkerName> {
    let mut by_service: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for name in names {
        by_service.entry(split(name).0).or_default().push(name);
    }
    let mut markers = BTreeMap::new();
    for (service, names) in by_service {
        let module = modules.of(service);
        let taken = others.values().filter(|other| other.module == module);
        let (taken_idents, mut taken_functions): (Vec<&str>, Vec<&str>) = taken
            .map(|other| (other.ident.as_str(), other.function.as_str()))
            .unzip();
        taken_functions.push("new");
        let words = names.iter().map(|name| split(name).1);
        let idents = words
            .clone()
            .map(|word| format!("{}{}", ident::marker_name(word), suffixes.ident));
        let functions = words.map(|word| {
            let name = ident::value_name(word);
            match suffixes.function {
                "" => name,
                suffix => format!("{}{suffix}", name.trim_end_matches('_')),
            }
        });
        let idents = ident::distinct(idents.collect(), &taken_idents);
        let functions = ident::distinct(functions.collect(), &taken_functions);
        for ((name, ident), function) in names.into_iter().zip(idents).zip(functions) {
            markers.insert(
                name.clone(),
                MarkerName {
                    module: module.clone(),
                    ident,
                    function,
                },
            );
        }
    }
    markers
}

/// Names for the modules of fields: `field` for those of `query`, the method's
/// name and `_field` for those of others.
fn fields(
    modules: &Modules,
    types: &Types,
    methods: &BTreeMap<String, MarkerName>,
) -> BTreeMap<String, FieldsName> {
    let mut by_module: BTreeMap<&[String], Vec<(&String, String)>> = BTreeMap::new();
    for (wire, marker) in methods {
        let method = types.methods.get(wire);
        if method.is_some_and(|method| types.fields(method).is_some()) {
            let ident = match split(wire).1 {
                "query" => "field".to_owned(),
                _ => format!("{}_field", marker.function.trim_end_matches('_')),
            };
            let named = by_module.entry(&marker.module).or_default();
            named.push((wire, ident));
        }
    }
    let mut fields = BTreeMap::new();
    for (module, named) in by_module {
        let (wires, idents): (Vec<&String>, Vec<String>) = named.into_iter().unzip();
        let idents = ident::distinct(idents, &modules.below(module));
        for (wire, ident) in wires.into_iter().zip(idents) {
            let module = module.to_vec();
            fields.insert(wire.clone(), FieldsName { module, ident });
        }
    }
    fields
}

struct Naming<'a> {
    version: usize,
    types: &'a Types,
    classes: &'a Classes,
    overrides: &'a Overrides,
    modules: &'a Modules,
    users: Users,
    taken: HashSet<(Vec<String>, String)>,
    used: HashSet<String>,
    /// Models that are sent in one shape and received in another.
    twins: HashSet<String>,
}

impl Naming<'_> {
    fn shapes(&self) -> impl Iterator<Item = (ShapeId, &Shape, Class)> {
        self.types
            .shapes
            .iter()
            .enumerate()
            .filter_map(|(index, shape)| {
                let id = ShapeId(index);
                let class = self.classes.class(self.version, id)?;
                self.users.contains(class).then_some((id, shape, class))
            })
    }

    fn find_twins(&mut self) {
        let mut seen: HashMap<&str, Class> = HashMap::new();
        let mut twins = HashSet::new();
        for (_, shape, class) in self.shapes() {
            if let Origin::Model(name) = &shape.origin
                && *seen.entry(name).or_insert(class) != class
            {
                twins.insert(name.clone());
            }
        }
        self.twins = twins;
    }

    fn name_all(&mut self) -> BTreeMap<Class, TypeName> {
        let mut named: BTreeMap<Class, Known> = BTreeMap::new();
        for (id, shape, class) in self.shapes() {
            let known = named.entry(class).or_insert_with(|| Known::new(id));
            let (title, path) = self.title(shape);
            match path {
                None => known.models.insert(title),
                Some(path) => {
                    known.paths.insert(path);
                    known.places.insert(title)
                }
            };
        }
        // Models first: no nameless shape may take a model's name.
        let mut order: Vec<(bool, Vec<String>, Class)> = named
            .iter()
            .map(|(class, known)| {
                (
                    known.models.is_empty(),
                    self.candidates(*class, known),
                    *class,
                )
            })
            .collect();
        order.sort();
        let mut names = BTreeMap::new();
        for (_, candidates, class) in order {
            let Some(known) = named.get(&class) else {
                continue;
            };
            let module = match self.users.service(class) {
                [] => vec![COMMON.to_owned()],
                service => self.modules.of(&service.join(".")),
            };
            let ident = self.claim(&module, &candidates);
            names.insert(
                class,
                TypeName {
                    module,
                    ident,
                    titles: known.models.iter().cloned().collect(),
                    shape: known.shape,
                },
            );
        }
        names
    }

    /// A shape's name, and for a nameless one the keys that lead to it.
    fn title(&self, shape: &Shape) -> (String, Option<String>) {
        let suffix = |model: &str| {
            if self.twins.contains(model) && shape.direction == Direction::Response {
                "Response"
            } else {
                ""
            }
        };
        match &shape.origin {
            Origin::Model(model) => {
                let name = ident::type_name(self.overrides.name(model).unwrap_or(model));
                (format!("{name}{}", suffix(model)), None)
            }
            Origin::Inside { owner, path } => {
                let words: Vec<String> = path.iter().map(|key| ident::camel(key)).collect();
                let path = words.concat();
                let name = format!("{}{path}", ident::type_name(owner));
                (ident::give_way(name), Some(path))
            }
        }
    }

    fn candidates(&self, class: Class, known: &Known) -> Vec<String> {
        let by_length = |names: &BTreeSet<String>| {
            let mut names: Vec<String> = names.iter().cloned().collect();
            names.sort_by_key(|name| (name.len(), name.clone()));
            names
        };
        let mut candidates = by_length(&known.models);
        if candidates.is_empty() && known.places.len() > 1 && known.paths.len() == 1 {
            let service = self.users.service(class);
            let path: String = known.paths.iter().cloned().collect();
            if !service.is_empty() && !path.is_empty() {
                let name = format!("{}{path}", ident::camel(&service.join(" ")));
                candidates.push(ident::give_way(name));
            }
        }
        candidates.extend(by_length(&known.places));
        candidates
    }

    /// The first candidate that is free, or the first with a number.
    fn claim(&mut self, module: &[String], candidates: &[String]) -> String {
        let first = candidates.first().map_or("Type", String::as_str).to_owned();
        let numbered = (2..).map(|number| ident::numbered(&first, number));
        let mut all = candidates.iter().cloned().chain(numbered);
        let free = all.find(|name| {
            let marker = (module.to_vec(), name.clone());
            !self.used.contains(name) && !self.taken.contains(&marker)
        });
        let name = free.unwrap_or(first);
        self.used.insert(name.clone());
        name
    }
}

/// What is known of a class before it has a name.
struct Known {
    shape: ShapeId,
    models: BTreeSet<String>,
    places: BTreeSet<String>,
    paths: BTreeSet<String>,
}

impl Known {
    fn new(shape: ShapeId) -> Self {
        Self {
            shape,
            models: BTreeSet::new(),
            places: BTreeSet::new(),
            paths: BTreeSet::new(),
        }
    }
}
