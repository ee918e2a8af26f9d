//! `From` what was read for what is sent.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Scope;
use super::shape::field_idents;
use crate::conversions::{Conversion, fields};
use crate::types::{Body, ShapeId, Type};

/// The conversion of a received shape into a sent one.
pub(super) fn conversion(
    scope: &Scope<'_>,
    version: usize,
    (received, sent): (ShapeId, ShapeId),
) -> TokenStream {
    let context = scope.context;
    let shape = context.shape(version, sent).map(|shape| &shape.body);
    let (Some(Body::Struct(object)), Some(types)) = (shape, context.versions.get(version)) else {
        return TokenStream::new();
    };
    let idents = field_idents(object);
    let conversions = fields(version, &types.types, context.classes, (received, sent));
    let values = idents.iter().zip(&conversions).map(|(ident, conversion)| {
        let value = converted(quote!(value.#ident), conversion);
        quote!(#ident: #value,)
    });
    let rest = object.rest.as_ref().map(|_| quote!(other: value.other,));
    let from = scope.ty(version, &Type::Shape(received), None);
    let to = scope.ty(version, &Type::Shape(sent), None);
    let used = !object.fields.is_empty() || rest.is_some();
    let value = if used { quote!(value) } else { quote!(_) };
    quote! {
        #[doc = " Sends what was read; a key that is null or missing is left out."]
        impl From<#from> for #to {
            fn from(#value: #from) -> Self { Self { #(#values)* #rest } }
        }
    }
}

fn converted(value: TokenStream, conversion: &Conversion) -> TokenStream {
    let each = |inner: &Conversion| match inner {
        Conversion::Into => quote!(Into::into),
        inner => {
            let inner = converted(quote!(value), inner);
            quote!(|value| #inner)
        }
    };
    match conversion {
        Conversion::Same => value,
        Conversion::Into => quote!(#value.into()),
        Conversion::Optional(inner) => {
            let each = each(inner);
            quote!(#value.map(#each))
        }
        Conversion::Patch(inner) if **inner == Conversion::Same => {
            quote!(#value.map_or(rt::Patch::Leave, rt::Patch::Set))
        }
        Conversion::Patch(inner) => {
            let inner = converted(quote!(value), inner);
            quote!(#value.map_or(rt::Patch::Leave, |value| rt::Patch::Set(#inner)))
        }
        Conversion::Some(inner) => {
            let inner = converted(value, inner);
            quote!(Some(#inner))
        }
        Conversion::Set(inner) => {
            let inner = converted(value, inner);
            quote!(rt::Patch::Set(#inner))
        }
        Conversion::List(inner) => {
            let each = each(inner);
            quote!(#value.into_iter().map(#each).collect())
        }
        Conversion::Absent => quote!(Default::default()),
    }
}
