//! The marker types of methods and events, and the accessors of services.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::{Scope, name};
use super::docs;
use crate::model::MethodKind;
use crate::names::ident;
use crate::overrides::Quirk;
use crate::share::{ACCESSOR, DefinitionId, Service};
use crate::types::{Body, Event, Method, ShapeId, Type};

/// A method's marker type.
pub(super) fn method(
    scope: &Scope<'_>,
    version: usize,
    ident: &str,
    wire: &str,
    method: &Method,
) -> TokenStream {
    let api = scope.context.api(version);
    let doc = docs::doc(&docs::method(api, wire, method));
    let deprecated = docs::deprecated(method.removed_in.as_deref());
    let ident = name(ident);
    let kind = match method.kind {
        MethodKind::Call => quote!(rt::MethodKind::Call),
        MethodKind::Job => quote!(rt::MethodKind::Job),
    };
    let pipes = if method.pipes.is_none() {
        quote!(rt::Pipes::NONE)
    } else {
        let crate::model::Pipes {
            input,
            output,
            check,
        } = method.pipes;
        quote!(rt::Pipes { input: #input, output: #output, check: #check })
    };
    let roles = &method.roles;
    let reads_only = method.reads_only;
    let removed_in = option(method.removed_in.as_deref());
    let parameters = method.parameters.iter().map(|parameter| {
        let (name, required) = (&parameter.name, parameter.required);
        let default = option(parameter.default.as_deref());
        quote!(rt::Parameter { name: #name, required: #required, default: #default })
    });
    let params = method
        .parameters
        .iter()
        .map(|parameter| scope.ty(version, &parameter.ty, None));
    let (result, entry) = match &method.result {
        Type::QueryResult(entry) if method.query => {
            let entry = scope.ty(version, entry, None);
            let quirks = quirks(&method.quirks);
            (
                quote!(Vec<#entry>),
                Some(quote!(impl rt::Query for #ident { type Entry = #entry; #quirks })),
            )
        }
        result => (scope.ty(version, result, None), None),
    };
    let job = (method.kind == MethodKind::Job).then(|| quote!(impl rt::Job for #ident {}));
    quote! {
        #doc
        #deprecated
        pub struct #ident;
        impl rt::Method for #ident {
            const INFO: &'static rt::MethodInfo = &rt::MethodInfo {
                name: #wire,
                kind: #kind,
                pipes: #pipes,
                roles: &[#(#roles),*],
                parameters: &[#(#parameters),*],
                reads_only: #reads_only,
                removed_in: #removed_in,
            };
            type Params = (#(#params,)*);
            type Result = #result;
        }
        #entry
        #job
    }
}

/// Returns the ways in which the server handles a query unlike others.
fn quirks(quirks: &BTreeSet<Quirk>) -> TokenStream {
    if quirks.is_empty() {
        return TokenStream::new();
    }
    let names = quirks.iter().map(|quirk| match quirk {
        Quirk::FiltersInSql => quote!(rt::Quirk::FiltersInSql),
        Quirk::SortsBeforeSelect => quote!(rt::Quirk::SortsBeforeSelect),
        Quirk::SelectsKeysOnly => quote!(rt::Quirk::SelectsKeysOnly),
    });
    quote!(const QUIRKS: &'static [rt::Quirk] = &[#(#names),*];)
}

/// An event's marker type.
pub(super) fn event(
    scope: &Scope<'_>,
    version: usize,
    ident: &str,
    wire: &str,
    event: &Event,
) -> TokenStream {
    let api = scope.context.api(version);
    let doc = docs::doc(&docs::event(api, wire, event));
    let deprecated = docs::deprecated(event.removed_in.as_deref());
    let ident = name(ident);
    let roles = &event.roles;
    let removed_in = option(event.removed_in.as_deref());
    let ty = |ty: &Option<Type>| match ty {
        Some(ty) => scope.ty(version, ty, None),
        None => quote!(rt::Absent),
    };
    let (added, changed) = (ty(&event.added), ty(&event.changed));
    let (removed, params) = (ty(&event.removed), ty(&event.parameters));
    quote! {
        #doc
        #deprecated
        pub struct #ident;
        impl rt::Event for #ident {
            const INFO: &'static rt::EventInfo = &rt::EventInfo {
                name: #wire,
                roles: &[#(#roles),*],
                removed_in: #removed_in,
            };
            type Added = #added;
            type Changed = #changed;
            type Removed = #removed;
            type Params = #params;
        }
    }
}

/// The accessor of a service: its methods, events and child services as
/// functions, over a borrowed client.
pub(super) fn service(scope: &Scope<'_>, version: usize, service: &Service) -> TokenStream {
    let ident = name(ACCESSOR);
    let functions = functions(scope, version, service, &quote!('c), &quote!(self.0));
    let doc = format!(" The methods and events of `{}`.", service.name);
    quote! {
        #[doc = #doc]
        pub struct #ident<'c, C: ?Sized>(&'c C);
        impl<'c, C: ?Sized> #ident<'c, C> {
            #[doc = " Over this client."]
            #[must_use]
            pub fn new(client: &'c C) -> Self { Self(client) }
            #functions
        }
    }
}

/// The accessor of a whole version, `v25_10::TrueNas`, which owns its client.
pub(super) fn root(scope: &Scope<'_>, version: usize, service: &Service) -> TokenStream {
    let functions = functions(scope, version, service, &quote!('_), &quote!(&self.0));
    quote! {
        #[doc = " The API's services, over a client."]
        #[derive(Debug, Clone, Copy)]
        pub struct TrueNas<C>(C);
        impl<C> TrueNas<C> {
            #[doc = " Over this client, or a reference to one."]
            #[must_use]
            pub fn new(client: C) -> Self { Self(client) }
            #functions
        }
    }
}

/// The functions of an accessor. `borrow` is how long the client is borrowed,
/// `client` the borrowed client.
fn functions(
    scope: &Scope<'_>,
    version: usize,
    service: &Service,
    borrow: &TokenStream,
    client: &TokenStream,
) -> TokenStream {
    let children = service.children.iter().map(|(function, id)| {
        let path = scope.path(*id);
        let doc = match scope
            .context
            .definition(*id)
            .map(|(definition, _)| &definition.item)
        {
            Some(crate::share::Item::Service(child)) => format!(" The service `{}`.", child.name),
            _ => String::new(),
        };
        let function = name(function);
        quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #function(&self) -> #path<#borrow, C> { #path::new(#client) }
        }
    });
    let context = scope.context;
    let function = |function: &str, wire: &str, definition: DefinitionId| Function {
        scope,
        version,
        ident: name(function),
        wire: wire.to_owned(),
        marker: scope.path(definition),
        borrow,
        client,
    };
    let types = context.versions.get(version).map(|version| &version.types);
    let markers = context.shared.methods.get(version);
    let methods = service.methods.iter().filter_map(|(ident, wire)| {
        let method = types?.methods.get(wire)?;
        Some(function(ident, wire, *markers?.get(wire)?).call(method))
    });
    let markers = context.shared.events.get(version);
    let events = service.events.iter().filter_map(|(ident, wire)| {
        let event = types?.events.get(wire)?;
        Some(function(ident, wire, *markers?.get(wire)?).subscribe(event))
    });
    quote! {
        #(#children)*
        #(#methods)*
        #(#events)*
    }
}

/// A function of an accessor, without what it takes and gives.
struct Function<'a> {
    scope: &'a Scope<'a>,
    version: usize,
    ident: Ident,
    /// The method's or event's name.
    wire: String,
    marker: TokenStream,
    borrow: &'a TokenStream,
    client: &'a TokenStream,
}

impl Function<'_> {
    fn doc(&self) -> TokenStream {
        // A marker may share its name with a macro, as `Clone` does.
        let path = self.marker.to_string().replace(' ', "");
        let doc = format!(" `{}`: see [`{path}`](struct@{path}).", self.wire);
        quote!(#[doc = #doc])
    }

    /// Of a method.
    fn call(&self, method: &Method) -> TokenStream {
        let Self {
            ident,
            marker,
            borrow,
            client,
            ..
        } = self;
        let doc = self.doc();
        let deprecated = docs::deprecated(method.removed_in.as_deref());
        if method.is_query_alone() {
            return quote! {
                #doc
                #deprecated
                pub fn #ident(&self) -> rt::QueryRequest<#borrow, C, #marker> { rt::QueryRequest::new(#client) }
            };
        }
        let (arguments, values) = arguments(self.scope, self.version, method);
        let request = match method.kind {
            MethodKind::Call => quote!(rt::Request),
            MethodKind::Job => quote!(rt::JobRequest),
        };
        quote! {
            #doc
            #deprecated
            pub fn #ident(&self, #(#arguments),*) -> #request<#borrow, C, #marker> {
                #request::new(#client, (#(#values,)*))
            }
        }
    }

    /// Of an event.
    fn subscribe(&self, event: &Event) -> TokenStream {
        let Self {
            ident,
            marker,
            borrow,
            client,
            ..
        } = self;
        let doc = self.doc();
        let deprecated = docs::deprecated(event.removed_in.as_deref());
        let (argument, value) = match &event.parameters {
            Some(ty) => {
                let (ty, value) = argument(self.scope, self.version, ty, &name("arguments"));
                (Some(quote!(arguments: #ty)), value)
            }
            None => (None, quote!(rt::Absent)),
        };
        quote! {
            #doc
            #deprecated
            pub fn #ident(&self, #argument) -> rt::Subscribe<#borrow, C, #marker> {
                rt::Subscribe::new(#client, &#value)
            }
        }
    }
}

/// How a method's function takes its parameters, and what it makes of them.
fn arguments(
    scope: &Scope<'_>,
    version: usize,
    method: &Method,
) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let names = method
        .parameters
        .iter()
        .map(|parameter| ident::value_name(&parameter.name));
    let names = ident::distinct(names.collect(), &["self"]);
    let names: Vec<Ident> = names.iter().map(|text| name(text)).collect();
    let last = names.len().saturating_sub(1);
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    for (index, (parameter, ident)) in method.parameters.iter().zip(&names).enumerate() {
        let (ty, value) = match &parameter.ty {
            // By position it can only be left out together with all that
            // follow, and there is no default to put in its place.
            Type::Optional(inner)
                if !parameter.required && parameter.default.is_none() && index < last =>
            {
                let (ty, value) = argument(scope, version, inner, ident);
                (ty, quote!(Some(#value)))
            }
            ty => argument(scope, version, ty, ident),
        };
        arguments.push(quote!(#ident: #ty));
        values.push(value);
    }
    (arguments, values)
}

/// Whether a type is one of those that models convert into.
fn is_choice(scope: &Scope<'_>, version: usize, shape: ShapeId) -> bool {
    let shape = scope.context.shape(version, shape);
    shape.is_some_and(|shape| matches!(shape.body, Body::Tagged(_) | Body::Union(_)))
}

/// How a function takes a parameter, and what it makes of it. A string is
/// borrowed: taking whatever becomes one would make a generic function of it,
/// which compiles slower.
fn argument(
    scope: &Scope<'_>,
    version: usize,
    ty: &Type,
    ident: &Ident,
) -> (TokenStream, TokenStream) {
    match ty {
        Type::Text | Type::Secret => (quote!(&str), quote!(#ident.into())),
        Type::Shape(shape) if is_choice(scope, version, *shape) => {
            let ty = scope.ty(version, ty, None);
            (quote!(impl Into<#ty>), quote!(#ident.into()))
        }
        _ => (scope.ty(version, ty, None), quote!(#ident)),
    }
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(Some(#text)),
        None => quote!(None),
    }
}
