//! The names that shapes get.

use serde_json::{Value, json};
use truenas_codegen::model::ApiVersion;

use super::{described, dump, entry, get_methods, parameter, result, schema, version, with_refs};

fn object(key: &str) -> Value {
    json!({"type": "object", "properties": {key: {"type": "integer"}}})
}

fn titled(title: &str, key: &str) -> Value {
    let mut object = object(key);
    object["title"] = title.into();
    object
}

fn parameters(names: &[(&str, Value)]) -> Value {
    names
        .iter()
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            schema["_name_"] = (*name).into();
            schema
        })
        .collect()
}

/// A method with these parameters, and any result.
fn takes(names: &[(&str, Value)]) -> Value {
    described(parameters(names), json!(null))
}

fn names(version: &ApiVersion) -> Vec<&str> {
    version.models.keys().map(String::as_str).collect()
}

#[test]
fn a_parameter_is_called_after_its_method() {
    let version = get_methods(&json!({
        "pool.dataset.create": takes(&[("data", object("a"))]),
        "pool.dataset.move": takes(&[("from", object("b")), ("to", object("c"))]),
    }));
    assert_eq!(
        names(&version),
        [
            "PoolDatasetCreate",
            "PoolDatasetMoveFrom",
            "PoolDatasetMoveTo"
        ]
    );
}

#[test]
fn a_shared_parameter_is_called_after_what_the_methods_have_in_common() {
    let options = [("options", object("limit"))];
    let version = get_methods(&json!({
        "app.query": takes(&options),
        "disk.query": takes(&options),
        "disk.get_instance": takes(&options),
    }));
    assert_eq!(names(&version), ["QueryOptions"]);

    // Nothing in common: after the first.
    let version = get_methods(&json!({
        "app.stop": takes(&options), "disk.wipe": takes(&options),
    }));
    assert_eq!(names(&version), ["AppStop"]);
}

#[test]
fn other_shapes_are_called_after_the_way_to_them() {
    let inner = json!({"type": "object", "properties": {
        "topology": {"type": "object", "properties": {
            "data_disks": {"type": "array", "items": object("c")},
        }},
    }});
    let version = get_methods(&json!({
        "pool.create": described(
            parameters(&[("data", inner), ("extra", json!({"type": "array", "items": object("d")}))]),
            json!([object("e")]),
        ),
    }));
    assert_eq!(
        names(&version),
        [
            "PoolCreate",
            "PoolCreateExtra",
            "PoolCreateResult",
            "PoolCreateTopology",
            "PoolCreateTopologyDataDisks",
        ]
    );
}

#[test]
fn a_nameless_shape_gets_the_title_of_an_equal_one() {
    let version = get_methods(&json!({
        "pool.create": described(
            parameters(&[("data", object("size"))]),
            json!([{"anyOf": [titled("Zeta", "size"), titled("Pool", "size")]}]),
        ),
    }));
    // Of two equal ones, the alphabetically first.
    assert_eq!(
        parameter(&version, "pool.create", 0),
        json!({"$ref": "#/models/Pool"})
    );
    assert_eq!(names(&version), ["Pool", "Zeta"]);
}

#[test]
fn one_title_for_two_shapes_goes_to_the_first() {
    let version = get_methods(&json!({
        "app.gpu": described(json!([]), json!([{"anyOf": [titled("GPU", "slot")]}])),
        "vm.query": described(json!([]), json!([{"anyOf": [{
            "title": "VMEntry", "type": "object",
            "properties": {"gpus": {"items": titled("GPU", "vendor")}},
        }]}])),
        "vm.stop": described(json!([]), json!([{"anyOf": [titled("GPU", "model")]}])),
    }));
    assert_eq!(
        names(&version),
        ["GPU", "VMEntry", "VMEntryGPU", "VmStopResultGPU"]
    );
    assert!(schema(&version, "GPU")["properties"].get("slot").is_some());
}

#[test]
fn shapes_that_differ_only_in_what_they_refer_to_differ() {
    let holder = |key: &str| {
        json!({"title": "Holder", "type": "object", "properties": {
            "part": {"anyOf": [titled("Part", key)]},
        }})
    };
    let answers = |schema: Value| described(json!([]), json!([{"anyOf": [schema]}]));
    let version = get_methods(&json!({
        "a.a": answers(holder("x")), "a.b": answers(holder("y")),
    }));
    assert_eq!(
        names(&version),
        ["ABResultHolder", "ABResultHolderPart", "Holder", "Part"]
    );
    assert_eq!(
        schema(&version, "ABResultHolder")["properties"]["part"]["anyOf"][0],
        json!({"$ref": "#/models/ABResultHolderPart"})
    );
}

#[test]
fn a_name_that_is_taken_is_tried_longer_then_numbered() {
    let version = get_methods(&json!({
        // The title of an answer takes the name that the parameter would have.
        "a.make": described(
            parameters(&[("data", object("x"))]),
            json!([{"anyOf": [titled("AMake", "y"), object("z"), object("w")]}]),
        ),
        "a.turn": takes(&[("data", titled("ignored", "v"))]),
        "a.make_data": takes(&[("data", object("u"))]),
    }));
    assert_eq!(
        names(&version),
        [
            "AMake",
            "AMakeData",
            "AMakeDataData",
            "AMakeResult",
            "AMakeResult2",
            "ATurn"
        ]
    );
}

#[test]
fn what_the_inlined_form_cannot_know_is_forgotten() {
    // The definitions are called otherwise, but a parameter hides that, and so
    // does a property whose own title is the definition's.
    let mut size = titled("Size", "bytes");
    size["required"] = json!(["bytes"]);
    let defs = json!({
        "MakeArgs": {"title": "MakeArgs", "type": "object", "properties": {
            "size": {"$ref": "#/$defs/Size"},
            "place": {"$ref": "#/$defs/Where", "title": "Place"},
        }},
        "Size": size,
        "Where": titled("Where", "row"),
    });
    let refs = with_refs(defs, json!({"$ref": "#/$defs/MakeArgs"}), json!({}));
    let version = version(&dump(&[entry("a.make", refs)], &[]));
    assert_eq!(names(&version), ["AMake", "AMakePlace", "AMakeSize"]);
}

#[test]
fn labels_for_people_are_no_names() {
    let version = get_methods(&json!({
        "a.b": described(json!([]), json!([{
            "_name_": "result", "title": "What is there", "type": "object",
            "properties": {
                "one": {"_name_": "one", "title": "one", "type": "string"},
                "two": {"_name_": "two", "title": "some_entry", "type": "string"},
            },
        }])),
    }));
    assert_eq!(
        result(&version, "a.b"),
        json!({"$ref": "#/models/ABResult", "title": "What is there"})
    );
    assert_eq!(
        schema(&version, "ABResult")["properties"],
        json!({"one": {"type": "string"}, "two": {"title": "some_entry", "type": "string"}})
    );
}

#[test]
fn names_hold_nothing_that_a_reference_must_escape() {
    let version = get_methods(&json!({
        "a.b": described(json!([]), json!([{"anyOf": [titled("Page[Foo, Bar]", "x")]}])),
    }));
    assert_eq!(names(&version), ["PageFooBar"]);
}

#[test]
fn a_definition_may_hold_itself_under_its_own_name() {
    let node = json!({"title": "Node", "type": "object", "properties": {
        "node": {"$ref": "#/$defs/Node"},
    }});
    let refs = with_refs(
        json!({"Node": node}),
        json!({}),
        json!({"$ref": "#/$defs/Node"}),
    );
    let version = version(&dump(&[entry("a.b", refs)], &[]));
    assert_eq!(names(&version), ["Node"]);
    assert_eq!(
        schema(&version, "Node")["properties"]["node"],
        json!({"$ref": "#/models/Node"})
    );
}
