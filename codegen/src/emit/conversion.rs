//! `From` implementations that turn received types into sent ones.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Scope;
use super::shape::field_idents;
use crate::conversions::{Conversion, ConversionPair};
use crate::types::{Body, ShapeId, Type};

/// Returns the conversion of a received shape into a sent one.
pub(super) fn conversion(scope: &Scope<'_>, version: usize, pair: &ConversionPair) -> TokenStream {
    let (received, sent) = (pair.received, pair.sent);
    let shape = scope.context.shape(version, sent);
    let Some(Body::Struct(object)) = shape.map(|shape| &shape.body) else {
        return TokenStream::new();
    };
    let idents = field_idents(object);
    let owners = Owners {
        scope,
        version,
        received,
        sent,
    };
    let values = idents.iter().zip(&pair.fields).map(|(ident, conversion)| {
        let value = owners.converted(quote!(value.#ident), conversion);
        quote!(#ident: #value,)
    });
    let rest = object.rest.as_ref().map(|_| quote!(other: value.other,));
    let from = scope.ty(version, &Type::Shape(received), None);
    let to = scope.ty(version, &Type::Shape(sent), None);
    let used = !object.fields.is_empty() || rest.is_some();
    let value = if used { quote!(value) } else { quote!(_) };
    quote! {
        #[doc = " Converts a received value for sending; null stays null, or is left out if that means null."]
        impl From<#from> for #to {
            fn from(#value: #from) -> Self { Self { #(#values)* #rest } }
        }
    }
}

/// The two objects whose keys are converted.
struct Owners<'a> {
    scope: &'a Scope<'a>,
    version: usize,
    received: ShapeId,
    sent: ShapeId,
}

impl Owners<'_> {
    fn converted(&self, value: TokenStream, conversion: &Conversion) -> TokenStream {
        match conversion {
            Conversion::Same => value,
            Conversion::Into { received, sent } => {
                let value = match self.is_boxed(self.received, *received) {
                    true => quote!((*#value)),
                    false => value,
                };
                match self.is_boxed(self.sent, *sent) {
                    true => quote!(Box::new(#value.into())),
                    false => quote!(#value.into()),
                }
            }
            Conversion::Optional(inner) => {
                let each = self.each(inner);
                quote!(#value.map(#each))
            }
            Conversion::Patch(inner) => self.patch(value, &quote!(rt::Patch::Leave), inner),
            Conversion::NullPatch(inner) => self.patch(value, &quote!(rt::Patch::Null), inner),
            Conversion::Some(inner) => {
                let inner = self.converted(value, inner);
                quote!(Some(#inner))
            }
            Conversion::Set(inner) => {
                let inner = self.converted(value, inner);
                quote!(rt::Patch::Set(#inner))
            }
            // Items of a list are not boxed.
            Conversion::List(inner) => match **inner {
                Conversion::Into { .. } => quote!(#value.into_iter().map(Into::into).collect()),
                _ => {
                    let each = self.each(inner);
                    quote!(#value.into_iter().map(#each).collect())
                }
            },
            Conversion::Absent => quote!(Default::default()),
        }
    }

    fn patch(&self, value: TokenStream, none: &TokenStream, inner: &Conversion) -> TokenStream {
        if *inner == Conversion::Same {
            return quote!(#value.map_or(#none, rt::Patch::Set));
        }
        let inner = self.converted(quote!(value), inner);
        quote!(#value.map_or(#none, |value| rt::Patch::Set(#inner)))
    }

    /// Returns a function that converts each value.
    fn each(&self, inner: &Conversion) -> TokenStream {
        match inner {
            Conversion::Into { received, sent }
                if !self.is_boxed(self.received, *received) && !self.is_boxed(self.sent, *sent) =>
            {
                quote!(Into::into)
            }
            inner => {
                let inner = self.converted(quote!(value), inner);
                quote!(|value| #inner)
            }
        }
    }

    fn is_boxed(&self, owner: ShapeId, held: ShapeId) -> bool {
        let context = self.scope.context;
        let class = |shape| context.class(self.version, shape);
        context.is_boxed(class(owner), class(held))
    }
}
