//! Looking into generated source.

use std::collections::BTreeMap;

use syn::{Attribute, Expr, ExprLit, Fields, Item, Lit, Meta};
use truenas_codegen::generate::Generated;

/// What was generated, with the definitions by name.
pub(crate) struct Written {
    pub(crate) generated: Generated,
    items: BTreeMap<String, Item>,
    /// The type, and the source.
    impls: Vec<(String, String)>,
}

impl Written {
    pub(crate) fn new(generated: Generated) -> Self {
        let mut written = Self {
            generated,
            items: BTreeMap::new(),
            impls: Vec::new(),
        };
        for (path, source) in &written.generated.files {
            if !path.starts_with("src/shared/") {
                continue;
            }
            for item in syn::parse_file(source).unwrap().items {
                let name = match &item {
                    Item::Struct(item) => item.ident.to_string(),
                    Item::Enum(item) => item.ident.to_string(),
                    Item::Impl(found) => {
                        let of = spelled(&found.self_ty);
                        let of = of.split('<').next().unwrap().to_owned();
                        written.impls.push((of, formatted(vec![item])));
                        continue;
                    }
                    _ => continue,
                };
                written.items.insert(name, item);
            }
        }
        written
    }

    fn item(&self, name: &str) -> &Item {
        let names = self.items.keys();
        self.items
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {:?}", names.collect::<Vec<_>>()))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    /// `name: Type` for each field.
    pub(crate) fn fields(&self, name: &str) -> Vec<String> {
        let Item::Struct(item) = self.item(name) else {
            panic!("{name} is no struct");
        };
        let fields = item.fields.iter();
        fields
            .map(|field| {
                let name = field.ident.as_ref().unwrap();
                format!("{name}: {}", spelled(&field.ty))
            })
            .collect()
    }

    /// `Name` or `Name(Type)` for each variant.
    pub(crate) fn variants(&self, name: &str) -> Vec<String> {
        let Item::Enum(item) = self.item(name) else {
            panic!("{name} is no enum");
        };
        let variants = item.variants.iter();
        variants
            .map(|variant| match &variant.fields {
                Fields::Unnamed(fields) => {
                    format!("{}({})", variant.ident, spelled(&fields.unnamed[0].ty))
                }
                _ => variant.ident.to_string(),
            })
            .collect()
    }

    /// `Name documentation` for each variant but the last.
    pub(crate) fn words(&self, name: &str) -> Vec<String> {
        let Item::Enum(item) = self.item(name) else {
            panic!("{name} is no enum");
        };
        let known = item.variants.iter().take(item.variants.len() - 1);
        known
            .map(|variant| format!("{} {}", variant.ident, doc(&variant.attrs)))
            .collect()
    }

    /// The documentation of a definition.
    pub(crate) fn doc(&self, name: &str) -> String {
        doc(self.attributes(name))
    }

    /// The documentation of a field.
    pub(crate) fn field_doc(&self, name: &str, field: &str) -> String {
        let Item::Struct(item) = self.item(name) else {
            panic!("{name} is no struct");
        };
        let mut fields = item.fields.iter();
        let found = fields.find(|found| found.ident.as_ref().unwrap() == field);
        doc(&found.unwrap().attrs)
    }

    /// The note of `#[deprecated]`.
    pub(crate) fn deprecated(&self, name: &str) -> Option<String> {
        let mut attributes = self.attributes(name).iter();
        let found = attributes.find(|attribute| attribute.path().is_ident("deprecated"))?;
        let tokens = found.meta.require_list().unwrap().tokens.to_string();
        Some(tokens)
    }

    /// The formatted source of everything implemented on a type.
    pub(crate) fn impls(&self, name: &str) -> String {
        let of_type = self.impls.iter().filter(|(of, _)| of == name);
        of_type.map(|(_, source)| source.as_str()).collect()
    }

    /// A generated file below `src/`.
    pub(crate) fn file(&self, path: &str) -> &str {
        let files = &self.generated.files;
        files
            .get(&format!("src/{path}"))
            .unwrap_or_else(|| panic!("no {path} in {:?}", files.keys()))
    }

    fn attributes(&self, name: &str) -> &[Attribute] {
        match self.item(name) {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => &[],
        }
    }
}

/// A type as a person writes it.
fn spelled(ty: &syn::Type) -> String {
    let alias = syn::parse_quote!(type X = #ty;);
    let text = formatted(vec![alias]);
    let text = text.trim().trim_start_matches("type X = ");
    text.trim_end_matches(';').to_owned()
}

fn formatted(items: Vec<Item>) -> String {
    prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items,
    })
}

fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(meta) = &attribute.meta else {
            return None;
        };
        let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &meta.value
        else {
            return None;
        };
        let is_doc = meta.path.is_ident("doc");
        is_doc.then(|| text.value().trim().to_owned())
    });
    lines.collect::<Vec<_>>().join("\n")
}
