//! Each definition once, whatever number of versions have it.
//!
//! A definition is written once, and every version that has it re-exports it
//! under its own name. A type is written as the newest of its versions names it
//! (one that will not change any more, if there is one), since that is the name
//! that the compiler and rustdoc show. Methods, events and services are written
//! as in the oldest version, so that a new version changes no file that it
//! shares.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::conversions::{self, ConversionPair};
use crate::model::split;
use crate::names::{MarkerName, Names, ident, services};
use crate::types::{ShapeId, Types};
use crate::unify::{Class, Classes};

/// What every service's accessor is called, in its service's module.
pub const ACCESSOR: &str = "Service";

/// A version with its names.
#[derive(Debug)]
pub struct Version {
    /// True if the version will not change any more.
    pub stable: bool,
    /// What it says.
    pub types: Types,
    /// What that is called.
    pub names: Names,
}

/// A place in [`Shared::definitions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(pub usize);

/// All definitions of all versions.
#[derive(Debug)]
pub struct Shared {
    /// Each once.
    pub definitions: Vec<Definition>,
    /// The definition of each class.
    pub classes: HashMap<Class, DefinitionId>,
    /// The definitions of a version's methods, by version and wire name.
    pub methods: Vec<BTreeMap<String, DefinitionId>>,
    /// The definitions of a version's events, by version and wire name.
    pub events: Vec<BTreeMap<String, DefinitionId>>,
    /// The accessors of a version's services, by version and service.
    pub services: Vec<BTreeMap<String, DefinitionId>>,
    /// The fields of a version's queries, by version and wire name.
    pub fields: Vec<BTreeMap<String, DefinitionId>>,
}

/// Something that is written once.
#[derive(Debug)]
pub struct Definition {
    /// The versions that have it, ascending; never empty.
    pub versions: BTreeSet<usize>,
    /// The version that provides its names and texts.
    pub written_as: usize,
    /// Its module in that version.
    pub module: Vec<String>,
    /// Its name in that version.
    pub ident: String,
    /// The item in that version.
    pub item: Item,
}

/// What a definition defines.
#[derive(Debug)]
pub enum Item {
    /// A struct or enum.
    Type(ShapeId),
    /// A method's marker, by wire name.
    Method(String),
    /// An event's marker, by wire name.
    Event(String),
    /// The accessor of a service.
    Service(Service),
    /// The fields of what a query answers, by the query's wire name.
    Fields(String),
    /// A conversion of a received shape into a sent one.
    Conversion(ConversionPair),
}

/// The accessor of a service: a function for each method, event and child
/// service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Service {
    /// The service's wire name.
    pub name: String,
    /// Function name and method.
    pub methods: Vec<(String, String)>,
    /// Function name and event.
    pub events: Vec<(String, String)>,
    /// Function name and accessor.
    pub children: Vec<(String, DefinitionId)>,
}

impl Definition {
    /// The oldest version that has it.
    pub fn oldest(&self) -> usize {
        self.versions.first().copied().unwrap_or_default()
    }
}

/// Finds what the versions share. They are in ascending order.
pub fn share(versions: &[Version], classes: &Classes) -> Shared {
    let mut sharing = Sharing {
        by_form: HashMap::new(),
        shared: Shared {
            definitions: Vec::new(),
            classes: HashMap::new(),
            methods: Vec::new(),
            events: Vec::new(),
            services: Vec::new(),
            fields: Vec::new(),
        },
    };
    for (index, version) in versions.iter().enumerate() {
        for (class, name) in &version.names.classes {
            let id = sharing.define(index, &format!("type {}", class.0), || {
                (
                    name.module.clone(),
                    name.ident.clone(),
                    Item::Type(name.shape),
                )
            });
            if let Some(definition) = sharing.shared.definitions.get_mut(id.0)
                && (version.stable || definition.written_as == index)
            {
                definition.written_as = index;
                definition.module.clone_from(&name.module);
                definition.ident.clone_from(&name.ident);
                definition.item = Item::Type(name.shape);
            }
            sharing.shared.classes.insert(*class, id);
        }
        sharing.conversions(index, version, classes);
        sharing.markers(index, version, classes);
        sharing.services(index, version);
        sharing.fields(index, version, classes);
    }
    sharing.shared
}

struct Sharing {
    by_form: HashMap<String, DefinitionId>,
    shared: Shared,
}

impl Sharing {
    fn define(
        &mut self,
        version: usize,
        form: &str,
        describe: impl FnOnce() -> (Vec<String>, String, Item),
    ) -> DefinitionId {
        if let Some(id) = self.by_form.get(form) {
            if let Some(definition) = self.shared.definitions.get_mut(id.0) {
                definition.versions.insert(version);
            }
            return *id;
        }
        let id = DefinitionId(self.shared.definitions.len());
        let (module, ident, item) = describe();
        self.shared.definitions.push(Definition {
            versions: BTreeSet::from([version]),
            written_as: version,
            module,
            ident,
            item,
        });
        self.by_form.insert(form.to_owned(), id);
        id
    }

    fn conversions(&mut self, index: usize, version: &Version, classes: &Classes) {
        for pair in conversions::pairs(index, &version.types, classes) {
            let class = |shape| classes.class(index, shape);
            let (Some(from), Some(to)) = (class(pair.received), class(pair.sent)) else {
                continue;
            };
            let Some(name) = version.names.classes.get(&to) else {
                continue;
            };
            let form = format!("conversion {} {}", from.0, to.0);
            self.define(index, &form, || {
                (
                    name.module.clone(),
                    name.ident.clone(),
                    Item::Conversion(pair),
                )
            });
        }
    }

    fn markers(&mut self, index: usize, version: &Version, classes: &Classes) {
        let mut methods = BTreeMap::new();
        for (name, marker) in &version.names.methods {
            let Some(method) = version.types.methods.get(name) else {
                continue;
            };
            let form = format!("method {}", classes.method_form(index, name, method));
            let id = self.define(index, &form, || {
                (
                    marker.module.clone(),
                    marker.ident.clone(),
                    Item::Method(name.clone()),
                )
            });
            methods.insert(name.clone(), id);
        }
        let mut events = BTreeMap::new();
        for (name, marker) in &version.names.events {
            let Some(event) = version.types.events.get(name) else {
                continue;
            };
            let form = format!("event {}", classes.event_form(index, name, event));
            let id = self.define(index, &form, || {
                (
                    marker.module.clone(),
                    marker.ident.clone(),
                    Item::Event(name.clone()),
                )
            });
            events.insert(name.clone(), id);
        }
        self.shared.methods.push(methods);
        self.shared.events.push(events);
    }

    fn fields(&mut self, index: usize, version: &Version, classes: &Classes) {
        let mut fields = BTreeMap::new();
        for (wire, name) in &version.names.fields {
            let Some(method) = version.types.methods.get(wire) else {
                continue;
            };
            let entry = version.types.fields(method);
            let Some(class) = entry.and_then(|(id, _)| classes.class(index, id)) else {
                continue;
            };
            let form = format!("fields {wire} {} {:?}", class.0, method.naive_times);
            let id = self.define(index, &form, || {
                (
                    name.module.clone(),
                    name.ident.clone(),
                    Item::Fields(wire.clone()),
                )
            });
            fields.insert(wire.clone(), id);
        }
        self.shared.fields.push(fields);
    }

    /// Accessors from the innermost services outwards, since one that holds
    /// a different child is a different accessor.
    fn services(&mut self, index: usize, version: &Version) {
        let mut accessors: BTreeMap<String, DefinitionId> = BTreeMap::new();
        // Longer names come later, so children before parents in reverse.
        let names = version.names.methods.keys();
        let names = names.chain(version.names.events.keys());
        for service in services(names).into_iter().rev() {
            let item = service_of(version, service, &accessors);
            let methods = definitions(&item.methods, self.shared.methods.get(index));
            let events = definitions(&item.events, self.shared.events.get(index));
            let form = format!("service {item:?} {methods:?} {events:?}");
            let id = self.define(index, &form, || {
                (
                    version.names.modules.of(service),
                    ACCESSOR.to_owned(),
                    Item::Service(item.clone()),
                )
            });
            accessors.insert(service.to_owned(), id);
        }
        self.shared.services.push(accessors);
    }
}

/// The markers behind functions, by the markers of the version.
fn definitions(
    functions: &[(String, String)],
    markers: Option<&BTreeMap<String, DefinitionId>>,
) -> Vec<Option<DefinitionId>> {
    let ids = functions.iter();
    ids.map(|(_, name)| markers.and_then(|markers| markers.get(name).copied()))
        .collect()
}

/// The functions of a service; the version's root is the service `""`.
pub fn service_of(
    version: &Version,
    service: &str,
    accessors: &BTreeMap<String, DefinitionId>,
) -> Service {
    let of_service = |markers: &BTreeMap<String, MarkerName>| -> Vec<(String, String)> {
        let markers = markers.iter();
        markers
            .filter(|(name, _)| split(name).0 == service)
            .map(|(name, marker)| (marker.function.clone(), name.clone()))
            .collect()
    };
    let methods = of_service(&version.names.methods);
    let events = of_service(&version.names.events);
    // A method keeps its name; a service of the same name gives way.
    let functions = methods.iter().chain(&events);
    let mut reserved: Vec<&str> = functions.map(|(function, _)| function.as_str()).collect();
    reserved.push("new");
    let children: Vec<(&str, DefinitionId)> = accessors
        .iter()
        .filter(|(name, _)| split(name).0 == service)
        .map(|(name, id)| (split(name).1, *id))
        .collect();
    let functions = children
        .iter()
        .map(|(word, _)| {
            let function = ident::value_name(word);
            if reserved.contains(&function.as_str()) {
                format!("{}_service", function.trim_end_matches('_'))
            } else {
                function
            }
        })
        .collect();
    let functions = ident::distinct(functions, &reserved);
    let ids = children.iter().map(|(_, id)| *id);
    Service {
        name: service.to_owned(),
        children: functions.into_iter().zip(ids).collect(),
        methods,
        events,
    }
}
