//! Models that results have without their keys, as 27.0 writes them.

use serde_json::{Value, json};
use truenas_codegen::read::{Options, Reading};

use super::{described, dump, entry, inlined, reading, result, schema, try_read, with_refs};

fn disk() -> Value {
    json!({
        "title": "Disk", "type": "object", "additionalProperties": false,
        "properties": {
            "name": {"title": "Name", "type": "string"},
            "slot": {"$ref": "#/$defs/Slot"},
        },
        "required": ["name", "slot"],
    })
}

fn slot() -> Value {
    json!({
        "title": "Slot", "type": "object",
        "properties": {"number": {"title": "Number", "type": "integer"}},
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// `disk.create`, with what its result has of a disk.
fn create(disk: Value) -> Value {
    let slot = slot();
    let mut method = with_refs(
        json!({"Disk": disk, "Slot": slot}),
        json!({"type": "string"}),
        json!({"$ref": "#/$defs/Disk"}),
    );
    method["accepts"].as_object_mut().unwrap().remove("$defs");
    entry("disk.create", method)
}

fn event() -> Value {
    let added = json!({
        "title": "DiskAddedEvent", "type": "object", "required": ["fields"],
        "properties": {"fields": reference("Disk")},
        "$defs": {"Disk": disk(), "Slot": slot()},
    });
    entry("disk.query", json!({"ADDED": added}))
}

/// `disk.attach`, a method with a disk as its parameter.
fn attach() -> Value {
    let method = with_refs(
        json!({"Disk": disk(), "Slot": slot()}),
        json!({"type": "array", "items": reference("Disk")}),
        json!({"type": "null"}),
    );
    entry("disk.attach", method)
}

/// As `core.get_methods` writes a disk, with everything in place.
fn answer(method: &str) -> Value {
    let mut slot = slot();
    slot["_name_"] = "slot".into();
    slot["title"] = "slot".into();
    let mut disk = disk();
    disk["properties"]["name"] = json!({"_name_": "name", "title": "name", "type": "string"});
    disk["properties"]["slot"] = slot;
    disk["_name_"] = "result".into();
    disk["title"] = "result".into();
    let parameter = json!({"_name_": "data", "title": "data", "type": "string"});
    json!({method: described(json!([parameter]), json!([disk]))})
}

fn merged(dump: &Value, methods: &Value) -> Reading {
    let texts = [dump.to_string(), methods.to_string()];
    try_read(&[&texts[0], &texts[1]], &Options::default()).unwrap()
}

/// The notes about models, by their names.
fn notes(reading: &Reading) -> Vec<(&str, &str)> {
    let notes = reading.notes.iter();
    let about = notes.filter(|note| note.message.contains("has no keys in results"));
    about
        .map(|note| (note.subject.as_str(), note.message.as_str()))
        .collect()
}

/// The two ways in which pydantic writes a model whose serializer returns a
/// map.
fn without_keys() -> [Value; 2] {
    [
        json!({"type": "object"}),
        json!({"type": "object", "additionalProperties": true}),
    ]
}

#[test]
fn an_event_has_the_keys() {
    let whole = reading(&dump(&[create(disk())], &[event()]));
    for without in without_keys() {
        let read = reading(&dump(&[create(without)], &[event()]));
        assert_eq!(read.version.methods, whole.version.methods);
        // Also the event's entry is called the entry.
        assert_eq!(read.version.events, whole.version.events);
        assert_eq!(read.version.models, whole.version.models);
        let message = "this model has no keys in results; taken from the event `disk.query`";
        assert_eq!(notes(&read), [("Disk", message)]);
    }
    assert_eq!(notes(&whole), []);
}

#[test]
fn a_parameter_has_the_keys() {
    let whole = reading(&dump(&[attach(), create(disk())], &[]));
    let read = reading(&dump(&[attach(), create(json!({"type": "object"}))], &[]));
    assert_eq!(read.version.models, whole.version.models);
    let message = "this model has no keys in results; taken from the parameters of `disk.attach`";
    assert_eq!(notes(&read), [("Disk", message)]);
}

#[test]
fn core_get_methods_has_the_keys() {
    let whole = reading(&dump(&[create(disk())], &[]));
    let file = dump(&[create(json!({"type": "object"}))], &[]);
    let read = merged(&file, &answer("disk.create"));
    assert_eq!(
        result(&read.version, "disk.create"),
        json!({"$ref": "#/models/Disk"})
    );
    assert_eq!(read.version.models, whole.version.models);
    let message = "this model has no keys in results; taken from core.get_methods";
    assert_eq!(notes(&read), [("Disk", message)]);
}

#[test]
fn core_get_methods_has_the_keys_of_an_inlined_result() {
    let data = json!({"title": "data", "type": "string"});
    let method = inlined(data, json!({"type": "object", "description": "The disk."}));
    let file = dump(&[entry("disk.create", method)], &[]);
    let read = merged(&file, &answer("disk.create"));
    let keys = schema(&read.version, "DiskCreateResult");
    assert_eq!(keys["required"], json!(["name", "slot"]));
    assert_eq!(notes(&read)[0].0, "disk.create");

    // Without it, the result stays open, and a note names the method.
    let read = reading(&file);
    assert_eq!(
        result(&read.version, "disk.create"),
        json!({"type": "object"})
    );
    assert_eq!(notes(&read)[0].0, "disk.create");
    assert!(notes(&read)[0].1.contains("it may be any object"));
}

#[test]
fn a_model_that_nothing_has_stays_open_and_is_noted_once() {
    let other = |name: &str| {
        let mut method = create(json!({"type": "object"}));
        method["name"] = name.into();
        method
    };
    let file = dump(&[other("disk.create"), other("disk.update")], &[]);
    for read in [reading(&file), merged(&file, &answer("disk.other"))] {
        assert_eq!(
            result(&read.version, "disk.create"),
            json!({"type": "object"})
        );
        let [("Disk", message)] = notes(&read)[..] else {
            panic!("{:?}", read.notes);
        };
        assert!(message.contains("it may be any object"), "{message}");
    }
}

#[test]
fn two_models_of_one_name_are_not_guessed_from() {
    let mut other = event();
    other["name"] = "disk.other".into();
    other["schemas"]["ADDED"]["$defs"]["Disk"]["required"] = json!(["name"]);
    let read = reading(&dump(
        &[create(json!({"type": "object"}))],
        &[event(), other],
    ));
    assert_eq!(
        result(&read.version, "disk.create"),
        json!({"type": "object"})
    );
    assert!(notes(&read)[0].1.contains("it may be any object"));
}

#[test]
fn a_map_has_lost_nothing() {
    // A property of a model, a result, and what is a map in parameters too.
    let map = json!({"title": "Extra", "type": "object"});
    let mut disk = disk();
    disk["properties"]["extra"] = map.clone();
    let with_map = entry(
        "disk.extra",
        with_refs(
            json!({"Extra": map}),
            reference("Extra"),
            json!({"title": "Result", "type": "object"}),
        ),
    );
    let read = reading(&dump(&[create(disk), with_map], &[]));
    assert_eq!(notes(&read), []);
}
