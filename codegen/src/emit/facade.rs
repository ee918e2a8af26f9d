//! What a version shows: its services as modules, each definition re-exported
//! under the name it has in that version.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::context::{Context, File, Scope, name};
use super::marker;
use crate::names::MarkerName;
use crate::share::{ACCESSOR, DefinitionId, Version, service_of};

/// The modules of one version, by module path.
pub(super) struct Facade<'a> {
    context: &'a Context<'a>,
    version: usize,
    modules: BTreeMap<Vec<String>, Vec<Export>>,
}

/// A definition under the name it has in the version.
struct Export {
    file: File,
    ident: String,
    alias: String,
}

impl<'a> Facade<'a> {
    pub(super) fn new(context: &'a Context<'a>, version: usize) -> Self {
        let mut facade = Self {
            context,
            version,
            modules: BTreeMap::new(),
        };
        facade.collect();
        facade
    }

    fn collect(&mut self) {
        let shared = self.context.shared;
        let Some(version) = self.context.versions.get(self.version) else {
            return;
        };
        for (class, name) in &version.names.classes {
            if let Some(id) = shared.classes.get(class) {
                self.export(*id, &name.module, &name.ident);
            }
        }
        let markers = [
            (&version.names.methods, shared.methods.get(self.version)),
            (&version.names.events, shared.events.get(self.version)),
        ];
        for (names, ids) in markers {
            for (wire, marker) in names {
                if let Some(id) = ids.and_then(|ids| ids.get(wire)) {
                    self.export(*id, &marker.module, &marker.ident);
                }
            }
        }
        for (wire, id) in shared.fields.get(self.version).into_iter().flatten() {
            if let Some(name) = version.names.fields.get(wire) {
                self.export(*id, &name.module, &name.ident);
            }
        }
        for (service, id) in shared.services.get(self.version).into_iter().flatten() {
            self.export(*id, &version.names.modules.of(service), ACCESSOR);
        }
    }

    fn export(&mut self, id: DefinitionId, module: &[String], alias: &str) {
        let Some((definition, file)) = self.context.definition(id) else {
            return;
        };
        for end in 0..module.len() {
            let parent = module.get(..end).unwrap_or_default();
            self.modules.entry(parent.to_vec()).or_default();
        }
        self.modules
            .entry(module.to_vec())
            .or_default()
            .push(Export {
                file: file.clone(),
                ident: definition.ident.clone(),
                alias: alias.to_owned(),
            });
    }

    /// The version's files, by path below the version's folder.
    pub(super) fn files(&self) -> BTreeMap<String, TokenStream> {
        let mut files = BTreeMap::new();
        let tops: BTreeSet<&String> = self
            .modules
            .keys()
            .filter_map(|path| path.first())
            .collect();
        for top in &tops {
            let path = vec![(*top).clone()];
            files.insert(format!("{top}.rs"), self.module(&path));
        }
        let tops: Vec<_> = tops.iter().map(|top| name(top)).collect();
        let api = self.context.api(self.version);
        let doc = format!(" TrueNAS API {api}.");
        let exports = self.exports(&[]);
        let root = self.root();
        let version = version_type(api);
        let tables = self.tables();
        files.insert(
            "mod.rs".to_owned(),
            quote! {
                #![doc = #doc]
                use truenas_runtime as rt;
                #(pub mod #tops;)*
                #exports
                #version
                #root
                #tables
            },
        );
        files
    }

    fn module(&self, path: &[String]) -> TokenStream {
        let children = self
            .modules
            .keys()
            .filter(|child| child.len() == path.len() + 1 && child.starts_with(path));
        let children = children.map(|child| {
            let ident = name(child.last().map_or("", String::as_str));
            let content = self.module(child);
            quote!(pub mod #ident { #content })
        });
        let doc = if path == [crate::names::COMMON] {
            " Types that several services use.".to_owned()
        } else {
            format!(" The service `{}`.", path.join("."))
        };
        let exports = self.exports(path);
        quote! {
            #![doc = #doc]
            #exports
            #(#children)*
        }
    }

    /// A file whose definitions all have here the names they are written
    /// under is re-exported whole.
    fn exports(&self, path: &[String]) -> TokenStream {
        let mut by_file: BTreeMap<&File, Vec<&Export>> = BTreeMap::new();
        for export in self.modules.get(path).into_iter().flatten() {
            by_file.entry(&export.file).or_default().push(export);
        }
        let lines = by_file.into_iter().map(|(file, mut exports)| {
            let (set, stem) = (name(&file.set), name(&file.stem));
            let unchanged = exports.iter().all(|export| export.ident == export.alias);
            if unchanged && exports.len() == self.context.groups.get(file).map_or(0, Vec::len) {
                return quote!(pub use crate::shared::#set::#stem::*;);
            }
            exports.sort_by(|a, b| a.alias.cmp(&b.alias));
            let items = exports.iter().map(|export| {
                let (ident, alias) = (name(&export.ident), name(&export.alias));
                if ident == alias {
                    quote!(#ident)
                } else {
                    quote!(#ident as #alias)
                }
            });
            quote!(pub use crate::shared::#set::#stem::{#(#items),*};)
        });
        lines.collect()
    }

    /// The accessor of the whole version.
    fn root(&self) -> TokenStream {
        let shared = self.context.shared;
        let (Some(version), Some(services)) = (
            self.context.versions.get(self.version),
            shared.services.get(self.version),
        ) else {
            return TokenStream::new();
        };
        let service = service_of(version, "", services);
        let file = File {
            set: String::new(),
            stem: String::new(),
        };
        // What the module re-exports it need not import, and may not.
        let own = self.modules.get(&Vec::new());
        let own = own.into_iter().flatten().map(|export| &export.ident);
        let scope = Scope::new(self.context, &file, own);
        let accessor = marker::root(&scope, self.version, &service);
        let imports = scope.imports();
        quote!(#imports #accessor)
    }

    fn tables(&self) -> TokenStream {
        let Some(Version { types, names, .. }) = self.context.versions.get(self.version) else {
            return TokenStream::new();
        };
        let path = |marker: &MarkerName| {
            let module = marker.module.iter().map(|segment| name(segment));
            let ident = name(&marker.ident);
            quote!(#(#module::)*#ident)
        };
        let methods: Vec<TokenStream> = names.methods.values().map(path).collect();
        let events: Vec<TokenStream> = names.events.values().map(path).collect();
        let round_trips = names.methods.iter().map(|(wire, marker)| {
            let path = path(marker);
            if types.methods.get(wire).is_some_and(|method| method.query) {
                quote!(rt::table::query::<#path>())
            } else {
                quote!(rt::table::method::<#path>())
            }
        });
        quote! {
            #[doc = " Every method of the version, by wire name."]
            pub static METHODS: &[&rt::MethodInfo] = &[#(<#methods as rt::Method>::INFO),*];
            #[doc = " Every event of the version, by wire name."]
            pub static EVENTS: &[&rt::EventInfo] = &[#(<#events as rt::Event>::INFO),*];
            #[doc = " Every method and event with its types' reading and writing, for tools."]
            #[cfg(feature = "table")]
            pub static TABLE: rt::table::Table = rt::table::Table {
                api: VERSION,
                methods: &[#(#round_trips),*],
                events: &[#(rt::table::event::<#events>()),*],
            };
        }
    }
}

/// A version's name, and the type that stands for it.
pub(crate) fn version_type(api: &str) -> TokenStream {
    let doc = format!(" TrueNAS API {api}, as a type.");
    quote! {
        #[doc = " The API's name of this version."]
        pub const VERSION: &str = #api;
        #[doc = #doc]
        #[derive(Debug, Clone, Copy)]
        pub enum Api {}
        impl rt::Api for Api {
            const VERSION: &'static str = VERSION;
            const METHODS: &'static [&'static rt::MethodInfo] = METHODS;
            type Services<C> = TrueNas<C>;
            fn services<C>(client: C) -> TrueNas<C> { TrueNas::new(client) }
        }
    }
}
