//! What holds for any input.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use truenas_codegen::read::Options;

use super::{described, dump, entry, inlined, try_read, version, with_refs};

const NAMES: [&str; 5] = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon"];

/// What a property, a parameter or a result is.
#[derive(Debug, Clone)]
enum Field {
    Integer,
    Text,
    One(usize),
    Maybe(usize),
    Many(usize),
    Named(usize),
}

fn field() -> impl Strategy<Value = Field> {
    let model = 0..NAMES.len();
    prop_oneof![
        Just(Field::Integer),
        Just(Field::Text),
        model.clone().prop_map(Field::One),
        model.clone().prop_map(Field::Maybe),
        model.clone().prop_map(Field::Many),
        model.prop_map(Field::Named),
    ]
}

impl Field {
    fn schema(&self, model: &mut dyn FnMut(usize) -> Value) -> Value {
        match self {
            Field::Integer => json!({"type": "integer"}),
            Field::Text => json!({"type": "string", "default": ""}),
            Field::One(number) => model(*number),
            Field::Maybe(number) => json!({"anyOf": [model(*number), {"type": "null"}]}),
            Field::Many(number) => json!({"type": "array", "items": model(*number)}),
            Field::Named(number) => json!({"additionalProperties": model(*number)}),
        }
    }
}

/// The properties of each model, beside one that no other has.
type Models = Vec<Vec<Field>>;

/// A model, with this for those it refers to.
fn object(models: &Models, number: usize, model: &mut dyn FnMut(usize) -> Value) -> Value {
    let own = format!("is_{}", NAMES[number].to_lowercase());
    let mut properties = Map::new();
    for (index, field) in models[number].iter().enumerate() {
        // Some keys are such that their automatic title is a model's name.
        let key = NAMES[index].to_lowercase();
        let mut schema = field.schema(model);
        if !matches!(field, Field::One(_)) {
            schema["title"] = NAMES[index].into();
        }
        properties.insert(key, schema);
    }
    properties.insert(own.clone(), json!({"type": "boolean"}));
    json!({
        "title": NAMES[number], "type": "object", "properties": properties, "required": [own],
    })
}

/// A model written out; what it refers to is blank from the second time on.
fn written_out(models: &Models, number: usize, seen: &mut BTreeSet<usize>) -> Value {
    if seen.insert(number) {
        object(models, number, &mut |inner| {
            written_out(models, inner, seen)
        })
    } else {
        object(models, number, &mut |_| json!({}))
    }
}

fn reference(number: usize) -> Value {
    json!({"$ref": format!("#/$defs/{}", NAMES[number])})
}

fn both_forms(models: &Models, methods: &[(Field, Field)]) -> (Value, Value) {
    let defs: Map<String, Value> = (0..NAMES.len())
        .map(|number| {
            let schema = object(models, number, &mut reference);
            (NAMES[number].to_owned(), schema)
        })
        .collect();
    let mut refs = Vec::new();
    let mut inline = Vec::new();
    for (index, (data, result)) in methods.iter().enumerate() {
        let name = format!("service.method{index}");
        let schemas = with_refs(
            defs.clone().into(),
            data.schema(&mut reference),
            result.schema(&mut reference),
        );
        refs.push(entry(&name, schemas));
        let written = |field: &Field| {
            let mut seen = BTreeSet::new();
            field.schema(&mut |number| written_out(models, number, &mut seen))
        };
        let mut data = written(data);
        data["title"] = "data".into();
        // What has a default may be left out, in this form.
        data.as_object_mut().unwrap().remove("default");
        inline.push(entry(&name, inlined(data, written(result))));
    }
    for method in &mut refs {
        let data = &mut method["schemas"]["accepts"]["properties"]["data"];
        data.as_object_mut().unwrap().remove("default");
    }
    (dump(&refs, &[]), dump(&inline, &[]))
}

/// A dump with references whose results have these models without keys, while
/// an event has all of them.
fn emptied(models: &Models, methods: &[(Field, Field)], empty: &BTreeSet<usize>) -> Value {
    let (mut file, _) = both_forms(models, methods);
    let defs = file["versions"][0]["methods"][0]["schemas"]["accepts"]["$defs"].clone();
    let properties = (0..NAMES.len()).map(|number| (format!("key{number}"), reference(number)));
    let properties: Map<String, Value> = properties.collect();
    let added =
        json!({"title": "Added", "type": "object", "properties": properties, "$defs": defs});
    file["versions"][0]["events"] = json!([entry("service.event", json!({"ADDED": added}))]);
    for method in file["versions"][0]["methods"].as_array_mut().unwrap() {
        for number in empty {
            let defs = &mut method["schemas"]["returns"]["$defs"];
            defs[NAMES[*number]] = json!({"type": "object"});
        }
    }
    file
}

/// A valid file of each kind.
fn valid(kind: usize) -> String {
    let models = vec![vec![Field::One(1), Field::Many(0)]; NAMES.len()];
    let (refs, inlined) = both_forms(&models, &[(Field::One(0), Field::Maybe(1))]);
    let file = match kind {
        0 => refs,
        1 => inlined,
        _ => json!({"a.b": described(
            json!([{"_name_": "x", "type": ["string", "null"], "enum": ["A"]}]),
            json!([{"_name_": "y", "nullable": true, "anyOf": [{"type": "float"}]}]),
        )}),
    };
    file.to_string()
}

fn read_anything(text: &str) {
    let options = Options {
        api: Some("v1.2.3".to_owned()),
        keep_docs: true,
    };
    if let Err(error) = try_read(&[text], &options) {
        assert!(error.path.starts_with('$'));
        assert!(!error.message.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_forms_of_a_dump_read_the_same(
        models in vec(vec(field(), 0..NAMES.len()), NAMES.len()),
        methods in vec((field(), field()), 1..4),
    ) {
        let (refs, inlined) = both_forms(&models, &methods);
        let (mut one, mut other) = (version(&refs), version(&inlined));
        one.provenance.clear();
        other.provenance.clear();
        prop_assert_eq!(one.to_json(), other.to_json());
    }

    #[test]
    fn models_without_keys_are_restored(
        models in vec(vec(field(), 0..NAMES.len()), NAMES.len()),
        methods in vec((field(), field()), 1..4),
        empty in prop::collection::btree_set(0..NAMES.len(), 1..NAMES.len()),
    ) {
        let whole = emptied(&models, &methods, &BTreeSet::new());
        let lost = emptied(&models, &methods, &empty);
        let (mut one, mut other) = (version(&whole), version(&lost));
        one.provenance.clear();
        other.provenance.clear();
        prop_assert_eq!(one.to_json(), other.to_json());
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        read_anything(&text);
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(
        kind in 0..3usize, place in any::<prop::sample::Index>(), length in 0..20usize,
        with in prop_oneof![
            Just(""), Just("null"), Just("{}"), Just("[]"), Just("1e400"), Just("\"$ref\""),
            Just("\"title\""), Just("-1"), Just("true"), Just("\"\\ud800\""), Just("{\"$ref\":7}"),
        ],
    ) {
        let mut text = valid(kind);
        let start = place.index(text.len());
        let end = (start + length).min(text.len());
        text.replace_range(start..end, with);
        read_anything(&text);
    }

    /// Damage that leaves the text valid JSON, so that it gets further.
    #[test]
    fn a_file_with_a_strange_value_is_read_or_refused(
        kind in 0..3usize, place in any::<prop::sample::Index>(),
        with in prop_oneof![
            Just(json!(null)), Just(json!({})), Just(json!([])), Just(json!("")), Just(json!(-1)),
            Just(json!({"$ref": "#/$defs/Alpha"})), Just(json!({"title": "Alpha"})),
            Just(json!({"properties": {"": {"title": "X", "properties": {}}}})),
            Just(json!({"$ref": 0})), Just(json!(true)),
        ],
    ) {
        let mut file: Value = serde_json::from_str(&valid(kind)).unwrap();
        let count = nodes(&mut file, None);
        let chosen = place.index(count);
        nodes(&mut file, Some((chosen, with)));
        read_anything(&file.to_string());
    }
}

/// How many values there are in a value; puts another one in the place of one
/// of them.
fn nodes(value: &mut Value, put: Option<(usize, Value)>) -> usize {
    let mut stack = vec![value];
    let mut count = 0;
    while let Some(value) = stack.pop() {
        match &put {
            Some((place, with)) if *place == count => *value = with.clone(),
            _ => {}
        }
        count += 1;
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(entries) => stack.extend(entries.values_mut()),
            _ => {}
        }
    }
    count
}
