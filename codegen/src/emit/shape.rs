//! Structs and enums, with how they are read and written.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::EmitError;
use super::context::{Scope, name};
use super::docs::{doc, lines, prose};
use crate::names::ident;
use crate::types::{Body, Field, Integer, Origin, Shape, Struct, Tagged, Type, Union, code};
use crate::unify::Class;

/// A struct or enum that is being written.
pub(super) struct ShapeSource<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) version: usize,
    pub(super) class: Class,
    pub(super) ident: &'a str,
    pub(super) titles: &'a [String],
    pub(super) shape: &'a Shape,
}

impl ShapeSource<'_> {
    pub(super) fn emit(&self) -> Result<TokenStream, EmitError> {
        match &self.shape.body {
            Body::Struct(object) => self.object(object),
            Body::Words(words) => Ok(self.words(words)),
            Body::Scalars(values) => Ok(self.scalars(values)),
            Body::Tagged(tagged) => Ok(self.tagged(tagged)),
            Body::Union(union) => self.union(union),
        }
    }

    fn doc(&self, what: &str) -> TokenStream {
        let origin = &self.shape.origin;
        let what = match origin {
            Origin::Model(_) => "a model of the API",
            Origin::Inside { .. } => what,
        };
        let mut paragraphs = vec![format!("{}, {what}.", code(&origin.to_string()))];
        paragraphs.extend(self.shape.doc.as_deref().map(prose));
        let others: Vec<String> = self
            .titles
            .iter()
            .filter(|title| *title != self.ident)
            .map(|title| code(title))
            .collect();
        if !others.is_empty() {
            paragraphs.push(format!("Also {} in the API.", others.join(", ")));
        }
        doc(&paragraphs)
    }

    fn ty(&self, ty: &Type) -> TokenStream {
        self.scope.ty(self.version, ty, Some(self.class))
    }

    fn object(&self, object: &Struct) -> Result<TokenStream, EmitError> {
        for field in &object.fields {
            if !self.scope.context.is_finite(self.version, &field.ty) {
                return Err(EmitError(format!(
                    "model `{}`: key `{}` requires a value without end; \
                     a model can hold itself only in an optional key, a list or a map",
                    self.ident, field.key
                )));
            }
        }
        let idents = field_idents(object);
        let fields = object.fields.iter().zip(&idents).map(|(field, ident)| {
            let ty = self.ty(&field.ty);
            let doc = field_doc(field, ident);
            quote!(#doc pub #ident: #ty,)
        });
        let rest = name("other");
        let rest_field = object.rest.as_ref().map(|rest_type| {
            let map = Type::Map(Box::new(rest_type.clone()));
            let ty = self.scope.ty(self.version, &map, None);
            quote!(#[doc = " Keys beyond the known ones."] pub #rest: #ty,)
        });
        let keys = object.fields.iter().map(key);
        let new = self
            .scope
            .context
            .requests
            .contains(&self.class)
            .then(|| self.constructor(object, &idents));
        let (open, read_rest, write) = match &object.rest {
            None => (
                quote!(object),
                None,
                quote!(rt::write_object(Self::KEYS, &[#(&self.#idents),*])),
            ),
            Some(_) => (
                quote!(open_object),
                Some(quote!(#rest: object.rest(),)),
                quote!(rt::write_open_object(Self::KEYS, &[#(&self.#idents),*], &self.#rest)),
            ),
        };
        let read = if object.fields.is_empty() && object.rest.is_none() {
            quote!(let _object = reader.object(Self::KEYS); Self {})
        } else {
            let mutable = (!object.fields.is_empty()).then(|| quote!(mut));
            quote! {
                let #mutable object = reader.#open(Self::KEYS);
                Self { #(#idents: object.next(),)* #read_rest }
            }
        };
        let words = special_words(object);
        let ident = name(self.ident);
        let doc = self.doc("an object");
        Ok(quote! {
            #doc
            #[derive(Debug, Clone, PartialEq)]
            pub struct #ident { #(#fields)* #rest_field }
            impl #ident {
                const KEYS: &[rt::Field] = &[#(#keys),*];
                #words
            }
            #new
            impl rt::Json for #ident {
                fn read(reader: &rt::Reader<'_>) -> Self { #read }
                fn write(&self) -> rt::Value { #write }
            }
        })
    }

    /// `new` with the required keys, or `Default` if there are none.
    fn constructor(&self, object: &Struct, idents: &[Ident]) -> TokenStream {
        let fields = object.fields.iter().zip(idents);
        let new = name(&local(idents));
        let mut arguments = Vec::new();
        let mut assignments = Vec::new();
        for (field, ident) in fields.filter(|(field, _)| field.required) {
            if let Some(constant) = field.constant.as_deref() {
                if let Type::Shape(_) = field.ty {
                    let ty = self.ty(&field.ty);
                    let variant = variant_idents(std::iter::once(constant));
                    assignments.push(quote!(#new.#ident = #ty #(::#variant)*;));
                }
                continue;
            }
            if matches!(field.ty, Type::Text | Type::Secret) {
                arguments.push(quote!(#ident: &str));
                assignments.push(quote!(#new.#ident = #ident.into();));
            } else {
                let ty = self.ty(&field.ty);
                arguments.push(quote!(#ident: #ty));
                assignments.push(quote!(#new.#ident = #ident;));
            }
        }
        let body = if assignments.is_empty() {
            quote!(rt::blank())
        } else {
            quote!(let mut #new: Self = rt::blank(); #(#assignments)* #new)
        };
        let ident = name(self.ident);
        if arguments.is_empty() {
            quote! {
                impl Default for #ident {
                    fn default() -> Self { #body }
                }
            }
        } else {
            quote! {
                impl #ident {
                    #[doc = " With the required keys; the others are left out."]
                    #[must_use]
                    pub fn new(#(#arguments),*) -> Self { #body }
                }
            }
        }
    }

    fn words(&self, words: &[String]) -> TokenStream {
        let variants = variant_idents(words.iter().map(String::as_str));
        let docs = words.iter().map(|word| doc(&[code(word)]));
        let ident = name(self.ident);
        let heading = self.doc(if words.len() == 1 {
            "a constant"
        } else {
            "one of several words"
        });
        let numbers = (0..words.len()).map(Literal::usize_unsuffixed);
        quote! {
            #heading
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #ident {
                #(#docs #variants,)*
                #[doc = " A word that this version's schema does not have."]
                Unrecognized(String),
            }
            impl #ident {
                #[doc = " The word on the wire."]
                #[must_use]
                pub fn as_str(&self) -> &str {
                    match self {
                        #(Self::#variants => #words,)*
                        Self::Unrecognized(word) => word,
                    }
                }
            }
            impl rt::Json for #ident {
                fn read(reader: &rt::Reader<'_>) -> Self {
                    match reader.word(&[#(#words),*]) {
                        #(Some(#numbers) => Self::#variants,)*
                        _ => Self::Unrecognized(reader.text()),
                    }
                }
                fn write(&self) -> rt::Value { self.as_str().into() }
            }
        }
    }

    fn scalars(&self, values: &[Value]) -> TokenStream {
        let texts: Vec<String> = values.iter().map(scalar_text).collect();
        let variants = variant_idents(texts.iter().map(String::as_str));
        let docs = values.iter().map(|value| doc(&[code(&value.to_string())]));
        let numbers = (0..values.len()).map(Literal::usize_unsuffixed);
        let scalars: Vec<TokenStream> = values
            .iter()
            .map(|value| match (value.as_i64(), value.as_str()) {
                (Some(number), _) => {
                    let number = Literal::i64_unsuffixed(number);
                    quote!(rt::Scalar::Integer(#number))
                }
                (None, text) => {
                    let text = text.unwrap_or_default();
                    quote!(rt::Scalar::Text(#text))
                }
            })
            .collect();
        let ident = name(self.ident);
        let heading = self.doc("one of several values");
        quote! {
            #heading
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #ident {
                #(#docs #variants,)*
                #[doc = " A value that this version's schema does not have."]
                Unrecognized(rt::Raw),
            }
            impl rt::Json for #ident {
                fn read(reader: &rt::Reader<'_>) -> Self {
                    match reader.scalar(&[#(#scalars),*]) {
                        #(Some(#numbers) => Self::#variants,)*
                        _ => Self::Unrecognized(rt::Json::read(reader)),
                    }
                }
                fn write(&self) -> rt::Value {
                    match self {
                        #(Self::#variants => #scalars.write(),)*
                        Self::Unrecognized(value) => value.write(),
                    }
                }
            }
        }
    }

    fn tagged(&self, tagged: &Tagged) -> TokenStream {
        let names = tagged
            .cases
            .iter()
            .map(|case| case.tags.first().map_or("", String::as_str));
        let variants = variant_idents(names);
        let types: Vec<TokenStream> = tagged.cases.iter().map(|case| self.ty(&case.ty)).collect();
        let tags = tagged.cases.iter().map(|case| {
            let tags = &case.tags;
            quote!(&[#(#tags),*])
        });
        let numbers = (0..tagged.cases.len()).map(Literal::usize_unsuffixed);
        let (cases, untagged) = if tagged.optional {
            let cases = variants.iter().zip(&types).map(|(variant, ty)| {
                let name = variant.to_string();
                quote!(rt::Case::probe::<#ty>(#name, rt::Kinds::OBJECT))
            });
            (Some(self.cases(cases)), quote!(Self::CASES))
        } else {
            (None, quote!(&[]))
        };
        let held = tagged.cases.iter().map(|case| &case.ty);
        let conversions = self.conversions(held, &types, &variants);
        let ident = name(self.ident);
        let tag = &tagged.tag;
        let heading = self.doc(&format!("a choice by the key {}", code(tag)));
        quote! {
            #heading
            #[derive(Debug, Clone, PartialEq)]
            #[non_exhaustive]
            pub enum #ident {
                #(#variants(#types),)*
                #[doc = " A choice that this version's schema does not have."]
                Unrecognized(rt::Raw),
            }
            #cases
            #conversions
            impl rt::Json for #ident {
                fn read(reader: &rt::Reader<'_>) -> Self {
                    match reader.tag(#tag, &[#(#tags),*], #untagged) {
                        #(Some(#numbers) => Self::#variants(rt::Json::read(reader)),)*
                        _ => Self::Unrecognized(rt::Json::read(reader)),
                    }
                }
                fn write(&self) -> rt::Value {
                    match self {
                        #(Self::#variants(value) => value.write(),)*
                        Self::Unrecognized(value) => value.write(),
                    }
                }
            }
        }
    }

    fn union(&self, union: &Union) -> Result<TokenStream, EmitError> {
        let cases = &union.cases;
        let names = cases.iter().map(|case| case.name.as_str());
        let variants = variant_idents(names);
        let types: Vec<TokenStream> = cases.iter().map(|case| self.ty(&case.ty)).collect();
        let kinds: Vec<Kinds> = cases.iter().map(|case| self.kinds(&case.ty)).collect();
        let table = cases
            .iter()
            .zip(&types)
            .enumerate()
            .map(|(index, (case, ty))| {
                let own = kinds.get(index).copied().unwrap_or(Kinds::ANY);
                let alone = kinds
                    .iter()
                    .enumerate()
                    .all(|(other, kinds)| other == index || !kinds.overlaps(own));
                let name = &case.name;
                let own = own.tokens();
                if alone {
                    quote!(rt::Case::kind(#name, #own))
                } else {
                    quote!(rt::Case::probe::<#ty>(#name, #own))
                }
            });
        let fallback = cases
            .iter()
            .position(|case| self.scope.context.is_finite(self.version, &case.ty));
        let (unrecognized, read, write) = match fallback {
            _ if union.open => {
                let numbers = (0..cases.len()).map(Literal::usize_unsuffixed);
                (
                    Some(quote! {
                        #[doc = " Nothing that this version's schema has."]
                        Unrecognized(rt::Raw),
                    }),
                    quote! {
                        match reader.recognize(Self::CASES) {
                            #(Some(#numbers) => Self::#variants(rt::Json::read(reader)),)*
                            _ => Self::Unrecognized(rt::Json::read(reader)),
                        }
                    },
                    Some(quote!(Self::Unrecognized(value) => value.write(),)),
                )
            }
            Some(fallback) => {
                let last = cases.len().saturating_sub(1);
                let arms = variants.iter().enumerate().map(|(index, variant)| {
                    let pattern = if index == last {
                        quote!(_)
                    } else {
                        let number = Literal::usize_unsuffixed(index);
                        quote!(#number)
                    };
                    quote!(#pattern => Self::#variant(rt::Json::read(reader)),)
                });
                let fallback = Literal::usize_unsuffixed(fallback);
                (
                    None,
                    quote!(match reader.choose(Self::CASES, #fallback) { #(#arms)* }),
                    None,
                )
            }
            None => {
                return Err(EmitError(format!(
                    "union `{}`: no branch can end",
                    self.ident
                )));
            }
        };
        let table = self.cases(table);
        let held = cases.iter().map(|case| &case.ty);
        let conversions = self.conversions(held, &types, &variants);
        let ident = name(self.ident);
        let heading = self.doc("one of several types");
        Ok(quote! {
            #heading
            #[derive(Debug, Clone, PartialEq)]
            pub enum #ident {
                #(#variants(#types),)*
                #unrecognized
            }
            #table
            #conversions
            impl rt::Json for #ident {
                fn read(reader: &rt::Reader<'_>) -> Self { #read }
                fn write(&self) -> rt::Value {
                    match self { #(Self::#variants(value) => value.write(),)* #write }
                }
            }
        })
    }

    fn cases(&self, cases: impl Iterator<Item = TokenStream>) -> TokenStream {
        let ident = name(self.ident);
        quote!(impl #ident { const CASES: &[rt::Case] = &[#(#cases),*]; })
    }

    /// `From` for what is in a choice, where its type alone says which case is
    /// meant.
    fn conversions<'t>(
        &self,
        held: impl Iterator<Item = &'t Type>,
        types: &[TokenStream],
        variants: &[Ident],
    ) -> TokenStream {
        let spelled: Vec<String> = types.iter().map(TokenStream::to_string).collect();
        let is_only = |text: &String| spelled.iter().filter(|other| *other == text).count() == 1;
        let ident = name(self.ident);
        let mut conversions = TokenStream::new();
        for (((ty, text), tokens), variant) in held.zip(&spelled).zip(types).zip(variants) {
            let (tokens, value) = match ty {
                Type::Shape(_) | Type::Integer(Integer::I64) => (tokens.clone(), quote!(value)),
                Type::Text | Type::Secret => (quote!(&str), quote!(value.into())),
                _ => continue,
            };
            if is_only(text) {
                conversions.extend(quote! {
                    impl From<#tokens> for #ident {
                        fn from(value: #tokens) -> Self { Self::#variant(#value) }
                    }
                });
            }
        }
        conversions
    }

    fn kinds(&self, ty: &Type) -> Kinds {
        match ty {
            Type::Null => Kinds::NULL,
            Type::Bool => Kinds::BOOLEAN,
            Type::Integer(_) => Kinds::INTEGER,
            Type::Float => Kinds::INTEGER.with(Kinds::NUMBER),
            Type::Text | Type::Secret => Kinds::STRING,
            Type::List(_) | Type::Tuple(_) => Kinds::ARRAY,
            Type::Map(_) | Type::Change(..) | Type::EntryId(_) => Kinds::OBJECT,
            Type::SecretValue(inner) => Kinds::STRING.with(self.kinds(inner)),
            // Extended JSON: a wrapper object, or the plain form.
            Type::DateTime | Type::Time | Type::Date | Type::IpInterface => {
                Kinds::OBJECT.with(Kinds::STRING)
            }
            Type::Set(_) => Kinds::OBJECT.with(Kinds::ARRAY),
            Type::Optional(inner) | Type::Patch(inner) => Kinds::NULL.with(self.kinds(inner)),
            Type::Any | Type::QueryResult(_) => Kinds::ANY,
            Type::Shape(id) => match self.scope.context.shape(self.version, *id) {
                Some(shape) => match &shape.body {
                    Body::Struct(_) | Body::Tagged(_) => Kinds::OBJECT,
                    Body::Words(_) => Kinds::STRING,
                    Body::Scalars(values) if values.iter().all(Value::is_i64) => Kinds::INTEGER,
                    Body::Scalars(_) | Body::Union(_) => Kinds::ANY,
                },
                None => Kinds::ANY,
            },
        }
    }
}

/// The JSON types a Rust type reads, as the runtime names them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kinds(u8);

impl Kinds {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const INTEGER: Self = Self(4);
    const NUMBER: Self = Self(8);
    const STRING: Self = Self(16);
    const ARRAY: Self = Self(32);
    const OBJECT: Self = Self(64);
    const ANY: Self = Self(127);

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn tokens(self) -> TokenStream {
        if self == Self::ANY {
            return quote!(rt::Kinds::ANY);
        }
        let named = [
            (Self::NULL, "NULL"),
            (Self::BOOLEAN, "BOOLEAN"),
            (Self::INTEGER, "INTEGER"),
            (Self::NUMBER, "NUMBER"),
            (Self::STRING, "STRING"),
            (Self::ARRAY, "ARRAY"),
            (Self::OBJECT, "OBJECT"),
        ];
        let mut parts = named
            .into_iter()
            .filter(|(kind, _)| self.overlaps(*kind))
            .map(|(_, text)| name(text));
        let first = parts.next();
        quote!(rt::Kinds::#first #(.or(rt::Kinds::#parts))*)
    }
}

/// Field names; `other` is kept for the keys beyond the known ones.
pub(super) fn field_idents(object: &Struct) -> Vec<Ident> {
    let reserved: &[&str] = if object.rest.is_some() {
        &["other"]
    } else {
        &[]
    };
    let names = object
        .fields
        .iter()
        .map(|field| ident::value_name(&field.key))
        .collect();
    let names = ident::distinct(names, reserved);
    names.iter().map(|text| name(text)).collect()
}

/// A name for a constructor's variable that no argument has.
fn local(arguments: &[Ident]) -> String {
    let taken: Vec<String> = arguments.iter().map(Ident::to_string).collect();
    let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
    ident::distinct(vec!["new".to_owned()], &taken).concat()
}

fn variant_idents<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Ident> {
    let names = texts.map(ident::variant_name).collect();
    let names = ident::distinct(names, &["Unrecognized"]);
    names.iter().map(|text| name(text)).collect()
}

fn scalar_text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string().replace('-', "minus "),
    }
}

fn field_doc(field: &Field, ident: &Ident) -> TokenStream {
    let mut paragraphs = Vec::new();
    paragraphs.extend(field.doc.as_deref().map(prose));
    if *ident != field.key {
        paragraphs.push(format!("{} on the wire.", code(&field.key)));
    }
    paragraphs.extend(lines(&field.facts));
    doc(&paragraphs)
}

/// Constants for the special words among the texts of fields.
fn special_words(object: &Struct) -> TokenStream {
    let fields = object.fields.iter();
    let words: Vec<(&Field, &String)> = fields
        .flat_map(|field| field.words.iter().map(move |word| (field, word)))
        .collect();
    let texts: Vec<String> = words
        .iter()
        .map(|(field, word)| format!("{}_{word}", field.key))
        .collect();
    let idents = ident::const_names(texts.iter());
    let idents = idents.iter().map(|text| name(text));
    let constants = words.iter().zip(idents).map(|((field, word), ident)| {
        let doc = format!(" A special value of {}: {}.", code(&field.key), code(word));
        quote!(#[doc = #doc] pub const #ident: &'static str = #word;)
    });
    quote!(#(#constants)*)
}

fn key(field: &Field) -> TokenStream {
    let key = &field.key;
    match (&field.constant, field.required) {
        (Some(constant), true) => quote!(rt::Field::tag(#key, #constant)),
        (Some(constant), false) => quote!(rt::Field::optional_tag(#key, #constant)),
        (None, true) => quote!(rt::Field::required(#key)),
        (None, false) => quote!(rt::Field::optional(#key)),
    }
}
