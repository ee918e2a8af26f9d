//! What pages have no words for, out of `core.get_methods`.

use serde_json::{Map, Value, json};
use truenas_site::{Kind, PageError, TooMuch, complete, dump, page};

use super::{entry, files, read, without};

/// What `core.get_methods` answers about the method of an entry: the same
/// schemas with keys of the middleware's own, and names for titles.
fn answer(entry: &Value) -> Value {
    let schemas = &entry["schemas"]["properties"];
    let parameters = schemas["Call parameters"]["prefixItems"].as_array();
    let accepts: Vec<Value> = parameters
        .unwrap()
        .iter()
        .map(|schema| named(schema, schema["title"].as_str().unwrap()))
        .collect();
    let returns = named(&schemas["Return value"], "result");
    json!({entry["name"].as_str().unwrap(): {"accepts": accepts, "returns": [returns]}})
}

fn named(schema: &Value, name: &str) -> Value {
    let mut schema = told(schema);
    schema["title"] = name.into();
    schema["_name_"] = name.into();
    schema["_required_"] = true.into();
    schema
}

fn told(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let keywords = schema.iter().map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let properties = properties.iter();
                let properties = properties.map(|(key, schema)| (key.clone(), named(schema, key)));
                Value::Object(properties.collect())
            }
            ("patternProperties", Value::Object(patterns)) => {
                let patterns = patterns.iter();
                let patterns = patterns.map(|(pattern, schema)| (pattern.clone(), told(schema)));
                Value::Object(patterns.collect())
            }
            ("items", items @ Value::Object(_)) => json!([told(items)]),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(branches)) => {
                branches.iter().map(told).collect()
            }
            (_, value) => told(value),
        };
        (keyword.clone(), value)
    });
    Value::Object(keywords.collect::<Map<_, _>>())
}

/// Whatever a page has no words for is there with what a system says.
#[test]
fn a_page_and_the_answer_of_a_system_are_what_the_page_was_rendered_from() -> Result<(), PageError>
{
    let mut count = 0;
    for file in files() {
        let Ok(page) = page(&file, &read(&file)) else {
            continue;
        };
        if page.kind == Kind::Method {
            let original = entry(&file);
            let mut dump = dump("v25.99.0", vec![page]);
            complete(&mut dump, &answer(&original)).unwrap();
            // Of how prose was marked up, pages keep nothing.
            let prose = ["description"];
            assert_eq!(
                without(&dump["versions"][0]["methods"][0], &prose),
                without(&original, &prose),
                "{file}"
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count}");
    Ok(())
}

/// A dump of two methods and an event that carry the same model.
pub(crate) fn of_model(model: &Value) -> Value {
    let method = |name: &str| {
        json!({"name": name, "schemas": {"properties": {
            "Call parameters": {"type": "array", "prefixItems": []},
            "Return value": model,
        }}})
    };
    json!({"versions": [{
        "methods": [method("exporter.get"), method("exporter.secret")],
        "events": [{"name": "exporter.query", "schemas": {"properties": {
            "ADDED": {"type": "object", "properties": {"fields": model}},
        }}}],
    }]})
}

fn exporter(attributes: &Value) -> Value {
    json!({
        "title": "Exporter", "type": "object",
        "properties": {"attributes": attributes, "id": {"title": "Id", "type": "integer"}},
    })
}

/// Which of them it speaks of or not.
#[test]
fn a_model_is_everywhere_what_it_is_in_the_methods_that_are_known() {
    let branch = json!({"type": "object", "properties": {"kind": {"title": "Kind", "const": "A"}}});
    let mut shown = branch.clone();
    shown["title"] = "Attributes".into();
    let mut inner = branch;
    inner["title"] = "Graphite".into();
    let full = exporter(&json!({
        "title": "Attributes", "oneOf": [inner],
        "discriminator": {"propertyName": "kind", "mapping": {"A": "#/$defs/Graphite"}},
    }));
    let mut dump = of_model(&exporter(&shown));
    let expected = of_model(&full);
    complete(
        &mut dump,
        &answer(&expected["versions"][0]["methods"][0].clone()),
    )
    .unwrap();
    assert_eq!(dump, expected);
}

/// Two places in which pages show the same may be of two kinds.
#[test]
fn a_model_that_is_not_the_same_everywhere_is_left_as_it_is() {
    let keyed = |keys: Option<u8>| {
        let mut schema = json!({"title": "Attributes", "type": "object"});
        schema["additionalProperties"] = json!({"type": "string"});
        if let Some(keys) = keys {
            schema["propertyNames"] = json!({"minLength": keys});
        }
        exporter(&schema)
    };
    let mut dump = of_model(&keyed(None));
    let methods = [("exporter.get", 1), ("exporter.secret", 2)].map(|(name, keys)| {
        let returns = [named(&keyed(Some(keys)), "result")];
        (name.to_owned(), json!({"accepts": [], "returns": returns}))
    });
    complete(&mut dump, &methods.into_iter().collect()).unwrap();
    let said = |place: &str| {
        dump.pointer(&format!("/versions/0/{place}"))
            .unwrap()
            .clone()
    };
    let result = "schemas/properties/Return value";
    assert_eq!(said(&format!("methods/0/{result}")), keyed(Some(1)));
    assert_eq!(said(&format!("methods/1/{result}")), keyed(Some(2)));
    let fields = "schemas/properties/ADDED/properties/fields";
    assert_eq!(said(&format!("events/0/{fields}")), keyed(None));
}

#[test]
fn what_a_page_says_counts() {
    let shown = json!({
        "title": "Data", "type": "object", "required": ["id"],
        "properties": {"id": {"title": "Id", "type": "integer", "minimum": 1}},
    });
    let other = json!({
        "title": "Other", "type": "object", "additionalProperties": false,
        "properties": {
            "id": {"title": "Id", "type": "integer", "minimum": 2, "maximum": 3},
            "more": {"type": "string"},
        },
    });
    let before = of_model(&shown);
    let mut dump = before.clone();
    complete(
        &mut dump,
        &answer(&of_model(&other)["versions"][0]["methods"][0]),
    )
    .unwrap();
    assert_eq!(dump, before);
}

#[test]
fn what_is_no_answer_changes_nothing() {
    let before = of_model(&exporter(&json!({"title": "Attributes", "type": "object"})));
    for methods in [
        json!(null),
        json!([]),
        json!({"exporter.get": null}),
        json!({"exporter.get": {"accepts": null, "returns": null}}),
        json!({"exporter.get": {"accepts": {}, "returns": [[]]}}),
        json!({"exporter.get": {"accepts": [1], "returns": [{"properties": []}]}}),
    ] {
        let mut dump = before.clone();
        complete(&mut dump, &methods).unwrap();
        assert_eq!(dump, before, "{methods}");
    }
    let mut nothing = json!({"versions": [7]});
    complete(&mut nothing, &json!({})).unwrap();
    assert_eq!(nothing, json!({"versions": [7]}));
}

/// It is no model: the other method need not be the same in all.
#[test]
fn methods_that_look_alike_are_still_two() {
    let shown =
        json!({"title": "Result", "type": "object", "additionalProperties": {"type": "string"}});
    let mut full = shown.clone();
    full["propertyNames"] = json!({"minLength": 1});
    let mut dump = of_model(&shown);
    complete(
        &mut dump,
        &answer(&of_model(&full)["versions"][0]["methods"][0]),
    )
    .unwrap();
    let results = dump["versions"][0]["methods"].as_array().unwrap().iter();
    let results = results.map(|method| &method["schemas"]["properties"]["Return value"]);
    assert_eq!(results.collect::<Vec<_>>(), [&full, &shown]);
}

/// A short page and a short answer must not make gigabytes.
#[test]
fn what_is_copied_is_bounded() {
    let shown = exporter(&json!({"title": "Attributes", "type": "object"}));
    let mut full = shown.clone();
    full["properties"]["attributes"]["x"] = "x".repeat(1 << 20).into();
    let mut dump = of_model(&shown);
    dump["versions"][0]["events"] = vec![dump["versions"][0]["events"][0].clone(); 1000].into();
    let methods = json!({"exporter.get": {"accepts": [], "returns": [full]}});
    assert_eq!(complete(&mut dump, &methods), Err(TooMuch));
}
