//! The fields of what a query answers, as constants to filter, sort and select
//! by.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::context::{Scope, name};
use crate::names::ident;
use crate::types::{Body, Field, Method, Type, code};

/// The module with the fields of a query's entries.
pub(super) fn fields(
    scope: &Scope<'_>,
    version: usize,
    ident: &str,
    wire: &str,
    method: &Method,
) -> TokenStream {
    let types = scope.context.versions.get(version);
    let Some((entry, fields)) = types.and_then(|version| version.types.fields(method)) else {
        return TokenStream::new();
    };
    let entry = scope.ty(version, &Type::Shape(entry), None);
    let names = ident::const_names(fields.iter().map(|field| &field.key));
    let names: Vec<Ident> = names.iter().map(|text| name(text)).collect();
    let (types, values): (Vec<_>, Vec<_>) = fields
        .iter()
        .map(|field| constant(scope, version, field, &method.naive_times))
        .unzip();
    let ident = name(ident);
    let doc = format!(
        " The fields of what {} answers, to filter, sort and select by.",
        code(wire)
    );
    quote! {
        #[doc = #doc]
        pub mod #ident {
            use super::*;
            type Field<T> = rt::QueryField<#entry, T>;
            #(pub const #names: Field<#types> = #values;)*
        }
    }
}

/// Returns the type and the value of the constant for a field.
fn constant(
    scope: &Scope<'_>,
    version: usize,
    field: &Field,
    naive: &[String],
) -> (TokenStream, TokenStream) {
    let path = field.key.replace('.', "\\.");
    if naive.contains(&path) {
        return (quote!(rt::DateTime), quote!(Field::naive(#path)));
    }
    let ty = match compared(scope, version, &field.ty) {
        Type::Text => quote!(str),
        ty => scope.ty(version, &ty, None),
    };
    let below = naive.iter().filter(|time| {
        let below = time.strip_prefix(&path);
        below.is_some_and(|below| below.starts_with('.'))
    });
    let below: Vec<&String> = below.collect();
    let value = if below.is_empty() {
        quote!(Field::new(#path))
    } else {
        quote!(Field::with_naive_times(#path, &[#(#below),*]))
    };
    (ty, value)
}

/// What a field is compared with: a single value, a list of such, or a secret
/// with a single value. Anything else is any JSON, also in a secret. A secret
/// stays one because services that filter in SQL cannot compare it.
fn compared(scope: &Scope<'_>, version: usize, ty: &Type) -> Type {
    let inner = |ty: &Type| Box::new(compared(scope, version, ty));
    match ty {
        Type::Optional(ty) | Type::Patch(ty) => compared(scope, version, ty),
        Type::SecretValue(ty) => Type::SecretValue(match inner(ty) {
            list if matches!(*list, Type::List(_) | Type::Set(_)) => Box::new(Type::Any),
            single => single,
        }),
        Type::List(item) => Type::List(inner(item)),
        Type::Set(item) => Type::Set(inner(item)),
        Type::Shape(id) => match scope.context.shape(version, *id).map(|shape| &shape.body) {
            Some(Body::Words(_) | Body::Scalars(_)) => ty.clone(),
            _ => Type::Any,
        },
        Type::Null
        | Type::Tuple(_)
        | Type::Map(_)
        | Type::QueryResult(_)
        | Type::Change(..)
        | Type::EntryId(_) => Type::Any,
        Type::Any
        | Type::Bool
        | Type::Integer(_)
        | Type::Float
        | Type::Text
        | Type::Secret
        | Type::DateTime
        | Type::Time
        | Type::Date
        | Type::IpInterface => ty.clone(),
    }
}
