//! The three shapes, and that they come out the same.

use serde_json::{Value, json};
use truenas_codegen::model::{ApiVersion, InputKind, MethodKind, Pipes};
use truenas_codegen::read::Options;

use super::{
    described, dump, entry, get_methods, inlined, parameter, reading, result, schema, try_read,
    version, with_refs,
};

fn disk() -> Value {
    json!({
        "title": "Disk", "type": "object", "additionalProperties": false,
        "properties": {
            "name": {"title": "Name", "type": "string", "description": "What it is called."},
            "size": {"title": "Size", "type": "integer", "minimum": 0, "default": 0},
        },
        "required": ["name"],
    })
}

fn canonical_disk() -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "name": {"type": "string"},
            "size": {"type": "integer", "minimum": 0, "default": 0},
        },
        "required": ["name"],
    })
}

/// All that two readings of one version may differ in is where they come from.
fn without_provenance(mut version: ApiVersion) -> String {
    version.provenance.clear();
    version.to_json()
}

fn assert_same(refs: &Value, inlined: &Value) -> ApiVersion {
    let (one, other) = (version(refs), version(inlined));
    assert_eq!(one.provenance[0].kind, InputKind::DumpRefs);
    assert_eq!(other.provenance[0].kind, InputKind::DumpInlined);
    assert_eq!(without_provenance(one.clone()), without_provenance(other));
    one
}

#[test]
fn a_method_in_each_shape() {
    let refs = with_refs(
        json!({"Disk": disk()}),
        json!({"title": "Data", "type": "string"}),
        json!({"title": "Result", "type": "array", "items": {"$ref": "#/$defs/Disk"}}),
    );
    let written_out = inlined(
        json!({"title": "data", "type": "string"}),
        json!({"title": "Result", "type": "array", "items": disk()}),
    );
    let read = assert_same(
        &dump(&[entry("disk.find", refs)], &[]),
        &dump(&[entry("disk.find", written_out)], &[]),
    );
    let described = get_methods(&json!({"disk.find": described(
        json!([{"_name_": "data", "title": "data", "type": "string", "_required_": true}]),
        json!([{
            "_name_": "result", "title": "result", "_required_": true, "type": "array",
            "items": [disk()],
        }]),
    )}));
    assert_eq!(read.methods, described.methods);
    assert_eq!(read.models, described.models);

    assert_eq!(parameter(&read, "disk.find", 0), json!({"type": "string"}));
    assert_eq!(
        result(&read, "disk.find"),
        json!({"type": "array", "items": {"$ref": "#/models/Disk"}})
    );
    assert_eq!(schema(&read, "Disk"), canonical_disk());
}

#[test]
fn an_event_in_both_forms() {
    let added = json!({
        "title": "DiskAddedEvent", "type": "object",
        "properties": {"fields": {"$ref": "#/$defs/Disk"}}, "$defs": {"Disk": disk()},
    });
    let parameters = json!({
        "title": "DiskArgs", "type": "object", "properties": {"all": {"title": "All", "type": "boolean"}},
    });
    let refs = json!({"ADDED": added, "Subscription parameters": parameters});
    let written_out = json!({"type": "object", "properties": {
        "ADDED": {
            "title": "DiskAddedEvent", "type": "object", "properties": {"fields": disk()},
        },
        "Subscription parameters": parameters,
    }});
    let method = |schemas| entry("core.ping", schemas);
    let nothing = with_refs(json!({}), json!({}), json!({}));
    let nothing_inlined = inlined(json!({"title": "data"}), json!({}));
    let read = assert_same(
        &dump(&[method(nothing)], &[entry("disk.query", refs)]),
        &dump(
            &[method(nothing_inlined)],
            &[entry("disk.query", written_out)],
        ),
    );
    let event = &read.events["disk.query"];
    assert_eq!(
        event.kinds["ADDED"].as_value(),
        &json!({"$ref": "#/models/DiskAddedEvent"})
    );
    assert_eq!(
        event.parameters.as_ref().unwrap().as_value(),
        &json!({"$ref": "#/models/DiskArgs"})
    );
    assert_eq!(schema(&read, "Disk"), canonical_disk());
}

#[test]
fn the_second_visit_of_a_definition_is_blank_inside() {
    let node = json!({
        "title": "Node", "type": "object", "properties": {
            "disk": {"anyOf": [{"$ref": "#/$defs/Disk"}, {"type": "null"}], "title": "Disk"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "title": "Children"},
        },
    });
    let refs = with_refs(
        json!({"Node": node, "Disk": disk()}),
        json!({"type": "string"}),
        json!({"$ref": "#/$defs/Node"}),
    );
    let visit = |disk: Value, children: Value| {
        json!({"title": "Node", "type": "object", "properties": {
            "disk": {"anyOf": [disk, {"type": "null"}], "title": "Disk"},
            "children": {"type": "array", "items": children, "title": "Children"},
        }})
    };
    let written_out = inlined(
        json!({"title": "data", "type": "string"}),
        visit(disk(), visit(json!({}), json!({}))),
    );
    let read = assert_same(
        &dump(&[entry("tree.get", refs)], &[]),
        &dump(&[entry("tree.get", written_out)], &[]),
    );
    assert_eq!(
        schema(&read, "Node"),
        json!({"type": "object", "properties": {
            "disk": {"anyOf": [{"$ref": "#/models/Disk"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#/models/Node"}},
        }})
    );
}

#[test]
fn blanks_of_an_object_without_a_name_are_filled_too() {
    // The property `pair` hides the name of `Pair`, and comes first.
    let pair = |disk: Value, title: &str| json!({"title": title, "type": "object", "properties": {"disk": disk}, "required": ["disk"]});
    let reference = json!({"$ref": "#/$defs/Disk"});
    let refs = with_refs(
        json!({
            "Disk": disk(), "Pair": pair(reference, "Pair"),
            "Box": {"title": "Box", "type": "object", "properties": {
                "pair": {"$ref": "#/$defs/Pair"},
                "spare": {"type": "array", "items": {"$ref": "#/$defs/Pair"}, "title": "Spare"},
            }},
        }),
        json!({"type": "string"}),
        json!({"$ref": "#/$defs/Box"}),
    );
    let written_out = inlined(
        json!({"title": "data", "type": "string"}),
        json!({"title": "Box", "type": "object", "properties": {
            "pair": pair(disk(), "Pair"),
            "spare": {"type": "array", "items": pair(json!({}), "Pair"), "title": "Spare"},
        }}),
    );
    let read = assert_same(
        &dump(&[entry("box.get", refs)], &[]),
        &dump(&[entry("box.get", written_out)], &[]),
    );
    assert_eq!(
        schema(&read, "Box")["properties"]["pair"],
        json!({"$ref": "#/models/Pair"})
    );
}

#[test]
fn a_default_stays_with_the_place() {
    let refs = with_refs(
        json!({"Disk": disk(), "Rack": {
            "title": "Rack", "type": "object",
            "properties": {"first": {"$ref": "#/$defs/Disk", "default": null, "title": "First"}},
        }}),
        json!({"$ref": "#/$defs/Disk", "default": {"name": "a"}}),
        json!({"$ref": "#/$defs/Rack"}),
    );
    let with = |mut schema: Value, title: &str, default: Value| {
        schema["title"] = title.into();
        schema["default"] = default;
        schema
    };
    let written_out = inlined(
        with(disk(), "data", json!({"name": "a"})),
        json!({
            "title": "Rack", "type": "object",
            "properties": {"first": with(disk(), "First", json!(null))},
        }),
    );
    let mut refs = dump(&[entry("rack.get", refs)], &[]);
    let accepts = &mut refs["versions"][0]["methods"][0]["schemas"]["accepts"];
    accepts.as_object_mut().unwrap().remove("required");
    let read = assert_same(&refs, &dump(&[entry("rack.get", written_out)], &[]));
    assert_eq!(
        parameter(&read, "rack.get", 0),
        json!({"$ref": "#/models/RackGet", "default": {"name": "a"}})
    );
    assert_eq!(
        schema(&read, "Rack")["properties"]["first"],
        json!({"$ref": "#/models/RackGet", "default": null})
    );
}

#[test]
fn parameters_keep_the_order_of_the_text() {
    let text = r#"{"versions": [{"version": "v1.2.3", "events": [], "methods": [
        {"name": "a.b", "roles": ["Z", "A"], "doc": null, "removed_in": "v2.0.0", "schemas": {
            "accepts": {"properties": {"z": {"type": "string"}, "a": {"type": "integer", "default": 1}},
                "required": ["z"]},
            "returns": {"properties": {"result": {}}}}}]}]}"#;
    let version = try_read(&[text], &Options::default()).unwrap().version;
    let method = &version.methods["a.b"];
    let parameters: Vec<_> = method
        .parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter.required))
        .collect();
    assert_eq!(parameters, [("z", true), ("a", false)]);
    assert_eq!(method.roles, ["A", "Z"]);
    assert_eq!(method.removed_in.as_deref(), Some("v2.0.0"));
    assert_eq!(method.result.as_value(), &json!({}));
}

#[test]
fn a_discriminator_points_to_its_branches() {
    let variant = |name: &str, tag: &str| {
        json!({"title": name, "type": "object", "properties": {"type": {"const": tag, "title": "Type"}},
            "required": ["type"]})
    };
    let union = |branches: Value| {
        json!({
            "oneOf": branches,
            "discriminator": {"propertyName": "type", "mapping": {
                "M": "#/$defs/Mirror", "S": "#/$defs/Stripe",
            }},
        })
    };
    let refs = with_refs(
        json!({"Mirror": variant("Mirror", "M"), "Stripe": variant("Stripe", "S")}),
        union(json!([{"$ref": "#/$defs/Stripe"}, {"$ref": "#/$defs/Mirror"}])),
        json!({}),
    );
    let mut written_out = union(json!([variant("Stripe", "S"), variant("Mirror", "M")]));
    written_out["title"] = "data".into();
    let read = assert_same(
        &dump(&[entry("pool.add", refs)], &[]),
        &dump(&[entry("pool.add", inlined(written_out, json!({})))], &[]),
    );
    assert_eq!(
        parameter(&read, "pool.add", 0)["discriminator"]["mapping"],
        json!({"M": "#/models/Mirror", "S": "#/models/Stripe"})
    );
}

#[test]
fn a_tag_without_a_branch_is_kept_and_noted() {
    let union = json!({
        "title": "data", "oneOf": [{"type": "string"}],
        "discriminator": {"propertyName": "type", "mapping": {"M": "#/$defs/Mirror"}},
    });
    let reading = reading(&dump(&[entry("pool.add", inlined(union, json!({})))], &[]));
    assert_eq!(
        parameter(&reading.version, "pool.add", 0)["discriminator"]["mapping"],
        json!({"M": "#/$defs/Mirror"})
    );
    assert_eq!(reading.notes[0].subject, "discriminator");
    assert!(reading.notes[0].message.contains("\"Mirror\""));
}

#[test]
fn definitions_that_are_no_objects_are_models_too() {
    let level = json!({"title": "Level", "enum": [0, 1], "type": "integer"});
    let refs = with_refs(
        json!({"Level": level}),
        json!({"type": "array", "items": {"$ref": "#/$defs/Level"}}),
        json!({}),
    );
    let written_out = inlined(
        json!({"title": "data", "type": "array", "items": level}),
        json!({}),
    );
    let read = assert_same(
        &dump(&[entry("stig.set", refs)], &[]),
        &dump(&[entry("stig.set", written_out)], &[]),
    );
    assert_eq!(
        parameter(&read, "stig.set", 0)["items"],
        json!({"$ref": "#/models/Level"})
    );
    assert_eq!(
        schema(&read, "Level"),
        json!({"enum": [0, 1], "type": "integer"})
    );
}

#[test]
fn a_definition_that_only_refers_to_another_gives_way() {
    let refs = with_refs(
        json!({"Disk": disk(), "Alias": {"$ref": "#/$defs/Disk"}}),
        json!({"type": "array", "items": {"$ref": "#/$defs/Alias"}}),
        json!({}),
    );
    let read = version(&dump(&[entry("a.b", refs)], &[]));
    assert_eq!(
        parameter(&read, "a.b", 0)["items"],
        json!({"$ref": "#/models/Disk"})
    );
}

#[test]
fn unknown_keywords_are_kept_and_noted_with_their_path() {
    let refs = with_refs(
        json!({}),
        json!({"type": "integer", "ge": 1, "description": "prose is no news"}),
        json!({}),
    );
    let mut file = dump(&[entry("a.b", refs)], &[]);
    file["versions"][0]["methods"][0]["colour"] = "red".into();
    let reading = reading(&file);
    assert_eq!(
        parameter(&reading.version, "a.b", 0),
        json!({"type": "integer", "ge": 1})
    );
    let notes: Vec<_> = reading
        .notes
        .iter()
        .map(|note| (note.subject.as_str(), note.path.as_str()))
        .collect();
    assert_eq!(
        notes,
        [
            ("colour", "$.versions[0].methods[0].colour"),
            (
                "ge",
                "$.versions[0].methods[0].schemas.accepts.properties.data.ge"
            ),
            ("job", "$.versions[0].methods"),
        ]
    );
}

#[test]
fn properties_may_be_called_like_keywords() {
    let object = json!({
        "title": "Data", "type": "object", "required": ["items"],
        "properties": {
            "items": {"title": "Items", "type": "integer"},
            "required": {"title": "Required", "type": "boolean"},
            "description": {"title": "Description", "type": "string"},
            "$ref": {"title": "$Ref", "type": "string"},
            "title": {"title": "Title", "type": "string"},
            "_name_": {"title": "Name", "type": "string"},
        },
    });
    let refs = with_refs(json!({}), object, json!({}));
    let read = version(&dump(&[entry("a.create", refs)], &[]));
    let properties = &schema(&read, "ACreate")["properties"];
    assert_eq!(properties.as_object().unwrap().len(), 6);
    assert_eq!(properties["description"], json!({"type": "string"}));
    assert_eq!(properties["title"], json!({"type": "string"}));
}

#[test]
fn prose_is_kept_on_demand() {
    let mut file = dump(
        &[entry("a.b", with_refs(json!({}), disk(), json!({})))],
        &[],
    );
    file["versions"][0]["methods"][0]["doc"] = "Does it.\n\nThis method is a job.\n".into();
    let text = file.to_string();
    let read = |keep_docs| {
        let options = Options {
            keep_docs,
            ..Options::default()
        };
        try_read(&[&text], &options).unwrap().version
    };
    let with = read(true);
    assert_eq!(with.methods["a.b"].doc.as_deref(), Some("Does it."));
    assert_eq!(with.methods["a.b"].kind, MethodKind::Job);
    assert_eq!(
        schema(&with, "AB")["properties"]["name"]["description"],
        "What it is called."
    );
    assert!(with.provenance[0].prose);

    let without = read(false);
    assert_eq!(without.methods["a.b"].doc, None);
    assert_eq!(without.methods["a.b"].kind, MethodKind::Job);
    assert_eq!(schema(&without, "AB"), canonical_disk());
}

#[test]
fn fields_of_27_say_what_the_doc_said_before() {
    let mut method = entry("a.b", with_refs(json!({}), json!({}), json!({})));
    method["job"] = true.into();
    method["input_pipes"] = false.into();
    method["output_pipes"] = true.into();
    method["check_pipes"] = true.into();
    let mut other = method.clone();
    other["name"] = "a.c".into();
    other["output_pipes"] = false.into();
    let read = version(&dump(&[method, other], &[]));
    assert_eq!(read.methods["a.b"].kind, MethodKind::Job);
    assert_eq!(
        read.methods["a.b"].pipes,
        Pipes {
            input: false,
            output: true,
            check: true
        }
    );
    // Without a pipe there is nothing to check.
    assert_eq!(read.methods["a.c"].pipes, Pipes::default());
}

#[test]
fn provenance_names_every_file() {
    let text = dump(
        &[entry("a.b", with_refs(json!({}), json!({}), json!({})))],
        &[],
    )
    .to_string();
    let version = try_read(&[&text], &Options::default()).unwrap().version;
    assert_eq!(version.release, "1.2.3");
    assert_eq!(version.api, "v1.2.3");
    assert_eq!(version.provenance.len(), 1);
    assert_eq!(version.provenance[0].sha256.len(), 64);
    assert!(!version.provenance[0].prose);
}
