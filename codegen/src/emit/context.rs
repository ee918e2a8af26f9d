//! What every part of the emission looks up: where a definition is written,
//! how a type is spelled, what must be boxed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::names::ident;
use crate::share::{ACCESSOR, Definition, DefinitionId, Item, Shared, Version};
use crate::types::{Body, Direction, Integer, Shape, ShapeId, Type};
use crate::unify::{Class, Classes};

/// The tables of one emission.
pub(super) struct Context<'a> {
    pub(super) versions: &'a [Version],
    /// The versions' modules: `v25_10_5`.
    pub(super) modules: Vec<String>,
    pub(super) classes: &'a Classes,
    pub(super) shared: &'a Shared,
    /// The sets of versions that have something in common, by name.
    pub(super) sets: BTreeMap<String, BTreeSet<usize>>,
    /// What is written into each file, in order.
    pub(super) groups: BTreeMap<File, Vec<&'a Definition>>,
    /// Where each definition is written.
    files: Vec<File>,
    /// Types that some request holds; only those get constructors.
    pub(super) requests: HashSet<Class>,
    boxed: HashSet<(Class, Class)>,
    /// By version and place.
    finite: Vec<Vec<bool>>,
}

/// A file of definitions: the set of versions that have them, and a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct File {
    pub(super) set: String,
    pub(super) stem: String,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        versions: &'a [Version],
        modules: Vec<String>,
        classes: &'a Classes,
        shared: &'a Shared,
    ) -> Self {
        let mut requests = HashSet::new();
        for (index, version) in versions.iter().enumerate() {
            for (place, shape) in version.types.shapes.iter().enumerate() {
                if shape.direction == Direction::Request {
                    requests.extend(classes.class(index, ShapeId(place)));
                }
            }
        }
        let stems = stems(shared);
        let mut sets = BTreeMap::new();
        let mut groups: BTreeMap<File, Vec<&Definition>> = BTreeMap::new();
        let mut files = Vec::new();
        for definition in &shared.definitions {
            let file = File {
                set: set_name(&definition.versions, &modules),
                stem: stems.get(&definition.module).cloned().unwrap_or_default(),
            };
            sets.entry(file.set.clone())
                .or_insert_with(|| definition.versions.clone());
            groups.entry(file.clone()).or_default().push(definition);
            files.push(file);
        }
        for definitions in groups.values_mut() {
            definitions.sort_by_key(|definition| (rank(&definition.item), &definition.ident));
        }
        let mut context = Self {
            versions,
            modules,
            classes,
            shared,
            sets,
            groups,
            files,
            requests,
            boxed: HashSet::new(),
            finite: versions
                .iter()
                .map(|version| finite(&version.types.shapes))
                .collect(),
        };
        context.boxed = context.cycles();
        context
    }

    pub(super) fn class(&self, version: usize, shape: ShapeId) -> Option<Class> {
        self.classes.class(version, shape)
    }

    /// Returns whether a definition contains another one in a `Box`.
    pub(super) fn is_boxed(&self, owner: Option<Class>, held: Option<Class>) -> bool {
        let edge = owner.zip(held);
        edge.is_some_and(|edge| self.boxed.contains(&edge))
    }

    pub(super) fn shape(&self, version: usize, shape: ShapeId) -> Option<&Shape> {
        self.versions.get(version)?.types.shapes.get(shape.0)
    }

    pub(super) fn definition(&self, id: DefinitionId) -> Option<(&Definition, &File)> {
        Some((self.shared.definitions.get(id.0)?, self.files.get(id.0)?))
    }

    /// Edges between definitions that hold each other without a list or map
    /// between them: a value of such a type would have no end, so they are
    /// boxed.
    fn cycles(&self) -> HashSet<(Class, Class)> {
        let mut edges: BTreeMap<Class, BTreeSet<Class>> = BTreeMap::new();
        for (index, version) in self.versions.iter().enumerate() {
            for (class, name) in &version.names.classes {
                if edges.contains_key(class) {
                    continue;
                }
                let targets = edges.entry(*class).or_default();
                if let Some(shape) = self.shape(index, name.shape) {
                    shape.body.each_type(&mut |ty| {
                        direct(ty, &mut |id| targets.extend(self.class(index, id)));
                    });
                }
            }
        }
        let reaches = |from: Class, to: Class| {
            let mut seen = BTreeSet::new();
            let mut open = vec![from];
            while let Some(class) = open.pop() {
                if class == to {
                    return true;
                }
                if seen.insert(class) {
                    open.extend(edges.get(&class).into_iter().flatten());
                }
            }
            false
        };
        let all = edges
            .iter()
            .flat_map(|(from, to)| to.iter().map(|to| (*from, *to)));
        all.filter(|(from, to)| reaches(*to, *from)).collect()
    }

    /// Whether a value of the type can end: a model that requires itself
    /// cannot.
    pub(super) fn is_finite(&self, version: usize, ty: &Type) -> bool {
        self.finite
            .get(version)
            .is_some_and(|finite| ends(ty, finite))
    }
}

/// Which shapes have values that end. At first none is known to; a shape is
/// as soon as all that it requires are.
fn finite(shapes: &[Shape]) -> Vec<bool> {
    let mut finite = vec![false; shapes.len()];
    loop {
        let next: Vec<bool> = shapes
            .iter()
            .map(|shape| match &shape.body {
                Body::Struct(object) => object.fields.iter().all(|field| ends(&field.ty, &finite)),
                Body::Union(union) => {
                    union.open || union.cases.iter().any(|case| ends(&case.ty, &finite))
                }
                Body::Words(_) | Body::Scalars(_) | Body::Tagged(_) => true,
            })
            .collect();
        if next == finite {
            return finite;
        }
        finite = next;
    }
}

fn ends(ty: &Type, finite: &[bool]) -> bool {
    match ty {
        Type::Shape(id) => finite.get(id.0).copied().unwrap_or_default(),
        Type::Tuple(items) => items.iter().all(|item| ends(item, finite)),
        _ => true,
    }
}

/// Accessors first, then methods and events, then types, then fields.
fn rank(item: &Item) -> u8 {
    match item {
        Item::Service(_) => 0,
        Item::Method(_) => 1,
        Item::Event(_) => 2,
        Item::Type(_) => 3,
        Item::Conversion(_) => 4,
        Item::Fields(_) => 5,
    }
}

/// The shapes that a type holds without a list or map between.
fn direct(ty: &Type, visit: &mut impl FnMut(ShapeId)) {
    match ty {
        Type::Shape(id) => visit(*id),
        Type::Optional(inner) | Type::Patch(inner) => direct(inner, visit),
        Type::Tuple(items) => items.iter().for_each(|item| direct(item, visit)),
        _ => {}
    }
}

/// One file name for each module; modules may differ only in where their
/// segments end.
fn stems(shared: &Shared) -> HashMap<Vec<String>, String> {
    let modules: BTreeSet<&Vec<String>> = shared
        .definitions
        .iter()
        .map(|definition| &definition.module)
        .collect();
    let names = modules
        .iter()
        .map(|module| {
            if module.is_empty() {
                "root".to_owned()
            } else {
                module.join("_").replace("__", "_")
            }
        })
        .collect();
    let names = ident::distinct(names, &["mod"]);
    modules.into_iter().cloned().zip(names).collect()
}

/// What a set of versions is called: by the version it begins with and the
/// version that ends it, so that a new version at the end renames nothing.
fn set_name(set: &BTreeSet<usize>, modules: &[String]) -> String {
    let mut parts = Vec::new();
    let mut inside = false;
    for (index, module) in modules.iter().enumerate() {
        match (inside, set.contains(&index)) {
            (false, true) => parts.push(format!("since_{module}")),
            (true, false) => parts.push(format!("until_{module}")),
            _ => {}
        }
        inside = set.contains(&index);
    }
    parts.join("_")
}

/// An identifier; names come from [`crate::names`] and are always valid.
pub(crate) fn name(text: &str) -> Ident {
    Ident::new(text, Span::call_site())
}

/// What a file of definitions is being written into.
pub(super) struct Scope<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) file: &'a File,
    /// The names the file defines or imports.
    names: RefCell<BTreeMap<String, File>>,
    /// Whether the file needs `BTreeMap`.
    maps: Cell<bool>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        context: &'a Context<'a>,
        file: &'a File,
        own: impl Iterator<Item = &'a String>,
    ) -> Self {
        let names = own.map(|ident| (ident.clone(), file.clone()));
        Self {
            context,
            file,
            names: RefCell::new(names.collect()),
            maps: Cell::new(false),
        }
    }

    /// The path of a definition, imported if its name is free.
    pub(super) fn path(&self, id: DefinitionId) -> TokenStream {
        let Some((definition, file)) = self.context.definition(id) else {
            return quote!(rt::Value);
        };
        let ident = name(&definition.ident);
        let mut names = self.names.borrow_mut();
        let holder = names
            .entry(definition.ident.clone())
            .or_insert_with(|| file.clone());
        if holder == file && definition.ident != ACCESSOR {
            return quote!(#ident);
        }
        let (set, stem) = (name(&file.set), name(&file.stem));
        quote!(crate::shared::#set::#stem::#ident)
    }

    /// The `use` lines for what [`Self::path`] has imported.
    pub(super) fn imports(&self) -> TokenStream {
        let names = self.names.borrow();
        let mut by_file: BTreeMap<&File, Vec<Ident>> = BTreeMap::new();
        for (ident, file) in names.iter().filter(|(_, file)| *file != self.file) {
            if ident != ACCESSOR {
                by_file.entry(file).or_default().push(name(ident));
            }
        }
        let maps = self.maps.get().then(|| {
            quote!(
                use std::collections::BTreeMap;
            )
        });
        let lines = by_file.into_iter().map(|(file, idents)| {
            let (set, stem) = (name(&file.set), name(&file.stem));
            match idents.as_slice() {
                [only] => quote!(use crate::shared::#set::#stem::#only;),
                _ => quote!(use crate::shared::#set::#stem::{#(#idents),*};),
            }
        });
        quote!(#maps #(#lines)*)
    }

    /// A type as it is spelled in this file. `owner` is the definition that
    /// holds it directly, for boxing.
    pub(super) fn ty(&self, version: usize, ty: &Type, owner: Option<Class>) -> TokenStream {
        let each = |inner: &Type| self.ty(version, inner, None);
        match ty {
            Type::Any => quote!(rt::Raw),
            Type::Null => quote!(()),
            Type::Bool => quote!(bool),
            Type::Integer(Integer::I64) => quote!(i64),
            Type::Integer(Integer::U64) => quote!(u64),
            Type::Integer(Integer::I128) => quote!(i128),
            Type::Integer(Integer::Big) => quote!(rt::BigInteger),
            Type::Float => quote!(f64),
            Type::Text => quote!(rt::SmolStr),
            Type::Secret => quote!(rt::Secret),
            Type::DateTime => quote!(rt::DateTime),
            Type::Time => quote!(rt::Time),
            Type::Date => quote!(rt::Date),
            Type::IpInterface => quote!(rt::IpInterface),
            Type::List(inner) => {
                let inner = each(inner);
                quote!(Vec<#inner>)
            }
            Type::Set(inner) => {
                let inner = each(inner);
                quote!(rt::Set<#inner>)
            }
            Type::Map(inner) => {
                let inner = each(inner);
                self.maps.set(true);
                quote!(BTreeMap<String, #inner>)
            }
            Type::QueryResult(inner) => {
                let inner = each(inner);
                quote!(rt::QueryResult<#inner>)
            }
            Type::SecretValue(inner) => {
                let inner = each(inner);
                quote!(rt::SecretValue<#inner>)
            }
            Type::EntryId(id) => {
                let id = each(id);
                quote!(rt::EntryId<#id>)
            }
            Type::Change(id, fields) => {
                let (id, fields) = (each(id), each(fields));
                quote!(rt::Change<#id, #fields>)
            }
            Type::Optional(inner) => {
                let inner = self.ty(version, inner, owner);
                quote!(Option<#inner>)
            }
            Type::Patch(inner) => {
                let inner = self.ty(version, inner, owner);
                quote!(rt::Patch<#inner>)
            }
            Type::Tuple(items) => {
                let items = items.iter().map(|item| self.ty(version, item, owner));
                quote!((#(#items,)*))
            }
            Type::Shape(id) => {
                let Some(class) = self.context.class(version, *id) else {
                    return quote!(rt::Value);
                };
                let Some(definition) = self.context.shared.classes.get(&class) else {
                    return quote!(rt::Value);
                };
                let path = self.path(*definition);
                if self.context.is_boxed(owner, Some(class)) {
                    quote!(Box<#path>)
                } else {
                    path
                }
            }
        }
    }
}
