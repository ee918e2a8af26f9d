//! Laws that hold for any two versions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{all, line, version, with_models};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use truenas_diff::finding::{Direction, Effect, Finding};
use truenas_diff::{Version, compare};

/// A schema as pydantic writes them.
fn schema() -> impl Strategy<Value = Value> {
    let limit = prop::option::of(0..4_u8);
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "null"})),
        Just(json!({"type": "boolean"})),
        Just(json!({"const": true, "type": "boolean"})),
        Just(json!({"type": "object"})),
        Just(json!({"type": "array"})),
        Just(json!({"type": "number"})),
        (limit.clone(), limit.clone()).prop_map(|(least, most)| with(
            json!({"type": "integer"}),
            [("minimum", least), ("maximum", most)]
        )),
        (limit.clone(), limit).prop_map(|(least, most)| with(
            json!({"type": "string"}),
            [("minLength", least), ("maxLength", most)]
        )),
        prop::sample::subsequence(vec!["a", "b", "cc", "d"], 1..4)
            .prop_map(|words| json!({"type": "string", "enum": words})),
        prop::sample::select(vec!["M0", "M1", "M2"])
            .prop_map(|model| json!({"$ref": format!("#/models/{model}")})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => object(inner.clone()),
            1 => (inner.clone(), prop::option::of(0..3_u8), prop::option::of(0..3_u8)).prop_map(
                |(items, least, most)| with(
                    json!({"type": "array", "items": items}),
                    [("minItems", least), ("maxItems", most)]
                )
            ),
            1 => inner.clone().prop_map(
                |values| json!({"type": "object", "additionalProperties": values})
            ),
            1 => prop::collection::vec(inner.clone(), 1..4).prop_map(|cases| json!({"anyOf": cases})),
            1 => prop::collection::vec(object(inner), 1..4).prop_map(tagged),
        ]
    })
}

fn with<const N: usize>(mut schema: Value, limits: [(&str, Option<u8>); N]) -> Value {
    for (keyword, limit) in limits {
        if let Some(limit) = limit {
            schema[keyword] = limit.into();
        }
    }
    schema
}

fn object(
    inner: impl Strategy<Value = Value> + Clone + 'static,
) -> impl Strategy<Value = Value> + Clone {
    let property = (
        prop::sample::select(vec!["a", "b", "ab_c", "b_c"]),
        inner,
        any::<bool>(),
        any::<bool>(),
    );
    (prop::collection::vec(property, 0..4), any::<bool>())
        .prop_map(|(properties, open)| {
            let mut known = Map::new();
            let mut required = Vec::new();
            for (key, mut schema, must, default) in properties {
                if known.contains_key(key) {
                    continue;
                }
                if must {
                    required.push(key);
                } else if default {
                    schema["default"] = Value::Null;
                }
                known.insert(key.to_owned(), schema);
            }
            let mut object = json!({"type": "object", "properties": known});
            if !required.is_empty() {
                required.sort_unstable();
                object["required"] = json!(required);
            }
            if !open {
                object["additionalProperties"] = false.into();
            }
            object
        })
        .boxed()
}

/// A choice by a tag, which every case must have.
fn tagged(cases: Vec<Value>) -> Value {
    let cases: Vec<Value> = cases
        .into_iter()
        .enumerate()
        .map(|(place, mut case)| {
            case["properties"]["tag"] = json!({"type": "string", "const": format!("T{place}")});
            let mut required: Vec<Value> = case["required"].as_array().cloned().unwrap_or_default();
            required.push("tag".into());
            case["required"] = required.into();
            case
        })
        .collect();
    json!({"oneOf": cases, "discriminator": {"propertyName": "tag"}})
}

/// A version with one method that takes and answers the same.
fn made_of(schema: &Value, models: &[Value]) -> Version {
    let named = models.iter().enumerate();
    let models: Map<String, Value> = named
        .map(|(place, model)| (format!("M{place}"), model.clone()))
        .collect();
    with_models(
        json!({"lamp.set": {
            "kind": "call",
            "roles": [],
            "parameters": [{"name": "data", "required": true, "schema": schema}],
            "result": schema,
        }}),
        models.into(),
    )
}

fn models() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(object(schema().boxed()), 3)
}

/// A schema that is like another one.
fn changed(schema: Value, other: Value, place: usize) -> Value {
    let mut place = place;
    fn count(value: &Value) -> usize {
        match value {
            Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
            Value::Array(items) => items.iter().map(count).sum(),
            _ => 0,
        }
    }
    fn put(value: &mut Value, other: &Value, place: &mut usize) {
        if let Value::Object(map) = value {
            if *place == 0
                && map
                    .keys()
                    .any(|key| key == "type" || key == "anyOf" || key == "$ref")
            {
                *value = other.clone();
                *place = usize::MAX;
                return;
            }
            *place = place.saturating_sub(1);
            for (key, value) in map.iter_mut() {
                if key != "discriminator" && key != "tag" {
                    put(value, other, place);
                }
            }
        } else if let Value::Array(items) = value {
            // The cases of a choice by tag stay as they are.
            items.iter_mut().for_each(|item| put(item, other, place));
        }
    }
    let total = count(&schema).max(1);
    place %= total;
    let mut schema = schema;
    if !schema.to_string().contains("oneOf") {
        put(&mut schema, &other, &mut place);
    }
    schema
}

/// Two versions that have much in common.
fn two() -> impl Strategy<Value = (Value, Vec<Value>, Value, Vec<Value>)> {
    let nearby = (schema(), models(), schema(), any::<usize>(), 0..4_usize).prop_map(
        |(schema, models, other, place, which)| {
            let mut new_models = models.clone();
            let mut new = schema.clone();
            match new_models.get_mut(which) {
                Some(model) => {
                    let object = changed(model.clone(), other, place);
                    if object["type"] == "object" {
                        *model = object;
                    }
                }
                None => new = changed(schema.clone(), other, place),
            }
            (schema, models, new, new_models)
        },
    );
    prop_oneof![nearby, (schema(), models(), schema(), models())]
}

/// The same schema for the judge, who knows no models but `$defs`.
fn standalone(schema: &Value, models: &[Value], open: bool) -> jsonschema::Validator {
    let named = models.iter().enumerate();
    let defs: Map<String, Value> = named
        .map(|(place, model)| (format!("M{place}"), model.clone()))
        .collect();
    let mut whole = json!({"allOf": [schema], "$defs": defs});
    if open {
        opened(&mut whole);
    }
    let text = whole.to_string().replace("#/models/", "#/$defs/");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// What a caller receives may have keys it does not know.
fn opened(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            map.values_mut().for_each(opened);
        }
        Value::Array(items) => items.iter_mut().for_each(opened),
        _ => {}
    }
}

fn instance() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..5_i64).prop_map(Value::from),
        Just(json!(0.5)),
        prop::sample::select(vec!["", "a", "b", "cc", "d", "zzzz"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let key = prop::sample::select(vec!["a", "b", "ab_c", "b_c", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            (
                prop::collection::btree_map(key, inner, 0..4),
                prop::option::of(0..3_u8)
            )
                .prop_map(|(members, tag)| {
                    let mut object: Map<String, Value> = members
                        .into_iter()
                        .map(|(key, value)| (key.to_owned(), value))
                        .collect();
                    if let Some(tag) = tag {
                        object.insert("tag".to_owned(), format!("T{tag}").into());
                    }
                    object.into()
                }),
        ]
    })
}

/// Instances that are close to what a schema says, for the blind ones seldom
/// fit.
fn example(schema: &Value, models: &[Value], seed: u64, depth: u8) -> Value {
    let pick = |count: usize| usize::try_from(seed / 7).unwrap_or(0) % count.max(1);
    let next = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
        >> 3;
    let inner = |schema: &Value, step: u64| {
        if depth == 0 {
            Value::Null
        } else {
            example(
                schema,
                models,
                next.wrapping_add(step.wrapping_mul(97)),
                depth - 1,
            )
        }
    };
    if let Some(reference) = schema["$ref"].as_str() {
        let place: usize = reference.trim_start_matches("#/models/M").parse().unwrap();
        return inner(&models[place], 1);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(cases) = schema[key].as_array() {
            return inner(&cases[pick(cases.len())], 2);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return values[pick(values.len())].clone();
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    let least = |key: &str| schema[key].as_u64().unwrap_or(0);
    match schema["type"].as_str() {
        Some("null") => Value::Null,
        Some("boolean") => seed.is_multiple_of(2).into(),
        Some("integer") => (least("minimum") + seed % 3).into(),
        Some("number") => json!(0.5),
        Some("string") => "z"
            .repeat(usize::try_from(least("minLength") + seed % 2).unwrap())
            .into(),
        Some("array") => {
            let count = least("minItems") + seed % 2;
            (0..count)
                .map(|step| inner(schema.get("items").unwrap_or(&json!({})), step))
                .collect()
        }
        Some("object") => {
            let mut object = Map::new();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (step, (key, schema)) in schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .enumerate()
            {
                if required.contains(&key.as_str().into())
                    || (next >> (step % 16)).is_multiple_of(2)
                {
                    object.insert(
                        key.clone(),
                        inner(schema, u64::try_from(step).unwrap() + 11),
                    );
                }
            }
            if schema["additionalProperties"] != json!(false) && seed.is_multiple_of(3) {
                let anything = json!({"type": "integer"});
                let values = schema
                    .get("additionalProperties")
                    .filter(|values| values.is_object());
                object.insert("x".to_owned(), inner(values.unwrap_or(&anything), 5));
                object
                    .entry("a")
                    .or_insert_with(|| inner(values.unwrap_or(&anything), 6));
            }
            object.into()
        }
        _ => json!(["anything", 1]),
    }
}

fn sorted(findings: Vec<Finding>) -> Vec<String> {
    let mut lines: Vec<String> = findings
        .iter()
        .map(|finding| serde_json::to_string(finding).unwrap())
        .collect();
    lines.sort();
    lines
}

fn reversed(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().map(Finding::reversed).collect()
}

#[test]
fn every_real_version_equals_itself() {
    for api in all() {
        let lines: Vec<String> = compare(&version(&api), &version(&api))
            .findings
            .iter()
            .map(line)
            .collect();
        assert_eq!(lines, [""; 0], "{api}");
    }
}

#[test]
fn real_findings_reversed_are_those_of_the_way_back() {
    let versions: Vec<Version> = all().iter().map(|api| version(api)).collect();
    for (place, new) in versions.iter().enumerate() {
        // Its neighbour, and the one that is farthest away.
        for old in versions
            .iter()
            .take(place)
            .rev()
            .take(1)
            .chain(versions.first())
        {
            let there = compare(old, new).findings;
            let back = compare(new, old).findings;
            let (there, back) = (sorted(reversed(there)), sorted(back));
            let difference: Vec<_> = there
                .iter()
                .filter(|line| back.binary_search(line).is_err())
                .chain(
                    back.iter()
                        .filter(|line| there.binary_search(line).is_err()),
                )
                .take(4)
                .collect();
            assert!(
                difference.is_empty() && there.len() == back.len(),
                "{difference:#?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_version_equals_itself(schema in schema(), models in models()) {
        let version = made_of(&schema, &models);
        prop_assert_eq!(compare(&version, &made_of(&schema, &models)).findings, []);
    }

    #[test]
    fn findings_reversed_are_those_of_the_way_back((old, old_models, new, new_models) in two()) {
        let (old, new) = (made_of(&old, &old_models), made_of(&new, &new_models));
        let there = reversed(compare(&old, &new).findings);
        prop_assert_eq!(sorted(there), sorted(compare(&new, &old).findings));
    }

    #[test]
    fn what_breaks_nothing_lets_everything_through(
        (old, old_models, new, new_models) in two(),
        seeds in prop::collection::vec(any::<u64>(), 24),
        blind in prop::collection::vec(instance(), 12),
    ) {
        let report = compare(&made_of(&old, &old_models), &made_of(&new, &new_models));
        let harmless = |direction| {
            let findings = report.findings.iter();
            findings
                .filter(|finding| finding.direction.is_none_or(|own| own == direction))
                .all(|finding| finding.wire == Effect::None)
        };
        let ways = [
            // What the old version took, the new one takes.
            (Direction::Request, &old, &old_models, &new, &new_models, false),
            // What the new version answers, the old one knew.
            (Direction::Result, &new, &new_models, &old, &old_models, true),
        ];
        for (direction, from, from_models, to, to_models, open) in ways {
            if !harmless(direction) {
                continue;
            }
            let (fits, must_fit) = (
                standalone(from, from_models, false),
                standalone(to, to_models, open),
            );
            let examples = seeds.iter().map(|seed| example(from, from_models, *seed, 6));
            for instance in examples.chain(blind.iter().cloned()) {
                if fits.is_valid(&instance) {
                    prop_assert!(
                        must_fit.is_valid(&instance),
                        "{direction}: {instance}\nfrom {from}\nto {to}\n{:#?}",
                        report.findings.iter().map(line).collect::<Vec<_>>()
                    );
                }
            }
        }
    }
}
