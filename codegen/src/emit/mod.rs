//! Shared definitions → Rust source, as `quote` writes and `prettyplease`
//! formats it: the same bytes on every machine.

mod context;
mod docs;
mod facade;
mod marker;
mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proc_macro2::TokenStream;
use quote::quote;

use crate::share::{Definition, Item, Shared, Version};
use crate::unify::Classes;
pub(crate) use context::set_name;
use context::{Context, File, Scope, name};
use facade::Facade;
use shape::ShapeSource;

/// Something in the schemas that no Rust type can be.
#[derive(Debug)]
pub struct EmitError(pub String);

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EmitError {}

/// The most parameters that the runtime reads and writes.
const MOST_PARAMETERS: usize = 16;

/// A version's module: `v25.10.5` is `v25_10_5`.
pub fn module_name(api: &str) -> String {
    api.replace(['.', '-'], "_")
}

/// The source files of all versions, by path below `generated/src/`.
///
/// # Errors
///
/// If a schema asks for a value that has no end, or a method has too many
/// parameters.
pub fn emit(
    versions: &[Version],
    classes: &Classes,
    shared: &Shared,
) -> Result<BTreeMap<String, String>, EmitError> {
    for types in versions.iter().map(|version| &version.types) {
        for (name, method) in &types.methods {
            let count = method.parameters.len();
            if count > MOST_PARAMETERS {
                return Err(EmitError(format!(
                    "{}: method `{name}` has {count} parameters; more than {MOST_PARAMETERS} \
                     need a longer tuple in the runtime",
                    types.api
                )));
            }
        }
    }
    let modules: Vec<String> = versions
        .iter()
        .map(|version| module_name(&version.types.api))
        .collect();
    let context = Context::new(versions, modules, classes, shared);
    let mut jobs: Vec<Job> = context.by_file().into_keys().map(Job::File).collect();
    jobs.extend((0..versions.len()).map(Job::Facade));
    let mut files = run(&context, &jobs)?;
    files.insert(
        "shared/mod.rs".to_owned(),
        format_file(context.shared_root())?,
    );
    for (set, stems) in context.sets() {
        let stems = stems.iter().map(|stem| name(stem));
        let content = quote!(#(pub mod #stems;)*);
        files.insert(format!("shared/{set}/mod.rs"), format_file(content)?);
    }
    Ok(files)
}

/// A part of the output that can be made alone.
enum Job {
    File(File),
    Facade(usize),
}

/// Deeply nested schemas become deeply nested types, and `syn` recurses over
/// them. Nothing is deeper than JSON may be nested.
const STACK: usize = 256 << 20;

/// Formatting takes nearly all of the time, and every file can be made alone.
fn run(context: &Context<'_>, jobs: &[Job]) -> Result<BTreeMap<String, String>, EmitError> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let groups = context.by_file();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut files = BTreeMap::new();
        loop {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            match jobs.get(index) {
                None => return Ok(files),
                Some(Job::File(file)) => {
                    let definitions = groups.get(file).map_or(&[][..], Vec::as_slice);
                    let path = format!("shared/{}/{}.rs", file.set, file.stem);
                    files.insert(path, format_file(context.file(file, definitions)?)?);
                }
                Some(Job::Facade(version)) => {
                    let folder = context.modules.get(*version).cloned().unwrap_or_default();
                    for (path, content) in Facade::new(context, *version).files() {
                        files.insert(format!("versions/{folder}/{path}"), format_file(content)?);
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let worker = || {
            std::thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
        };
        let handles: Vec<_> = (0..workers).filter_map(|_| worker().ok()).collect();
        if handles.is_empty() {
            return Err(EmitError("the system gives no thread".to_owned()));
        }
        let mut files = BTreeMap::new();
        for handle in handles {
            match handle.join() {
                Ok(part) => files.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(files)
    })
}

/// Formats a file and puts the marker of generated files above it. Items are
/// set apart by empty lines, imports are not.
pub(crate) fn format_file(content: TokenStream) -> Result<String, EmitError> {
    let file: syn::File = syn::parse2(content)
        .map_err(|error| EmitError(format!("the generated source is no Rust: {error}")))?;
    let mut source = "// @generated by `cargo xtask regen`; do not edit.\n".to_owned();
    let mut together = false;
    let mut part = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: file.attrs,
        items: Vec::new(),
    };
    if !part.attrs.is_empty() {
        source.push('\n');
        source.push_str(&prettyplease::unparse(&part));
        part.attrs.clear();
    }
    for item in file.items {
        let short = is_short(&item);
        if !(short && together) {
            source.push('\n');
        }
        together = short;
        part.items = vec![item];
        source.push_str(&prettyplease::unparse(&part));
    }
    Ok(source)
}

/// Whether an item is a line in a list of its like.
fn is_short(item: &syn::Item) -> bool {
    match item {
        syn::Item::Use(_) => true,
        syn::Item::Mod(module) => module.content.is_none(),
        _ => false,
    }
}

impl Context<'_> {
    fn api(&self, version: usize) -> &str {
        self.versions
            .get(version)
            .map_or("", |version| &version.types.api)
    }

    fn by_file(&self) -> BTreeMap<File, Vec<&Definition>> {
        let mut groups: BTreeMap<File, Vec<&Definition>> = BTreeMap::new();
        for (definition, file) in self.shared.definitions.iter().zip(&self.files) {
            groups.entry(file.clone()).or_default().push(definition);
        }
        for definitions in groups.values_mut() {
            definitions.sort_by(|a, b| (rank(&a.item), &a.ident).cmp(&(rank(&b.item), &b.ident)));
        }
        groups
    }

    /// How many definitions a file holds.
    fn size(&self, file: &File) -> usize {
        self.files.iter().filter(|other| *other == file).count()
    }

    fn sets(&self) -> BTreeMap<&String, BTreeSet<&String>> {
        let mut sets: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
        for file in &self.files {
            sets.entry(&file.set).or_default().insert(&file.stem);
        }
        sets
    }

    /// One module for each set of versions, compiled for any of them.
    fn shared_root(&self) -> TokenStream {
        let mut sets: BTreeMap<&String, &BTreeSet<usize>> = BTreeMap::new();
        for (definition, file) in self.shared.definitions.iter().zip(&self.files) {
            sets.insert(&file.set, &definition.versions);
        }
        let modules = sets.into_iter().map(|(set, versions)| {
            let features: Vec<&String> = versions
                .iter()
                .filter_map(|version| self.modules.get(*version))
                .collect();
            let set = name(set);
            match features.as_slice() {
                [only] => quote!(#[cfg(feature = #only)] pub mod #set;),
                _ => quote!(#[cfg(any(#(feature = #features),*))] pub mod #set;),
            }
        });
        quote! {
            //! Every definition once. A module holds what one set of versions has in
            //! common; each version re-exports its own from here.
            #(#modules)*
        }
    }

    fn file(&self, file: &File, definitions: &[&Definition]) -> Result<TokenStream, EmitError> {
        let own = definitions.iter().map(|definition| &definition.ident);
        let scope = Scope::new(self, file, own);
        let mut items = TokenStream::new();
        for definition in definitions {
            items.extend(self.definition_source(&scope, definition)?);
        }
        let imports = scope.imports();
        // An accessor that only leads to other services needs nothing of it.
        let uses_runtime = items.to_string().contains("rt ::");
        let runtime = uses_runtime.then(|| {
            quote!(
                use truenas_runtime as rt;
            )
        });
        Ok(quote!(#runtime #imports #items))
    }

    fn definition_source(
        &self,
        scope: &Scope<'_>,
        definition: &Definition,
    ) -> Result<TokenStream, EmitError> {
        let version = definition.oldest();
        let Some(Version { types, names }) = self.versions.get(version) else {
            return Ok(TokenStream::new());
        };
        let source = match &definition.item {
            Item::Type(id) => {
                let (Some(shape), Some(class)) =
                    (self.shape(version, *id), self.class(version, *id))
                else {
                    return Ok(TokenStream::new());
                };
                let titles = names.classes.get(&class).map(|name| name.titles.as_slice());
                ShapeSource {
                    scope,
                    version,
                    class,
                    ident: &definition.ident,
                    titles: titles.unwrap_or_default(),
                    shape,
                }
                .emit()?
            }
            Item::Method(wire) => match types.methods.get(wire) {
                Some(method) => marker::method(scope, version, &definition.ident, wire, method),
                None => TokenStream::new(),
            },
            Item::Event(wire) => match types.events.get(wire) {
                Some(event) => marker::event(scope, version, &definition.ident, wire, event),
                None => TokenStream::new(),
            },
            Item::Service(service) => {
                let ident = name(&definition.ident);
                let methods = self.shared.methods.get(version);
                marker::accessor(scope, version, &ident, service, |wire| {
                    methods.and_then(|methods| methods.get(wire).copied())
                })
            }
        };
        Ok(source)
    }
}

/// Accessors first, then methods and events, then types.
fn rank(item: &Item) -> u8 {
    match item {
        Item::Service(_) => 0,
        Item::Method(_) => 1,
        Item::Event(_) => 2,
        Item::Type(_) => 3,
    }
}
