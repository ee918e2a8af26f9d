//! What holds for any version: it is written or refused, always alike, and
//! what is written has no two things of one name.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use syn::{Fields, ImplItem, Item};
use truenas_codegen::generate::generate;
use truenas_codegen::model::ApiVersion;
use truenas_codegen::overrides::Overrides;

use super::{list, method, model, version};

const MODELS: [&str; 6] = ["Data", "data", "Option", "Page[Data]", "Self", "Ünï"];
const KEYS: [&str; 10] = [
    "a", "A", "a-b", "a_b", "", "type", "other", "kind", "9", "é",
];
const WORDS: [&str; 10] = [
    "on",
    "ON",
    "",
    "-",
    "Self",
    "Unrecognized",
    "1",
    "a b",
    "a_b",
    "日本",
];
const TYPES: [&str; 7] = [
    "string", "integer", "number", "boolean", "null", "array", "object",
];
const FORMATS: [&str; 5] = ["date-time", "time", "date", "ipvanyinterface", "uri"];
const METHODS: [&str; 12] = [
    "get",
    "a.get",
    "a.Get",
    "a.b.get",
    "a",
    "a.b",
    "a-b.get",
    "a_b.get",
    "rt.new",
    "common.x",
    "a.get_event",
    "type.fn",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(&WORDS[..]).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!(1.5)),
        Just(Value::Null),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        select(&TYPES[..]).prop_map(|name| json!({"type": name})),
        select(&FORMATS[..]).prop_map(|name| json!({"type": "string", "format": name})),
        (scalar(), scalar())
            .prop_map(|(low, high)| json!({"type": "integer", "minimum": low, "maximum": high})),
        scalar().prop_map(|value| json!({"const": value})),
        vec(scalar(), 0..6).prop_map(|values| json!({"enum": values})),
        subsequence(&WORDS[..], 1..6).prop_map(|words| json!({"enum": words, "type": "string"})),
        select(&MODELS[..]).prop_map(model),
        Just(model("Dangling")),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), any::<bool>()).prop_map(
                |(item, set)| json!({"type": "array", "items": item, "uniqueItems": set})
            ),
            vec(inner.clone(), 0..4).prop_map(|items| json!({
                "type": "array", "minItems": items.len(), "maxItems": items.len(),
                "prefixItems": items,
            })),
            inner
                .clone()
                .prop_map(|value| json!({"type": "object", "additionalProperties": value})),
            vec(inner.clone(), 0..4).prop_map(|branches| json!({"anyOf": branches})),
            (vec(inner.clone(), 1..3), select(&KEYS[..])).prop_map(|(branches, tag)| json!({
                "oneOf": branches, "discriminator": {"propertyName": tag},
            })),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let keys = select(&KEYS[..]).prop_map(str::to_owned);
    let required = subsequence(&KEYS[..], 0..5);
    (btree_map(keys, value, 0..5), required, any::<bool>()).prop_map(
        |(properties, required, open)| {
            let required: Vec<&str> = required
                .into_iter()
                .filter(|key| properties.contains_key(*key))
                .collect();
            json!({
                "type": "object", "properties": properties, "required": required,
                "additionalProperties": open,
            })
        },
    )
}

fn methods() -> impl Strategy<Value = Value> {
    let names = subsequence(&METHODS[..], 1..6);
    let parameters = vec((select(&KEYS[..]), any::<bool>(), schema()), 0..3);
    (names, vec((parameters, schema()), 6)).prop_map(|(names, bodies)| {
        let methods = names
            .into_iter()
            .zip(bodies)
            .map(|(name, (parameters, result))| {
                let parameters: Value = parameters
                .into_iter()
                .map(|(name, required, schema)| {
                    json!({"name": name, "required": required, "schema": schema})
                })
                .collect();
                (name.to_owned(), method(&parameters, &result))
            });
        Value::Object(methods.collect())
    })
}

fn events() -> impl Strategy<Value = Value> {
    (subsequence(&METHODS[..], 0..3), schema()).prop_map(|(names, added)| {
        let events = names.into_iter().map(|name| {
            let event = json!({"roles": [], "kinds": {"ADDED": added}});
            (name.to_owned(), event)
        });
        Value::Object(events.collect())
    })
}

fn models() -> impl Strategy<Value = Value> {
    let kinds = prop_oneof![4 => object(schema()).boxed(), 1 => schema().boxed()];
    vec(kinds, MODELS.len()).prop_map(|models| {
        let models = MODELS.iter().map(|name| (*name).to_owned()).zip(models);
        Value::Object(models.collect::<Map<_, _>>())
    })
}

/// Two versions, the second with the models of the first and one of its own.
fn versions() -> impl Strategy<Value = Vec<ApiVersion>> {
    let api = || (methods(), events());
    (models(), object(schema()), api(), api()).prop_map(|(first, data, old, new)| {
        let mut second = first.clone();
        second["Data"] = data;
        vec![
            version("v1.0.0", &old.0, &old.1, &first),
            version("v1.1.0", &new.0, &new.1, &second),
        ]
    })
}

/// Types, values, fields, variants and functions, as far as they must differ.
fn names(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for item in syn::parse_file(source).unwrap().items {
        match item {
            Item::Struct(item) => {
                let fields = item.fields.iter().filter_map(|field| field.ident.as_ref());
                names.extend(fields.map(|field| format!("{}.{field}", item.ident)));
                names.push(item.ident.to_string());
            }
            Item::Enum(item) => {
                for variant in &item.variants {
                    assert!(!matches!(variant.fields, Fields::Named(_)));
                    names.push(format!("{}::{}", item.ident, variant.ident));
                }
                names.push(item.ident.to_string());
            }
            Item::Mod(item) => names.push(item.ident.to_string()),
            Item::Impl(item) if item.trait_.is_none() => {
                let of = &item.self_ty;
                let of = quote::quote!(#of).to_string();
                for item in item.items {
                    if let ImplItem::Fn(function) = item {
                        names.push(format!("{of}::{}()", function.sig.ident));
                    }
                }
            }
            _ => {}
        }
    }
    names
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_version_is_written_alike_or_refused(versions in versions()) {
        let list = list(&versions);
        let overrides = Overrides::default();
        let written = generate(&versions, &list, &overrides);
        let again = generate(&versions, &list, &overrides);
        match (written, again) {
            (Ok(written), Ok(again)) => {
                prop_assert_eq!(&written.files, &again.files);
                for (path, source) in &written.files {
                    if path.ends_with(".rs") {
                        let mut seen = BTreeSet::new();
                        for name in names(source) {
                            prop_assert!(seen.insert(name.clone()), "{}: {} twice", path, name);
                        }
                    }
                }
            }
            (Err(written), Err(again)) => prop_assert_eq!(written.to_string(), again.to_string()),
            _ => prop_assert!(false, "written once and refused once"),
        }
    }
}
