//! Constants, `anyOf` and `oneOf`.

use serde_json::{Value, json};

use super::{model, object, received, received_with, type_of};
use crate::source::Written;

/// The type of the key `of`, called `DataOf` if it needs a definition.
fn choice(schema: &Value) -> Written {
    received(&object(&json!({"of": schema}), &["of"]))
}

fn choice_of(schema: &Value, models: Value) -> Written {
    received_with(&object(&json!({"of": schema}), &["of"]), models)
}

#[test]
fn words_become_variants_and_one_for_the_rest() {
    let written = choice(&json!({"enum": ["ALWAYS", "NEVER"], "type": "string"}));
    assert_eq!(
        written.variants("DataOf"),
        ["Always", "Never", "Unrecognized(String)"]
    );
}

#[test]
fn words_that_are_no_identifiers_or_collide() {
    let words = json!([
        "",
        "-",
        "+",
        "a-b",
        "a_b",
        "9P",
        "ON",
        "on",
        "Self",
        "Unrecognized",
        "é"
    ]);
    let written = choice(&json!({"enum": words, "type": "string"}));
    assert_eq!(
        written.words("DataOf"),
        [
            "Empty `\"\"`",
            "Minus `-`",
            "Plus `+`",
            "AB `a-b`",
            "AB2 `a_b`",
            "V9p `9P`",
            "On `ON`",
            "On2 `on`",
            "SelfValue `Self`",
            "Unrecognized2 `Unrecognized`",
            "Ue9 `é`",
        ]
    );
}

#[test]
fn constants_that_are_not_all_words() {
    let written = choice(&json!({"enum": [1, -1, "auto"]}));
    assert_eq!(
        written.words("DataOf"),
        ["V1 `1`", "Minus1 `-1`", "Auto `\"auto\"`"]
    );
    let written = choice(&json!({"enum": ["a", null]}));
    assert_eq!(written.fields("Data"), ["of: Option<DataOf>"]);

    assert_eq!(type_of(&json!({"const": true})), "bool");
    assert_eq!(type_of(&json!({"enum": [1.5, 2]})), "f64");
    assert_eq!(type_of(&json!({"const": u64::MAX})), "i128");
    assert_eq!(type_of(&json!({"enum": [true, "a"]})), "rt::Raw");
}

#[test]
fn a_choice_by_tag() {
    let share = |kind: Value| object(&json!({"kind": kind}), &["kind"]);
    let models = json!({
        "Smb": share(json!({"const": "SMB", "type": "string"})),
        "Nfs": share(json!({"enum": ["NFS", "NFS4"], "type": "string"})),
    });
    let schema = json!({
        "oneOf": [model("Smb"), model("Nfs")],
        "discriminator": {"propertyName": "kind"},
    });
    let written = choice_of(&schema, models);
    assert_eq!(
        written.variants("DataOf"),
        ["Smb(Smb)", "Nfs(Nfs)", "Unrecognized(rt::Raw)"]
    );
    let impls = written.impls("DataOf");
    assert!(
        impls.contains(r#"reader.tag("kind", &[&["SMB"], &["NFS", "NFS4"]], &[])"#),
        "{impls}"
    );
}

#[test]
fn a_tag_that_may_lack_leaves_the_choice_to_the_other_keys() {
    let kind = |word: &str| json!({"const": word, "default": word, "type": "string"});
    let models = json!({
        "Smb": object(&json!({"kind": kind("SMB"), "guest": {"type": "boolean"}}), &["guest"]),
        "Nfs": object(&json!({"kind": kind("NFS"), "path": {"type": "string"}}), &["path"]),
    });
    let schema = json!({
        "oneOf": [model("Smb"), model("Nfs")],
        "discriminator": {"propertyName": "kind"},
    });
    let impls = choice_of(&schema, models).impls("DataOf");
    assert!(
        impls.contains(r#"rt::Case::probe::<Nfs>("Nfs", rt::Kinds::OBJECT)"#),
        "{impls}"
    );
    assert!(impls.contains("Self::CASES)"), "{impls}");
}

#[test]
fn a_choice_by_json_type_keeps_the_order_of_the_schema() {
    let schema = json!({"anyOf": [
        {"type": "string"}, {"type": "integer"}, {"type": "boolean"},
        {"type": "array", "items": {"type": "string"}}, {"type": "object"},
    ]});
    let written = choice(&schema);
    assert_eq!(
        written.variants("DataOf"),
        [
            "String(rt::SmolStr)",
            "Integer(i64)",
            "Boolean(bool)",
            "List(Vec<rt::SmolStr>)",
            "Map(BTreeMap<String, rt::Raw>)",
        ]
    );
    // The first character of the value decides: nothing is tried.
    assert!(!written.impls("DataOf").contains("probe"));
}

#[test]
fn a_choice_of_objects_is_tried_in_order() {
    let models = json!({
        "Narrow": object(&json!({"a": {"type": "integer"}, "b": {"type": "integer"}}), &["a", "b"]),
        "Wide": object(&json!({"a": {"type": "integer"}}), &["a"]),
    });
    let schema = json!({"anyOf": [model("Narrow"), model("Wide"), {"type": "null"}]});
    let written = choice_of(&schema, models);
    assert_eq!(written.fields("Data"), ["of: Option<DataOf>"]);
    assert_eq!(written.variants("DataOf"), ["Narrow(Narrow)", "Wide(Wide)"]);
    let impls = written.impls("DataOf");
    let narrow = impls.find("probe::<Narrow>").unwrap();
    assert!(narrow < impls.find("probe::<Wide>").unwrap(), "{impls}");
}

#[test]
fn branches_that_one_type_holds_are_no_choice() {
    let text = json!({"type": "string"});
    let integer = json!({"type": "integer"});
    for (branches, expected) in [
        (
            json!([{"const": 0}, {"type": "integer", "minimum": 9}]),
            "i64",
        ),
        (
            json!([{"const": ""}, {"type": "string", "format": "uri"}]),
            "rt::SmolStr",
        ),
        (json!([text, {}]), "rt::Raw"),
        (json!([text, {"type": "null"}]), "Option<rt::SmolStr>"),
        (
            json!([{"anyOf": [text, {"type": "null"}]}, text]),
            "Option<rt::SmolStr>",
        ),
    ] {
        assert_eq!(type_of(&json!({"anyOf": branches})), expected, "{branches}");
    }
    // Not every whole number is a floating one, so they stay apart.
    let written = choice(&json!({"anyOf": [{"type": "number"}, integer]}));
    assert_eq!(
        written.variants("DataOf"),
        ["Integer(i128)", "Number(f64)"],
        "integers come first, and none becomes a float"
    );
}

#[test]
fn text_next_to_special_words_is_text() {
    for words in [
        json!({"const": "EXTERNAL"}),
        json!({"enum": ["EXTERNAL", "AUTO"]}),
    ] {
        let path = json!({"anyOf": [{"type": "string"}, words, {"type": "null"}]});
        let written = received(&object(&json!({"path": path}), &["path"]));
        assert_eq!(written.fields("Data"), ["path: Option<rt::SmolStr>"]);
        // A constant in a choice does not distinguish objects.
        let impls = written.impls("Data");
        assert!(impls.contains("rt::Field::required(\"path\")"), "{impls}");
        assert!(
            impls.contains("pub const PATH_EXTERNAL: &'static str = \"EXTERNAL\";"),
            "{impls}"
        );
    }
}

#[test]
fn two_lists_in_a_choice_have_names_of_their_own() {
    let list = |ty: &str| json!({"type": "array", "items": {"type": ty}});
    let written = choice(&json!({"anyOf": [list("integer"), list("string")]}));
    assert_eq!(
        written.variants("DataOf"),
        ["IntegerList(Vec<i64>)", "StringList(Vec<rt::SmolStr>)"]
    );
}

#[test]
fn where_the_tag_stands_elsewhere_what_fits_nothing_is_kept() {
    let model = |key: &str| {
        json!({
            "type": "object",
            "properties": {key: {"type": "string"}},
            "additionalProperties": false,
        })
    };
    let written = choice_of(
        &json!({
            "oneOf": [{"$ref": "#/models/Smb"}, {"$ref": "#/models/Nfs"}],
            "discriminator": {"propertyName": "purpose"},
        }),
        json!({"Smb": model("home"), "Nfs": model("hosts")}),
    );
    assert_eq!(
        written.variants("DataOf"),
        ["Smb(Smb)", "Nfs(Nfs)", "Unrecognized(rt::Raw)"]
    );
    let impls = written.impls("DataOf");
    assert!(impls.contains("reader.recognize(Self::CASES)"), "{impls}");
}

#[test]
fn a_model_that_may_be_null_may_be_so_wherever_it_stands() {
    let written = choice_of(
        &json!({
            "type": "object",
            "properties": {"a": {"$ref": "#/models/Maybe"}, "b": {"$ref": "#/models/Maybe"}},
            "required": ["a", "b"],
            "additionalProperties": false,
        }),
        json!({"Maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]}}),
    );
    assert_eq!(
        written.fields("DataOf"),
        ["a: Option<rt::SmolStr>", "b: Option<rt::SmolStr>"]
    );
}
